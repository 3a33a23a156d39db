"""Writes down how each node looks when it is well, so that later looks can be compared with it."""

from __future__ import annotations

import asyncio

from tui.model.states import Service
from tui.rollout.context import RunContext
from tui.rollout.gate.baselines import seen


def take(context: RunContext) -> None:
    """Write down every Cluster Node that serves, looks well by itself and has no baseline in this run yet."""
    for node in context.run.cluster_nodes:
        if node.baseline is None and node.service is Service.IN_SERVICE:
            found = seen(context.run, context.monitor, node.name)
            if found is not None:  # nodes need not be alike: how they differ is shown by the checks
                context.publisher.publish(found.baseline, node=node.name)


async def adopt(context: RunContext) -> None:
    """Until cancelled: a node that serves, but was not well when the run was checked, or runs another version
    than then, is compared with nodes of its version and with itself; nothing may be missing.
    """
    while True:
        await asyncio.sleep(context.monitor.every)
        for node in context.run.cluster_nodes:
            name = node.name
            if node.service is Service.IN_SERVICE and not context.monitor.stable(name)[0]:
                found = seen(context.run, context.monitor, name)
                if found is not None and found.compared and not found.missing:
                    context.publisher.publish(found.baseline, node=name)
