"""What happens to a run as a whole: begun, bound, checked, planned, moved along."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from tui.model.change import Change
from tui.model.events.base import Payload
from tui.model.states import AbortClass, Confirm, PauseMode, RunStatus
from tui.model.steps import StepName
from tui.model.strict import StrictModel


class RunCreated(Payload):
    """A run of a cluster file was opened."""

    type = "run.created"
    run_id: str
    cluster: str
    cluster_file: str
    target: str
    nodes: tuple[str, ...]
    management_node: str | None = None
    held: dict[str, str] = {}  # noqa: RUF012  # pydantic copies it
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


class Reached(StrictModel):
    """How a machine is reached: what the cluster file and ``ssh -G`` make of its name. No secret is in it."""

    host: str
    port: int
    user: str
    host_key_alias: str = ""
    proxy: str = ""
    """The jump hosts, or the program of a ProxyCommand."""


class ChangedKey(StrictModel):
    """One key of the cluster file that says something else than what the run is bound to."""

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
    machines: dict[str, Reached] = {}  # noqa: RUF012  # as above
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


class StepPlan(StrictModel):
    """One step as planned, before any node is picked."""

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
