"""Writes down how each node looks when it is well, so that later looks can be compared with it."""

from __future__ import annotations

import asyncio

from tui.model.states import Service
from tui.rollout.gate.baselines import seen
from tui.rollout.gate.monitor import Monitor
from tui.rollout.publisher import EventPublisher


def take(publisher: EventPublisher, monitor: Monitor) -> None:
    """Write down every Cluster Node that serves, looks well by itself and has no baseline in this run yet."""
    for node in publisher.state.cluster_nodes:
        if node.baseline is None and node.service is Service.IN_SERVICE:
            found = seen(publisher.state, monitor, node.name)
            if found is not None:  # nodes need not be alike: how they differ is shown by the checks
                publisher.publish(found.baseline, node=node.name)


async def adopt(publisher: EventPublisher, monitor: Monitor) -> None:
    """Until cancelled: a node that serves, but was not well when the run was checked, or runs another version
    than then, is compared with nodes of its version and with itself; nothing may be missing.
    """
    while True:
        await asyncio.sleep(monitor.every)
        for node in publisher.state.cluster_nodes:
            name = node.name
            if node.service is Service.IN_SERVICE and not monitor.stable(name)[0]:
                found = seen(publisher.state, monitor, name)
                if found is not None and found.compared and not found.missing:
                    publisher.publish(found.baseline, node=name)
