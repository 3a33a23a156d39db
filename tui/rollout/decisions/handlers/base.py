"""What every handler needs: the state, the way to publish, and the checks that several share."""

from __future__ import annotations

from collections.abc import Callable

from tui.model import events as ev
from tui.model.run import LedgerLine, Node, Run
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.context import RunContext
from tui.rollout.decisions.reading import Readings
from tui.rollout.interface import Reply

TAKEN = Reply(True)


def refuse(sentence: str) -> Reply:
    """Nothing happens, and why."""
    return Reply(False, sentence)


class IntentContext:
    """The engine as a handler sees it. Nothing here takes time or waits."""

    def __init__(self, context: RunContext, cancel: Callable[[str, str], None]) -> None:
        self.config = context.config
        self.publisher = context.publisher
        self.set_status = context.set_status
        self.gate = context.ask_gate
        self.cancel = cancel
        self.readings = Readings(context)

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.publisher.state

    @property
    def standing(self) -> str:
        """How the run stands that has to go on first, as a sentence."""
        return f"the run is {self.run.status.words}: {self.run.next_action or self.run.summary}"

    def not_workable(self, node: Node) -> Reply | None:
        """Why no step of the node may be touched now; None when it may."""
        if self.run.current not in (None, node.name):
            return refuse(f"{self.run.current} is being worked on; one node at a time")
        if node.name not in self.run.order:
            return refuse(f"{node.name} is not part of this run")
        if node.left:
            return refuse(f"{node.name} has left the cluster: {node.left}")
        if node.progress is Progress.HELD:
            return refuse(f"{node.name} is on hold: {node.hold}")
        return None

    def busy(self, node: Node) -> Reply | None:
        """Refuse while a step of the node is under way."""
        step = node.active_step
        return (
            refuse(f"{step.name.words} runs on {node.name}; never twice: await or cancel it")
            if step
            else None
        )

    def reason_and_rest(self, node: Node, reason: str) -> Reply | None:
        """Refuse without a reason, for a node that is done, or while a step runs."""
        if not reason.strip():
            return refuse("a reason is needed")
        if node.progress in (Progress.UPDATED, Progress.SKIPPED):
            return refuse(f"{node.name} is {node.progress.words} already")
        return self.busy(node)

    def again(
        self,
        node: str,
        step: StepName,
        reason: str,
        actor: str,
        reboot_reason: str = "",
        *,
        enforce: bool | None = None,
    ) -> None:
        """Set a step back to pending; ``enforce`` is for the installation."""
        pending = StepStatus.PENDING
        payload = ev.StepState(status=pending, reason=reason, reboot_reason=reboot_reason, enforce=enforce)
        self.publisher.publish(payload, node=node, step=step, actor=actor)

    def instead_of_put_back(self, node: Node, reason: str, actor: str) -> None:
        """A put-back that was asked for and has not happened is off: a person chose something else."""
        step = node.steps.get(StepName.PUT_BACK)
        if step is not None and not step.status.passed:
            code = step.code if step.status.broken else ""
            payload = ev.StepState(status=StepStatus.SKIPPED, code=code, reason=reason)
            self.publisher.publish(payload, node=node.name, step=step.name, actor=actor)

    def after_letting_go(self, actor: str) -> None:
        """The node that stood in the way is no longer worked on; its open ledger lines stay open."""
        if self.run.status is RunStatus.PAUSED_ON_ERROR and self.run.current is None:
            self.go_on(actor)

    def lines(self, node: str, what: str) -> list[LedgerLine]:
        """A node's open ledger lines of one kind."""
        return [line for line in self.run.open_ledger if line.node == node and line.added.what == what]

    def close(self, line: LedgerLine, reason: str, actor: str) -> None:
        """Close a ledger line that a person has seen to."""
        payload = ev.LedgerUndone(line=line.line, how="signed-off", reason=reason)
        self.publisher.publish(payload, node=line.node, actor=actor)

    def go_on(self, actor: str) -> None:
        """Leave a pause."""
        node = self.run.working
        if node is not None and node.progress is Progress.FAILED:
            again = ev.NodeProgress(progress=Progress.SELECTED, reason="taken up again")
            self.publisher.publish(again, node=node.name, actor=actor)
        if self.run.status.paused:
            self.set_status(RunStatus.RUNNING, actor=actor)
