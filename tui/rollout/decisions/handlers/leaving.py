"""Handles a node that the cluster file does not have any more: only a person knows that it is gone."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.interface import Reply


def left_cluster(context: IntentContext, intent: it.LeftCluster, actor: str) -> Reply:
    """It counts no more, for the gate and for the end of the run, and its open ledger lines are closed."""
    node = context.run.nodes[intent.node]
    if node.left:
        return refuse(f"{node.name} has left the cluster already")
    if node.in_file:
        how = "take it out of the file, then start Rollcall again"
        return refuse(f"{node.name} stands in the cluster file; {how}")
    if refusal := context.busy(node):
        return refusal
    if not intent.reason.strip():
        return refuse("a reason is needed")
    if intent.typed != node.name:
        return refuse(f"type {node.name} to say that it has left the cluster")
    context.instead_of_put_back(node, "it has left the cluster", actor)
    context.publisher.publish(ev.NodeLeft(reason=intent.reason), node=node.name, actor=actor)
    context.after_letting_go(actor)
    if context.run.code == problems.LEDGER_OPEN.code and not context.run.open_ledger:
        context.go_on(actor)
    return TAKEN
