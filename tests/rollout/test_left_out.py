"""A console's machine is lost with its journal while a node is out: the node itself tells the next one."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scenes import go_to
from tests.rigs.waiting import patience, wait_until, wait_until_async
from tests.rollout.engine_operator import Operator, cluster, console
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus, Service
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """Two nodes and a management node."""
    with cluster(tmp_path / "c", nodes=2) as made:
        yield made


def rollcall(*words: str) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    command = [sys.executable, "-m", "tui", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120 * patience(), check=False)


def line_on(rehearsal: Rehearsal, node: str = "px01") -> str:
    path = rehearsal.node(node).sysroot / "var/lib/rollcall/out"
    return path.read_text() if path.exists() else ""


async def lost_while_out(rehearsal: Rehearsal, state: Path) -> str:
    """A run whose console disappears when px01's services are stopped, and its state directory with it."""
    async with console(rehearsal, state, pause=PauseMode.EVERY_STEP) as operator:
        await go_to(operator, StepName.INSTALL)
        run_id = operator.run.run_id
    assert not rehearsal.node("px01").services_running
    shutil.rmtree(state)
    return run_id


async def paused(operator: Operator) -> None:
    await wait_until_async(lambda: operator.run.status is RunStatus.PAUSED_ON_ERROR, 60)
    assert operator.run.code == "left-out", operator.run.summary


async def test_the_line_is_there_before_anything_goes_out_and_goes_at_the_return(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    stopping = rehearsal.node("px01").sysroot / "opt/DIS/sbin/dis_services"
    seen = tmp_path / "seen"
    stopping.write_text(
        stopping.read_text().replace(
            "#!/bin/sh\n", f'#!/bin/sh\n[ "$1" != stop ] || cp "$R/var/lib/rollcall/out" {seen}\n', 1
        )
    )
    async with console(rehearsal, tmp_path / "s") as operator:
        assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
        run_id = operator.run.run_id
        assert line_on(rehearsal) == line_on(rehearsal, "px02") == ""
    said = seen.read_text().splitlines()
    assert {f"run={run_id}", "cluster=demo", "step=stop-services"} <= set(said)
    assert "line=services | running | /opt/DIS/sbin/dis_services start" in said
    assert "line=applications | running | systemctl start mysqld" in said


async def test_the_next_console_is_told_and_adopts_it(rehearsal: Rehearsal, tmp_path: Path) -> None:
    lost = await lost_while_out(rehearsal, tmp_path / "lost")
    words = f"px01: applications, services taken out of service by run {lost} of demo "
    assert f"run={lost}" in line_on(rehearsal)
    options = ("--plain", "--yes", "--state-dir", str(tmp_path / "yes"))
    done = await asyncio.to_thread(rollcall, "run", str(rehearsal.cluster_file), *options)
    assert done.returncode == 4, done.stdout + done.stderr
    assert lost in done.stdout
    assert not rehearsal.node("px01").services_running

    async with console(rehearsal, tmp_path / "next") as operator:
        await paused(operator)
        assert operator.run.summary.startswith(words)
        for node in ("px01", "px02"):
            refused = operator.engine.submit(it.SelectNode(node=node))
            assert not refused.accepted
        assert not operator.engine.submit(it.AdoptOut(node="px01")).accepted, "without a typed name"
        assert not operator.engine.submit(it.AdoptOut(node="px01", typed="px01"), waiver="--yes").accepted
        assert operator.engine.submit(it.AdoptOut(node="px01", typed="px01")).accepted
        assert operator.run.nodes["px01"].service is Service.OUT_BY_RUN
        assert operator.engine.submit(it.PutBack(node="px01")).accepted
        while operator.run.code != "put-back":
            await operator.needed()
            if operator.run.offer is not None:
                assert operator.confirm().accepted
        assert not operator.run.open_ledger
        await wait_until_async(lambda: line_on(rehearsal) == "")
    assert rehearsal.node("px01").services_running
    assert rehearsal.node("px01").app_running


async def test_what_a_person_has_seen_to_is_signed_off(rehearsal: Rehearsal, tmp_path: Path) -> None:
    await lost_while_out(rehearsal, tmp_path / "lost")
    async with console(rehearsal, tmp_path / "next") as operator:
        await paused(operator)
        reply = operator.engine.submit(it.SettleOut(node="px01", typed="px01", reason="started by hand"))
        assert reply.accepted, reply.sentence
        await wait_until_async(lambda: line_on(rehearsal) == "")
        assert not operator.run.left_out
        assert operator.run.nodes["px01"].service is Service.IN_SERVICE


def test_a_line_that_cannot_be_understood_counts(rehearsal: Rehearsal) -> None:
    path = rehearsal.node("px02").sysroot / "var/lib/rollcall/out"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"\0\xff\nrun=\n")
    done = rollcall("check", str(rehearsal.cluster_file))
    assert "px02: a line on the node says that something is out of service" in done.stdout
    wait_until(path.exists)
