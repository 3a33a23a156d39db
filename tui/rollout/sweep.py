"""Looks without a run: sweeps over all nodes (``status``), and the preflight alone (``check``)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType

from tui.expressware.facts import FactsError
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeFacts
from tui.model.states import Health
from tui.remote import RemoteError
from tui.rollout.monitor import Monitor
from tui.rollout.preflight import Finding, preflight
from tui.rollout.session import AskSecret, make_fleet
from tui.rollout.steps.login import facts_event, read_facts

REACH_LIMIT = 15.0
"""Seconds that a node has to let us in."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One node as a sweep found it; ``facts`` is None when it could not be asked."""

    node: str
    management: bool
    health: Health
    detail: str
    facts: NodeFacts | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """All nodes at one moment, and the cluster's own count of unreachable ones (None: it did not say)."""

    nodes: tuple[NodeStatus, ...]
    unreachable: int | None


class Looker:
    """Connections to a cluster without a run: it reads, and changes nothing."""

    def __init__(self, config: ClusterFile, ask_secret: AskSecret | None = None) -> None:
        self._config = config
        self._fleet = make_fleet(config, ask_secret)
        self._monitor = Monitor(self._fleet, config, lambda _node, _health, _detail: None)

    async def __aenter__(self) -> Looker:
        await self._fleet.start()
        self._monitor.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._monitor.close()
        await self._fleet.close()

    async def sweep(self) -> Sweep:
        """Every node's facts and health, looked at now."""
        facts = dict(
            zip(
                self._config.machines,
                await asyncio.gather(*map(self._facts, self._config.machines)),
                strict=True,
            )
        )
        await self._monitor.look_now()
        return Sweep(
            tuple(self._status(name, facts[name]) for name in self._config.machines),
            self._monitor.unreachable,
        )

    async def check(self) -> AsyncIterator[Finding]:
        """The preflight, finding by finding."""
        async for finding in preflight(self._config, self._fleet, self._monitor):
            yield finding

    async def _facts(self, name: str) -> NodeFacts | None:
        link = self._fleet.link(name)
        with contextlib.suppress(RemoteError, FactsError, TimeoutError):
            await link.connected(REACH_LIMIT)
            facts = await read_facts(link, self._config)
            return facts_event(facts, name == self._config.cluster.management_node)
        return None

    def _status(self, name: str, facts: NodeFacts | None) -> NodeStatus:
        look = self._monitor.last(name)
        health, detail = (look.health, look.detail) if look else (Health.UNKNOWN, "not looked at")
        if facts is None:
            health, detail = Health.UNREACHABLE, self._fleet.link(name).state.reason or detail
        return NodeStatus(name, name == self._config.cluster.management_node, health, detail, facts)
