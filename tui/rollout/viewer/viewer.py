"""A console that only looks: no lock, no journal of its own, and every intent refused.

It follows the run that is led on this machine as its journal grows; where there is none, it shows the nodes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from typing_extensions import override

import tui
from tui.expressware.facts import FactsError
from tui.journal import ClusterLock, Holder, crash, unfinished_run
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.intents import Intent
from tui.model.run import Run
from tui.model.states import Health
from tui.model.steps import StepName
from tui.remote import ClaimAnswer, Fleet, NodeClaim, RemoteError
from tui.remote.link.threads import on_thread
from tui.rollout.decisions import status_line
from tui.rollout.decisions.estimate import seconds_to_go
from tui.rollout.decisions.handlers import refuse
from tui.rollout.gate.monitor import Monitor
from tui.rollout.interface import (
    Advice,
    Candidate,
    Choice,
    Engine,
    Listener,
    Live,
    PlannedCommand,
    Reading,
    Reply,
)
from tui.rollout.leadership.claim import CLAIM_TIMEOUT_S
from tui.rollout.leadership.owner import LockOwner, described
from tui.rollout.leadership.refusals import STALE_AFTER
from tui.rollout.opening import binding
from tui.rollout.opening.connections import make_fleet
from tui.rollout.opening.found import find
from tui.rollout.options import RunOptions
from tui.rollout.plan import planned_commands
from tui.rollout.procedure.login import facts_event, read_facts
from tui.rollout.viewer.recorded_run import RecordedRun

LOOK_EVERY = 0.5
"""Seconds between two looks at the journal and at the lock beside it."""
ASK_EVERY = 5.0
"""Seconds between two questions who has claimed the machines."""


class Viewer(Engine):
    """An engine that only shows."""

    read_only = True

    def __init__(
        self, config: ClusterFile, state_dir: Path, fleet: Fleet, *, simulated: bool = False
    ) -> None:
        self._config = config
        self._state_dir = state_dir
        self._fleet = fleet
        self._simulated = simulated
        self._monitor = Monitor(fleet, config, self._on_health)
        self._recorded = RecordedRun(state_dir, config.cluster.name)
        self._here: Holder | None = None
        self._there: ClaimAnswer | None = None
        self._on = ""
        """The machine that said so."""
        self._asked = False
        self._asking: set[str] = set()
        """Nodes whose versions are being read."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    @classmethod
    async def open(cls, cluster_path: Path, options: RunOptions) -> Viewer:
        """Connect to every node and look. Raises OpeningError or ClusterFileError."""
        config = binding.looked_at(find(cluster_path, options.state_dir))
        fleet = await on_thread("aside", partial(make_fleet, config, options.ask_person))
        viewer = cls(config, options.state_dir, fleet, simulated=options.simulated)
        await viewer._fleet.start()
        viewer._begin()
        return viewer

    async def close(self) -> None:
        """Stop looking."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._monitor.close()
        await self._fleet.close()

    @property
    @override
    def state(self) -> Run:
        return self._recorded.run

    @property
    @override
    def config(self) -> ClusterFile:
        return self._config

    @property
    def broken(self) -> str:
        """Why the run cannot be followed any more."""
        return self._recorded.broken

    def events(self) -> tuple[ev.Event, ...]:
        """Every event of the run that is followed; none where only the nodes are looked at."""
        return tuple(self._recorded.events)

    @override
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._recorded.listeners.subscribe(listener)

    def submit(self, intent: Intent, waiver: str = "") -> Reply:
        """Nothing is ever taken."""
        return refuse("this console is read-only")

    def reading(self) -> Reading | None:
        """Nothing can be confirmed here."""
        return None

    async def idle(self) -> None:
        """Wait until the run is over, or every node was looked at and nobody leads."""
        while not (self.state.status.final or self.broken or (self._seen_all and not self._led)):
            self._news.clear()
            await self._news.wait()

    @override
    def live(self, node: str) -> Live:
        if node not in self._fleet.nodes:  # the run has it, the file that was read here has not
            return Live("new", "not in the cluster file", None, None)
        client = self._fleet.client(node).state
        return Live(client.phase, client.reason, self._monitor.age(node), client.rtt)

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        """Bytes that the leading console has on disk."""
        return self._recorded.output(node, step, attempt, offset, limit)

    def candidates(self) -> tuple[Candidate, ...]:
        """Nothing can be picked here."""
        return ()

    def choices(self) -> tuple[Choice, ...]:
        """Nothing can be chosen here."""
        return ()

    def advice(self) -> Advice:
        """What the leading console is at, and who leads."""
        if self.broken:
            return Advice(self.broken, "only looking; leave, and look again", urgent=True)
        leader = f"led by {self._leader}" if self._led else "nobody leads it now"
        if not self._asked and not self._led:
            leader = "who leads it is being asked"
        if self._recorded.directory is None:
            why = f"no run of {self._config.cluster.name} is recorded on this machine; {leader}"
            return Advice(why, "only looking: the nodes as they are")
        why = status_line.advice(self.state, (), datetime.now(UTC)).why
        return Advice(why, f"only looking at run {self.state.run_id}; {leader}")

    @override
    def plan(self) -> tuple[PlannedCommand, ...]:
        return planned_commands(self._config, self.state)

    @override
    def estimate(self, node: str | None = None) -> float | None:
        return seconds_to_go(self.state, node)

    def _begin(self) -> None:
        self._look_here()
        if self._recorded.directory is None:
            record = unfinished_run(self._state_dir, self._config.cluster.name)
            self._recorded.turn_to(record.run_id if record is not None else "")
        self._recorded.see(_nodes_only(self._config, simulated=self._simulated))
        self._monitor.start()
        self._spawn(self._follow())
        self._spawn(self._ask_claims())
        self._spawn(self._fleet.failed())

    async def _follow(self) -> None:
        while True:
            self._look_here()
            self._recorded.read()
            self._news.set()
            await asyncio.sleep(LOOK_EVERY)

    def _look_here(self) -> None:
        """Who leads on this machine; that run is the one to follow."""
        try:
            self._here = ClusterLock(self._state_dir, self._config.cluster.name).holder()
        except OSError:  # a state directory of somebody else
            self._here = None
        if self._here is not None:
            self._recorded.turn_to(self._here.run)

    async def _ask_claims(self) -> None:
        """Who leads from anywhere; on a shared disk their run may lie here, too."""
        while True:
            there, on = None, ""
            for name in self._claimed:
                claim = NodeClaim(self._fleet.client(name))
                with contextlib.suppress(RemoteError):
                    there, on = await claim.show(patience=CLAIM_TIMEOUT_S), name
                    break
            self._there, self._on = there, on  # until then the answer before holds
            if self._there is not None and self._there.holder is not None:
                self._recorded.turn_to(LockOwner.of(self._there.holder).run)
            self._asked = True
            await asyncio.sleep(ASK_EVERY)

    @property
    def _claimed(self) -> tuple[str, ...]:
        """Whom to ask for it: machines whose last look shows a claim, else the first that answers."""
        up = [name for name in self._config.machines if self._fleet.client(name).state.phase == "up"]
        looks = {name: self._monitor.last(name) for name in up}
        shown = [name for name, look in looks.items() if look is not None and look.probe and look.probe.claim]
        return tuple(shown[:3] or up[:1] or self._config.machines[:1])

    def _on_health(self, node: str, health: Health, detail: str) -> None:
        """A followed run says itself how its nodes are; else this console does."""
        self._news.set()
        seen = self.state.nodes.get(node)
        if self._recorded.directory is not None or seen is None:
            return
        if (seen.health, seen.health_detail) != (health, detail):
            self._recorded.see(ev.NodeHealth(health=health, detail=detail), node)
            if health is not Health.UNREACHABLE:
                self._asking.add(node)
                self._spawn(self._ask_facts(node, seen.management))

    async def _ask_facts(self, node: str, management: bool) -> None:
        try:
            facts = await read_facts(self._fleet.client(node), self._config)
            self._recorded.see(facts_event(facts, management), node)
        except (RemoteError, FactsError, TimeoutError):
            return  # its health says what there is to say
        finally:
            self._asking.discard(node)
            self._news.set()

    @property
    def _seen_all(self) -> bool:
        looked = all(self._monitor.last(name) is not None for name in self._config.machines)
        return looked and self._asked and not self._asking

    @property
    def _led(self) -> bool:
        """Somebody leads the cluster, here or elsewhere, and has shown life lately."""
        if self._here is not None:
            return True
        there = self._there
        return there is not None and there.holder is not None and (there.age or 0) <= STALE_AFTER

    @property
    def _leader(self) -> str:
        if self._there is not None and self._there.holder is not None:
            return described(self._there, self._on)
        return str(self._here)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._recorded.broken = f"Rollcall's viewer stopped: {crash.keep(error)}"
            self._news.set()


def _nodes_only(config: ClusterFile, *, simulated: bool) -> ev.RunCreated:
    """A run in which nothing is done."""
    return ev.RunCreated(
        run_id="",
        cluster=config.cluster.name,
        cluster_file="",
        target=config.target.version,
        nodes=config.nodes,
        management_node=config.cluster.management_node,
        held={name: entry.hold for name, entry in config.node.items() if entry.hold},
        pause_mode=config.policy.pause,
        host="",
        version=tui.__version__,
        simulated=simulated,
    )
