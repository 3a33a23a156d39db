"""Watches the other nodes while one is out: when another fails, too, the run pauses, and says which and why.

The step that runs is not touched: to bring its node back is the best that can be done. Nothing else begins
before a person has looked.
"""

from __future__ import annotations

import asyncio

from tui.model.problems import PEER_DOWN
from tui.model.run import Node
from tui.model.states import Health, RunStatus, Service
from tui.rollout.context import RunContext
from tui.rollout.gate import rule

FAILING_FOR = 10.0
"""Seconds that others have to be down at the least; what lasts no longer is left to the gate."""


async def watch_peers(context: RunContext) -> None:
    """Look until cancelled, as often as nodes are looked at."""
    told: set[str] = set()
    """Who was down when the run was paused for it: a person who resumes knows of them."""
    seen, needed = 0, max(context.config.policy.stable_samples, round(FAILING_FOR / context.monitor.every))
    while True:
        await asyncio.sleep(context.monitor.every)
        node = context.run.working
        if node is None or not _out(node):
            told.clear()
        down = _others_down(context, node)
        told &= down.keys()
        seen = seen + 1 if down.keys() - told else 0
        if node is not None and seen >= needed:  # looks in a row: a console that slept has not looked
            told |= down.keys()
            _pause(context, node, tuple(down.values()))


def _others_down(context: RunContext, node: Node | None) -> dict[str, str]:
    """The other nodes that are down beyond what is allowed while this one is out; empty when all is well.

    Nothing is said while the node itself cannot be heard: it may be the operator's own network.
    """
    if node is None or not _out(node) or context.fleet.client(node.name).state.phase != "up":
        return {}
    down = rule.others_down(context.run, context.config, context.monitor, node.name)
    allowed = context.config.policy.allowed_down
    itself = node.name if node.health is not Health.ACTIVE else None
    more = rule.unexplained(context.monitor.unreachable or 0, context.monitor, down, itself)
    if len(down) < allowed <= len(down) + more:  # a link that only the cluster sees
        return {"view": f"the cluster view counts {context.monitor.unreachable} unreachable nodes"}
    return down if len(down) >= allowed else {}


def _out(node: Node) -> bool:
    return node.service is Service.OUT_BY_RUN and not node.management


def _pause(context: RunContext, node: Node, reasons: tuple[str, ...]) -> None:
    """After the step that runs, or now; a run that is paused already stays as it is."""
    if context.run.status is not RunStatus.RUNNING:
        return
    why = f"while {node.name} is out, others are down: {'; '.join(reasons)}"
    running = node.active_step is not None
    status = RunStatus.PAUSE_PENDING if running else RunStatus.PAUSED_ON_ERROR
    summary = f"{why}; pausing after the step that runs now" if running else why
    context.set_status(status, PEER_DOWN, summary)
