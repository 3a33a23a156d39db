"""What failed and was overridden stays told as that; what is signed off is named in full by who signs."""

from __future__ import annotations

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.test_gate_faults import to_offer
from tui.model import intents as it
from tui.model.actors import YES
from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.plain.lines import event_line
from tui.report.invariants import persons_words
from tui.rollout.interface import Choice, Reply


def stuck(scripted: ScriptedRun) -> None:
    """The services of n1 could not be stopped."""
    scripted.machines["n1"].faults.add("stop-services:refuses")
    scripted.confirm(to_offer(scripted, StepName.STOP_SERVICES))
    scripted.idle()
    assert scripted.run.code == "services-not-stopped"


def past(scripted: ScriptedRun) -> it.Override:
    return it.Override(node="n1", check="services-not-stopped", reason="fan is loud", typed="n1")


def test_a_step_that_failed_and_was_gone_past_says_so(scripted: ScriptedRun) -> None:
    stuck(scripted)
    assert scripted.submit(past(scripted)).accepted
    step = scripted.run.nodes["n1"].steps[StepName.STOP_SERVICES]
    assert step.status is StepStatus.SKIPPED
    who = scripted.engine._actor
    assert step.gone_past == f"gone past by {who}: fan is loud"
    events = [event for event in scripted.engine.events() if event.node == "n1"]
    lines = [event_line(event, scripted.run) for event in events]
    said = [line for line in lines if line and ": failed, gone past" in line]
    assert len(said) == 1
    assert f": failed, gone past by {who}: fan is loud; the node needs a reboot" in said[0]
    assert not [line for line in lines if line and ": skipped" in line]


def test_what_is_only_put_off_is_not_called_failed(scripted: ScriptedRun) -> None:
    stuck(scripted)
    scripted.submit(it.PutBack(node="n1"))
    scripted.submit(past(scripted))
    undo = scripted.run.nodes["n1"].steps[StepName.PUT_BACK]
    assert (undo.status, undo.gone_past) == (StepStatus.SKIPPED, "")


def test_no_option_goes_past_a_check(scripted: ScriptedRun) -> None:
    stuck(scripted)
    before = len(scripted.engine.events())
    reply = scripted.loop.complete(handed_in(scripted, past(scripted)))
    assert not reply.accepted
    assert reply.sentence == "a person has to decide this; --yes does not stand in for one"
    assert len(scripted.engine.events()) == before


async def handed_in(scripted: ScriptedRun, intent: it.Intent) -> Reply:
    return scripted.engine.submit(intent, waiver=YES)


def signing(scripted: ScriptedRun) -> list[Choice]:
    return [choice for choice in scripted.engine.choices() if isinstance(choice.intent, it.SignOff)]


@pytest.mark.parametrize("typed", ["", "n1", "services", "n2/services", "n1/node", "n1services"])
def test_a_line_is_signed_off_by_node_and_thing(scripted: ScriptedRun, typed: str) -> None:
    stuck(scripted)
    before = scripted.run.open_ledger
    signed = it.SignOff(line="n1/services", reason="seen to it", typed=typed)
    reply = scripted.submit(signed)
    assert not reply.accepted
    assert reply.sentence == "type n1/services to sign off services on n1"
    assert scripted.run.open_ledger == before
    assert scripted.submit(signed.model_copy(update={"typed": "n1 services"})).accepted
    assert "n1/services" not in {line.line for line in scripted.run.open_ledger}
    lines = [event_line(event, scripted.run) for event in scripted.engine.events()]
    assert f"n1: {scripted.engine._actor} signed off n1/services on n1; seen to it" in lines
    assert persons_words(scripted.engine.events())[0] == []


def test_the_choice_names_what_has_to_be_typed(scripted: ScriptedRun) -> None:
    stuck(scripted)
    scripted.submit(it.SkipNode(node="n1", reason="later"))
    assert {choice.to_type for choice in signing(scripted)} == {
        f"n1/{what}" for what in ("applications", "services", "node")
    }
    for choice in signing(scripted):
        fill = {"reason": "seen", "typed": choice.to_type}
        assert scripted.submit(choice.intent.model_copy(update=fill)).accepted
    assert not scripted.run.open_ledger
