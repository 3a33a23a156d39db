"""kill -9 of the console in the middle of a step: the job goes on, nothing runs twice, no byte is lost."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rigs.waiting import wait_until
from tests.rollout.engine_operator import cluster, console
from tui.journal import find_runs, read_events
from tui.model import intents as it
from tui.model import problems
from tui.model.fold import fold
from tui.model.run import Run
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.next_action import DID_RUN


def rollcall(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def on_disk(state_dir: Path) -> Run | None:
    for record in find_runs(state_dir):
        if record.run is not None:
            return record.run
    return None


def runs_on(sysroot: Path, state_dir: Path, step: StepName) -> bool:
    """The step's job has been started on the node."""
    run = on_disk(state_dir)
    node = run.nodes.get("px01") if run is not None else None
    attempt = node.steps[step].open_attempt if node is not None and step in node.steps else None
    return (
        attempt is not None and (sysroot / f"var/lib/rollcall/jobs/{attempt.begun.job_id}/started").exists()
    )


@pytest.mark.parametrize("step", [StepName.PACKAGES, StepName.STOP_SERVICES, StepName.INSTALL])
async def test_a_killed_console_is_taken_up_again(step: StepName, tmp_path: Path) -> None:
    state_dir = tmp_path / "s"
    with cluster(tmp_path / "c", nodes=1, pace=6.0) as rehearsal:
        node = rehearsal.node("px01")
        child = rollcall(
            "run", str(rehearsal.cluster_file), "--plain", "--yes", "--state-dir", str(state_dir)
        )
        wait_until(lambda: runs_on(node.sysroot, state_dir, step), 60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        before = on_disk(state_dir)
        assert before is not None
        assert before.nodes["px01"].progress is not Progress.UPDATED

        async with console(rehearsal, state_dir) as operator:
            await operator.until(lambda run: run.status.paused)
            assert operator.run.run_id == before.run_id
            assert operator.run.status is RunStatus.PAUSED_BY_USER, (
                "a recovered run never goes straight to running"
            )
            await operator.until(lambda run: not run.nodes["px01"].steps[step].status.active)
            assert operator.step("px01", step).status is StepStatus.SUCCEEDED
            assert operator.engine.advice().why == f"taken up again: px01 is done with {step.words}"
            attempt = operator.step("px01", step).attempts[0]
            job = node.sysroot / f"var/lib/rollcall/jobs/{attempt.begun.job_id}/out"
            kept = operator.session.run_dir / attempt.begun.output
            assert kept.read_bytes() == job.read_bytes()
            assert attempt.size == len(kept.read_bytes()) > 0
            assert operator.choose("resume").accepted
            assert await operator.finish() is RunStatus.COMPLETED
            assert fold(read_events(operator.session.run_dir / "events.jsonl")) == operator.run
            operator.check_the_record()
        for word in ("--build-rpm", "--install-node"):
            assert len([line for line in node.log if word in line]) == 1
        assert len([line for line in node.log if "dis_services stop" in line and "SIA" not in line]) >= 1


async def test_a_job_whose_files_vanish_with_the_console_is_not_begun_again(tmp_path: Path) -> None:
    """Not a byte of its output is here, as of a quiet SIA; then our files on the node are removed."""
    state_dir = tmp_path / "s"
    with cluster(tmp_path / "c", nodes=1, pace=6.0) as rehearsal:
        node = rehearsal.node("px01")
        child = rollcall(
            "run", str(rehearsal.cluster_file), "--plain", "--yes", "--state-dir", str(state_dir)
        )
        wait_until(lambda: runs_on(node.sysroot, state_dir, StepName.INSTALL), 60)
        wait_until(lambda: any("--install-node" in line for line in node.log), 60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        for output in state_dir.rglob("install-1*"):
            output.unlink()
        shutil.rmtree(node.sysroot / "var/lib/rollcall")
        async with console(rehearsal, state_dir) as operator:
            await operator.until(lambda run: run.code == problems.START_UNKNOWN.code)
            assert "its files there are gone" in operator.run.summary
            assert operator.choose("look again").accepted
            await operator.until(lambda run: run.code == "")
            await operator.until(lambda run: run.code == problems.START_UNKNOWN.code)
            assert operator.step("px01", StepName.INSTALL).status is StepStatus.DETACHED
            assert len([line for line in node.log if "--install-node" in line]) == 1, "a second installer"
            said = it.Override(node="px01", check=DID_RUN, reason="seen on its console", typed="px01")
            assert operator.engine.submit(said).accepted
            await operator.until(lambda run: run.code == "job-lost")
            assert operator.step("px01", StepName.INSTALL).status is StepStatus.FAILED
            operator.check_the_record()
        assert len([line for line in node.log if "--install-node" in line]) == 1
