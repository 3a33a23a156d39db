"""Offers a step: what would run where, how it has to be confirmed and why; or finds that it is not needed."""

from __future__ import annotations

import secrets

from tui.model import events as ev
from tui.model.states import Confirm, ConfirmClass, StepStatus
from tui.remote import NodeClient
from tui.rollout.leadership.owner import is_this_machine
from tui.rollout.procedure.notices import notices
from tui.rollout.procedure.step import ProcedureStep, StepContext


def offer(context: StepContext, procedure: ProcedureStep) -> None:
    """Write the offer down; a token is handed back to confirm it."""
    if (reason := procedure.not_needed(context)) is not None:
        context.say(ev.StepState(status=StepStatus.NOT_NEEDED, reason=reason))
        return
    node, facts = context.node_name, context.node.facts
    confirm, stands_for = procedure.confirm_for(context), procedure.class_for(context)
    why = procedure.why(context)
    if facts is not None and is_this_machine(facts.boot_id) and procedure.command(context) is not None:
        confirm, stands_for = Confirm.YES, ConfirmClass.SIGNATURE
        why = "; ".join(filter(None, (why, f"this console runs on {node}, and may end with this step")))
    offered = ev.StepOffered(
        token=secrets.token_hex(8),
        target=_target(context.client),
        command=procedure.display_command(context),
        confirm=confirm,
        abort_class=procedure.abort_class,
        unavailable=procedure.unavailable,
        undo=procedure.undo,
        gate=_gate_words(context) if procedure.gated else "not asked: nothing is taken out of service",
        reason=why,
        confirm_class=stands_for,
        notices=notices(context.config),
    )
    context.say(offered, attempt=len(context.step.attempts) + 1)


def _target(client: NodeClient) -> str:
    endpoint = client.endpoint
    where = f" ({endpoint.host}:{endpoint.port})" if endpoint.host != client.node else ""
    return f"{endpoint.user}@{client.node}{where}"


def _gate_words(context: StepContext) -> str:
    sample = context.run_context.verdict(context.node_name, "confirm")
    if sample.open:
        return f"open: all others active, oldest look {sample.oldest_age:.1f} s ago"
    return "closed: " + "; ".join(sample.reasons)
