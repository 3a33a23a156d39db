"""What happens to a step and to its attempts: offered, confirmed, begun, ended, overridden."""

from __future__ import annotations

from tui.model.events.base import AttemptPayload, StepPayload
from tui.model.states import AbortClass, Confirm, ConfirmClass, StepStatus
from tui.model.strict import StrictModel


class StepOffered(AttemptPayload):
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

    @property
    def by_reading(self) -> bool:
        """A person confirms it with what the gate's sample says; so are offers of older versions, too."""
        typed = self.stands_for in (ConfirmClass.READING, ConfirmClass.SIGNATURE)
        return typed and self.confirm is not Confirm.NONE


class PeersRead(StrictModel):
    """What the gate's sample said that a person read before a critical step."""

    active: int
    peers: int
    age: float
    """Seconds between the oldest look in it and the confirm."""


class StepConfirmed(StepPayload):
    """The token was handed back; the actor says by whom, or by what in a person's place."""

    type = "step.confirmed"
    token: str
    typed: str = ""
    read: PeersRead | None = None
    """What was typed was read from this; None where nothing had to be read."""


class StepDeclined(StepPayload):
    """A person said no to an offer; the token is spent."""

    type = "step.declined"
    token: str


class StepState(StepPayload):
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
        """True for a step that failed, and after which a person went on: the code names the check."""
        return self.status is StepStatus.SKIPPED and bool(self.code)


class AttemptStarted(AttemptPayload):
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


class AttemptOutput(AttemptPayload):
    """So many bytes of the output are on disk here."""

    type = "attempt.output"
    offset: int


class AttemptEnded(AttemptPayload):
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


class OverrideUsed(StepPayload):
    """A person went past a named check, and said why."""

    type = "override.used"
    check: str
    reason: str
