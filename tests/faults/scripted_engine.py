"""The real engine on scripted nodes and a jumping clock: a run that can be pushed around."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast

import pytest

from tests.faults.scripted_cluster import SIA_SUM, Cluster
from tests.faults.scripted_fleet import HeldLease, ScriptedFleet
from tests.faults.scripted_loop import ScriptedLoop
from tests.faults.scripted_truth import TARGET, Machine, Referee
from tests.rigs.reading import yes
from tui.journal import Journal, Tail
from tui.journal.files import EVENTS, HEAD
from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.fold import apply
from tui.model.run import Node, Run
from tui.model.states import PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.remote import Fleet
from tui.rollout import asking
from tui.rollout.decisions.next_action import DID_NOT_RUN, DID_RUN
from tui.rollout.engine import LiveEngine
from tui.rollout.gate import cluster_view, monitor
from tui.rollout.interface import Choice, Reply
from tui.rollout.leadership.lease import Lease
from tui.rollout.plan import frozen_plan
from tui.rollout.procedure import verify
from tui.rollout.procedure.packages import package_key

ACTOR = "anna@desk"
END = 120
"""Answers after which a sensible operator has to be through."""


def config(nodes: tuple[str, ...], allowed: int, view: bool, reboot: str, pause: PauseMode) -> ClusterFile:
    """A cluster file with short times."""
    data: dict[str, Any] = {
        "cluster": {"name": "c", "family": "PX", "nodes": ",".join(nodes), "management_node": "m"},
        "target": {"version": TARGET, "sia": "/srv/sia.sh", "rolling_from": ["5.20.*"]},
        "policy": {
            "allowed_down": allowed,
            "reboot": reboot,
            "pause": pause,
            "stable_samples": 2,
            "stable_every": "2s",
            "idle_for": "4s",
            "restart_timeout": "60s",
        },
        "applications": {"stop": ["app stop"], "start": ["app start"], "check": ["app check"]},
    }
    if view:
        data["view"] = {"command": "look"}
    return ClusterFile.model_validate(data)


def begin(directory: Path, config: ClusterFile) -> Journal:
    """A journal as it stands when the checks have passed."""
    journal = Journal.create(directory)
    created = ev.RunCreated(
        run_id="r",
        cluster="c",
        cluster_file="/c.toml",
        target=TARGET,
        nodes=config.nodes,
        management_node="m",
        pause_mode=config.policy.pause,
        host="h",
        version="0",
    )
    for payload in (
        created,
        ev.RunState(status=RunStatus.VALIDATING),
        ev.PreflightResult(check="tools", verdict="passed", summary="s"),
        ev.RunState(status=RunStatus.READY),
        frozen_plan(config, SIA_SUM),
    ):
        journal.append(payload, actor=ACTOR)
    journal.append(ev.NodeSkipped(reason="update_management = no"), actor=ACTOR, node="m")
    journal.append(ev.RunState(status=RunStatus.RUNNING), actor=ACTOR)
    facts = ev.NodeFacts(
        hostname="n1", machine_id="", boot_id="b", kernel="k", arch="x86_64", distribution="rocky 9",
        installed=None, active=None, active_is_installed=False, sia_present=True,
    )  # fmt: skip
    store = directory / "packages" / package_key(SIA_SUM, Node("n1", facts=facts))
    store.mkdir(parents=True)  # as if they had been built: building takes nothing out of service
    (store / "manifest.json").write_text('{"built_on": "another", "files": {}}')
    return journal


class ScriptedRun:
    """One run from its first pick on, with consoles that come and go."""

    def __init__(
        self, nodes: tuple[str, ...], *, allowed: int, view: bool, reboot: str, pause: PauseMode
    ) -> None:
        shared = Path("/dev/shm")  # a journal that is synced at every event is faster there
        self._place = Path(tempfile.mkdtemp(prefix="rollcall-", dir=shared if shared.is_dir() else None))
        self.loop = ScriptedLoop()
        self._patch = pytest.MonkeyPatch()
        for module in (asking, cluster_view, monitor, verify):  # ages and deadlines follow the loop's clock
            self._patch.setattr(module, "time", self.loop)
        self.config = self._file(config(nodes, allowed, view, reboot, pause))
        self.referee = Referee(nodes, allowed, self.loop.time)
        self.referee.run = lambda: self.run
        self.cluster = Cluster(config(nodes, allowed, view, reboot, pause), self.referee, self.loop)
        self.tokens: list[str] = []
        self._fired: set[str] = set()
        self._verified: dict[str, int] = {}
        self._shadow = Run()
        self._tail = Tail(self._place / "run")
        self._start(begin(self._place / "run", self.config))

    def _file(self, config: ClusterFile) -> ClusterFile:
        """The cluster file that the run begins with."""
        return config

    @property
    def run(self) -> Run:
        """The state in memory."""
        return self.engine.state

    @property
    def machines(self) -> dict[str, Machine]:
        """The truth."""
        return self.referee.machines

    def submit(self, *intents: it.Intent) -> Reply:
        """Hand in intents, and nothing else gets its turn meanwhile; the answer to the last one."""

        async def handed_in() -> Reply:
            return [self.engine.submit(intent) for intent in intents][-1]

        return self.loop.complete(handed_in())

    def confirm(self, token: str) -> Reply:
        """Say yes with this token, having read what the offer that stands asks for."""

        async def handed_in() -> Reply:
            return self.engine.submit(yes(self.engine, token))

        return self.loop.complete(handed_in())

    def choose(self, which: int) -> None:
        """Take one of the choices that the engine gives, with all that it wants."""
        choices = self.engine.choices()
        if choices:
            self._take(choices[which % len(choices)])

    def _take(self, choice: Choice) -> None:
        if self.run.code == problems.START_UNKNOWN.code and self.run.current:
            self._say_whether_it_ran(self.run.current)
            return
        fill: dict[str, str] = {"reason": "as chosen"} if choice.needs_reason else {}
        if choice.to_type:
            fill["typed"] = choice.to_type
        self.submit(choice.intent.model_copy(update=fill))

    def _say_whether_it_ran(self, name: str) -> None:
        """A person looks at the node, and tells the truth."""
        active = next(step for step in self.run.nodes[name].steps.values() if step.status.active)
        assert active.open_attempt is not None
        ran = any(job.name == active.open_attempt.begun.job_id for job in self.cluster.begun)
        check = DID_RUN if ran else DID_NOT_RUN
        self.submit(it.Override(node=name, check=check, reason="looked", typed=name))

    def fix(self, name: str) -> None:
        """A person puts a machine right by hand."""
        self.cluster.power_on(name)
        machine = self.machines[name]
        machine.faults.clear()
        right = {"linked": True, "hanging": False, "disabled_link": False, "apps": True}
        self.cluster.change(name, services=True, loaded=machine.installed, **right)

    def restart(self, *, leaves: bool) -> None:
        """This console leaves, or dies, and another one takes the run up."""
        self._stop(leaves=leaves)
        self._start(Journal.open(self._place / "run"))

    def take_up_after(self, seq: int) -> None:
        """As if this console had died when event ``seq`` was its last; another one takes the run up."""
        self._stop(leaves=False)
        events, head = self._place / "run" / EVENTS, self._place / "run" / HEAD
        events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[: seq + 1]))
        head.unlink()
        self._tail, self._shadow = Tail(self._place / "run"), Run()
        self._start(Journal.open(self._place / "run"))

    def go_on(self, patience: float = 30.0) -> None:
        """Wait until a person is needed (no longer than ``patience``), then do the sensible thing."""
        self.idle(patience)
        run = self.run
        if run.status.final or self.engine.broken:
            return
        if run.offer is not None and run.status is RunStatus.RUNNING:
            self.confirm(run.offer.offered.token)
        elif run.status is RunStatus.RUNNING and run.current is None:
            best = next((found for found in self.engine.candidates() if found.eligible), None)
            if best is not None:
                self.submit(it.SelectNode(node=best.node))
            elif not isinstance((choice := self.engine.choices()[0]).intent, it.CancelRun):
                self._take(choice)  # something is still out of service
        elif run.status.paused:
            self._take(self.engine.choices()[0])
        self.loop.advance(1.0)

    def bring_to_an_end(self) -> None:
        """Everything is put right, and the operator sees the run to its end: nothing may be stuck."""
        self.cluster.view_answers, self.cluster.unstable = True, False
        for name in self.machines:
            self.fix(name)
        for _ in range(END):
            if self.run.status.final:
                break
            self.go_on(300.0)
        run = self.run
        self._blame(not run.status.final, f"stuck: {run.status} {run.summary!r} {self.engine.advice()}")
        for name, machine in self.machines.items():
            if run.nodes[name].progress is Progress.UPDATED:
                right = (machine.installed, machine.loaded, machine.services) == (TARGET, TARGET, True)
                self._blame(not right, f"{name} is called updated, and is {machine}")

    def check(self) -> None:
        """Raise what the referee, or the journal, has seen."""
        self.referee.check_ledger()
        assert not self.engine.broken, self.engine.broken
        assert not self.referee.broken, self.referee.broken

    def close(self) -> None:
        """Leave nothing behind."""
        self._stop(leaves=False)
        self.loop.shut()
        self._patch.undo()
        shutil.rmtree(self._place)

    def _start(self, journal: Journal) -> None:
        self.fleet = ScriptedFleet(self.cluster)
        self.lease = HeldLease()
        lease, fleet = cast(Lease, self.lease), cast(Fleet, self.fleet)
        self.engine = LiveEngine(self.config, journal, fleet, lease, ACTOR)
        for event in self._tail.read():
            self._shadow = apply(self._shadow, event)
        self.engine.subscribe(self._happened)
        self.loop.complete(self.engine.start())

    def _stop(self, *, leaves: bool) -> None:
        if leaves:
            self.loop.complete(self.engine.close())
        else:
            self.loop.complete(self._killed())

    async def _killed(self) -> None:
        """No last word; a loop that is cancelled comes nearest to kill -9 within one process."""
        engine = self.engine
        for task in tuple(engine._tasks):
            task.cancel()
        await asyncio.gather(*engine._tasks, return_exceptions=True)
        await engine._monitor.close()
        await self.fleet.close()
        engine._publisher.journal.close()

    def idle(self, patience: float = 30.0) -> None:
        """Wait until a person is needed, no longer than ``patience``."""

        async def waits() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.engine.idle()

        self.loop.complete(waits())

    def _happened(self, event: ev.Event, run: Run) -> None:
        """After each event: what is on the disk folds to the state in memory, and the event is a fair one."""
        for found in self._tail.read():
            self._judge(found, self._shadow)
            self._shadow = apply(self._shadow, found)
        self._blame(self._shadow != run, "the journal does not fold to the state")
        self.referee.check_ledger()

    def _judge(self, event: ev.Event, before: Run) -> None:
        payload = event.payload
        if isinstance(payload, ev.StepOffered):
            self.tokens.append(payload.token)
        elif isinstance(payload, ev.StepConfirmed):
            offered = before.offer is not None and before.offer.offered.token == payload.token
            self._blame(payload.token in self._fired or not offered, f"{payload.token} fires again")
            self._fired.add(payload.token)
            self.referee.confirmed[str(event.node)] = self.loop.time()
        elif isinstance(payload, ev.AttemptEnded) and event.step is StepName.VERIFY and event.node:
            if payload.status is StepStatus.SUCCEEDED:
                machine = self.machines[event.node]
                seen = (machine.installed, machine.loaded)
                self._blame(seen != (TARGET, TARGET), f"verified: {machine}")
                self._verified[event.node] = self.referee.touched.get(event.node, 0)
        elif isinstance(payload, ev.NodeProgress) and payload.progress is Progress.UPDATED and event.node:
            name = event.node
            self._blame(before.current != name, f"{name} is updated, and not the one worked on")
            touched = self.referee.touched.get(name, 0)
            self._blame(self._verified.get(name) != touched, f"{name} is updated, not verified since")
        elif isinstance(payload, ev.RunState) and payload.status is RunStatus.COMPLETED:
            self._blame(bool(before.open_ledger), "completed with an open ledger")

    def _blame(self, wrong: bool, sentence: str) -> None:
        self.referee.blame(wrong, sentence)
