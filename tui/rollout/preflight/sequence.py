"""The preflight from first to last: every machine at once, then what is about the cluster as a whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tui.expressware.facts import Facts
from tui.expressware.readiness import parse_readiness, readiness_script
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.model.run import Run
from tui.remote import Fleet, NodeClient, RemoteError, on_thread
from tui.rollout.asking import ask, patiently
from tui.rollout.gate.monitor import Monitor
from tui.rollout.preflight import (
    clocks,
    cluster,
    console,
    ground,
    identity,
    left_out,
    members,
    packages,
    platforms,
    risks,
    selftest,
    services,
    sessions,
    space,
)
from tui.rollout.preflight.finding import Finding, about, error, grouped, passed
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode

READ_TIMEOUT_S = 60.0
"""Seconds that a node has to answer one look."""

LOGINS = 8
"""Nodes that are logged into for the self-test at a time; more would hold up the console."""

NODE_CHECKS: tuple[Callable[[ClusterFacts, InspectedNode], Iterable[PreflightResult]], ...] = (
    services.tools,
    ground.ground,
    space.space,
    platforms.kernel,
    packages.archive,
    packages.version,
    packages.database,
    packages.manager,
    services.wrapper,
    services.active,
    services.watchdog,
    services.users,
)
CLUSTER_CHECKS: tuple[Callable[[ClusterFacts], Iterable[Finding]], ...] = (
    packages.nowhere,
    packages.rolling,
    platforms.kinds,
    platforms.build,
    risks.judge,
)


async def preflight(
    config: ClusterFile,
    fleet: Fleet,
    monitor: Monitor,
    run: Run | None = None,
    *,
    redial: bool = False,
    own_places: Sequence[Path] = (),
    seen: Callable[[InspectedNode], None] = lambda _node: None,
) -> AsyncIterator[Finding]:
    """Every finding as it is made: machine by machine as they answer, then the cluster as a whole.

    ``run`` tells which nodes are left alone; without one the cluster file does. ``redial``: a person has
    acted since the last time, so what was refused then is tried again. ``own_places``: where this console
    keeps what it writes. ``seen`` is told of every node that could be looked into.
    """
    inspection = _Inspection(config, fleet, monitor, run, redial)
    async for found in inspection.machines():
        yield found
    local = await on_thread("archive", partial(packages.local_digest, config))
    digest = await on_thread("archive", partial(packages.planned_sia, config, inspection.facts))
    size = await on_thread("archive", partial(packages.local_size, config))
    cluster_facts = ClusterFacts(config, inspection.nodes, digest, local, size)
    for node in cluster_facts.ordered:
        seen(node)
    for found in inspection.conclusions():
        yield found
    places = [str(place) for place in (*own_places, Path.home())]
    ours = await on_thread("ground", partial(ground.look_here, places))
    for found in ground.here(ours, places):
        yield found
    for found in (
        *members.judge(config, fleet, inspection.facts, inspection.nodes),
        *members.alike(inspection.nodes),
    ):
        yield found
    for found in _judged(cluster_facts):
        yield found
    answer, findings = await cluster.view(config, fleet)
    for found in (*cluster.asked(config), *findings, *cluster.window(config, datetime.now(UTC))):
        yield found
    await monitor.look_until_well(inspection.facts)
    for found in inspection.health():
        yield found
    if not inspection.cut_off:
        for found in cluster.gate(cluster_facts, monitor, answer, config.nodes):
            yield found


def _judged(cluster_facts: ClusterFacts) -> Iterable[Finding]:
    """What follows from what was found on the machines, check by check."""
    for judge in NODE_CHECKS:
        results = (
            (node.name, result) for node in cluster_facts.ordered for result in judge(cluster_facts, node)
        )
        yield from grouped(results)
    for judge_all in CLUSTER_CHECKS:
        yield from judge_all(cluster_facts)


class _Inspection:
    """All machines, looked at side by side."""

    def __init__(
        self, config: ClusterFile, fleet: Fleet, monitor: Monitor, run: Run | None, redial: bool
    ) -> None:
        self.nodes: dict[str, InspectedNode] = {}
        self.facts: dict[str, Facts] = {}
        self.cut_off = False
        """Whether a machine that would be touched could not be reached, or is another one."""
        self._config, self._fleet, self._monitor = config, fleet, monitor
        self._run_id = run.run_id if run is not None else ""
        self._held = cluster.holds(config, run)
        self._spared = cluster.spared(config, run)
        self._redial = redial
        self._logins = asyncio.Semaphore(LOGINS)
        self._queue: asyncio.Queue[Finding | None] = asyncio.Queue()
        self._results: list[tuple[str, PreflightResult]] = []

    async def machines(self) -> AsyncIterator[Finding]:
        """What stands against single machines, and that they answer, as soon as it is known."""
        tasks = [asyncio.create_task(self._machine(name)) for name in self._config.machines]
        try:
            for _ in tasks:
                while (found := await self._queue.get()) is not None:
                    self.cut_off = self.cut_off or found.result.verdict == "error"
                    yield found
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    def conclusions(self) -> Iterable[Finding]:
        """What only all machines together show, and what went well on each."""
        yield from grouped(self._results)
        self.facts = {name: self.facts[name] for name in self._config.machines if name in self.facts}
        yield from identity.duplicates(self.facts)
        yield from console.judge(self._config, self.facts)
        yield from left_out.judge(self.facts, self._run_id)
        offsets = {name: node.offset for name, node in self.nodes.items() if node.offset is not None}
        yield from clocks.judge(offsets)
        yield from cluster.on_hold(self._held)

    def health(self) -> Iterable[Finding]:
        """Whether services run, wherever somebody answered."""
        names = [name for name in self._config.machines if name in self.facts]
        management = self._config.cluster.management_node
        running = (
            (name, services.running(self._monitor.last(name), self.facts[name].stale, name == management))
            for name in names
        )
        looks = {name: self._monitor.last(name) for name in names if name != management}
        yield from grouped((*running, *services.alike(looks)))

    async def _machine(self, name: str) -> None:
        try:
            client = self._fleet.client(name)
            reached = await identity.reach(
                self._config, client, spared=name in self._spared, redial=self._redial
            )
            self._queue.put_nowait(reached)
            if reached.facts is None:
                return
            self.facts[name] = reached.facts
            if name not in self._spared:
                await self._count_sessions(client)
                await asyncio.gather(self._look(client, reached.facts), self._try_jobs(client))
        finally:
            self._queue.put_nowait(None)

    async def _count_sessions(self, client: NodeClient) -> None:
        """Before anything else uses one."""
        try:
            found = await patiently(lambda: client.sessions(sessions.SPARE, timeout=READ_TIMEOUT_S))
        except RemoteError as unread:
            result = error("sessions", f"they cannot be counted: {unread}", *sessions.NOT_KNOWN)
        else:
            result = sessions.judge(found)
        if result.verdict == "passed":
            self._results.append((client.node, result))
        else:
            self._tell(client.node, result)

    async def _look(self, client: NodeClient, facts: Facts) -> None:
        paths = self._config.paths
        script = readiness_script(paths.dis, paths.state, self._config.target.sia)
        asked = time.time()
        try:
            answer = await patiently(lambda: ask(client, script, READ_TIMEOUT_S))
        except (RemoteError, TimeoutError) as unread:
            words = f"could not be looked at: {unread}"
            self._tell(client.node, error("reachable", words, "the node cannot be judged", "check again"))
            return
        readiness = parse_readiness(answer)
        if not readiness.complete:
            words = "its answer broke off before the end"
            self._tell(client.node, error("reachable", words, "the node cannot be judged", "check again"))
            return
        management = client.node == self._config.cluster.management_node
        offset = clocks.offset(readiness, asked, time.time())
        self.nodes[client.node] = InspectedNode(client.node, management, facts, readiness, offset)

    async def _try_jobs(self, client: NodeClient) -> None:
        """What may run there besides, and whether what we start would survive."""
        try:
            others = await selftest.other_jobs(client, self._run_id)
        except RemoteError as refused:
            impact, remedy = "no step could be run detached", "fix it, then check again"
            check = "places" if refused.kind == "unsafe-place" else "self-test"
            self._tell(client.node, error(check, refused.sentence, impact, remedy))
            return
        for job in others:
            words = f"job {job.job_id} of another run is still running"
            impact = "two installations at once would break the node"
            self._tell(
                client.node, error("jobs", words, impact, "take that run up and let it end, or cancel it")
            )
        if not others:
            self._results.append((client.node, passed("jobs", "no other Rollcall job is running")))
        linger = min(max(self._monitor.every, 0.2), 2.0)
        result = await selftest.check_job_survival(client, self._config.paths.state, linger, self._logins)
        if result.check == "self-test":  # it was made, so there was a place for it
            words = f"{self._config.paths.state} is safe, and for Rollcall's own files"
            self._results.append((client.node, passed("places", words)))
        if result.verdict == "passed":
            self._results.append((client.node, result))
        else:
            self._tell(client.node, result)

    def _tell(self, name: str, result: PreflightResult) -> None:
        self._queue.put_nowait(about(name, result))
