"""Where a run waits after it was recovered: for the failure it stands at, or for a person to resume it."""

from __future__ import annotations

import pytest

from tests.rollout.decisions.runs import at, node, run, under_way
from tui.model.problems import RECOVERED
from tui.model.run import Run, Step
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.opening.recover import waits

ERROR, USER = RunStatus.PAUSED_ON_ERROR, RunStatus.PAUSED_BY_USER
TO_RESUME = "resume to go on"
FAILED = {"code": "install-failed", "reason": "px01: no room", "remedy": "make room, then rerun"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (run(node("px01")), (USER, RECOVERED.code, "taken up again: no node is in work", TO_RESUME)),
        (
            at(StepName.INSTALL, StepStatus.PENDING),
            (USER, RECOVERED.code, "taken up again: px01 is done with stop services", TO_RESUME),
        ),
        (
            at(StepName.INSTALL, StepStatus.RUNNING, attempts=under_way()),
            (USER, RECOVERED.code, "taken up again: px01 is at install", TO_RESUME),
        ),
        *(
            (at(StepName.INSTALL, status, **FAILED), (ERROR, *FAILED.values()))
            for status in StepStatus
            if status.broken
        ),
        (
            run(node("px01", StepName.INSTALL, Step(StepName.PUT_BACK)), current="px01"),
            (USER, RECOVERED.code, "taken up again: px01 is done with stop services", TO_RESUME),
        ),
    ],
)
def test_a_recovered_run_waits_where_it_stands(state: Run, expected: tuple[object, ...]) -> None:
    said = waits(state)
    assert (said.status, said.code, said.summary, said.next_action) == expected
