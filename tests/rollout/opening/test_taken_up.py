"""The status line of a run that was taken up: where it stands, and what it does not go by any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui.model import problems
from tui.model.change import Change
from tui.model.events import AttemptStarted, ChangedKey, RunBound
from tui.model.run import Attempt, Node, Run, Step
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions import next_action
from tui.rollout.decisions.status_line import advice

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (None, "taken up again: no node is in work"),
        (RunBound(file={}), "taken up again: no node is in work"),
        (
            RunBound(file={}, gone=("px01",)),
            "taken up again: no node is in work; px01 left the cluster file and stays in the run",
        ),
        (
            RunBound(
                file={},
                changed=(
                    ChangedKey(key="target.version", change=Change.FROZEN, old="1", new="2", taken=False),
                    ChangedKey(key="policy.pause", change=Change.FREE, old="none", new="none", taken=True),
                ),
            ),
            "taken up again: no node is in work; target.version changed in the file, the run goes on with "
            "what it began with",
        ),
    ],
)
def test_a_changed_file_is_told_where_it_cannot_be_missed(bound: RunBound | None, said: str) -> None:
    assert next_action.resumed_words(Run(bound=bound, nodes={"px01": Node("px01")})) == said


def test_a_node_that_a_person_said_has_left_is_not_told_again() -> None:
    run = Run(bound=RunBound(file={}, gone=("px01",)), nodes={"px01": Node("px01", left="sold")})
    assert "px01" not in next_action.resumed_words(run)


def test_a_start_that_nobody_knows_of_is_no_lost_connection() -> None:
    begun = AttemptStarted(job_id="j", boot_id="b", command="c", output="o", confirmed_by="eva@console")
    step = Step(
        StepName.INSTALL,
        StepStatus.DETACHED,
        since=NOW,
        code=problems.START_UNKNOWN.code,
        reason="px01: whether install was begun is not known",
        attempts=(Attempt(1, begun, NOW),),
    )
    run = Run(
        status=RunStatus.PAUSED_ON_ERROR,
        code=problems.START_UNKNOWN.code,
        next_action="look at the node",
        nodes={"px01": Node("px01", steps={StepName.INSTALL: step})},
        current="px01",
    )
    said = advice(run, (), NOW)
    assert (said.why, said.urgent) == (step.reason, True)
