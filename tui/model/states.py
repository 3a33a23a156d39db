"""The words for where things stand: run, node (three axes), step. The field's standard terms."""

from enum import StrEnum


class Word(StrEnum):
    """A state: its value is what the journal has, ``words`` is what people read."""

    @property
    def words(self) -> str:
        """As it stands in a sentence: without hyphens."""
        return self.value.replace("-", " ")


class RunStatus(Word):
    """Where a run stands. A run found unfinished goes through RECOVERING and never straight to RUNNING."""

    DRAFT = "draft"
    VALIDATING = "validating"
    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    PAUSE_PENDING = "pause-pending"
    PAUSED_BY_USER = "paused-by-user"
    PAUSED_ON_ERROR = "paused-on-error"
    INTERRUPTED = "interrupted"
    RECOVERING = "recovering"
    COMPLETED = "completed"
    COMPLETED_WITH_EXCEPTIONS = "completed-with-exceptions"
    CANCELED = "canceled"

    @property
    def words(self) -> str:
        """As it stands in a sentence: who paused it is said beside it."""
        return super().words.removesuffix(" by user")

    @property
    def final(self) -> bool:
        """True when nothing will happen in this run any more."""
        return self in _FINAL

    @property
    def paused(self) -> bool:
        """True while a person is needed before anything is started."""
        return self in _PAUSED


_FINAL = {RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_EXCEPTIONS, RunStatus.CANCELED}
_PAUSED = {RunStatus.PAUSED_BY_USER, RunStatus.PAUSED_ON_ERROR}


class Progress(Word):
    """How far the run has taken a node: the first of its three axes."""

    WAITING = "waiting"
    SELECTED = "selected"
    PREPARING = "preparing"
    DRAINING = "draining"
    STOPPED = "stopped"
    INSTALLING = "installing"
    REBOOTING = "rebooting"
    WAITING_FOR_RETURN = "waiting-for-return"
    STARTING = "starting"
    VERIFYING = "verifying"
    STABILIZING = "stabilizing"
    UPDATED = "updated"
    FAILED = "failed"
    SKIPPED = "skipped"
    HELD = "held"
    ALREADY_AT_TARGET = "already-at-target"

    @property
    def done(self) -> bool:
        """True when the run has nothing more to do on the node."""
        return self in _DONE

    @property
    def at_target(self) -> bool:
        """True when the node runs what the run is to bring."""
        return self in _AT_TARGET


_AT_TARGET = Progress.UPDATED, Progress.ALREADY_AT_TARGET
_DONE = Progress.SKIPPED, Progress.HELD, *_AT_TARGET
"""Looked up once: this is asked of every node, and to find an enum's member takes longer than to compare."""


class Health(Word):
    """What was observed of a node: the second axis. UNKNOWN counts as down."""

    ACTIVE = "active"
    DEGRADED = "degraded"
    DISABLED = "disabled"
    UNREACHABLE = "unreachable"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


class Service(Word):
    """Whose wish it is that a node serves or not: the third axis."""

    IN_SERVICE = "in-service"
    OUT_BY_RUN = "out-by-run"


class StepStatus(Word):
    """Where a step stands. SKIPPED is never SUCCEEDED."""

    PENDING = "pending"
    AWAITING_CONFIRM = "awaiting-confirm"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    DETACHED = "detached"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    SKIPPED = "skipped"
    CANCELED = "canceled"
    NOT_NEEDED = "not-needed"

    @property
    def passed(self) -> bool:
        """True when the procedure may go on to the next step."""
        return self in _PASSED

    @property
    def asked(self) -> bool:
        """True when the step was offered, or confirmed, and has not begun."""
        return self in _ASKED

    @property
    def active(self) -> bool:
        """True while an attempt is under way."""
        return self in _ACTIVE

    @property
    def broken(self) -> bool:
        """True when the step ended without success and a person has to choose."""
        return self in _BROKEN


_PASSED = StepStatus.SUCCEEDED, StepStatus.NOT_NEEDED, StepStatus.SKIPPED
_ASKED = StepStatus.AWAITING_CONFIRM, StepStatus.CONFIRMED
_ACTIVE = StepStatus.RUNNING, StepStatus.DETACHED, StepStatus.VERIFYING
_BROKEN = StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELED


class AbortClass(StrEnum):
    """What it means to abort a step now."""

    FREE = "free to abort"
    OLD_VERSION = "abort leaves the old version"
    NEEDS_REBOOT = "abort needs a reboot"
    CANNOT = "cannot abort"


class Confirm(StrEnum):
    """How a person confirms a step."""

    NONE = "none"
    YES = "yes"
    TYPE_NAME = "type-name"
    """As older versions asked it."""


class ConfirmClass(StrEnum):
    """What a confirm stands for, and so who may give it."""

    PLAIN = "plain"
    """An ordinary step; a person, or what waives it: ``--yes``, the pause mode."""
    READING = "reading"
    """A planned critical step (stop services, reboot): as above, but ``every-node`` does not waive it.

    A person types what the gate's sample says.
    """
    SIGNATURE = "signature"
    """What was not planned: typed in the same way, by a person only. ``--yes`` stops there."""
    EYES = "eyes"
    """What only a person can know: a person only, unless the cluster file waives it by name."""

    @property
    def person_only(self) -> bool:
        """True when nothing may stand in a person's place."""
        return self in (ConfirmClass.SIGNATURE, ConfirmClass.EYES)


class PauseMode(Word):
    """How often the run waits for a person. The machine's gate holds in every mode."""

    EVERY_STEP = "every-step"
    EVERY_NODE = "every-node"
    FIRST_NODE = "first-node"
    NONE = "none"


class RerunScope(StrEnum):
    """How much is done again."""

    STEP = "step"
    FROM_HERE = "from-here"
    NODE = "node"
