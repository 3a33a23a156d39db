"""The engine: the only one that decides. Front ends hand in intents and draw the state; it does the rest.

It runs on the event loop of whichever front end started it, and imports none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, assert_never

from typing_extensions import override

from tui.journal import Journal, JournalError, crash
from tui.journal.clock import utc_now
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.intents import Intent, RerunStep, Resume
from tui.model.problems import LOCK_LOST
from tui.model.run import Run
from tui.model.states import Health, RunStatus
from tui.model.steps import StepName
from tui.remote import Done, Fleet, Refused, Unknown
from tui.rollout.context import RunContext
from tui.rollout.decisions import choices, status_line
from tui.rollout.decisions.estimate import seconds_to_go
from tui.rollout.decisions.handlers import IntentContext, answer, refuse
from tui.rollout.decisions.picking import candidates
from tui.rollout.execution.executor import Executor
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
from tui.rollout.leadership.lease import Lease
from tui.rollout.opening import recover
from tui.rollout.plan import planned_commands
from tui.rollout.publisher import EventPublisher
from tui.rollout.watchers import baselines
from tui.rollout.watchers.clock import watch_clock
from tui.rollout.watchers.left_out import LeftOutRemover
from tui.rollout.watchers.peers import watch_peers

_log = logging.getLogger(__name__)

CANCEL_GRACE = 10.0
"""Seconds between TERM and KILL when a person cancels a job."""


class LiveEngine(Engine):
    """One run of one cluster, live."""

    def __init__(self, config: ClusterFile, journal: Journal, fleet: Fleet, lease: Lease, actor: str) -> None:
        """``fleet`` is started; ``lease`` may still have to be taken."""
        self._publisher = EventPublisher(journal, self._stop)
        self._fleet = fleet
        self._actor = actor
        self._lease = lease
        self._monitor = Monitor(fleet, config, self._on_health, lease, self._baseline)
        cache = journal.directory / "packages"
        self._context = RunContext(config, self._publisher, fleet, self._monitor, lease, cache)
        self._executor = Executor(self._context)
        self._intents = IntentContext(self._context, self._cancel_job)
        self._tasks: set[asyncio.Task[None]] = set()
        self._left_out = LeftOutRemover(self._context, self._spawn)
        self._opening: asyncio.Task[None] | None = None
        self._broken = ""
        self._candidates: tuple[Run, tuple[int, int], tuple[Candidate, ...]] | None = None
        """Asked for many times a frame: as they were when nothing else had been seen, in the same second."""

    async def start(self) -> None:
        """Look at every node, then check (a new run) or recover (an unfinished one)."""
        self._monitor.start()
        self._publisher.listeners.subscribe(self._left_out.heard)
        self._left_out.begin()
        self._spawn(self._lease.keep(self.note, self._lock_lost))
        self._opening = self._spawn(self._open())
        self._spawn(self._executor.execute())
        self._spawn(self._fleet.failed())
        self._spawn(watch_clock(self._publisher))
        self._spawn(baselines.adopt(self._context))
        self._spawn(watch_peers(self._context))

    async def close(self, reason: str = "") -> None:
        """Leave: jobs on nodes go on. Never waits for a node."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._monitor.close()
        await self._lease.release()
        with contextlib.suppress(JournalError):
            if not self._broken:
                self._publisher.publish(ev.OperatorLeft(reason=reason), actor=self._actor)
        await self._fleet.close()
        self._publisher.close()

    @property
    @override
    def state(self) -> Run:
        return self._publisher.state

    @property
    @override
    def config(self) -> ClusterFile:
        return self._context.config

    @property
    @override
    def read_only(self) -> bool:
        return bool(self._lease.lost)

    @property
    @override
    def broken(self) -> str:
        return self._broken

    def events(self) -> tuple[ev.Event, ...]:
        """Everything that happened in this run, also before this console."""
        return self._publisher.events

    @override
    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._publisher.listeners.subscribe(listener)

    def note(self, payload: ev.Payload, actor: str) -> None:
        """Write down something about this console itself."""
        self._publisher.publish(payload, actor=actor)

    def submit(self, intent: Intent, waiver: str = "") -> Reply:
        """Ask for something; ``waiver`` names what stands in a person's place. Returns at once."""
        if blocked := self._broken or self._lease.blocked_reason:
            return refuse(blocked)
        try:
            if isinstance(intent, Resume) and self.state.status is RunStatus.BLOCKED and self._opened:
                self._opening = self._spawn(self._open())
                return Reply(True, "checking again")
            before = self.state.status
            reply = answer(self._intents, intent, self._actor, waiver)
            _log.info("%s: %s %s", type(intent).__name__, reply.accepted, reply.sentence)
            if before is RunStatus.RUNNING and self.state.status is RunStatus.VALIDATING:
                self._opening = self._spawn(self._open())  # the pick met checks that are too old
        except JournalError as error:
            self._stop(str(error))
            return refuse(str(error))
        if reply.accepted and isinstance(intent, (Resume, RerunStep)):
            self._redial()
        self._executor.waiting.clear()
        self._publisher.changed.set()
        return reply

    @override
    def reading(self) -> Reading | None:
        return self._intents.readings.take()

    @override
    async def idle(self) -> None:
        if self._opening is not None:
            await asyncio.wait([self._opening])  # who stops waiting does not stop the opening
        if not self._broken:
            await self._executor.waiting.wait()

    @override
    def live(self, node: str) -> Live:
        client = self._fleet.client(node).state
        return Live(client.phase, client.reason, self._monitor.age(node), client.rtt)

    @override
    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int = 262_144) -> bytes:
        return self._publisher.journal.output(node, step, attempt).read(offset, limit)

    @override
    def candidates(self) -> tuple[Candidate, ...]:
        run, at = self.state, (self._monitor.seen, int(time.monotonic()))
        if self._candidates is None or self._candidates[0] is not run or self._candidates[1] != at:
            self._candidates = run, at, candidates(self._context)
        return self._candidates[2]

    @override
    def choices(self) -> tuple[Choice, ...]:
        return choices.choices(self.state)

    @override
    def advice(self) -> Advice:
        if blocked := self._broken or self._lease.blocked_reason:
            fix = "fix it, then start Rollcall again: the run is taken up where it is"
            return Advice(blocked, LOCK_LOST.remedy if self._lease.lost else fix, urgent=True)
        idle = self.state.status is RunStatus.RUNNING and self.state.current is None
        return status_line.advice(self.state, self.candidates() if idle else (), utc_now())

    @override
    def plan(self) -> tuple[PlannedCommand, ...]:
        return planned_commands(self._context.config, self.state)

    @override
    def estimate(self, node: str | None = None) -> float | None:
        return seconds_to_go(self.state, node)

    @property
    def _opened(self) -> bool:
        return self._opening is None or self._opening.done()

    async def _open(self) -> None:
        await self._lease.held()
        await recover.begin(self._context)

    def _on_health(self, node: str, health: Health, detail: str) -> None:
        """Health is an event when it changes; its age is live only."""
        if not self._broken:
            self._publisher.see(node, ev.NodeHealth(health=health, detail=detail))

    def _baseline(self, node: str) -> ev.NodeBaseline | None:
        seen = self._publisher.written.nodes.get(node)
        return seen.baseline if seen is not None else None

    def _cancel_job(self, node: str, job: str) -> None:
        async def cancel() -> None:
            ended = await self._fleet.client(node).cancel(job, CANCEL_GRACE)
            match ended:
                case Done():
                    return
                case Refused(error):
                    missed = f"the cancel did not reach {node}, ask again when it answers: {error.sentence}"
                case Unknown(error):
                    missed = f"whether the cancel reached {node} is not known, ask again: {error.sentence}"
                case _ as never:
                    assert_never(never)
            self._publisher.publish(ev.NoteAdded(text=missed), node=node)

        self._spawn(cancel())

    def _redial(self) -> None:
        """A person has acted: whatever refused us may have been fixed."""
        for name in self._context.config.machines:
            client = self._fleet.client(name)
            if client.state.phase in ("refused", "connecting"):
                client.reconnect()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._stop(str(error) if isinstance(error, JournalError) else self._fault(error))

    def _fault(self, error: BaseException) -> str:
        return f"Rollcall's engine stopped: {crash.keep(error, self._publisher.journal.directory)}"

    def _lock_lost(self, why: str) -> None:
        """Another may lead the cluster now: pause the run, as far as it is still ours to write, and stop."""
        run = self.state.status
        if run.paused or run in (RunStatus.RUNNING, RunStatus.PAUSE_PENDING):
            with contextlib.suppress(JournalError):
                self._context.set_status(RunStatus.PAUSED_ON_ERROR, LOCK_LOST, why)
        self._stop(why)

    def _stop(self, why: str) -> None:
        """Start nothing more: what cannot be written down must not happen."""
        self._broken = why
        self._executor.waiting.set()
        for task in tuple(self._tasks):
            task.cancel()
