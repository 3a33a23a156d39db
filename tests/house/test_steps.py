"""A step is known everywhere by its row: none is forgotten in a pane, in the order or in the journal."""

from __future__ import annotations

import json

import pytest

from tui.console.panes.pane_slot import SERVICES_TABS, SIA_TABS
from tui.model.events import StepPlan
from tui.model.states import AbortClass, Confirm
from tui.model.steps import StepName
from tui.rollout.procedure.order import MANAGEMENT, NODE, PUT_BACK


@pytest.mark.parametrize("step", StepName)
def test_every_step_has_a_pane(step: StepName) -> None:
    tabs = [tab for tabs in (SIA_TABS, SERVICES_TABS) for tab, steps in tabs.items() if step in steps]
    assert len(tabs) == 1


@pytest.mark.parametrize("step", StepName)
def test_every_step_is_carried_out_somewhere(step: StepName) -> None:
    assert any(kind.name is step for kind in (*NODE, *MANAGEMENT, PUT_BACK))


def test_the_rows_stand_in_the_order_of_the_procedure() -> None:
    assert [kind.name for kind in (*NODE, PUT_BACK)] == list(StepName)


@pytest.mark.parametrize("step", StepName)
def test_a_row_does_not_contradict_itself(step: StepName) -> None:
    row = step.row
    assert not (row.takes_out and row.brings_back)
    assert row.brings_back or not row.rests_on_verify
    assert not (row.rests_on_verify and row.any_boot)


def test_the_journal_has_a_step_by_its_name_alone() -> None:
    plan = StepPlan(
        step=StepName.RETURN,
        command="",
        abort_class=AbortClass.FREE,
        confirm=Confirm.NONE,
        warn_after=1,
        stop_after=2,
    )
    assert json.loads(plan.model_dump_json())["step"] == "return-to-service"
    assert StepPlan.model_validate_json(plan.model_dump_json()).step is StepName.RETURN
