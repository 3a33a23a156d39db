"""What is offered in each state of a run, all of it and in order: the recommended choice first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.rollout.decisions.runs import at, node, run, taken_out, under_way, updated
from tui.model.events import LeftLine, OutFound
from tui.model.problems import LEDGER_OPEN, LEFT_OUT, START_UNKNOWN, STILL_OUT
from tui.model.run import Run
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.choices import choices

ERROR, USER = RunStatus.PAUSED_ON_ERROR, RunStatus.PAUSED_BY_USER
END = "cancel the run"
LEAVE = ("skip px01", "hold px01")
ANEW = "rerun px01 from log in"
OUT = OutFound(run="other", lines=(LeftLine(what="services", before="running", undo="start"),))


def paused(state: Run, status: RunStatus = ERROR, code: str = "") -> Run:
    return replace(state, status=status, code=code)


def failed(step: StepName, code: str) -> Run:
    return paused(at(step, StepStatus.FAILED, code), code=code)


def settled_by_nobody(state: Run) -> Run:
    return replace(state, left_out={"px02": OUT})


IDLE = run(node("px01"), node("px02"))
WAITING = at(StepName.INSTALL, StepStatus.PENDING)
BUSY = at(StepName.INSTALL, StepStatus.RUNNING, attempts=under_way())


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (IDLE, (END,)),
        (replace(IDLE, status=RunStatus.COMPLETED), ()),
        (paused(IDLE, RunStatus.BLOCKED), ("check again", END)),
        (paused(IDLE, USER), ("resume", END)),
        (BUSY, (END,)),
        (paused(BUSY, RunStatus.PAUSE_PENDING), ("resume", END)),
        (
            paused(BUSY, code=START_UNKNOWN.code),
            ("look again", "it did not run: offer install again", "it ran", *LEAVE, END),
        ),
        (failed(StepName.PACKAGES, "build-failed"), ("rerun packages", ANEW, *LEAVE, END)),
        (
            failed(StepName.STOP_SERVICES, "services-not-stopped"),
            ("rerun stop services", "go on with reboot needed", ANEW, *LEAVE, END),
        ),
        (
            failed(StepName.VERIFY, "services-not-running"),
            ("reboot px01", "rerun verify", ANEW, *LEAVE, END),
        ),
        (
            failed(StepName.REBOOT, "no-return"),
            ("wait on for px01", "reboot px01", ANEW, *LEAVE, END),
        ),
        (
            taken_out(paused(IDLE, code=LEDGER_OPEN.code), "px01", "services"),
            ("put px01 back in service", "sign off px01/services", "rerun px01", END),
        ),
        (
            taken_out(paused(WAITING, USER, STILL_OUT.code), "px01", "services"),
            ("put px01 back in service", "resume", *LEAVE, END),
        ),
        (
            taken_out(paused(run(node("px01", progress=Progress.HELD)), USER), "px01", "services"),
            ("resume", "release px01", "sign off px01/services", END),
        ),
        (
            settled_by_nobody(paused(IDLE, code=LEFT_OUT.code)),
            ("adopt what was left out on px02", "resume", "sign off what was left out on px02", END),
        ),
        (
            paused(run(node("px01", in_file=False), updated("px02")), USER),
            ("resume", "px01 has left the cluster", END),
        ),
    ],
)  # fmt: skip
def test_each_state_offers_just_this(state: Run, words: tuple[str, ...]) -> None:
    assert tuple(choice.word for choice in choices(state)) == words


def test_a_second_try_that_failed_recommends_to_go_on_without() -> None:
    once = under_way()[0]
    ended = replace(once, ended=once.started)
    step = at(StepName.STOP_SERVICES, StepStatus.FAILED, "services-not-stopped", attempts=(ended, ended))
    assert choices(paused(step, code="services-not-stopped"))[0].word == "go on with reboot needed"


def test_what_takes_a_typed_name_says_what_to_type() -> None:
    state = taken_out(paused(IDLE, code=LEDGER_OPEN.code), "px01", "services")
    typed = {choice.word: choice.to_type for choice in choices(state) if choice.dangerous}
    assert typed == {"sign off px01/services": "px01/services"}
