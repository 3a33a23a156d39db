"""Who decided what, when and why: confirms, refusals, overrides, skips, holds, sign-offs, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.model import events as ev
from tui.model.actors import is_person
from tui.model.bound_words import about
from tui.model.change import Change
from tui.model.states import Confirm, ConfirmClass
from tui.report.shapes import Decision


def decisions(events: Iterable[ev.Event]) -> Iterator[Decision]:
    """Every decision in the order in which it was taken."""
    offers: dict[str, ev.StepOffered] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.StepOffered):
            offers[payload.token] = payload
        told = _told(event, payload, offers)
        if told is not None:
            what, why = told
            yield Decision(
                time=event.time,
                who=event.actor,
                what=what,
                node=event.node,
                step=event.step,
                attempt=event.attempt,
                why=why,
                person=is_person(event.actor),
            )


def _told(event: ev.Event, payload: ev.Payload, offers: dict[str, ev.StepOffered]) -> tuple[str, str] | None:
    """What was decided and why; None when the event is no decision."""
    told: tuple[str, str] | None = None
    match payload:
        case ev.StepConfirmed(token=token, typed=typed):
            told = _confirm(offers.get(token), typed)
        case ev.StepDeclined(token=token):
            told = "declined", offers[token].command if token in offers else ""
        case ev.OverrideUsed(check=check, reason=reason):
            told = f"went past {check}", reason
        case ev.RunBound(changed=changed):
            told = _agreed(changed)
        case ev.LedgerUndone(how="signed-off", line=line, reason=reason):
            told = f"signed off {line} on {event.node}", reason
        case ev.RunState(pause_mode=mode) if mode is not None:
            told = f"set the pause mode to {mode.value}", ""
        case ev.LockBroken(holder=holder):
            told = "broke the lock", f"held by {holder}"
        case ev.NoteAdded(text=text):
            told = "noted", text
        case _:
            told = _about_node(payload)
    return told


def _about_node(payload: ev.Payload) -> tuple[str, str] | None:
    match payload:
        case ev.NodeSelected(reason=reason):
            return "picked the node", reason
        case ev.NodeSkipped(reason=reason):
            return "skipped the node", reason
        case ev.NodeLeft(reason=reason):
            return "said that the node has left the cluster", reason
        case ev.NodeHeld(reason=reason, released=released):
            return "released the node" if released else "held the node", reason
    return None


def _agreed(changed: Iterable[ev.ChangedKey]) -> tuple[str, str] | None:
    agreed = [about(key) for key in changed if key.change is Change.AGREED and key.taken]
    return ("agreed to a changed cluster file", "; ".join(agreed)) if agreed else None


def _confirm(offer: ev.StepOffered | None, typed: str) -> tuple[str, str] | None:
    if offer is None:
        return "confirmed", "without an offer"
    if offer.confirm is Confirm.NONE and offer.stands_for is ConfirmClass.EYES:
        return "let nobody look at dis_admin", offer.command
    if offer.confirm is Confirm.NONE:
        return None  # nobody was asked
    how = f"confirmed by typing {typed}" if typed else "confirmed"
    return f"{how}: {offer.command}", offer.reason
