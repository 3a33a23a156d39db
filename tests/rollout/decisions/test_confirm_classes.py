"""Who may confirm what: every class of confirm in every pause mode, and every intent without a person."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui.model import intents as it
from tui.model.actors import PROCEDURE, WAIVER, YES, by_mode, in_place_of, is_person
from tui.model.events import StepOffered
from tui.model.run import Node, Offer, Run
from tui.model.states import AbortClass, Confirm, ConfirmClass, PauseMode, Progress, RunStatus
from tui.model.steps import StepName
from tui.rollout.decisions import next_action

NOW = datetime(2026, 3, 14, tzinfo=UTC)
EVERY, NODE, FIRST, NEVER = PauseMode.EVERY_STEP, PauseMode.EVERY_NODE, PauseMode.FIRST_NODE, PauseMode.NONE
WAITS: dict[ConfirmClass, set[tuple[PauseMode, bool]]] = {
    # where a person is waited for: (pause mode, the first node is done)
    ConfirmClass.PLAIN: {(EVERY, False), (EVERY, True), (FIRST, False)},
    ConfirmClass.READING: {(EVERY, False), (EVERY, True), (NODE, False), (NODE, True), (FIRST, False)},
    ConfirmClass.SIGNATURE: set(itertools.product(PauseMode, (False, True))),
    ConfirmClass.EYES: set(itertools.product(PauseMode, (False, True))),
}
CASES = list(itertools.product(ConfirmClass, PauseMode, (False, True), (Confirm.YES, Confirm.TYPE_NAME)))


def offering(
    confirm: Confirm, confirm_class: ConfirmClass | None, step: StepName = StepName.REBOOT, **run: object
) -> Run:
    """A run that offers a step of px02."""
    offered = StepOffered(
        token="t1",
        target="root@px02",
        command="reboot",
        confirm=confirm,
        abort_class=AbortClass.FREE,
        confirm_class=confirm_class,
    )
    made = Run(status=RunStatus.RUNNING, offer=Offer("px02", step, 1, offered, NOW), current="px02")
    return replace(made, **run)  # type: ignore[arg-type]


@pytest.mark.parametrize(("confirm_class", "mode", "first_done", "confirm"), CASES)
def test_the_class_and_the_mode_say_whether_a_person_is_waited_for(
    confirm_class: ConfirmClass, mode: PauseMode, first_done: bool, confirm: Confirm
) -> None:
    done = Node("px01", progress=Progress.UPDATED if first_done else Progress.WAITING)
    run = offering(confirm, confirm_class, pause_mode=mode, nodes={"px01": done, "px02": Node("px02")})
    assert next_action.waits_for_confirm(run) is ((mode, first_done) in WAITS[confirm_class])


@pytest.mark.parametrize("mode", PauseMode)
def test_an_undo_is_waited_for_in_every_mode(mode: PauseMode) -> None:
    run = offering(Confirm.YES, ConfirmClass.PLAIN, StepName.PUT_BACK, pause_mode=mode)
    assert next_action.waits_for_confirm(run)


@pytest.mark.parametrize("confirm_class", ConfirmClass)
def test_yes_stands_in_for_what_was_planned_and_for_nothing_else(confirm_class: ConfirmClass) -> None:
    run = offering(Confirm.TYPE_NAME, confirm_class)
    persons = confirm_class in (ConfirmClass.SIGNATURE, ConfirmClass.EYES)
    assert bool(next_action.person_only(run, it.ConfirmStep(token="t1"))) is persons


@pytest.mark.parametrize("kind", it.Intent.__subclasses__())
def test_an_intent_is_a_persons_unless_it_is_known_to_need_none(kind: type[it.Intent]) -> None:
    waivable = {it.SelectNode, it.Resume, it.ConfirmStep}
    intent = kind.model_construct(None, **dict.fromkeys(kind.model_fields, "x"))
    plain = offering(Confirm.YES, ConfirmClass.PLAIN)
    assert bool(next_action.person_only(plain, intent)) is (kind not in waivable)


def test_an_older_journal_asked_a_name_only_of_a_person() -> None:
    assert offering(Confirm.TYPE_NAME, None).offer.offered.stands_for is ConfirmClass.SIGNATURE  # type: ignore[union-attr]
    assert offering(Confirm.YES, None).offer.offered.stands_for is ConfirmClass.PLAIN  # type: ignore[union-attr]


def test_whose_word_it_is_when_no_person_is_waited_for() -> None:
    assert next_action.agreed_by(offering(Confirm.NONE, ConfirmClass.PLAIN)) == PROCEDURE
    assert next_action.agreed_by(offering(Confirm.NONE, ConfirmClass.EYES)) == WAIVER
    by_mode_none = offering(Confirm.YES, ConfirmClass.READING, pause_mode=NEVER)
    assert next_action.agreed_by(by_mode_none) == "pause mode none"


def test_only_a_person_is_a_person() -> None:
    others = [PROCEDURE, WAIVER, "rollcall", "", in_place_of(YES, "eva@console"), *map(by_mode, PauseMode)]
    assert [name for name in others if is_person(name)] == []
    assert is_person("eva@console")
