"""What every step has: a command to show and run, what to check before, and how to judge the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from tui.model.clusterfile import ClusterFile
from tui.model.events import Payload, StepState
from tui.model.problems import Problem
from tui.model.run import Node, Run, Step
from tui.model.states import AbortClass, Confirm, ConfirmClass, Progress, StepStatus
from tui.model.steps import StepName

if TYPE_CHECKING:
    from tui.journal import OutputFile
    from tui.remote import JobStatus, NodeClient
    from tui.rollout.context import RunContext
    from tui.rollout.gate.monitor import Monitor


class Runnable(Protocol):
    """Something with a text to show and the same text for a node's /bin/sh."""

    @property
    def display(self) -> str:
        """What the operator sees and could type."""

    @property
    def script(self) -> str:
        """What the node runs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended, for events and people."""

    status: StepStatus
    reason: str = ""
    code: str = ""
    """Stable word for machines; names the check that a person may override."""
    remedy: str = ""
    reboot_reason: str = ""

    @property
    def as_state(self) -> StepState:
        """For a step that ends so before an attempt of it began."""
        return StepState(status=self.status, code=self.code, reason=self.reason, remedy=self.remedy)


def succeeded(reason: str = "", reboot_reason: str = "") -> Outcome:
    """The step did what it is for, and that was observed."""
    return Outcome(StepStatus.SUCCEEDED, reason, reboot_reason=reboot_reason)


def failed(problem: Problem, reason: str, remedy: str = "") -> Outcome:
    """The step did not do what it is for; ``remedy`` where there is a better one here than the problem's."""
    return Outcome(StepStatus.FAILED, reason, problem.code, remedy or problem.remedy)


@dataclass(frozen=True)
class StepContext:
    """Everything a step of one node may look at and use."""

    run_context: RunContext
    node_name: str
    step_name: StepName

    @property
    def config(self) -> ClusterFile:
        """The cluster file."""
        return self.run_context.config

    @property
    def monitor(self) -> Monitor:
        """The looks at all nodes."""
        return self.run_context.monitor

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.run_context.run

    @property
    def client(self) -> NodeClient:
        """The node itself."""
        return self.run_context.fleet.client(self.node_name)

    def say(self, payload: Payload, attempt: int | None = None) -> None:
        """Publish an event of this node and step."""
        publisher = self.run_context.publisher
        publisher.publish(payload, node=self.node_name, step=self.step_name, attempt=attempt)

    def output(self, attempt: int) -> OutputFile:
        """What an attempt of the step has printed."""
        return self.run_context.publisher.journal.output(self.node_name, self.step_name, attempt)

    def printed(self, limit: int) -> bytes:
        """The last bytes of the latest attempt's output."""
        if self.step.attempt is None:
            return b""
        output = self.output(self.step.attempt.number)
        return output.read(max(0, output.size - limit), limit)

    @property
    def node(self) -> Node:
        """The node as it stands."""
        return self.run.nodes[self.node_name]

    @property
    def step(self) -> Step:
        """The step as it stands."""
        return self.node.steps[self.step_name]

    @property
    def boot_in_look(self) -> str:
        """The node's boot id as the latest look has seen it; empty when it has not."""
        probe = self.monitor.probe(self.node_name)
        return probe.boot_id or "" if probe is not None else ""

    def other(self, name: StepName) -> Step:
        """Another step of the same node."""
        return self.node.steps.get(name, Step(name))


class ProcedureStep:
    """One step of the procedure. Subclasses override what differs."""

    name: ClassVar[StepName]
    progress: ClassVar[Progress]
    abort_class: ClassVar[AbortClass] = AbortClass.FREE
    confirm: ClassVar[Confirm] = Confirm.YES
    confirm_class: ClassVar[ConfirmClass] = ConfirmClass.PLAIN
    unavailable: ClassVar[str] = "nothing"
    """What the users of the cluster lose while it runs."""
    undo: ClassVar[str] = "nothing to undo"
    warn_after: ClassVar[float] = 60.0
    stop_after: ClassVar[float] = 300.0
    gated: ClassVar[bool] = False
    """The gate is asked again in the moment before it runs."""
    waits_for_job: ClassVar[bool] = True
    """False when the job takes the node's connection down: it is started, then not waited for."""

    outlives_reboot: ClassVar[bool] = False
    """The step judges by itself what a reboot during its job means."""

    def limits(self, config: ClusterFile) -> tuple[float, float]:
        """Seconds after which it is flagged as slow, and after which a person is asked; nothing is killed."""
        return self.warn_after, self.stop_after

    def confirm_for(self, context: StepContext) -> Confirm:
        """How this step has to be confirmed on this node."""
        return self.confirm

    def class_for(self, context: StepContext) -> ConfirmClass:
        """What the confirm stands for, and so who may give it."""
        return self.confirm_class

    def why(self, context: StepContext) -> str:
        """One sentence for the confirm: why this step, why in this form."""
        return ""

    def not_needed(self, context: StepContext) -> str | None:
        """Why the step is not needed here; None when it is."""
        return None

    def command(self, context: StepContext) -> Runnable | None:
        """What is run on the node as a detached job; None for a step that only reads or copies."""
        return None

    def display_command(self, context: StepContext) -> str:
        """What the operator confirms."""
        command = self.command(context)
        return command.display if command else self.description(context)

    def description(self, context: StepContext) -> str:
        """In words, what a step without a command does."""
        return ""

    def planned(self, config: ClusterFile) -> str:
        """The command as it stands in the plan, before any node is looked at."""
        return ""

    def baseline(self, context: StepContext) -> str:
        """The node's boot id before the attempt."""
        return self.boot_seen(context)

    def boot_seen(self, context: StepContext) -> str:
        """The node's boot id as it was last seen."""
        return context.boot_in_look or (context.node.facts.boot_id if context.node.facts else "")

    async def before(self, context: StepContext) -> Outcome | None:
        """The last look before the attempt; an outcome here means that nothing is started."""
        return None

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Do what the step does beside its job, and judge the result by what is observed."""
        raise NotImplementedError
