"""Live looks at every node: health samples with their age, and how the cluster sees itself.

The monitor observes and remembers the last few looks; whether a node may go out is the gate's to decide.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from tui.expressware.probe import Probe, glance_script, probe_script
from tui.expressware.view import Interconnect
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeBaseline
from tui.model.states import Health
from tui.rollout.gate.cluster_view import ClusterView
from tui.rollout.gate.health import Look, Standard, judge

if TYPE_CHECKING:
    from tui.remote import Fleet, Sample

_log = logging.getLogger(__name__)

FRESH_FOR = 10.0
"""Seconds after which a look counts as stale, at the least; slower polling stretches it."""

BROKEN = ("silent", "lost", "backoff", "refused")
"""Phases of a link in which the node does not answer."""

OnHealth = Callable[[str, Health, str], None]
BaselineOf = Callable[[str], NodeBaseline | None]


class Claims(Protocol):
    """What looks are made for in a run: they carry this console's claim on each machine."""

    @property
    def console(self) -> str:
        """The id it claims machines by; empty when it claims none."""

    @property
    def minority(self) -> str:
        """Why too few Cluster Nodes are claimed to take one out; empty when enough are."""

    def saw(self, node: str, console: str, boot_id: str | None, asked_at: float) -> None:
        """A whole look, asked for at that time (monotonic), found the claim of ``console`` (empty: none)."""

    def missing(self, node: str, console: str) -> str:
        """Why a look that found the claim of ``console`` does not count; empty when it is this one's."""


class Monitor:
    """Keeps the last ``stable_samples`` looks at each node and the last answers of the cluster view.

    A look is one question: it counts once, however many wait for its answer, and never as newer than one that
    was asked later. ``baseline_of`` tells how a node was seen to be well in this run; without a run there is
    none, and a node that looks well by itself is taken to be so.
    """

    def __init__(
        self,
        fleet: Fleet,
        config: ClusterFile,
        on_health: OnHealth,
        claims: Claims | None = None,
        baseline_of: BaselineOf | None = None,
    ) -> None:
        """``claims``: those of a run; None for who only looks."""
        self._fleet = fleet
        self._config = config
        self._on_health = on_health
        self._claims = claims if claims is not None and claims.console else None
        self._baseline_of = baseline_of
        self._depth = config.policy.stable_samples
        asked = max(config.policy.stable_every, 0.2)
        self.every = min(asked, 2.0)
        self.stable_for = (self._depth - 1) * asked if asked > self.every else 0.0
        """Seconds that the good looks have to span when they are taken more often than was asked for."""
        self._calm: frozenset[str] = frozenset()
        self._good_since: dict[str, float] = {}
        self._looks: dict[str, deque[Look]] = {name: deque(maxlen=self._depth) for name in config.machines}
        self._counts_from: dict[str, float] = {}
        self._answered: dict[str, float] = {}
        self._taken: dict[str, Sample] = {}
        self.view = ClusterView(fleet, config, self._depth, self._fresh_for)
        self._noted = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *, by_itself: bool = True) -> None:
        """Begin to look, all the time; not ``by_itself``: only when asked to."""
        console = self._claims.console if self._claims is not None else ""
        look = probe_script(self._config.paths.dis, console)
        every = max(self.every, 0.5) if by_itself else None  # who waits for a look asks for one
        self._fleet.watch(look, every, self._on_sample, glance_script(console) if by_itself else "")
        self._tasks = [asyncio.create_task(self._watch_link(name)) for name in self._looks]
        if self._config.view is not None and by_itself:
            self._tasks.append(asyncio.create_task(self.view.poll(self.every)))

    async def close(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look_now(self, nodes: Iterable[str] | None = None) -> None:
        """Take one fresh look at all nodes and at the cluster view, or only at these nodes: what was seen
        before does not stand in for whoever has not answered this one.
        """
        begun = time.monotonic()
        if nodes is None:
            samples, _ = await asyncio.gather(self._fleet.probe_now(), self.view.look())
        else:
            samples = await self._fleet.probe_now(nodes)
        for sample in samples.values():  # most have come to the watcher already; not that nobody was there
            self._on_sample(sample)
        for node in samples:
            last = self.last(node)
            if node in self._looks and (last is None or last.at < begun):
                self._note(node, Look(begun, Health.UNKNOWN, "it was asked anew and has not answered", None))

    async def look_at(self, node: str) -> None:
        """Look at a node and at how the cluster sees it; at the others, too, where that is not all well."""
        await asyncio.gather(self.look_now([node]), self.view.look())
        if self.unreachable != 0 or self.interconnect not in (None, Interconnect.UP):
            await self.look_now()

    async def look_until_well(self, nodes: Collection[str]) -> None:
        """Take looks until every node was seen as often as the gate wants, or does not look well."""
        for _ in range(self._depth):
            await self.look_now()
            if all(self.well(name)[0] for name in nodes):
                return
            await asyncio.sleep(min(self.every, 1.0))

    def last(self, node: str) -> Look | None:
        """The latest look at a node."""
        return looks[-1] if (looks := self._looks.get(node)) else None

    def probe(self, node: str) -> Probe | None:
        """What the latest look has seen; None when there was no answer."""
        return last.probe if (last := self.last(node)) is not None else None

    def age(self, node: str) -> float | None:
        """Seconds since the question of the latest look that got an answer; None when there was none."""
        answered = self._answered.get(node)
        return time.monotonic() - answered if answered is not None else None

    def stable(self, node: str) -> tuple[bool, str]:
        """Whether it looks well, compared with how it was seen to be well in this run; else why not."""
        good, why = self.well(node)
        probe = self.probe(node)
        if not good or probe is None or self._baseline_of is None:
            return good, why
        baseline = self._baseline_of(node)
        if baseline is None:
            return False, "not seen well when the run was checked, so there is nothing to compare it with"
        if baseline.version != probe.active:
            return False, f"{probe.active} is loaded now, and was not verified in this run"
        return True, why

    def well(self, node: str) -> tuple[bool, str]:
        """Whether the last N looks were all good by themselves and the newest is fresh; else why not."""
        looks = self._looks.get(node)
        if not looks:
            return False, "not looked at yet"
        last = looks[-1]
        if last.health is not Health.ACTIVE:
            return False, f"{last.health}: {last.detail}"
        claim = last.probe.claim if last.probe is not None else ""
        if self._claims is not None and (why := self._claims.missing(node, claim)):
            return False, why
        age = time.monotonic() - last.at
        if age > self._fresh_for:
            return False, f"last look is {age:.0f} s old"
        good = sum(1 for look in looks if look.health is Health.ACTIVE)
        if good < self._depth:
            return False, f"active for {good} of {self._depth} looks"
        if last.at - self._good_since[node] < self.stable_for:
            return False, f"active for {last.at - self._good_since[node]:.0f} of {self.stable_for:.0f} s"
        return True, "active"

    @property
    def minority(self) -> str:
        """As `Claims` has it."""
        return self._claims.minority if self._claims is not None else ""

    def may_serve(self, node: str) -> bool:
        """Whether the last look leaves it open that PCI Express works on the node, active or not: its status
        gave no answer, or all its services run on a loaded driver, be it an old one.
        """
        last = self.last(node)
        if last is None or last.probe is None:
            return False
        return last.health is Health.UNKNOWN or (last.probe.services_running and bool(last.probe.modules))

    def surely_out(self, node: str) -> bool:
        """Whether the last look shows that PCI Express cannot work on the node: no driver, or all stopped."""
        last = self.last(node)
        if last is None or last.probe is None or last.probe.unknown:
            return False
        return not last.probe.modules or last.health is Health.DISABLED

    def forget(self, node: str) -> None:
        """Count a node's good looks from here on: it has just been changed. What was asked before says
        nothing of it as it is now, even when the answer is still on its way.
        """
        self._noted += 1
        self._looks[node].clear()
        self._good_since.pop(node, None)
        self._counts_from[node] = time.monotonic()
        self._settle(node)

    def _settle(self, node: str) -> None:
        """A node that is well is asked in full now and then, and whenever something has moved there; any
        other, and one that was just changed, all the time.
        """
        calm = self._calm | {node} if self.well(node)[0] else self._calm - {node}
        if calm != self._calm:
            self._calm = calm
            self._fleet.calm(node, node in calm)

    @property
    def seen(self) -> int:
        """Another number with everything that is seen or forgotten."""
        return self._noted + self.view.taken

    @property
    def oldest_age(self) -> float:
        """Age of the node that was looked at least recently."""
        return max((time.monotonic() - looks[-1].at for looks in self._looks.values() if looks), default=0.0)

    @property
    def unreachable(self) -> int | None:
        """How many nodes the cluster itself cannot reach; None when it does not say."""
        return self.view.unreachable

    @property
    def named(self) -> frozenset[str]:
        """Those of them that it names, as the cluster file calls them."""
        return self.view.among(self._config.nodes)

    @property
    def interconnect(self) -> Interconnect | None:
        """The state of the interconnect as the cluster view names it; None when it names none."""
        return self.view.interconnect

    @property
    def _fresh_for(self) -> float:
        """Seconds after its question for which a look stands."""
        return max(FRESH_FOR, 4 * self.every)

    def _on_sample(self, sample: Sample) -> None:
        if sample.node in self._looks and self._taken.get(sample.node) is not sample:
            self._taken[sample.node] = sample  # it comes once more to who asked for it
            look = judge(sample, self._standard(sample.node))
            _log.debug("%s: %s %s (%s)", sample.node, look.health, look.detail, sample.error or sample.rtt)
            if self._claims is not None and look.probe is not None and look.probe.complete:
                self._claims.saw(sample.node, look.probe.claim, look.probe.boot_id, sample.asked_at)
            self._note(sample.node, look)

    def _standard(self, node: str) -> Standard:
        return Standard(
            driver=node != self._config.cluster.management_node,
            status_exit=self._config.policy.status_exit,
            baseline=self._baseline_of(node) if self._baseline_of is not None else None,
        )

    def _note(self, node: str, look: Look) -> None:
        self._noted += 1
        looks = self._looks[node]
        last = looks[-1] if looks else None
        if look.at < self._counts_from.get(node, look.at) or (last is not None and look.at < last.at):
            return  # an answer that came late, to a question from before
        if last is not None and look.at == last.at:
            if look.health is Health.ACTIVE or last.health is not Health.ACTIVE:
                return  # the same answer once more
            looks.pop()  # of two answers to what seems to be one question the worse one stands
        looks.append(look)
        if look.health is Health.ACTIVE:
            self._good_since.setdefault(node, look.at)
        else:
            self._good_since.pop(node, None)
        if look.probe is not None:
            self._answered[node] = look.at
        self._settle(node)
        self._on_health(node, look.health, look.detail)

    async def _watch_link(self, node: str) -> None:
        """A broken connection is a look, too: there is no answer, and it need not be waited for."""
        client = self._fleet.client(node)
        while True:
            await client.next_change()
            state = client.state
            if state.phase in BROKEN:
                why = state.reason or state.phase
                self._note(node, Look(time.monotonic(), Health.UNREACHABLE, why, None))
