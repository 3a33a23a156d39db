"""Handles what did not pass: do it again, override it by name, say if it ran, reboot, skip, hold."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.problems import Cure
from tui.model.run import Node, Step
from tui.model.states import Progress, RerunScope, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.decisions.handlers.ledger import put_back
from tui.rollout.decisions.next_action import DID_NOT_RUN, DID_RUN
from tui.rollout.interface import Reply


def rerun(context: IntentContext, intent: it.RerunStep, actor: str) -> Reply:
    """A new attempt of a step, of all from there on, or of the whole node."""
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node) or context.busy(node):
        return refusal
    if intent.step is StepName.PUT_BACK:
        return put_back(context, it.PutBack(node=node.name), actor)
    names = [name for name in node.steps if name is not StepName.PUT_BACK]
    if intent.step not in names:
        return refuse(f"{node.name} has no step {intent.step.words}")
    first = {RerunScope.NODE: 0}.get(intent.scope, names.index(intent.step))
    last = first if intent.scope is RerunScope.STEP else len(names) - 1
    if intent.enforce and StepName.INSTALL not in names[first : last + 1]:
        return refuse("--enforce is an option of the installation; rerun that")
    pending = [name for name in names if node.steps[name].status is StepStatus.PENDING]
    if intent.scope is RerunScope.STEP and pending and names.index(pending[0]) < first:
        return refuse(f"{pending[0].words} comes first")
    picks = context.run.current is None
    if picks and not context.gate(node.name, "pick").open and not node.management:
        return refuse("the gate is closed; see the status line")
    context.instead_of_put_back(node, "rerun instead", actor)
    if picks:
        context.publisher.publish(ev.NodeSelected(reason="rerun"), node=node.name, actor=actor)
    for name in names[first : last + 1]:
        if node.steps[name].status is not StepStatus.PENDING or name == intent.step:
            enforce = intent.enforce if name is StepName.INSTALL else None
            context.again(node.name, name, f"rerun asked for by {actor}", actor, enforce=enforce)
    if intent.scope is RerunScope.STEP and intent.step.row.takes_out and not node.management:
        _passed_again(context, node, f"to be done again after {intent.step.words}", actor)
    context.go_on(actor)
    return TAKEN


def _passed_again(context: IntentContext, node: Node, reason: str, actor: str) -> None:
    """What brings a node back has to be done again after it was taken out again."""
    for step in node.steps.values():
        if step.name.row.brings_back and step.status.passed:
            context.again(node.name, step.name, reason, actor)


def override(context: IntentContext, intent: it.Override, actor: str) -> Reply:
    """Go past one named check, with a reason and the name typed."""
    if intent.check in (DID_NOT_RUN, DID_RUN):
        return _say_whether_it_ran(context, intent, actor)
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node) or context.busy(node):
        return refusal
    step = next(
        (step for step in node.steps.values() if step.status.broken and step.code == intent.check), None
    )
    problem = problems.of(intent.check)
    if step is None or Cure.OVERRIDE not in problem.cures:
        return refuse(f"{intent.check} is not a check that {node.name} waits at")
    if not intent.reason.strip():
        return refuse("an override needs a reason")
    if intent.typed != node.name:
        return refuse(f"type {node.name} to override {intent.check}")
    context.instead_of_put_back(node, f"went past {intent.check} instead", actor)
    _note_override(context, node, step, intent.check, intent.reason, actor)
    if problem in (problems.FEWER_SERVICES, problems.LINK_ERRORS):  # agreed to, and still to be verified
        context.again(node.name, step.name, f"agreed to by {actor}: {intent.reason}", actor)
        context.go_on(actor)
        return TAKEN
    _go_past(context, node, step, f"gone past by {actor}: {intent.reason}", problem.then_reboot, actor)
    if step.name is StepName.START_APPLICATIONS:
        for line in context.lines(node.name, "applications"):
            context.close(line, intent.reason, actor)
    context.go_on(actor)
    return TAKEN


def _say_whether_it_ran(context: IntentContext, intent: it.Override, actor: str) -> Reply:
    """End the attempt as the person found it: nothing ran, and it is offered anew; or it ran, unseen."""
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node):
        return refusal
    step = node.active_step
    attempt = step.open_attempt if step is not None else None
    if step is None or attempt is None or context.run.code != problems.START_UNKNOWN.code:
        return refuse(f"nobody has to say whether a step of {node.name} ran")
    if not intent.reason.strip():
        return refuse("say what you have found")
    if intent.typed != node.name:
        return refuse(f"type {node.name} to say so")
    _note_override(context, node, step, intent.check, intent.reason, actor)
    nothing = intent.check == DID_NOT_RUN
    ended = ev.AttemptEnded(
        status=StepStatus.CANCELED if nothing else StepStatus.FAILED,
        size=attempt.size,
        summary=f"{'did not run' if nothing else 'ran, and nobody saw how it ended'}: {intent.reason}",
        code="" if nothing else problems.JOB_LOST.code,
        remedy="" if nothing else "look at what it has done, then rerun the step",
    )
    context.publisher.publish(ended, node=node.name, step=step.name, attempt=attempt.number, actor=actor)
    if nothing:
        context.again(node.name, step.name, f"it did not run, as {actor} found: {intent.reason}", actor)
    context.go_on(actor)
    return TAKEN


def _note_override(
    context: IntentContext, node: Node, step: Step, check: str, reason: str, actor: str
) -> None:
    used = ev.OverrideUsed(check=check, reason=reason)
    context.publisher.publish(used, node=node.name, step=step.name, actor=actor)


def _go_past(
    context: IntentContext, node: Node, step: Step, reason: str, reboot_reason: str, actor: str
) -> None:
    skipped = StepStatus.SKIPPED
    passed = ev.StepState(status=skipped, code=step.code, reason=reason, reboot_reason=reboot_reason)
    context.publisher.publish(passed, node=node.name, step=step.name, actor=actor)


def reboot(context: IntentContext, intent: it.RequestReboot, actor: str) -> Reply:
    """Make the reboot the next thing to be offered: it is still confirmed like any."""
    node = context.run.nodes[intent.node]
    if refusal := context.not_workable(node) or context.busy(node):
        return refusal
    if context.run.current != node.name or StepName.REBOOT not in node.steps:
        return refuse(f"{node.name} is not the Cluster Node that is being worked on")
    install = node.steps[StepName.INSTALL]
    if install.status.broken and install.code == problems.INSTALLED_WITH_ERRORS.code:
        _note_override(context, node, install, install.code, intent.reason, actor)
        why = f"gone past by {actor}, who chose a reboot: {intent.reason}"
        _go_past(context, node, install, why, intent.reason, actor)
    elif not install.status.passed:
        return refuse("the reboot comes after the installation")
    context.instead_of_put_back(node, "reboot instead", actor)
    context.again(node.name, StepName.REBOOT, intent.reason, actor, intent.reason)
    context.again(node.name, StepName.VERIFY, intent.reason, actor)
    _passed_again(context, node, intent.reason, actor)
    context.go_on(actor)
    return TAKEN


def skip(context: IntentContext, intent: it.SkipNode, actor: str) -> Reply:
    """This run does not update the node."""
    return _let_go(context, intent, ev.NodeSkipped(reason=intent.reason), "skipped", actor)


def hold(context: IntentContext, intent: it.HoldNode, actor: str) -> Reply:
    """Hands off until released."""
    return _let_go(context, intent, ev.NodeHeld(reason=intent.reason), "held", actor)


def _let_go(
    context: IntentContext, intent: it.SkipNode | it.HoldNode, event: ev.Payload, done: str, actor: str
) -> Reply:
    node = context.run.nodes[intent.node]
    if refusal := context.reason_and_rest(node, intent.reason):
        return refusal
    context.instead_of_put_back(node, f"{done} instead", actor)
    context.publisher.publish(event, node=node.name, actor=actor)
    context.after_letting_go(actor)
    return TAKEN


def release(context: IntentContext, intent: it.ReleaseNode, actor: str) -> Reply:
    """Take a hold away."""
    if context.run.nodes[intent.node].progress is not Progress.HELD:
        return refuse(f"{intent.node} is not on hold")
    context.publisher.publish(ev.NodeHeld(released=True), node=intent.node, actor=actor)
    return TAKEN
