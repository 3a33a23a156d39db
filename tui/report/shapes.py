"""What a report says, as data: the JSON report is exactly this, the others are drawn from it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, computed_field

from tui.model import problems
from tui.model.states import Progress, RunStatus, Service, StepStatus
from tui.model.steps import StepName
from tui.model.strict import StrictModel


class Shape(StrictModel):
    """A part of a report."""


class OutputReport(Shape):
    """An attempt's output file as recorded, and as found now."""

    path: str
    recorded_size: int
    recorded_sha256: str
    size: int
    sha256: str
    quoted: bool = False
    """It is the recorded one: of this much output it is computed anew only where that is asked for."""
    intact: bool | None
    """What is on disk is what the node's job wrote; None while nothing is recorded to compare with, and where
    the sum is quoted.
    """
    tail: str = Field(default="", exclude=True)
    """The last lines, cleaned for people; only of attempts that did not succeed."""


class AttemptReport(Shape):
    """One try of a step."""

    number: int
    command: str
    target: str
    """user@host as it was offered."""
    job_id: str | None
    boot_id: str
    confirmed_by: str
    confirmed_at: datetime | None
    started: datetime
    ended: datetime | None
    seconds: float | None
    status: StepStatus | None
    exit_code: int | None
    summary: str
    overrides: tuple[str, ...]
    output: OutputReport


class StepReport(Shape):
    """One step of a node."""

    name: StepName
    words: str
    status: StepStatus
    reason: str
    remedy: str
    gone_past: str
    """``gone past by eva@console: in a hurry``: it failed, and a person went on; empty for any other."""
    attempts: tuple[AttemptReport, ...]

    @property
    def result(self) -> str:
        """How the step stands, in words."""
        return f"failed, {self.gone_past}" if self.gone_past else self.status.words


class Versions(Shape):
    """What a node said of itself at one time."""

    time: datetime
    installed: str | None
    active: str | None
    active_is_installed: bool
    kernel: str
    boot_id: str


class NodeReport(Shape):
    """One machine of the cluster."""

    name: str
    management: bool
    progress: Progress
    reason: str
    service: Service
    health: str
    health_detail: str
    before: Versions | None
    after: Versions | None
    proof: Versions | None
    """The facts on which ``updated`` rests; None for a node that is not updated."""
    proof_words: str
    started: datetime | None
    ended: datetime | None
    steps: tuple[StepReport, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds(self) -> float | None:
        """From the first pick to the end of its update."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def working(self) -> float | None:
        """While a step ran on it; None when none has."""
        ran = [attempt.seconds or 0.0 for step in self.steps for attempt in step.attempts if attempt.seconds]
        return sum(ran) if ran else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def waiting(self) -> float | None:
        """Between its steps: for a person, or for the gate. What was done after the end is not in it."""
        return None if self.seconds is None else max(0.0, self.seconds - (self.working or 0.0))


class Decision(Shape):
    """Something that a person decided, or what stood in their place."""

    time: datetime
    who: str
    what: str
    node: str | None
    step: StepName | None
    attempt: int | None
    why: str
    person: bool
    """``who`` is a person, and decided in the moment: not an option, a mode, the file, the program."""
    override: bool = False
    """Something that had failed was gone past."""


class LedgerReport(Shape):
    """Something that the run took out of service."""

    line: str
    node: str
    what: str
    before: str
    undo: str
    added: datetime
    closed: str
    """``undone``, ``signed-off: <reason>``; empty while it is still out."""


class CheckReport(Shape):
    """One preflight result."""

    node: str | None
    check: str
    verdict: str
    summary: str
    impact: str
    remedy: str


class Invariant(Shape):
    """One promise, recomputed from the events."""

    name: str
    words: str
    holds: bool
    evidence: str


class Report(Shape):
    """Everything that a run's record says."""

    format: int = 1
    run_id: str
    cluster: str
    cluster_file: str
    simulated: bool = False
    """A rehearsal: no node of it is a real one."""
    not_simulated: tuple[str, ...] = ()
    target: str
    sia: str
    sia_sha256: str
    created: datetime | None
    created_by: str
    host: str
    rollcall: str
    """Version of the Rollcall that created the run."""
    last_event: datetime | None
    status: RunStatus
    code: str
    summary: str
    next_action: str
    exit_code: int
    verdict: str
    """One sentence: what happened."""
    notices: tuple[str, ...]
    """What was not proven in this run, and why: to be read first."""
    nodes: tuple[NodeReport, ...]
    still_out: tuple[LedgerReport, ...]
    ledger: tuple[LedgerReport, ...]
    decisions: tuple[Decision, ...]
    preflight: tuple[CheckReport, ...]
    invariants: tuple[Invariant, ...]
    events: int
    last_sha256: str
    """SHA-256 of the journal's last line: quoting it elsewhere seals the whole run."""
    journal_error: str | None
    """Why the journal could only be read in part."""

    @property
    def to_do(self) -> str:
        """What comes next; nothing where all is done, or where the journal only points to this report."""
        points_here = self.next_action == problems.EXCEPTIONS.remedy
        return "" if not self.exit_code or points_here else self.next_action
