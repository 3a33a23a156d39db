"""Who decided what, when and why: confirms, refusals, overrides, skips, holds, sign-offs, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.model import events as ev
from tui.model.actors import is_person
from tui.model.change import Change
from tui.model.states import Confirm, ConfirmClass
from tui.report.shapes import Decision
from tui.text.changed_file import about
from tui.text.narrate import told


def decisions(events: Iterable[ev.Event]) -> Iterator[Decision]:
    """Every decision in the order in which it was taken."""
    offers: dict[str, ev.StepOffered] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.StepOffered):
            offers[payload.token] = payload
        decided = _decided(event, payload, offers)
        if decided is not None:
            what, why = decided
            yield Decision(
                time=event.time,
                who=event.actor,
                what=what,
                node=event.node,
                step=event.step,
                attempt=event.attempt,
                why=why,
                person=is_person(event.actor),
                override=isinstance(payload, ev.OverrideUsed),
            )


def _decided(
    event: ev.Event, payload: ev.Payload, offers: dict[str, ev.StepOffered]
) -> tuple[str, str] | None:
    """What was decided and why; None when the event is no decision."""
    match payload:
        case ev.RunCreated() | ev.OperatorJoined() | ev.OperatorLeft():
            return None
        case ev.RunBound(changed=changed):
            return _agreed(changed)
    story = told(event)
    if not story.by_actor:
        return None
    match payload:
        case ev.StepConfirmed(token=token):
            return _confirmed(story.what, offers.get(token))
        case ev.StepDeclined(token=token):
            return story.what, offers[token].command if token in offers else ""
    return story.what, story.why


def _agreed(changed: Iterable[ev.ChangedKey]) -> tuple[str, str] | None:
    agreed = [about(key) for key in changed if key.change is Change.AGREED and key.taken]
    return ("agreed to a changed cluster file", "; ".join(agreed)) if agreed else None


def _confirmed(what: str, offer: ev.StepOffered | None) -> tuple[str, str] | None:
    if offer is None:
        return "confirmed", "without an offer"
    if offer.confirm is Confirm.NONE and offer.stands_for is ConfirmClass.EYES:
        return "let nobody look at dis_admin", offer.command
    if offer.confirm is Confirm.NONE:
        return None  # nobody was asked
    return f"{what}: {offer.command}", offer.reason
