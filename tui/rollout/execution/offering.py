"""Offers a step: what would run where, how it has to be confirmed and why; or finds that it is not needed."""

from __future__ import annotations

import secrets

from tui.model import events as ev
from tui.model.states import Confirm, ConfirmClass, StepStatus
from tui.remote import NodeClient
from tui.rollout.leadership.owner import is_this_machine
from tui.rollout.procedure.notices import notices
from tui.rollout.procedure.step import ProcedureStep, StepContext


def offer(work: StepContext, procedure: ProcedureStep) -> None:
    """Write the offer down; a token is handed back to confirm it."""
    if (reason := procedure.not_needed(work)) is not None:
        work.say(ev.StepState(status=StepStatus.NOT_NEEDED, reason=reason))
        return
    node, facts = work.node_name, work.node.facts
    confirm, stands_for = procedure.confirm_for(work), procedure.class_for(work)
    why = procedure.why(work)
    if facts is not None and is_this_machine(facts.boot_id) and procedure.command(work) is not None:
        confirm, stands_for = Confirm.TYPE_NAME, ConfirmClass.SIGNATURE
        why = "; ".join(filter(None, (why, f"this console runs on {node}, and may end with this step")))
    offered = ev.StepOffered(
        token=secrets.token_hex(8),
        target=_target(work.client),
        command=procedure.display_command(work),
        confirm=confirm,
        abort_class=procedure.abort_class,
        unavailable=procedure.unavailable,
        undo=procedure.undo,
        gate=_gate_words(work) if procedure.gated else "not asked: nothing is taken out of service",
        reason=why,
        confirm_class=stands_for,
        notices=notices(work.config),
    )
    work.say(offered, attempt=len(work.step.attempts) + 1)


def _target(client: NodeClient) -> str:
    endpoint = client.endpoint
    where = f" ({endpoint.host}:{endpoint.port})" if endpoint.host != client.node else ""
    return f"{endpoint.user}@{client.node}{where}"


def _gate_words(work: StepContext) -> str:
    sample = work.run_context.verdict(work.node_name, "confirm")
    if sample.open:
        return f"open: all others active, oldest look {sample.oldest_age:.1f} s ago"
    return "closed: " + "; ".join(sample.reasons)
