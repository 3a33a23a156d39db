"""Where Rollcall runs: a disk that is full or read-only, and an output without end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.bounds_child import expected
from tests.faults.tally import ALL, ROWS, Row
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.small_disk import SmallDisk, small_disk
from tests.rigs.waiting import patience, wait_until_async
from tests.rollout.engine_operator import Operator, cluster, console
from tui.journal import read_events
from tui.model import intents as it
from tui.model.fold import fold
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName

SIZE = (2 << 30) if ALL else (48 << 20)
ROOM = 24 << 20
"""Bytes that the console may grow by, whatever the size of the output."""
OUTPUT_FULL = Row("disk full here", "while an output is written")
JOURNAL_FULL = Row("disk full here", "before an event is written")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small", "3m") as made:
        yield made


async def broken(operator: Operator) -> str:
    """Wait until the engine has had to stop; its one sentence."""
    await wait_until_async(lambda: operator.engine.broken, 120)
    sentence = operator.engine.broken
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert operator.engine.advice().why == sentence
    assert not operator.engine.submit(it.Resume()).accepted, "nothing happens any more"
    return sentence


def nothing_half_written(operator: Operator) -> None:
    """The journal is whole and folds to what was shown; an output is the beginning of what the job wrote."""
    run_dir = operator.session.run_dir
    assert (run_dir / "events.jsonl").read_bytes().endswith(b"\n")
    assert fold(read_events(run_dir)) == operator.run
    for node in operator.run.nodes.values():
        for step in node.steps.values():
            for attempt in step.attempts:
                kept = run_dir / attempt.begun.output
                there = operator.rehearsal.node(node.name).sysroot / "var/lib/rollcall/jobs"
                job = there / str(attempt.begun.job_id) / "out"
                if kept.exists() and job.exists():
                    assert job.read_bytes().startswith(kept.read_bytes())


async def test_an_output_that_finds_no_room(tmp_path: Path, disk: SmallDisk) -> None:
    with cluster(tmp_path / "c", nodes=1, faults={"px01": "chatty"}, management=None) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, disk.place, PauseMode.NONE) as operator:
            await reach(operator, StepName.INSTALL)
            sentence = await broken(operator)
            assert "No space left" in sentence
            assert "free space or repair the disk, then resume the run" in sentence
            nothing_half_written(operator)
        disk.remount("size=64m")
        async with console(rehearsal, disk.place, PauseMode.EVERY_STEP) as operator:
            await operator.needed()
            assert operator.run.status is RunStatus.PAUSED_BY_USER
            assert operator.engine.submit(it.Resume()).accepted
            await offered(operator, StepName.START_APPLICATIONS)
            attempt = operator.step("px01", StepName.INSTALL).attempts[-1]
            job = node.sysroot / f"var/lib/rollcall/jobs/{attempt.begun.job_id}/out"
            kept = (operator.session.run_dir / attempt.begun.output).read_bytes()
            assert kept == job.read_bytes()
            assert len(kept) > 3 << 20
            assert sum("--install-node" in line for line in node.log) == 1
            operator.check_the_record()
    count(OUTPUT_FULL, len(kept))


async def offered(operator: Operator, step: StepName) -> None:
    """Confirm what is offered until it is that step."""
    for _ in range(12):
        await operator.needed()
        assert operator.run.offer is not None, operator.run.summary
        if operator.run.offer.step is step:
            return
        assert operator.confirm().accepted
    raise AssertionError(f"{step} was never offered")


async def reach(operator: Operator, step: StepName) -> None:
    """The step runs."""
    await operator.until(lambda run: step in run.nodes["px01"].steps)
    await operator.until(lambda run: run.nodes["px01"].steps[step].attempts != ())


async def test_an_event_that_finds_no_room_has_not_happened(tmp_path: Path, disk: SmallDisk) -> None:
    with cluster(tmp_path / "c", nodes=1, management=None) as rehearsal:
        async with console(rehearsal, disk.place, PauseMode.EVERY_STEP) as operator:
            await operator.needed()
            assert operator.engine.submit(it.SelectNode(node="px01")).accepted
            await offered(operator, StepName.STOP_SERVICES)
            before = list(rehearsal.node("px01").log)
            disk.fill()  # what is left of the last page holds a short event, but not this one
            assert not operator.engine.submit(it.AddNote(text="x" * 9000)).accepted
            operator.confirm()
            sentence = await broken(operator)
            assert "cannot be written at line" in sentence
            assert operator.run.notes == ()
            nothing_half_written(operator)
        assert rehearsal.node("px01").log == before, "it was begun although that could not be written down"
        disk.free()
        async with console(rehearsal, disk.place, PauseMode.EVERY_STEP) as operator:
            await operator.needed()
            assert operator.engine.submit(it.Resume()).accepted
            assert await operator.finish() is RunStatus.COMPLETED
            operator.check_the_record()
    count(JOURNAL_FULL, 0)


def count(row: Row, compared: int) -> None:
    if row not in ROWS:
        ROWS.append(row)
    row.cases += 1
    row.bytes_compared += compared


@pytest.mark.parametrize("command", [["run", "--plain", "--yes"], ["runs"]])
def test_a_read_only_state_directory_is_one_sentence(
    command: list[str], tmp_path: Path, disk: SmallDisk
) -> None:
    disk.remount("ro")
    with cluster(tmp_path / "c", nodes=1, management=None) as rehearsal:
        words = [sys.executable, "-m", "tui", command[0]]
        words += [str(rehearsal.cluster_file)] * (command[0] == "run") + command[1:]
        words += ["--state-dir", str(disk.place / "state")]
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120 * patience()
        )
        assert not rehearsal.node("px01").log
        assert not (rehearsal.node("px01").sysroot / "var/lib/rollcall/jobs").exists()
    said = done.stderr.decode()
    if command[0] == "runs":  # looking needs no room
        assert done.returncode == 0, said
        return
    assert done.returncode == 1, (done.returncode, said)
    assert "Read-only file system" in said
    assert len(said.strip().splitlines()) == 1, said


@needs_sshd
def test_an_output_without_end_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "root/var/lib").mkdir(parents=True)
    node = OpenSshNode(tmp_path / "rig", "px01", tmp_path / "root")
    node.start()
    try:
        words = [sys.executable, "-m", "tests.faults.bounds_child", str(node.ssh_config), str(SIZE)]
        done = subprocess.run([*words, str(tmp_path / "run")], capture_output=True, check=False, timeout=3600)
    finally:
        node.stop()
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert (told["size"], told["exit_code"]) == (SIZE, 0)
    assert told["sha256"] == expected(SIZE)
    assert told["grown"] < ROOM, told
    ROWS.append(Row("an output without end", "real sshd, follower and report", 1, SIZE))
