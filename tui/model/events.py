"""What can happen in a run: one frozen model per event type, and the envelope that the journal keeps.

An event is written and fsynced before anyone sees its effect; state is a pure fold over them (``fold.py``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tui.model.change import Change
from tui.model.states import (
    AbortClass,
    Confirm,
    ConfirmClass,
    Health,
    PauseMode,
    Progress,
    RunStatus,
    StepName,
    StepStatus,
)


class Payload(BaseModel):
    """What an event of one type says, beside who, when and where."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]


class RunCreated(Payload):
    """A run of a cluster file was opened."""

    type = "run.created"
    run_id: str
    cluster: str
    cluster_file: str
    target: str
    nodes: tuple[str, ...]
    management_node: str | None = None
    held: dict[str, str] = {}
    """Nodes that the cluster file holds, with its reason."""
    enforce: tuple[str, ...] = ()
    """Nodes that a person wants installed (again) whatever version they have."""
    pause_mode: PauseMode
    host: str
    version: str
    simulated: bool = False
    """A rehearsal: no node of it is a real one."""
    not_simulated: tuple[str, ...] = ()
    """What a rehearsal of this cluster file cannot show, one sentence each."""


class Reached(BaseModel):
    """How a machine is reached: what the cluster file and ``ssh -G`` make of its name. No secret is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    host: str
    port: int
    user: str
    host_key_alias: str = ""
    proxy: str = ""
    """The jump hosts, or the program of a ProxyCommand."""


class ChangedKey(BaseModel):
    """One key of the cluster file that says something else than what the run is bound to."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    change: Change
    old: str
    """The value in words: it may be a list or a table."""
    new: str
    taken: bool
    """The run goes on with the new value; else with the old one."""


class RunBound(Payload):
    """What the run is bound to, whole: written when it begins, and whenever the file has changed since."""

    type = "run.bound"
    file: dict[str, JsonValue]
    """The values of the cluster file, defaults written out."""
    machines: dict[str, Reached] = {}
    changed: tuple[ChangedKey, ...] = ()
    """How the file differed from what the run was bound to before."""
    added: tuple[str, ...] = ()
    """Nodes that came into the run by this."""
    gone: tuple[str, ...] = ()
    """Nodes of the run that the file does not have any more: they stay in it."""
    why: str = ""
    """A sentence, where the file itself was not what it went by."""


class RunState(Payload):
    """The run changed its status; ``code`` is stable for machines, the sentences are for people."""

    type = "run.state"
    status: RunStatus
    code: str = ""
    summary: str = ""
    next_action: str = ""
    pause_mode: PauseMode | None = None
    """Set when the operator changed how often the run waits for a person."""


class StepPlan(BaseModel):
    """One step as planned, before any node is picked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    step: StepName
    command: str
    abort_class: AbortClass
    confirm: Confirm
    warn_after: float
    """Seconds after which the step is flagged as slow."""
    stop_after: float
    """Seconds after which a person is asked; nothing is killed."""


class PlanFrozen(Payload):
    """What will be done, in which order, with which archive."""

    type = "plan.frozen"
    sia: str
    sia_sha256: str
    order: tuple[str, ...]
    steps: tuple[StepPlan, ...]
    management_steps: tuple[StepPlan, ...] = ()
    allowed_down: int = 1
    notices: tuple[str, ...] = ()
    """What check, every confirm and the report's first lines have to say of this run, as sentences."""


class PreflightResult(Payload):
    """One check of one node (or of the cluster, without a node)."""

    type = "preflight.result"
    check: str
    verdict: Literal["passed", "warning", "error"]
    summary: str
    impact: str = ""
    remedy: str = ""


class GateSample(Payload):
    """What the gate saw when it was asked whether a node may go out."""

    type = "gate.sample"
    moment: Literal["pick", "confirm", "stop"]
    open: bool
    reasons: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    """Other nodes that do not serve."""
    oldest_age: float = 0.0
    """Age in seconds of the oldest sample that was looked at."""


class NodeSelected(Payload):
    """A node was picked as the one to work on."""

    type = "node.selected"
    reason: str = ""


class NodeProgress(Payload):
    """The run moved a node along."""

    type = "node.progress"
    progress: Progress
    reason: str = ""


class NodeHealth(Payload):
    """A node's observed health changed."""

    type = "node.health"
    health: Health
    detail: str = ""


class NodeFacts(Payload):
    """What a node said of itself, in one SSH session."""

    type = "node.facts"
    hostname: str
    machine_id: str
    boot_id: str
    kernel: str
    arch: str
    distribution: str
    installed: str | None
    """Version on disk."""
    active: str | None
    """Version loaded in the kernel; None when no driver is loaded."""
    active_is_installed: bool
    """The loaded driver is the one on disk (version and source version agree)."""
    sia_present: bool
    sia_sha256: str | None = None
    free_bytes: int | None = None
    host_key: str = ""
    """Type and fingerprint of its host key; empty in journals of versions that did not keep it."""
    machine_id_changes: bool = False
    """It came out of a boot with another machine id (a stateless node): that tells nothing about it."""


class NodeBaseline(Payload):
    """What a node was like when it was seen to be well: later looks at the same version are compared with it.

    The services that it listed, all of them running, and those of them whose driver was loaded.
    """

    type = "node.baseline"
    version: str
    """Version loaded in the kernel."""
    services: tuple[str, ...]
    drivers: tuple[str, ...] = ()
    exit_code: int = 0
    """How ``dis_services status`` ended."""
    added: tuple[str, ...] = ()
    """Services that its version before did not have."""
    removed: tuple[str, ...] = ()
    """Services that only its version before had: seen and agreed to by a person."""


class StepOffered(Payload):
    """The engine offers a step; only this token can confirm it, once."""

    type = "step.offered"
    token: str
    target: str
    """user@host as the step will run."""
    command: str
    confirm: Confirm
    abort_class: AbortClass
    unavailable: str = ""
    undo: str = ""
    gate: str = ""
    reason: str = ""
    confirm_class: ConfirmClass | None = None
    """None in journals of versions that did not know it."""
    notices: tuple[str, ...] = ()
    """What every confirm of this run has to say, as sentences."""

    @property
    def stands_for(self) -> ConfirmClass:
        """The class of the confirm; what older versions asked a name for is a person's."""
        if self.confirm_class is not None:
            return self.confirm_class
        return ConfirmClass.SIGNATURE if self.confirm is Confirm.TYPE_NAME else ConfirmClass.PLAIN


class StepConfirmed(Payload):
    """The token was handed back; the actor says by whom, or by what in a person's place."""

    type = "step.confirmed"
    token: str
    typed: str = ""


class StepDeclined(Payload):
    """A person said no to an offer; the token is spent."""

    type = "step.declined"
    token: str


class StepState(Payload):
    """A step changed its status."""

    type = "step.state"
    status: StepStatus
    code: str = ""
    reason: str = ""
    remedy: str = ""
    reboot_reason: str = ""
    """Not empty: from here on the node needs (or shall have) a reboot, and why."""
    enforce: bool | None = None
    """Whether a person asked for ``--enforce`` by name with this rerun; None: as it was."""

    @property
    def gone_past(self) -> bool:
        """True for a step that failed, and that a person went past: the code names the check."""
        return self.status is StepStatus.SKIPPED and bool(self.code)


class AttemptStarted(Payload):
    """An attempt begins; written before the node is asked to do anything."""

    type = "attempt.started"
    job_id: str | None
    """None for a step that only reads."""
    boot_id: str
    command: str
    output: str
    """Output file, relative to the run's directory."""
    confirmed_by: str
    last_seen: str = ""
    """The last job that had begun on the node when this one was announced: unchanged, it never began."""
    state_dir: str = ""
    """Where its files lie on the node, whatever the cluster file says later."""


class AttemptOutput(Payload):
    """So many bytes of the output are on disk here."""

    type = "attempt.output"
    offset: int


class AttemptEnded(Payload):
    """The attempt is over; the verdict comes from the node. One event says it all, in one write."""

    type = "attempt.ended"
    status: StepStatus
    exit_code: int | None = None
    size: int = 0
    sha256: str = ""
    summary: str = ""
    code: str = ""
    remedy: str = ""
    reboot_reason: str = ""
    """Not empty: from here on the node needs (or shall have) a reboot, and why."""


class OverrideUsed(Payload):
    """A person went past a named check, and said why."""

    type = "override.used"
    check: str
    reason: str


class NodeSkipped(Payload):
    """A person decided that this run does not update the node."""

    type = "node.skipped"
    reason: str


class NodeHeld(Payload):
    """A person put a node on hold, or (``released``) took the hold away."""

    type = "node.held"
    reason: str = ""
    released: bool = False


class NodeLeft(Payload):
    """A person said, by typing its name, that a node has left the cluster: it counts no more."""

    type = "node.left"
    reason: str


class LedgerAdded(Payload):
    """Something is about to be taken out of service; written before it is."""

    type = "ledger.added"
    line: str
    what: Literal["applications", "services", "node"]
    before: str
    undo: str


class LedgerUndone(Payload):
    """A ledger line is closed: put back, or signed off by a person."""

    type = "ledger.undone"
    line: str
    how: Literal["undone", "signed-off"] = "undone"
    reason: str = ""


class LeftLine(BaseModel):
    """One thing that another run has left out of service on a node."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal["applications", "services", "node"]
    before: str
    undo: str


class OutFound(Payload):
    """A node says that another run took something out of service there and has not put it back.

    ``since``: seconds of the epoch by the node's clock. No ``run``: what the node says cannot be understood.
    """

    type = "out.found"
    run: str = ""
    cluster: str = ""
    who: str = ""
    step: str = ""
    since: int | None = None
    lines: tuple[LeftLine, ...] = ()


class OutSettled(Payload):
    """A person took over what another run had left out on a node (its lines follow), or has seen to it."""

    type = "out.settled"
    run: str = ""
    how: Literal["adopted", "signed-off"]
    reason: str = ""


class LockTaken(Payload):
    """This console leads the run."""

    type = "lock.taken"
    host: str
    pid: int
    on: str = ""
    """The machine of the cluster that keeps the lock."""


class LockBroken(Payload):
    """A person broke another console's lock; the actor is who did."""

    type = "lock.broken"
    holder: str
    on: str = ""
    """As above."""


class OperatorJoined(Payload):
    """A console opened the run."""

    type = "operator.joined"
    host: str
    front_end: str


class OperatorLeft(Payload):
    """A console left the run on purpose."""

    type = "operator.left"
    reason: str = ""


class NoteAdded(Payload):
    """A person wrote something down."""

    type = "note.added"
    text: str


PAYLOADS: dict[str, type[Payload]] = {payload.type: payload for payload in Payload.__subclasses__()}


class Event(BaseModel):
    """The envelope: what the journal keeps as one line of JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=0)]
    time: datetime
    """UTC, with microseconds."""
    type: str
    node: str | None = None
    step: StepName | None = None
    attempt: int | None = None
    actor: str
    data: dict[str, JsonValue]
    prev: str
    """SHA-256 of the line before; of nothing for the first."""

    @property
    def payload(self) -> Payload:
        """The typed data. Raises KeyError or ValidationError for an event that this version does not know."""
        return PAYLOADS[self.type].model_validate(self.data)
