"""What can happen in a run: one frozen model per event type, and the envelope that the journal keeps.

An event is written and fsynced before anyone sees its effect; state is a pure fold over them (``fold/``).
"""

from tui.model.events.base import PAYLOADS as PAYLOADS
from tui.model.events.base import AttemptEvent as AttemptEvent
from tui.model.events.base import AttemptPayload as AttemptPayload
from tui.model.events.base import Event as Event
from tui.model.events.base import NodeEvent as NodeEvent
from tui.model.events.base import NodePayload as NodePayload
from tui.model.events.base import Payload as Payload
from tui.model.events.base import StepEvent as StepEvent
from tui.model.events.base import StepPayload as StepPayload
from tui.model.events.files import FileChange as FileChange
from tui.model.events.files import NodeFiles as NodeFiles
from tui.model.events.files import WatchedFile as WatchedFile
from tui.model.events.nodes import NodeBaseline as NodeBaseline
from tui.model.events.nodes import NodeErrors as NodeErrors
from tui.model.events.nodes import NodeFacts as NodeFacts
from tui.model.events.nodes import NodeHealth as NodeHealth
from tui.model.events.nodes import NodeHeld as NodeHeld
from tui.model.events.nodes import NodeLeft as NodeLeft
from tui.model.events.nodes import NodeProgress as NodeProgress
from tui.model.events.nodes import NodeReadiness as NodeReadiness
from tui.model.events.nodes import NodeSelected as NodeSelected
from tui.model.events.nodes import NodeSkipped as NodeSkipped
from tui.model.events.people import LockBroken as LockBroken
from tui.model.events.people import LockTaken as LockTaken
from tui.model.events.people import NoteAdded as NoteAdded
from tui.model.events.people import OperatorJoined as OperatorJoined
from tui.model.events.people import OperatorLeft as OperatorLeft
from tui.model.events.people import RisksAcknowledged as RisksAcknowledged
from tui.model.events.run import ChangedKey as ChangedKey
from tui.model.events.run import GateSample as GateSample
from tui.model.events.run import PlanFrozen as PlanFrozen
from tui.model.events.run import PreflightResult as PreflightResult
from tui.model.events.run import Reached as Reached
from tui.model.events.run import RunBound as RunBound
from tui.model.events.run import RunCreated as RunCreated
from tui.model.events.run import RunState as RunState
from tui.model.events.run import StepPlan as StepPlan
from tui.model.events.service import LedgerAdded as LedgerAdded
from tui.model.events.service import LedgerUndone as LedgerUndone
from tui.model.events.service import LeftLine as LeftLine
from tui.model.events.service import OutFound as OutFound
from tui.model.events.service import OutSettled as OutSettled
from tui.model.events.steps import AttemptEnded as AttemptEnded
from tui.model.events.steps import AttemptOutput as AttemptOutput
from tui.model.events.steps import AttemptStarted as AttemptStarted
from tui.model.events.steps import OverrideUsed as OverrideUsed
from tui.model.events.steps import PeersRead as PeersRead
from tui.model.events.steps import StepConfirmed as StepConfirmed
from tui.model.events.steps import StepDeclined as StepDeclined
from tui.model.events.steps import StepOffered as StepOffered
from tui.model.events.steps import StepState as StepState
