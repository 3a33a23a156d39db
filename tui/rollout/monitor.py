"""Live looks at every node: health samples with their age, and how the cluster sees itself.

The monitor observes and remembers the last few looks; whether a node may go out is the gate's to decide.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tui.expressware.commands import ShellText
from tui.expressware.probe import Probe, parse_probe, probe_script
from tui.expressware.view import Interconnect, parse_interconnect, parse_view
from tui.model.clusterfile import ClusterFile
from tui.model.states import Health
from tui.remote import Fleet, RemoteError, Sample

FRESH_FOR = 10.0
"""Seconds after which a look counts as stale, at the least; slower polling stretches it."""

BROKEN = ("silent", "lost", "backoff", "refused")
"""Phases of a link in which the node does not answer."""

OnHealth = Callable[[str, Health, str], None]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one node: what was seen, and when (monotonic seconds)."""

    at: float
    health: Health
    detail: str
    probe: Probe | None


def judge(sample: Sample) -> Look:
    """What a sample says of a node's health. No answer is never read as good news."""
    if sample.error or sample.text is None:
        return Look(sample.at, Health.UNREACHABLE, sample.error or "no answer", None)
    probe = parse_probe(sample.text)
    if probe.timed_out or not probe.complete:
        return Look(sample.at, Health.UNKNOWN, "dis_services did not answer in time", probe)
    stopped = [status for status in probe.services if status.running is not True]
    if not probe.services:
        return Look(sample.at, Health.MISCONFIGURED, "dis_services reports no service", probe)
    if stopped:
        words = ", ".join(status.service.value if status.service else status.words for status in stopped)
        health = Health.DISABLED if len(stopped) == len(probe.services) else Health.DEGRADED
        return Look(sample.at, health, f"not running: {words}", probe)
    stale = [module.name for module in probe.modules if module.stale]
    if stale:
        return Look(sample.at, Health.DEGRADED, f"old driver still loaded: {', '.join(stale)}", probe)
    return Look(sample.at, Health.ACTIVE, "all services running", probe)


@dataclass(frozen=True, slots=True)
class View:
    """One answer of the cluster view: its count of unreachable nodes, and the state that it names, if any."""

    at: float
    count: int | None
    state: Interconnect | None = None


class Monitor:
    """Keeps the last ``stable_samples`` looks at each node and the last answers of the cluster view."""

    def __init__(self, fleet: Fleet, config: ClusterFile, on_health: OnHealth) -> None:
        self._fleet = fleet
        self._config = config
        self._on_health = on_health
        self._depth = config.policy.stable_samples
        asked = max(config.policy.stable_every, 0.2)
        self.every = min(asked, 2.0)
        self.stable_for = (self._depth - 1) * asked if asked > self.every else 0.0
        """Seconds that the good looks have to span when they are taken more often than was asked for."""
        self._good_since: dict[str, float] = {}
        self._looks: dict[str, deque[Look]] = {name: deque(maxlen=self._depth) for name in config.machines}
        self._answered: dict[str, float] = {}
        self._views: deque[View] = deque(maxlen=self._depth)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look, all the time."""
        self._fleet.watch(probe_script(self._config.paths.dis), self.every, self._on_sample)
        self._tasks = [asyncio.create_task(self._watch_link(name)) for name in self._looks]
        if self._config.view is not None:
            self._tasks.append(asyncio.create_task(self._poll_view()))

    async def close(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look_now(self, nodes: Iterable[str] | None = None) -> None:
        """Take one fresh look at all nodes (or at these) and at the cluster view."""
        samples, _ = await asyncio.gather(self._fleet.probe_now(nodes), self._ask_view())
        for sample in samples.values():
            self._on_sample(sample)

    def last(self, node: str) -> Look | None:
        """The latest look at a node."""
        looks = self._looks[node]
        return looks[-1] if looks else None

    def age(self, node: str) -> float | None:
        """Seconds since the latest look that got an answer; None when there was none."""
        answered = self._answered.get(node)
        return time.monotonic() - answered if answered is not None else None

    def stable(self, node: str) -> tuple[bool, str]:
        """Whether the last N looks were all good and the newest is fresh; else why not."""
        looks = self._looks[node]
        if not looks:
            return False, "not looked at yet"
        last = looks[-1]
        if last.health is not Health.ACTIVE:
            return False, f"{last.health}: {last.detail}"
        age = time.monotonic() - last.at
        if age > max(FRESH_FOR, 4 * self.every):
            return False, f"last look is {age:.0f} s old"
        good = sum(1 for look in looks if look.health is Health.ACTIVE)
        if good < self._depth:
            return False, f"active for {good} of {self._depth} looks"
        if last.at - self._good_since[node] < self.stable_for:
            return False, f"active for {last.at - self._good_since[node]:.0f} of {self.stable_for:.0f} s"
        return True, "active"

    def may_serve(self, node: str) -> bool:
        """Whether the last look leaves it open that PCI Express works on the node, active or not: its status
        gave no answer, or all its services run, be it with an old driver.
        """
        last = self.last(node)
        if last is None or last.probe is None:
            return False
        return last.health is Health.UNKNOWN or last.probe.services_running

    def forget(self, node: str) -> None:
        """Count a node's good looks from here on: it has just been changed."""
        self._looks[node].clear()
        self._good_since.pop(node, None)

    @property
    def oldest_age(self) -> float:
        """Age of the node that was looked at least recently."""
        ages = [time.monotonic() - looks[-1].at for looks in self._looks.values() if looks]
        return max(ages, default=0.0)

    @property
    def unreachable(self) -> int | None:
        """How many nodes the cluster itself cannot reach: the most in its last N answers.

        None when it did not say the last time, or that is too long ago.
        """
        view = self._last_view()
        if view is None or view.count is None:
            return None
        return max(seen.count for seen in self._views if seen.count is not None)

    @property
    def interconnect(self) -> Interconnect | None:
        """The state of the interconnect as the cluster view names it; None when it names none."""
        view = self._last_view()
        return view.state if view is not None else None

    def _last_view(self) -> View | None:
        """The last answer, unless it is stale: then the cluster has told nothing."""
        view, asked = self._views[-1] if self._views else None, self._config.view
        if view is None or asked is None:
            return None
        age = time.monotonic() - view.at
        return view if age <= max(FRESH_FOR, 4 * self.every) + asked.timeout else None

    def _on_sample(self, sample: Sample) -> None:
        if sample.node in self._looks:
            self._note(sample.node, judge(sample))

    def _note(self, node: str, look: Look) -> None:
        looks = self._looks[node]
        if not looks or look.at >= looks[-1].at:
            looks.append(look)
            if look.health is Health.ACTIVE:
                self._good_since.setdefault(node, look.at)
            else:
                self._good_since.pop(node, None)
            if look.probe is not None:
                self._answered[node] = look.at
            self._on_health(node, look.health, look.detail)

    async def _watch_link(self, node: str) -> None:
        """A broken connection is a look, too: there is no answer, and it need not be waited for."""
        link = self._fleet.link(node)
        while True:
            await link.next_change()
            state = link.state
            if state.phase in BROKEN:
                why = state.reason or state.phase
                self._note(node, Look(time.monotonic(), Health.UNREACHABLE, why, None))

    async def _poll_view(self) -> None:
        while True:
            await self._ask_view()
            await asyncio.sleep(self.every)

    async def _ask_view(self) -> None:
        view, management = self._config.view, self._config.cluster.management_node
        if view is None or management is None:
            return
        try:
            script = ShellText(view.command).script
            answer = await self._fleet.link(management).run(script, timeout=view.timeout)
        except (RemoteError, TimeoutError):
            self._views.append(View(time.monotonic(), None))
        else:
            count, state = parse_view(answer.stdout, view.unreachable), parse_interconnect(answer.stdout)
            self._views.append(View(time.monotonic(), count, state))
