"""Handles what is asked about offers: pick a node, confirm or decline a step, cancel a running one."""

from __future__ import annotations

from tui.journal.clock import utc_now
from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.states import RunStatus
from tui.model.steps import StepName
from tui.rollout import preflight
from tui.rollout.decisions import next_action
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.decisions.picking import Prospects
from tui.rollout.interface import Reply
from tui.rollout.procedure.order import procedure_step


def select(context: IntentContext, intent: it.SelectNode, actor: str) -> Reply:
    """Work on this node next, when it is its turn and the gate is open."""
    node = context.run.nodes[intent.node]
    if context.run.current is not None:
        return refuse(f"{context.run.current} is being worked on; one node at a time")
    if context.run.status is not RunStatus.RUNNING:
        return refuse(context.standing)
    if node.name not in context.run.order:
        return refuse(f"{node.name} is not part of this run")
    if node.progress.done:
        return refuse(f"{node.name} is {node.progress.words}: {node.progress_reason or 'nothing left to do'}")
    if not_yet := next_action.not_yet(context.run, node.name):
        return refuse(not_yet)
    if not node.management:
        sample = context.gate(node.name, "pick")
        if not sample.open:
            return refuse(f"the gate is closed: {'; '.join(sample.reasons)}")
    if (too_old := preflight.too_old(context.run, utc_now())) is not None:
        context.publisher.publish(too_old, actor=actor)  # the engine checks again
        return refuse(f"{too_old.summary}; checking again")
    why = Prospects(context.run, context.config).line(node.name)
    context.publisher.publish(ev.NodeSelected(reason=why), node=node.name, actor=actor)
    return TAKEN


def confirm(context: IntentContext, intent: it.ConfirmStep, actor: str, *, typed: bool = True) -> Reply:
    """Hand a token back: once, for what was offered, with the gate open.

    ``typed`` is False where something stands in a person's place: nobody types, and nothing says so.
    """
    offer = context.run.offer
    if offer is None or offer.offered.token != intent.token or intent.token in context.run.spent_tokens:
        return refuse("this offer is no longer valid; nothing was done")
    if context.run.status is not RunStatus.RUNNING:
        return refuse(f"the run is {context.run.status.words}; resume it first")
    read = None
    if typed and offer.offered.by_reading:
        if why := context.readings.refusal(intent.sample, intent.typed):
            return refuse(why)
        read = context.readings.read
    if procedure_step(context.run.nodes[offer.node].management, offer.step).gated:
        sample = context.gate(offer.node, "confirm")
        if not sample.open:
            return refuse(f"the gate is closed: {'; '.join(sample.reasons)}")
    payload = ev.StepConfirmed(token=intent.token, typed=intent.typed if typed else "", read=read)
    context.publisher.publish(payload, node=offer.node, step=offer.step, attempt=offer.attempt, actor=actor)
    return TAKEN


def decline(context: IntentContext, intent: it.DeclineStep, actor: str) -> Reply:
    """Say no: the run pauses."""
    offer = context.run.offer
    if offer is None or offer.offered.token != intent.token:
        return refuse("this offer is no longer valid; nothing was done")
    payload = ev.StepDeclined(token=intent.token)
    context.publisher.publish(payload, node=offer.node, step=offer.step, attempt=offer.attempt, actor=actor)
    summary = f"{offer.step.words} on {offer.node} was declined"
    context.set_status(RunStatus.PAUSED_BY_USER, problems.DECLINED, summary, actor=actor)
    return TAKEN


def cancel_step(context: IntentContext, intent: it.CancelStep, actor: str) -> Reply:
    """Stop the job that runs on the node."""
    node = context.run.nodes[intent.node]
    step = node.active_step
    attempt = step.open_attempt if step is not None else None
    if step is None or attempt is None or attempt.begun.job_id is None:
        return refuse(f"nothing runs on {node.name} that could be canceled")
    if step.name is StepName.REBOOT:
        return refuse("a reboot cannot be canceled")
    if step.name is StepName.INSTALL and intent.typed != node.name:
        return refuse(f"type {node.name} to cancel the installation")
    context.publisher.publish(
        ev.NoteAdded(text=f"cancel of {step.name.words} asked for"), node=node.name, actor=actor
    )
    context.cancel(node.name, attempt.begun.job_id)
    return TAKEN
