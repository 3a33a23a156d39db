"""A person's word is a person's: recomputed from the events alone."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model import events as ev
from tui.model.actors import is_person
from tui.model.states import Confirm


def persons_words(events: Iterable[ev.Event]) -> tuple[list[str], str]:
    """What only a person may say, and that the event's actor is one; then how much of it was said."""
    offers: dict[str, ev.StepOffered] = {}
    wrong: list[str] = []
    count = 0
    for event in events:
        match event.payload:
            case ev.StepOffered(token=token) as offer:
                offers[token] = offer
                continue
            case ev.StepConfirmed(token=token) if _persons(offers.get(token)):
                what = "confirmed"
            case ev.OverrideUsed(check=check):
                what = f"{check} gone past"
            case ev.LedgerUndone(how="signed-off", line=line):
                what = f"{line} signed off"
            case ev.LockBroken():
                what = "lock broken"
            case _:
                continue
        count += 1
        if not is_person(event.actor):
            wrong.append(f"{what} by {event.actor} at event {event.seq}")
    return wrong, f"{count} times"


def _persons(offer: ev.StepOffered | None) -> bool:
    asked = offer is not None and offer.confirm is not Confirm.NONE
    return offer is not None and asked and offer.stands_for.person_only
