"""Clocks that jump, and a job that is silent for twenty minutes: ages stay true, and nothing is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.tally import ROWS, Row
from tui.journal import Journal, clock
from tui.journal.clock import SteadyClock
from tui.model import events as ev
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions import status_line
from tui.rollout.watchers.clock import watch_clock

JUMPS = (3600.0, -3600.0, 86400.0 * 400, -86400.0 * 400)
TIME = Row("clock set forward and back", "journal, ages, checks; scripted nodes")


@dataclass
class Clocks:
    """The wall's clock, and the one that nobody sets."""

    wall: datetime = datetime(2026, 3, 1, 1, tzinfo=UTC)
    steady: float = 500.0
    made: SteadyClock = field(init=False)

    def __post_init__(self) -> None:
        self.made = SteadyClock(lambda: self.wall, lambda: self.steady)

    def run(self, seconds: float, jump: float = 0.0) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds + jump)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Instead of those of this machine."""
    made = Clocks()
    monkeypatch.setattr(clock, "CLOCK", made.made)
    return made


@pytest.fixture
def scripted(clocks: Clocks) -> Iterator[ScriptedRun]:
    run = ScriptedRun(("n1", "n2"), allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP)
    run.go_on()
    yield run
    run.close()


@pytest.mark.parametrize("jump", JUMPS)
def test_times_in_a_journal_never_go_back_and_lengths_are_true(
    jump: float, clocks: Clocks, tmp_path: Path
) -> None:
    journal = Journal.create(tmp_path / "run")
    first = journal.append(ev.NoteAdded(text="before"), actor="a")
    clocks.run(60.0, jump)
    second = journal.append(ev.NoteAdded(text="after"), actor="a")
    journal.close()
    assert second.time - first.time == timedelta(seconds=60)
    assert clocks.made.jumped() == jump


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_is_written_down_once(jump: float, clocks: Clocks, scripted: ScriptedRun) -> None:
    async def watch() -> None:
        task = asyncio.create_task(watch_clock(scripted.engine._publisher, clocks.made))
        await asyncio.sleep(0)
        clocks.run(1.0, jump)
        await asyncio.sleep(60)
        task.cancel()

    scripted.loop.complete(watch())
    notes = [text for _, _, text in scripted.run.notes if "was set" in text]
    assert len(notes) == 1
    assert f"{'forward' if jump > 0 else 'back'} by {abs(jump):.0f} s" in notes[0]


@pytest.mark.parametrize("jump", JUMPS)
def test_checks_do_not_grow_old_by_a_jump(jump: float, clocks: Clocks, scripted: ScriptedRun) -> None:
    clocks.run(10.0, jump)
    assert scripted.submit(it.SelectNode(node="n1")).accepted or scripted.run.current
    if TIME not in ROWS:
        ROWS.append(TIME)
    TIME.cases += 1


def test_checks_grow_old_by_the_time_that_passes(clocks: Clocks) -> None:
    run = ScriptedRun(("n1", "n2"), allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP)
    run.submit(it.Resume())
    run.idle()
    clocks.run(1801.0)
    run.loop.advance(5.0)
    assert run.run.status is RunStatus.PAUSED_BY_USER
    run.submit(it.Resume())
    reply = run.submit(it.SelectNode(node="n1"))
    assert not reply.accepted
    assert "30 minutes old" in reply.sentence
    run.close()


def to_running_install(scripted: ScriptedRun) -> None:
    for _ in range(30):
        scripted.idle()
        offer = scripted.run.offer
        if offer is not None and offer.step is StepName.INSTALL:
            scripted.confirm(offer.offered.token)
            scripted.loop.advance(1.0)
            return
        scripted.go_on()
    raise AssertionError("install was never offered")


@pytest.mark.parametrize("jump", JUMPS)
def test_a_step_is_as_old_as_it_is(jump: float, clocks: Clocks, scripted: ScriptedRun) -> None:
    to_running_install(scripted)
    before = scripted.engine.advice()
    clocks.run(30.0, jump)
    assert scripted.engine.advice() == before
    assert "slower" not in before.why


def test_a_silent_job_is_flagged_and_goes_on(clocks: Clocks, scripted: ScriptedRun) -> None:
    to_running_install(scripted)
    clocks.run(19 * 60.0)
    assert "printed nothing" not in scripted.engine.advice().why
    clocks.run(2 * 60.0)
    told = scripted.engine.advice()
    assert "n1: install has printed nothing for 21 min" in told.why
    assert "nothing is killed" in told.next_action
    assert told.urgent
    job = next(job for job in scripted.referee.jobs["n1"].values() if job.what == "install")
    assert not job.cancelled
    assert scripted.run.nodes["n1"].steps[StepName.INSTALL].status is StepStatus.RUNNING
    said = ev.AttemptOutput(offset=5)
    scripted.engine._publisher.publish(said, node="n1", step=StepName.INSTALL, attempt=1)
    assert "printed nothing" not in scripted.engine.advice().why, "it has just said something"
    scripted.loop.advance(30.0)
    assert scripted.run.nodes["n1"].steps[StepName.INSTALL].status is StepStatus.SUCCEEDED


def test_a_clock_that_was_set_back_between_two_consoles(clocks: Clocks, scripted: ScriptedRun) -> None:
    to_running_install(scripted)
    attempt = scripted.run.nodes["n1"].steps[StepName.INSTALL].open_attempt
    assert attempt is not None
    told = status_line.advice(scripted.run, (), attempt.started - timedelta(days=1))
    assert "-" not in told.why.removeprefix("n1: install is running"), told
