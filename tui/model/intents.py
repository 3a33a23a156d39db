"""What a person can ask for. A front end turns keys or answers into these; only the engine acts on them."""

from __future__ import annotations

from tui.model.states import PauseMode, RerunScope
from tui.model.steps import StepName
from tui.model.strict import StrictModel


class Intent(StrictModel):
    """Something that a person wants."""


class SelectNode(Intent):
    """Work on this node next."""

    node: str


class ConfirmStep(Intent):
    """Hand back the token of an offer; ``typed`` and ``sample`` where it asks a person to read."""

    token: str
    typed: str = ""
    sample: str = ""
    """The name of the gate's sample that it was read from."""


class DeclineStep(Intent):
    """Say no to an offer: the run pauses, nothing is done."""

    token: str


class RerunStep(Intent):
    """Do a step again: alone, from there on, or the whole node. Always a new attempt."""

    node: str
    step: StepName
    scope: RerunScope = RerunScope.STEP
    enforce: bool = False
    """With ``--enforce`` on the installation: for what the SIA refuses as the same or an older version."""


class Override(Intent):
    """Go past one named check of a step that did not pass, with a reason; never a general force."""

    node: str
    check: str
    reason: str
    typed: str = ""


class RequestReboot(Intent):
    """Reboot the node (the manual's cure) as its next step."""

    node: str
    reason: str = "asked for by the operator"


class SkipNode(Intent):
    """This run does not update the node."""

    node: str
    reason: str


class LeftCluster(Intent):
    """A node that the cluster file does not have any more has left the cluster; its name is typed."""

    node: str
    reason: str
    typed: str = ""


class HoldNode(Intent):
    """Keep the run's hands off the node until released."""

    node: str
    reason: str


class ReleaseNode(Intent):
    """Take a hold away."""

    node: str


class Pause(Intent):
    """Start nothing more after what runs now."""


class Resume(Intent):
    """Go on."""

    agrees_to: str = ""
    """The code of the pause whose cause a person agrees to; without it, that is looked at anew."""


class ChangePauseMode(Intent):
    """Wait for a person more or less often."""

    mode: PauseMode


class CancelStep(Intent):
    """Stop the running job by its process group."""

    node: str
    typed: str = ""


class CancelRun(Intent):
    """End the run here."""

    reason: str


class SignOff(Intent):
    """Close a ledger line without putting the thing back, with a reason."""

    line: str
    reason: str
    typed: str = ""
    """Node and thing, as in ``px04/services``."""


class AdoptOut(Intent):
    """Take over what another run left out of service on the node: it stands in this run's ledger then."""

    node: str
    typed: str = ""


class SettleOut(Intent):
    """What another run left out of service on the node is seen to by a person, with a reason."""

    node: str
    reason: str
    typed: str = ""


class PutBack(Intent):
    """Put back in service what the run took out on the node: the undo of its open ledger lines is offered."""

    node: str


class AddNote(Intent):
    """Write something into the journal."""

    text: str
