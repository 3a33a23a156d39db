"""Handles what the run took out of service: put it back, sign it off, end the run in spite of it."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.states import RunStatus
from tui.model.steps import StepName
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.interface import Reply


def put_back(context: IntentContext, intent: it.PutBack, actor: str) -> Reply:
    """Offer the undo of what is out on the node as its next step: it is confirmed like any other."""
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node) or context.busy(node):
        return refusal
    if not context.run.still_out(node.name):
        return refuse(f"nothing on {node.name} is out of service by this run")
    if not (context.run.status is RunStatus.RUNNING or context.run.status.paused):
        return refuse(context.standing)
    reason = f"put back in service, as {actor} asked"
    context.again(node.name, StepName.PUT_BACK, reason, actor)
    if context.run.current is None:
        context.publisher.publish(
            ev.NodeSelected(reason="to be put back in service"), node=node.name, actor=actor
        )
    context.go_on(actor)
    return TAKEN


def adopt(context: IntentContext, intent: it.AdoptOut, actor: str) -> Reply:
    """What another run left out on a node becomes this run's to put back."""
    left = context.run.left_out.get(intent.node)
    if left is None:
        return refuse(f"no other run has left anything out on {intent.node}")
    if intent.typed != intent.node:
        return refuse(f"type {intent.node} to take over what was left out there")
    settled = ev.OutSettled(run=left.run, how="adopted", reason=f"left by run {left.run}, {left.who}")
    context.publisher.publish(settled, node=intent.node, actor=actor)
    for line in left.lines:
        name = f"{intent.node}/{line.what}"
        added = ev.LedgerAdded(line=name, what=line.what, before=line.before, undo=line.undo)
        context.publisher.publish(added, node=intent.node, actor=actor)
    return TAKEN


def settle(context: IntentContext, intent: it.SettleOut, actor: str) -> Reply:
    """A person has seen to what another run left out: the node's own line goes."""
    left = context.run.left_out.get(intent.node)
    if left is None:
        return refuse(f"no other run has left anything out on {intent.node}")
    if not intent.reason.strip():
        return refuse("signing off needs a reason")
    if intent.typed != intent.node:
        return refuse(f"type {intent.node} to sign off what was left out there")
    settled = ev.OutSettled(run=left.run, how="signed-off", reason=intent.reason)
    context.publisher.publish(settled, node=intent.node, actor=actor)
    return TAKEN


def sign_off(context: IntentContext, intent: it.SignOff, actor: str) -> Reply:
    """Close a ledger line without putting the thing back; node and thing are typed."""
    line = next((line for line in context.run.open_ledger if line.line == intent.line), None)
    if line is None:
        return refuse(f"{intent.line} is not an open line of the ledger")
    if not intent.reason.strip():
        return refuse("signing off needs a reason")
    if intent.typed.replace("/", " ").split() != [line.node, line.added.what]:
        return refuse(f"type {line.thing} to sign off {line.added.what} on {line.node}")
    node = context.run.nodes[line.node]
    undo = node.steps.get(StepName.PUT_BACK)
    if undo is not None and undo.status.active:
        return refuse(f"{undo.name.words} runs on {node.name}; await or cancel it")
    context.close(line, intent.reason, actor)
    if undo is not None and not undo.status.passed and not context.run.still_out(node.name):
        context.instead_of_put_back(node, "signed off instead", actor)
        if node.skipped:
            context.publisher.publish(ev.NodeSkipped(reason=node.skipped), node=node.name, actor=actor)
            context.after_letting_go(actor)
    if context.run.code == problems.LEDGER_OPEN.code:
        context.go_on(actor)
    return TAKEN


def cancel_run(context: IntentContext, intent: it.CancelRun, actor: str) -> Reply:
    """End the run here. While something is out, the first call only says so; the second ends it."""
    run, node = context.run, context.run.working
    if node is not None and node.active_step is not None:
        return refuse(f"a step runs on {node.name}; cancel or await it first")
    out = ", ".join(f"{line.added.what} on {line.node}" for line in run.open_ledger)
    workable = run.status is RunStatus.RUNNING or run.status.paused
    if out and workable and run.code != problems.STILL_OUT.code:
        summary = f"{actor} wants to end the run ({intent.reason}), but still out of service: {out}"
        context.set_status(RunStatus.PAUSED_BY_USER, problems.STILL_OUT, summary, actor=actor)
        return Reply(True, f"not ended yet: still out of service: {out}")
    summary = f"canceled by {actor}: {intent.reason}" + (f"; still out of service: {out}" if out else "")
    remedy = "put back what is still out" if out else ""
    context.set_status(RunStatus.CANCELED, problems.CANCELED, summary, remedy, actor)
    return TAKEN
