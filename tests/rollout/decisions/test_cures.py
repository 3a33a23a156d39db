"""What a person is offered for each problem: every cure that one names, and a way on for codes unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tui.model import events as ev
from tui.model import intents as it
from tui.model.fold import fold
from tui.model.problems import KNOWN, Cure, Problem
from tui.model.run import Run
from tui.model.states import AbortClass, Confirm, PauseMode, RerunScope, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.choices import choices
from tui.rollout.interface import Choice

START = datetime(2026, 1, 1, tzinfo=UTC)
NODE = "px01"


def _is(kind: type[it.Intent], **fields: object) -> Callable[[Choice], bool]:
    def offered(choice: Choice) -> bool:
        intent = choice.intent
        return isinstance(intent, kind) and all(getattr(intent, k) == v for k, v in fields.items())

    return offered


def _says(kind: type[it.Intent], word: str, **fields: object) -> Callable[[Choice], bool]:
    return lambda choice: choice.word.startswith(word) and _is(kind, **fields)(choice)


OFFERED: dict[Cure, Callable[[Choice], bool]] = {
    Cure.RERUN: _says(it.RerunStep, "rerun ", scope=RerunScope.STEP),
    Cure.WAIT_ON: _says(it.RerunStep, "wait on ", scope=RerunScope.STEP),
    Cure.STOP_AGAIN: _is(it.RerunStep, step=StepName.STOP_APPLICATIONS, scope=RerunScope.FROM_HERE),
    Cure.VERIFY_AGAIN: _is(it.RerunStep, step=StepName.VERIFY, scope=RerunScope.FROM_HERE),
    Cure.FROM_LOG_IN: _is(it.RerunStep, step=StepName.LOG_IN, scope=RerunScope.NODE),
    Cure.REBUILD: _says(it.RerunStep, "build packages again", scope=RerunScope.NODE),
    Cure.ENFORCE: _is(it.RerunStep, step=StepName.INSTALL, enforce=True),
    Cure.REBOOT: _is(it.RequestReboot),
    Cure.OVERRIDE: _is(it.Override),
    Cure.RESUME: lambda choice: choice.word.startswith(("resume", "go on")) and _is(it.Resume)(choice),
    Cure.CHECK_AGAIN: _says(it.Resume, "check again"),
    Cure.LOOK_AGAIN: _says(it.Resume, "look again"),
    Cure.SAY_WHETHER_IT_RAN: _is(it.Override, check="did-run"),
    Cure.PUT_BACK: _is(it.PutBack),
    Cure.SIGN_OFF: _is(it.SignOff),
    Cure.ADOPT: _is(it.AdoptOut),
    Cure.SETTLE: _is(it.SettleOut),
}
"""What in the choices is each cure."""


def plan(step: StepName) -> ev.StepPlan:
    return ev.StepPlan(
        step=step, command="", abort_class=AbortClass.FREE, confirm=Confirm.NONE, warn_after=1, stop_after=2
    )


class Story:
    """The events of a run with one node."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        planned = tuple(plan(step) for step in StepName if step is not StepName.PUT_BACK)
        self.add(
            ev.RunCreated(
                run_id="r",
                cluster="c",
                cluster_file="f",
                target="5.21.2",
                nodes=(NODE,),
                pause_mode=PauseMode.EVERY_STEP,
                host="h",
                version="0",
            )
        )
        self.add(ev.PlanFrozen(sia="/s", sia_sha256="0", order=(NODE,), steps=planned))

    def add(self, payload: ev.Payload, step: StepName | None = None, attempt: int | None = None) -> None:
        self.events.append(
            ev.Event(
                seq=len(self.events),
                time=START,
                type=payload.type,
                node=NODE,
                step=step,
                attempt=attempt,
                actor="eva@console",
                data=payload.model_dump(mode="json"),
                prev="",
            )
        )

    def paused(self, code: str, status: RunStatus = RunStatus.PAUSED_ON_ERROR) -> Run:
        self.add(ev.RunState(status=status, code=code))
        return fold(self.events)


def at_step(code: str, step: StepName) -> Run:
    """A step failed so."""
    story = Story()
    story.add(ev.NodeSelected())
    for before in StepName:
        if before is step:
            break
        story.add(ev.StepState(status=StepStatus.SUCCEEDED), before)
    if step is StepName.PUT_BACK:
        story.add(ev.LedgerAdded(line="l", what="services", before="running", undo="start"))
    begun = ev.AttemptStarted(job_id=None, boot_id="b", command="", output="o", confirmed_by="eva@console")
    story.add(begun, step, 1)
    story.add(ev.AttemptEnded(status=StepStatus.FAILED, code=code), step, 1)
    return story.paused(code)


def in_pause(code: str) -> Run:
    """The run paused so, with nothing in work and something out of service."""
    story = Story()
    story.add(ev.LedgerAdded(line="l", what="services", before="running", undo="start"))
    return story.paused(code)


def blocked(code: str) -> Run:
    """The checks said so."""
    return Story().paused(code, RunStatus.BLOCKED)


def left_by_others(code: str) -> Run:
    """Another console was lost and left something out."""
    story = Story()
    story.add(ev.OutFound(run="other", lines=(ev.LeftLine(what="services", before="running", undo="start"),)))
    return story.paused(code)


def under_way(code: str) -> Run:
    """Nobody knows whether a step was begun."""
    story = Story()
    story.add(ev.NodeSelected())
    begun = ev.AttemptStarted(job_id="j", boot_id="b", command="", output="o", confirmed_by="eva@console")
    story.add(begun, StepName.LOG_IN, 1)
    return story.paused(code)


def situations(code: str) -> list[Run]:
    steps = [at_step(code, step) for step in StepName]
    return [*steps, in_pause(code), blocked(code), left_by_others(code), under_way(code)]


@pytest.mark.parametrize(
    ("problem", "cure"), [(problem, cure) for problem in KNOWN.values() for cure in problem.cures], ids=str
)
def test_every_cure_that_a_problem_names_is_offered_for_it(problem: Problem, cure: Cure) -> None:
    assert any(OFFERED[cure](choice) for run in situations(problem.code) for choice in choices(run))


def test_every_cure_is_named_by_a_problem() -> None:
    assert {cure for problem in KNOWN.values() for cure in problem.cures} == set(Cure)


AT_STEPS = [problem for problem in KNOWN.values() if {Cure.RERUN, Cure.WAIT_ON} & set(problem.cures)]


@pytest.mark.parametrize("problem", AT_STEPS, ids=lambda problem: problem.code)
def test_only_what_a_problem_names_is_recommended_for_its_step(problem: Problem) -> None:
    for step in StepName:
        first, *others = choices(at_step(problem.code, step))
        assert first.recommended
        assert not any(choice.recommended for choice in others)
        named = [OFFERED[cure] for cure in (*problem.cures, Cure.RERUN)]
        assert any(offered(first) for offered in named)


@pytest.mark.parametrize("code", ["", "from-the-future", "unreachable"])
def test_a_code_that_nobody_knows_can_be_done_again(code: str) -> None:
    found = choices(at_step(code, StepName.INSTALL))
    assert OFFERED[Cure.RERUN](found[0])
    assert found[0].recommended
    assert any(OFFERED[Cure.RESUME](choice) for choice in choices(in_pause(code)))
