"""What each intent does, or why it is refused. A refusal is a sentence; a consequence is an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.model import events as ev
from tui.model import intents as it
from tui.model.run import LedgerLine, Node, Run
from tui.model.states import Confirm, Progress, RerunScope, RunStatus, StepName, StepStatus
from tui.rollout import decide
from tui.rollout.conductor import Conductor
from tui.rollout.desk import Reply

OVERRIDES: dict[str, str] = {
    "apps-still-running": "applications still used PCI Express when the services were to be stopped",
    "services-not-stopped": "the services could not be stopped",
    "application-check": "",
    "start-command": "",
}
"""Named checks that a person can go past, and why the node then needs a reboot (empty: it does not)."""

REBOOT_CURES = frozenset({"services-not-running", "old-driver-active", "installed-with-errors", "not-active"})
"""Failures for which the manual's cure is a reboot."""


def refuse(sentence: str) -> Reply:
    """Nothing happens, and why."""
    return Reply(False, sentence)


TAKEN = Reply(True)


class Answers:
    """Checks an intent against the state and turns it into events. Takes no time and waits for nothing."""

    def __init__(self, conductor: Conductor, cancel: Callable[[str, str], None]) -> None:
        self._conductor = conductor
        self._core = conductor.core
        self._cancel = cancel

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self._core.state

    def answer(self, intent: it.Intent, actor: str) -> Reply:
        """Act on an intent of ``actor``."""
        if self.run.status.final and not isinstance(intent, it.AddNote):
            return refuse(f"the run is over ({self.run.status})")
        handlers: dict[type[it.Intent], Callable[[Any, str], Reply]] = {
            it.SelectNode: self._select,
            it.ConfirmStep: self._confirm,
            it.DeclineStep: self._decline,
            it.RerunStep: self._rerun,
            it.Override: self._override,
            it.RequestReboot: self._reboot,
            it.SkipNode: self._skip,
            it.HoldNode: self._hold,
            it.ReleaseNode: self._release,
            it.Pause: self._pause,
            it.Resume: self._resume,
            it.ChangePauseMode: self._pause_mode,
            it.CancelStep: self._cancel_step,
            it.CancelRun: self._cancel_run,
            it.SignOff: self._sign_off,
            it.AddNote: self._note,
        }
        named = getattr(intent, "node", None)
        if named is not None and named not in self.run.nodes:
            return refuse(f"{named} is not a node of this cluster")
        return handlers[type(intent)](intent, actor)

    def _select(self, intent: it.SelectNode, actor: str) -> Reply:
        node = self.run.nodes[intent.node]
        if self.run.current is not None:
            return refuse(f"{self.run.current} is being worked on; one node at a time")
        if self.run.status is not RunStatus.RUNNING:
            return refuse(f"the run is {self.run.status}: {self.run.next_action or self.run.summary}")
        if node.name not in self.run.order:
            return refuse(f"{node.name} is not part of this run")
        if node.progress.done:
            return refuse(f"{node.name} is {node.progress}: {node.progress_reason or 'nothing left to do'}")
        not_yet = decide.not_yet(self.run, node.name)
        if not_yet:
            return refuse(not_yet)
        if not node.management:
            sample = self._conductor.gate(node.name, "pick")
            if not sample.open:
                return refuse(f"the gate is closed: {'; '.join(sample.reasons)}")
        self._core.publish(ev.NodeSelected(reason="picked"), node=node.name, actor=actor)
        return TAKEN

    def _confirm(self, intent: it.ConfirmStep, actor: str) -> Reply:
        offer = self.run.offer
        if offer is None or offer.offered.token != intent.token or intent.token in self.run.spent_tokens:
            return refuse("this offer is no longer valid; nothing was done")
        if self.run.status is not RunStatus.RUNNING:
            return refuse(f"the run is {self.run.status}; resume it first")
        if offer.offered.confirm is Confirm.TYPE_NAME and intent.typed != offer.node:
            return refuse(f"type {offer.node} to confirm this step")
        if self._conductor.kind(offer.node, offer.step).gated:
            sample = self._conductor.gate(offer.node, "confirm")
            if not sample.open:
                return refuse(f"the gate is closed: {'; '.join(sample.reasons)}")
        payload = ev.StepConfirmed(token=intent.token, typed=intent.typed)
        self._core.publish(payload, node=offer.node, step=offer.step, attempt=offer.attempt, actor=actor)
        return TAKEN

    def _decline(self, intent: it.DeclineStep, actor: str) -> Reply:
        offer = self.run.offer
        if offer is None or offer.offered.token != intent.token:
            return refuse("this offer is no longer valid; nothing was done")
        payload = ev.StepDeclined(token=intent.token)
        self._core.publish(payload, node=offer.node, step=offer.step, attempt=offer.attempt, actor=actor)
        summary = f"{offer.step.words} on {offer.node} was declined"
        self._state(RunStatus.PAUSED_BY_USER, "declined", summary, "resume to be asked again", actor)
        return TAKEN

    def _rerun(self, intent: it.RerunStep, actor: str) -> Reply:
        node = self.run.nodes[intent.node]
        refusal = self._not_workable(node) or self._busy(node)
        if refusal:
            return refusal
        names = list(node.steps)
        if intent.step not in names:
            return refuse(f"{node.name} has no step {intent.step.words}")
        first = {RerunScope.NODE: 0}.get(intent.scope, names.index(intent.step))
        last = first if intent.scope is RerunScope.STEP else len(names) - 1
        pending = [name for name in names if node.steps[name].status is StepStatus.PENDING]
        if intent.scope is RerunScope.STEP and pending and names.index(pending[0]) < first:
            return refuse(f"{pending[0].words} comes first")
        if self.run.current is None:
            if not self._conductor.gate(node.name, "pick").open and not node.management:
                return refuse("the gate is closed; see the status line")
            self._core.publish(ev.NodeSelected(reason="rerun"), node=node.name, actor=actor)
        for name in names[first : last + 1]:
            if node.steps[name].status is not StepStatus.PENDING or name == intent.step:
                self._again(node.name, name, f"rerun asked for by {actor}", actor)
        self._go_on(actor)
        return TAKEN

    def _override(self, intent: it.Override, actor: str) -> Reply:
        node = self.run.nodes[intent.node]
        step = next(
            (step for step in node.steps.values() if step.status.broken and step.code == intent.check), None
        )
        if step is None or intent.check not in OVERRIDES:
            return refuse(f"{intent.check} is not a check that {node.name} waits at")
        if not intent.reason.strip():
            return refuse("an override needs a reason")
        if intent.typed != node.name:
            return refuse(f"type {node.name} to go past {intent.check}")
        used = ev.OverrideUsed(check=intent.check, reason=intent.reason)
        self._core.publish(used, node=node.name, step=step.name, actor=actor)
        passed = ev.StepState(
            status=StepStatus.SKIPPED,
            code=intent.check,
            reason=f"gone past by {actor}: {intent.reason}",
            reboot_reason=OVERRIDES[intent.check],
        )
        self._core.publish(passed, node=node.name, step=step.name, actor=actor)
        if step.name is StepName.START_APPLICATIONS:
            for line in self._lines(node.name, "applications"):
                self._close(line, intent.reason, actor)
        self._go_on(actor)
        return TAKEN

    def _reboot(self, intent: it.RequestReboot, actor: str) -> Reply:
        """Make the reboot the next thing to be offered: it is still confirmed by typing the name."""
        node = self.run.nodes[intent.node]
        refusal = self._not_workable(node) or self._busy(node)
        if refusal:
            return refusal
        if self.run.current != node.name or StepName.REBOOT not in node.steps:
            return refuse(f"{node.name} is not the Cluster Node that is being worked on")
        install = node.steps[StepName.INSTALL]
        if install.status.broken and install.code == "installed-with-errors":
            used = ev.OverrideUsed(check=install.code, reason=intent.reason)
            self._core.publish(used, node=node.name, step=install.name, actor=actor)
            passed = ev.StepState(
                status=StepStatus.SKIPPED,
                code=install.code,
                reason=f"{install.reason}; reboot chosen",
                reboot_reason=intent.reason,
            )
            self._core.publish(passed, node=node.name, step=install.name, actor=actor)
        elif not install.status.passed:
            return refuse("the reboot comes after the installation")
        for name in (StepName.REBOOT, StepName.VERIFY):
            self._again(
                node.name, name, intent.reason, actor, intent.reason if name is StepName.REBOOT else ""
            )
        self._go_on(actor)
        return TAKEN

    def _skip(self, intent: it.SkipNode, actor: str) -> Reply:
        refusal = self._reason_and_rest(self.run.nodes[intent.node], intent.reason)
        if refusal:
            return refusal
        self._core.publish(ev.NodeSkipped(reason=intent.reason), node=intent.node, actor=actor)
        self._after_letting_go(actor)
        return TAKEN

    def _hold(self, intent: it.HoldNode, actor: str) -> Reply:
        refusal = self._reason_and_rest(self.run.nodes[intent.node], intent.reason)
        if refusal:
            return refusal
        self._core.publish(ev.NodeHeld(reason=intent.reason), node=intent.node, actor=actor)
        self._after_letting_go(actor)
        return TAKEN

    def _release(self, intent: it.ReleaseNode, actor: str) -> Reply:
        if self.run.nodes[intent.node].progress is not Progress.HELD:
            return refuse(f"{intent.node} is not on hold")
        self._core.publish(ev.NodeHeld(released=True), node=intent.node, actor=actor)
        return TAKEN

    def _pause(self, intent: it.Pause, actor: str) -> Reply:
        if self.run.status is not RunStatus.RUNNING:
            return refuse(f"the run is {self.run.status} already")
        node = self.run.working
        running = node is not None and any(step.status.active for step in node.steps.values())
        if running:
            summary = "pausing after the step that runs now"
            self._state(RunStatus.PAUSE_PENDING, "paused", summary, "wait, or resume to take it back", actor)
        else:
            self._state(RunStatus.PAUSED_BY_USER, "paused", f"paused by {actor}", "resume to go on", actor)
        return TAKEN

    def _resume(self, intent: it.Resume, actor: str) -> Reply:
        if self.run.status is RunStatus.RUNNING:
            return refuse("the run is not paused")
        if not (self.run.status.paused or self.run.status is RunStatus.PAUSE_PENDING):
            return refuse(f"the run is {self.run.status}: {self.run.next_action or self.run.summary}")
        node = self.run.working
        broken = next((step for step in node.steps.values() if step.status.broken), None) if node else None
        if broken is not None:
            return refuse(f"{broken.name.words} did not pass: rerun it, go past it, or skip the node")
        self._state(RunStatus.RUNNING, "", "", "", actor)
        return TAKEN

    def _pause_mode(self, intent: it.ChangePauseMode, actor: str) -> Reply:
        run = self.run
        payload = ev.RunState(
            status=run.status,
            code=run.code,
            summary=run.summary,
            next_action=run.next_action,
            pause_mode=intent.mode,
        )
        self._core.publish(payload, actor=actor)
        return TAKEN

    def _cancel_step(self, intent: it.CancelStep, actor: str) -> Reply:
        node = self.run.nodes[intent.node]
        step = next((step for step in node.steps.values() if step.status.active), None)
        attempt = step.open_attempt if step is not None else None
        if step is None or attempt is None or attempt.begun.job_id is None:
            return refuse(f"nothing runs on {node.name} that could be canceled")
        if step.name is StepName.REBOOT:
            return refuse("a reboot cannot be canceled")
        if step.name is StepName.INSTALL and intent.typed != node.name:
            return refuse(f"type {node.name} to cancel the installation")
        self._core.publish(
            ev.NoteAdded(text=f"cancel of {step.name.words} asked for"), node=node.name, actor=actor
        )
        self._cancel(node.name, attempt.begun.job_id)
        return TAKEN

    def _cancel_run(self, intent: it.CancelRun, actor: str) -> Reply:
        node = self.run.working
        if node is not None and any(step.status.active for step in node.steps.values()):
            return refuse(f"a step runs on {node.name}; cancel or await it first")
        out = ", ".join(f"{line.added.what} on {line.node}" for line in self.run.open_ledger)
        summary = f"canceled by {actor}: {intent.reason}" + (f"; still out of service: {out}" if out else "")
        self._state(
            RunStatus.CANCELED, "canceled", summary, "put back what is still out" if out else "", actor
        )
        return TAKEN

    def _sign_off(self, intent: it.SignOff, actor: str) -> Reply:
        line = next((line for line in self.run.open_ledger if line.line == intent.line), None)
        if line is None:
            return refuse(f"{intent.line} is not an open line of the ledger")
        if not intent.reason.strip():
            return refuse("signing off needs a reason")
        self._close(line, intent.reason, actor)
        if self.run.code == "ledger-open":
            self._go_on(actor)
        return TAKEN

    def _note(self, intent: it.AddNote, actor: str) -> Reply:
        if not intent.text.strip():
            return refuse("the note is empty")
        self._core.publish(ev.NoteAdded(text=intent.text), actor=actor)
        return TAKEN

    def _not_workable(self, node: Node) -> Reply | None:
        if self.run.current not in (None, node.name):
            return refuse(f"{self.run.current} is being worked on; one node at a time")
        if node.name not in self.run.order:
            return refuse(f"{node.name} is not part of this run")
        if node.progress is Progress.HELD:
            return refuse(f"{node.name} is on hold: {node.hold}")
        return None

    def _busy(self, node: Node) -> Reply | None:
        step = next((step for step in node.steps.values() if step.status.active), None)
        return (
            refuse(f"{step.name.words} runs on {node.name}; never twice: await or cancel it")
            if step
            else None
        )

    def _reason_and_rest(self, node: Node, reason: str) -> Reply | None:
        if not reason.strip():
            return refuse("a reason is needed")
        if node.progress in (Progress.UPDATED, Progress.SKIPPED):
            return refuse(f"{node.name} is {node.progress} already")
        return self._busy(node)

    def _again(self, node: str, step: StepName, reason: str, actor: str, reboot_reason: str = "") -> None:
        payload = ev.StepState(status=StepStatus.PENDING, reason=reason, reboot_reason=reboot_reason)
        self._core.publish(payload, node=node, step=step, actor=actor)

    def _after_letting_go(self, actor: str) -> None:
        """The node that stood in the way is no longer worked on; its open ledger lines stay open."""
        if self.run.status is RunStatus.PAUSED_ON_ERROR and self.run.current is None:
            self._go_on(actor)

    def _lines(self, node: str, what: str) -> list[LedgerLine]:
        return [line for line in self.run.open_ledger if line.node == node and line.added.what == what]

    def _close(self, line: LedgerLine, reason: str, actor: str) -> None:
        payload = ev.LedgerUndone(line=line.line, how="signed-off", reason=reason)
        self._core.publish(payload, node=line.node, actor=actor)

    def _go_on(self, actor: str) -> None:
        node = self.run.working
        if node is not None and node.progress is Progress.FAILED:
            again = ev.NodeProgress(progress=Progress.SELECTED, reason="taken up again")
            self._core.publish(again, node=node.name, actor=actor)
        if self.run.status.paused:
            self._state(RunStatus.RUNNING, "", "", "", actor)

    def _state(self, status: RunStatus, code: str, summary: str, next_action: str, actor: str) -> None:
        payload = ev.RunState(status=status, code=code, summary=summary, next_action=next_action)
        self._core.publish(payload, actor=actor)
