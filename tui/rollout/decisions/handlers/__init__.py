"""What each intent does, or why it is refused. A refusal is a sentence; a consequence is an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.model import actors
from tui.model import intents as it
from tui.rollout.decisions import next_action
from tui.rollout.decisions.handlers import failures, leaving, ledger, offers, running
from tui.rollout.decisions.handlers.base import IntentContext, refuse
from tui.rollout.interface import Reply

HANDLERS: dict[type[it.Intent], Callable[[IntentContext, Any, str], Reply]] = {
    it.SelectNode: offers.select,
    it.ConfirmStep: offers.confirm,
    it.DeclineStep: offers.decline,
    it.CancelStep: offers.cancel_step,
    it.RerunStep: failures.rerun,
    it.Override: failures.override,
    it.RequestReboot: failures.reboot,
    it.SkipNode: failures.skip,
    it.LeftCluster: leaving.left_cluster,
    it.HoldNode: failures.hold,
    it.ReleaseNode: failures.release,
    it.Pause: running.pause,
    it.Resume: running.resume,
    it.ChangePauseMode: running.pause_mode,
    it.CancelRun: ledger.cancel_run,
    it.PutBack: ledger.put_back,
    it.SignOff: ledger.sign_off,
    it.AdoptOut: ledger.adopt,
    it.SettleOut: ledger.settle,
    it.AddNote: running.note,
}


def answer(context: IntentContext, intent: it.Intent, who: str, waiver: str = "") -> Reply:
    """Act on an intent of the person ``who``, or of the ``waiver`` that they gave beforehand.

    Takes no time and waits for nothing.
    """
    if context.run.status.final and not isinstance(intent, it.AddNote):
        return refuse(f"the run is over ({context.run.status.words})")
    named = getattr(intent, "node", None)
    if named is not None and named not in context.run.nodes:
        return refuse(f"{named} is not a node of this cluster")
    if not waiver:
        return HANDLERS[type(intent)](context, intent, who)
    if why := next_action.person_only(context.run, intent):
        return refuse(f"{why}; {waiver} does not stand in for one")
    actor = actors.in_place_of(waiver, who)
    if isinstance(intent, it.ConfirmStep):
        return offers.confirm(context, intent, actor, typed=False)
    return HANDLERS[type(intent)](context, intent, actor)


__all__ = ["HANDLERS", "IntentContext", "answer", "refuse"]
