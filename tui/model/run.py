"""The run as it stands: frozen values that only ``fold/`` makes, out of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tui.model.events import (
    AttemptStarted,
    GateSample,
    LedgerAdded,
    NodeBaseline,
    NodeErrors,
    NodeFacts,
    NodeFiles,
    NodeReadiness,
    OutFound,
    PlanFrozen,
    PreflightResult,
    RunBound,
    RunState,
    StepOffered,
    StepPlan,
)
from tui.model.states import Health, PauseMode, Progress, RunStatus, Service, StepStatus
from tui.model.steps import StepName


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step. A rerun is a new attempt, never an edit of an old one."""

    number: int
    begun: AttemptStarted
    started: datetime
    size: int = 0
    """Bytes of output known to be on disk here."""
    grew: datetime | None = None
    """When that was last seen to be more than before."""
    ended: datetime | None = None
    status: StepStatus | None = None
    exit_code: int | None = None
    sha256: str = ""
    summary: str = ""
    code: str = ""
    overrides: tuple[str, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long the attempt took; None while it runs."""
        return (self.ended - self.started).total_seconds() if self.ended else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one node."""

    name: StepName
    status: StepStatus = StepStatus.PENDING
    since: datetime | None = None
    code: str = ""
    reason: str = ""
    remedy: str = ""
    attempts: tuple[Attempt, ...] = ()
    confirmed_by: str = ""
    """Who confirmed the attempt that is to come or runs; empty when nobody has."""
    confirmed_command: str = ""
    """What exactly was confirmed: anything else has to be offered anew."""
    enforce: bool = False
    """A person asked for ``--enforce`` by name."""

    @property
    def gone_past(self) -> str:
        """How a step that failed was gone past: ``gone past by eva@console: in a hurry``; empty else."""
        return "" if self.name is StepName.PUT_BACK else self._failed_and_left

    @property
    def given_up(self) -> str:
        """What a person chose over a put-back that had failed: ``reboot instead``; empty else."""
        return self._failed_and_left if self.name is StepName.PUT_BACK else ""

    @property
    def _failed_and_left(self) -> str:
        return self.reason if self.status is StepStatus.SKIPPED and self.code else ""

    @property
    def attempt(self) -> Attempt | None:
        """The latest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def open_attempt(self) -> Attempt | None:
        """The attempt that has begun and not ended: after a crash, the one to take up again."""
        last = self.attempt
        return last if last is not None and last.ended is None else None


@dataclass(frozen=True, slots=True)
class Node:
    """One machine on its three axes, with its facts and its steps."""

    name: str
    management: bool = False
    progress: Progress = Progress.WAITING
    progress_reason: str = ""
    since: datetime | None = None
    health: Health = Health.UNKNOWN
    health_detail: str = "not looked at yet"
    service: Service = Service.IN_SERVICE
    facts: NodeFacts | None = None
    readiness: NodeReadiness | None = None
    """What picking it means, as it was at ``readiness_at``; None for a run of an older version."""
    readiness_at: datetime | None = None
    errors_before: NodeErrors | None = None
    """Its error counters before it went out."""
    baseline: NodeBaseline | None = None
    """What it was like when it was last seen to be well; None: not yet in this run."""
    steps: Mapping[StepName, Step] = field(default_factory=dict)
    reboot_reason: str = ""
    """Why a reboot is needed or wanted; empty when it is not."""
    hold: str = ""
    again: bool = False
    """A person wants it installed again, though it may have the target already."""
    skipped: str = ""
    """Why a person left the node out of this run; kept while it is only put back in service."""
    in_file: bool = True
    """False when the cluster file does not have the node any more; it stays in the run."""
    left: str = ""
    """Why a person said that the node has left the cluster; empty while it belongs to it."""
    files: NodeFiles | None = None
    """The watched files as they were first seen, or as the installation left them."""
    files_agreed: NodeFiles | None = None
    """As a person has agreed to them since; as they were before will do as well."""
    files_found: NodeFiles | None = None
    """As they were found, another than known, and nobody has agreed yet."""

    @property
    def active_step(self) -> Step | None:
        """The step that is under way."""
        return next((step for step in self.steps.values() if step.status.active), None)

    @property
    def next_step(self) -> Step | None:
        """The first that has not passed, if any. A put-back that a person asked for goes before others."""
        undo = self.steps.get(StepName.PUT_BACK)
        if undo is not None and not undo.status.passed:
            return undo
        return next((step for step in self.steps.values() if not step.status.passed), None)

    @property
    def current_step(self) -> Step | None:
        """The step that is under way or waits for a person, else the last one that broke."""
        for step in self.steps.values():
            if step.status.active or step.status.asked:
                return step
        return next((step for step in reversed(tuple(self.steps.values())) if step.status.broken), None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that waits for its confirmation."""

    node: str
    step: StepName
    attempt: int
    offered: StepOffered
    time: datetime


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Something the run took out of service."""

    line: str
    node: str
    added: LedgerAdded
    time: datetime
    closed: str = ""
    """Empty while open; else ``undone`` or ``signed-off`` (with the reason)."""

    @property
    def thing(self) -> str:
        """Node and thing, as a person types them to sign it off: ``px04/services``."""
        return f"{self.node}/{self.added.what}"


@dataclass(frozen=True, slots=True)
class Check:
    """One preflight result, and which node it is about (None: the cluster)."""

    node: str | None
    result: PreflightResult
    time: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """The whole run. ``fold(events)`` makes it; nothing else decides what happened."""

    run_id: str = ""
    cluster: str = ""
    cluster_file: str = ""
    target: str = ""
    created: datetime | None = None
    created_by: str = ""
    simulated: bool = False
    """A rehearsal: no node of it is a real one."""
    not_simulated: tuple[str, ...] = ()
    """What the rehearsal cannot show, one sentence each."""
    status: RunStatus = RunStatus.DRAFT
    status_since: datetime | None = None
    code: str = ""
    summary: str = ""
    next_action: str = ""
    pause_mode: PauseMode = PauseMode.EVERY_STEP
    plan: PlanFrozen | None = None
    bound: RunBound | None = None
    """The cluster file as this run goes by it; None for a run that an older version began."""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    current: str | None = None
    """The node that is being worked on."""
    offer: Offer | None = None
    spent_tokens: frozenset[str] = frozenset()
    gate: GateSample | None = None
    checks: tuple[Check, ...] = ()
    baselines: Mapping[str, NodeBaseline] = field(default_factory=dict)
    """The first node's baseline of each version: later nodes of that version are compared with it."""
    ledger: tuple[LedgerLine, ...] = ()
    left_out: Mapping[str, OutFound] = field(default_factory=dict)
    """Node to what another run has left out there, until a person has settled it."""
    settled: Mapping[str, str] = field(default_factory=dict)
    """Node to the run whose line there a person has settled."""
    risks_known: frozenset[str] = frozenset()
    """The risks, as their checks have them, of which a person has said that they know."""
    unseen_files: frozenset[str] = frozenset()
    """Nodes whose watched files are not known, and a person goes on all the same: for one attempt."""
    notes: tuple[tuple[datetime, str, str], ...] = ()
    """(time, who, text)."""
    seq: int = -1
    """Number of the last event."""

    @property
    def order(self) -> tuple[str, ...]:
        """Every node in the order of the plan (of the file, before there is one)."""
        return self.plan.order if self.plan else tuple(self.nodes)

    @property
    def cluster_nodes(self) -> tuple[Node, ...]:
        """Every Cluster Node of the run, whatever a file says now; not those that have left the cluster."""
        return tuple(node for node in self.nodes.values() if not node.management and not node.left)

    @property
    def anything_out(self) -> bool:
        """Something is out of service by the run, or may be in a moment: a step is under way."""
        return bool(self.open_ledger) or any(node.active_step for node in self.nodes.values())

    @property
    def open_ledger(self) -> tuple[LedgerLine, ...]:
        """What is still out of service by the run."""
        return tuple(line for line in self.ledger if not line.closed)

    @property
    def working(self) -> Node | None:
        """The node that is being worked on, as a value."""
        return self.nodes.get(self.current) if self.current else None

    @property
    def next_step(self) -> Step | None:
        """The next step of that node."""
        return self.working.next_step if self.working is not None else None

    def with_pause_mode(self, mode: PauseMode) -> RunState:
        """The event by which the run stands as it does, and waits for a person more or less often."""
        return RunState(
            status=self.status,
            code=self.code,
            summary=self.summary,
            next_action=self.next_action,
            pause_mode=mode,
        )

    def still_out(self, node: str) -> tuple[LedgerLine, ...]:
        """What is still out of service on one node."""
        return tuple(line for line in self.open_ledger if line.node == node)

    def out_words(self, name: str) -> str:
        """What the run has taken out on a node that it counts as out: it serves until its services stop."""
        lines = {line.added.what for line in self.still_out(name)}
        if "services" in lines:
            return "out of service"
        return "applications stopped" if "applications" in lines else "being taken out" if lines else ""

    def planned(self, node: Node, step: StepName) -> StepPlan | None:
        """What the plan says about a step; None for a step that is in no plan."""
        if self.plan is None:
            return None
        steps = self.plan.management_steps if node.management else self.plan.steps
        return next((plan for plan in steps if plan.step is step), None)
