"""Records one run of each kind: ``python -m tests.recorded.record DIRECTORY [KIND ...]``.

The recordings beside this file stay as the version wrote them that was called so; `test_recorded` reads them
with each later one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest

from tests.faults.scenes import go_to
from tests.recorded import machines
from tests.rigs.waiting import wait_until
from tests.rollout.engine_operator import console
from tests.rollout.opening.test_bound import Clerk, edit, taken_up
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Plan, Rehearsal
from tui.report import write_reports

NEUTRAL = Path("/tmp/rollcall-recorded")  # it stands in the journals
Scene = Callable[[Rehearsal, Path], Coroutine[None, None, None]]


async def completed(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state, PauseMode.EVERY_STEP) as operator:
        assert await operator.finish() is RunStatus.COMPLETED


async def completed_with_exceptions(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state, PauseMode.EVERY_NODE) as operator:
        await operator.needed()
        assert operator.engine.submit(it.SkipNode(node="px02", reason="not ours")).accepted
        assert await operator.finish() is RunStatus.COMPLETED_WITH_EXCEPTIONS


async def canceled(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
        assert operator.choose("cancel the run").accepted
        await operator.until(lambda run: run.status is RunStatus.CANCELED)


async def blocked(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        await operator.needed()
        assert operator.run.status is RunStatus.BLOCKED


async def paused_on_error(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        assert await operator.finish() is RunStatus.PAUSED_ON_ERROR


async def interrupted(rehearsal: Rehearsal, state: Path) -> None:
    await asyncio.to_thread(_killed_in_the_installation, rehearsal, state)


def _killed_in_the_installation(rehearsal: Rehearsal, state: Path) -> None:
    child = os.fork()
    if not child:
        asyncio.run(completed(rehearsal, state))
        os._exit(1)
    wait_until(lambda: [p for p in state.rglob("install-1.log") if p.stat().st_size], 60, "the installation")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    job = rehearsal.node("px01").sysroot / "var/lib/rollcall/jobs"
    wait_until(lambda: list(job.glob("*install.1/rc")), 60, "the end of the job")


async def paused_by_user(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state, PauseMode.EVERY_STEP) as operator:
        await go_to(operator, StepName.INSTALL)
        assert operator.run.offer is not None
        token = operator.run.offer.offered.token
        assert operator.engine.submit(it.DeclineStep(token=token)).accepted


async def changed_file(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
    edit(rehearsal, (r"^stable_samples = 3", "stable_samples = 2"))
    async with taken_up(rehearsal, state, Clerk(True)) as operator:
        await operator.needed()


async def put_back(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
        assert operator.choose("put px01 back in service").accepted
        await operator.needed()
        while operator.run.offer is not None:
            assert operator.confirm().accepted
            await operator.needed()
        assert operator.run.code == "put-back"


async def left_node(rehearsal: Rehearsal, state: Path) -> None:
    async with console(rehearsal, state) as operator:
        assert await operator.finish() is RunStatus.PAUSED_ON_ERROR
        assert operator.choose("skip px01").accepted
        assert operator.engine.submit(it.Pause()).accepted
    edit(rehearsal, (r"^nodes = .*$", 'nodes = "px02"'))
    async with taken_up(rehearsal, state) as operator:
        await operator.needed()
        assert operator.engine.submit(it.LeftCluster(node="px01", reason="scrapped", typed="px01")).accepted
        operator.choose("resume")
        assert await operator.finish() is RunStatus.COMPLETED_WITH_EXCEPTIONS


INSTALL_FAILS = {"px01": ("install-fails",)}
SCENES: dict[str, tuple[Scene, partial[Plan]]] = {
    "completed": (completed, partial(machines.plan, 2, management="pxmgmt")),
    "completed-with-exceptions": (completed_with_exceptions, partial(machines.plan, 2)),
    "canceled": (canceled, partial(machines.plan, 1, faults={"px01": ("build-fails",)})),
    "blocked": (blocked, partial(machines.plan, 1, faults={"px01": ("disk-full",)})),
    "paused-on-error": (paused_on_error, partial(machines.plan, 2, faults=INSTALL_FAILS)),
    "interrupted": (interrupted, partial(machines.plan, 1, 6.0)),
    "paused-by-user": (paused_by_user, partial(machines.plan, 1)),
    "changed-file": (changed_file, partial(machines.plan, 1, faults=INSTALL_FAILS)),
    "put-back": (put_back, partial(machines.plan, 1, faults=INSTALL_FAILS)),
    "left-node": (left_node, partial(machines.plan, 2, faults=INSTALL_FAILS)),
}
TAKEN_UP = ("paused-on-error", "interrupted", "paused-by-user", "changed-file", "put-back")
"""Of these the machines are kept, too."""


def record(kind: str, where: Path) -> None:
    """One run to where its scene leaves it."""
    scene, planned = SCENES[kind]
    shutil.rmtree(NEUTRAL, ignore_errors=True)
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    rehearsal = machines.create(NEUTRAL / "demo", planned())
    try:
        sia = rehearsal.node("px01").sysroot / rehearsal.plan.sia_path[1:]
        shutil.copy(sia, where.parent / machines.SIA)
        rehearsal.start()
        asyncio.run(scene(rehearsal, NEUTRAL / "state"))
        (run,) = (NEUTRAL / "state").glob("runs/*/*/")
        write_reports(run)
        (run / "report.html").unlink()
        rehearsal.stop()
        if kind in TAKEN_UP:
            new = machines.create(NEUTRAL / "new", planned(faults={}))
            machines.keep(rehearsal, new, run, where)
        shutil.rmtree(run / "packages", ignore_errors=True)
        for kept in run.iterdir():
            shutil.move(kept, where)
        shutil.copy(rehearsal.cluster_file, where)
    finally:
        rehearsal.destroy()
        shutil.rmtree(NEUTRAL)


def main(where: str, *kinds: str) -> None:
    """Under the name of nobody, on a machine of no name."""
    os.environ |= {"HOME": str(NEUTRAL / "demo"), "LOGNAME": "operator", "TZ": "UTC"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "gethostname", lambda: "console")
        for kind in kinds or SCENES:
            record(kind, Path(where) / kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
