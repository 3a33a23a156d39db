"""A laptop that sleeps: the console's process stands still in the middle of a step, and wakes much later.

The job goes on by itself meanwhile. The connection may have stood, or the node may have given it up; either
way the console goes on where it was, and takes the time that it slept for nobody's silence.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.disturbance import JOBS
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.waiting import patience, wait_until
from tests.rollout.engine_operator import cluster
from tui.journal import find_runs
from tui.model.run import Attempt
from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal

PATIENCE = 120.0
LOST, TOO_LONG = 4.0, 9.0
"""Seconds: longer than a link may be silent with the keepalive of these tests; longer than a verification
waits for a node that was not rebooted."""
SLEEPS = {
    "the connection stands": dict.fromkeys((*JOBS, StepName.REBOOT, StepName.VERIFY), (TOO_LONG, False)),
    "the node hangs up": dict.fromkeys((*JOBS, StepName.REBOOT, StepName.VERIFY), (TOO_LONG, True)),
}
"""In which steps it sleeps, for how long, and whether the node hangs up meanwhile."""
SAMPLE = {"install, verify": {StepName.INSTALL: (LOST, True), StepName.VERIFY: (TOO_LONG, False)}}
LONG = 600.0
"""Seconds: the sleep that a person means by a break."""


def attempts(state_dir: Path, step: StepName) -> tuple[Attempt, ...]:
    """The attempts of a step, as far as they are on disk."""
    records = find_runs(state_dir)
    run = records[0].run if records else None
    node = run.nodes.get("px01") if run is not None else None
    return node.steps[step].attempts if node is not None and step in node.steps else ()


def fall_asleep(console: subprocess.Popen[bytes], state_dir: Path, step: StepName) -> bool:
    """Stop the console when the step is under way; False when the step was over before that."""

    def under_way() -> bool:
        assert console.poll() is None, f"the console ended before {step}: {(state_dir / 'said').read_text()}"
        return bool(attempts(state_dir, step))

    wait_until(under_way, PATIENCE, f"{step} is under way")
    console.send_signal(signal.SIGSTOP)
    return attempts(state_dir, step)[-1].ended is None


def jobs_have_ended(rehearsal: Rehearsal) -> bool:
    """Nothing of ours runs on the node any more."""
    jobs = (rehearsal.node("px01").sysroot / "var/lib/rollcall/jobs").glob("*/started")
    return all((started.parent / "rc").exists() for started in jobs)


def sleep_through(
    rehearsal: Rehearsal, console: subprocess.Popen[bytes], seconds: float, *, cut: bool
) -> None:
    """Sleep until the job has ended and ``seconds`` have passed; the node may hang up meanwhile."""
    until = time.monotonic() + seconds
    if cut:
        rehearsal.node("px01").cut()
    wait_until(lambda: jobs_have_ended(rehearsal) and time.monotonic() > until, PATIENCE + seconds, "asleep")
    console.send_signal(signal.SIGCONT)


def start_console(rehearsal: Rehearsal, state_dir: Path) -> subprocess.Popen[bytes]:
    """A console that confirms everything by itself and ends with the run."""
    text = rehearsal.cluster_file.read_text().replace("[ssh]\n", '[ssh]\nkeepalive = "1s"\n')
    # so many looks that the verification has begun to wait when it falls asleep
    rehearsal.cluster_file.write_text(text.replace("stable_samples = 3", "stable_samples = 8"))
    words = ["-m", "tests.faults.crash_child", str(rehearsal.cluster_file), str(state_dir), "never", "-"]
    state_dir.mkdir()
    with (state_dir / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )


@pytest.mark.parametrize("name", SLEEPS if ALL else SAMPLE)
def test_a_console_that_sleeps(name: str, tmp_path: Path) -> None:
    plan = (SLEEPS if ALL else SAMPLE)[name]
    row = Row("laptop sleeps", f"every step, {name}" if ALL else name)
    ROWS.append(row)
    faults = {"px01": "keeps-old"} if ALL else {}
    with cluster(tmp_path / "c", nodes=1, management=None, pace=10.0, faults=faults) as rehearsal:
        console = start_console(rehearsal, tmp_path / "s")
        try:
            for step, (seconds, cut) in plan.items():
                row.cases += fall_asleep(console, tmp_path / "s", step)
                sleep_through(rehearsal, console, seconds, cut=cut)
            assert console.wait(PATIENCE * patience()) == 0, (tmp_path / "s/said").read_text()
        finally:
            end(console)
        row.take(rehearsal, tmp_path / "s", {"reboot": 1})
    assert row.cases > len(plan) // 2
    assert row.clean, row.notes


@pytest.mark.parametrize("seconds", [LONG if ALL else LOST])
def test_a_console_that_sleeps_through_a_flood_of_words(seconds: float, tmp_path: Path) -> None:
    row = Row("laptop sleeps", f"{seconds:g} s of an install that prints 100,000 lines")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=1, management=None, pace=10.0, faults={"px01": "chatty"}) as rehearsal:
        console = start_console(rehearsal, tmp_path / "s")
        try:
            row.cases += fall_asleep(console, tmp_path / "s", StepName.INSTALL)
            sleep_through(rehearsal, console, seconds, cut=False)
            assert console.wait(PATIENCE * patience()) == 0, (tmp_path / "s/said").read_text()
        finally:
            end(console)
        assert [each.status for each in attempts(tmp_path / "s", StepName.INSTALL)] == [StepStatus.SUCCEEDED]
        row.take(rehearsal, tmp_path / "s")
    assert row.clean, row.notes


def end(console: subprocess.Popen[bytes]) -> None:
    """Leave no stopped process behind."""
    if console.poll() is None:
        os.kill(console.pid, signal.SIGKILL)
    console.wait()
