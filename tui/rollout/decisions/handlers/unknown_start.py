"""A person's word on whether a step was begun, where the node cannot tell."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.states import StepStatus
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.decisions.next_action import DID_NOT_RUN
from tui.rollout.interface import Reply


def say_whether_it_ran(context: IntentContext, intent: it.Override, actor: str) -> Reply:
    """End the attempt as the person found it: nothing ran, and it is offered anew; or it ran, unseen."""
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node):
        return refusal
    step = node.active_step
    attempt = step.open_attempt if step is not None else None
    if step is None or attempt is None or context.run.code != problems.START_UNKNOWN.code:
        return refuse(f"nobody has to say whether a step of {node.name} ran")
    if not intent.reason.strip():
        return refuse("say what you have found")
    if intent.typed != node.name:
        return refuse(f"type {node.name} to say so")
    used = ev.OverrideUsed(check=intent.check, reason=intent.reason)
    context.publisher.publish(used, node=node.name, step=step.name, actor=actor)
    nothing = intent.check == DID_NOT_RUN
    ended = ev.AttemptEnded(
        status=StepStatus.CANCELED if nothing else StepStatus.FAILED,
        size=attempt.size,
        summary=f"{'did not run' if nothing else 'ran, and nobody saw how it ended'}: {intent.reason}",
        code="" if nothing else problems.JOB_LOST.code,
        remedy="" if nothing else "look at what it has done, then rerun the step",
    )
    context.publisher.publish(ended, node=node.name, step=step.name, attempt=attempt.number, actor=actor)
    if nothing:
        context.again(node.name, step.name, f"it did not run, as {actor} found: {intent.reason}", actor)
    context.go_on(actor)
    return TAKEN
