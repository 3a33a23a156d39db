"""How a step changes: offered, confirmed, tried, ended."""

from __future__ import annotations

from typing import Any

from tui.model import events as ev
from tui.model import problems
from tui.model.fold.base import MisfitError, change_node, change_step, current_step, node_of, on, spend
from tui.model.fold.copy import replace
from tui.model.run import Attempt, Offer, Run
from tui.model.states import Progress, StepStatus
from tui.model.steps import StepName


@on(ev.StepOffered)
def _offered(run: Run, event: ev.AttemptEvent, data: ev.StepOffered) -> Run:
    after = change_step(_replaced(run, event), event, status=StepStatus.AWAITING_CONFIRM, confirmed_by="")
    return replace(after, offer=Offer(event.node, event.step, event.attempt, data, event.time))


def _replaced(run: Run, event: ev.StepEvent) -> Run:
    """An offer of another step that still stood is void; that step will be offered anew in its turn."""
    old = run.offer
    if old is None or (old.node, old.step) == (event.node, event.step):
        return run
    steps = run.nodes[old.node].steps
    waiting = replace(steps[old.step], status=StepStatus.PENDING)
    node = replace(run.nodes[old.node], steps={**steps, old.step: waiting})
    return spend(replace(run, nodes={**run.nodes, old.node: node}), old.offered.token)


@on(ev.StepConfirmed)
def _confirmed(run: Run, event: ev.StepEvent, data: ev.StepConfirmed) -> Run:
    command = run.offer.offered.command if run.offer else ""
    confirmed = {"confirmed_by": event.actor, "confirmed_command": command}
    return spend(change_step(run, event, status=StepStatus.CONFIRMED, **confirmed), data.token)


@on(ev.StepDeclined)
def _declined(run: Run, event: ev.StepEvent, data: ev.StepDeclined) -> Run:
    after = change_step(run, event, status=StepStatus.PENDING, reason="declined")
    return spend(after, data.token)


@on(ev.StepState)
def _step_state(run: Run, event: ev.StepEvent, data: ev.StepState) -> Run:
    void = data.status in (StepStatus.PENDING, StepStatus.RUNNING, StepStatus.SKIPPED)
    step = current_step(run, event)
    after = change_step(
        run,
        event,
        status=data.status,
        code=data.code,
        reason=data.reason,
        remedy=data.remedy,
        confirmed_by="" if data.status is StepStatus.PENDING else step.confirmed_by,
        enforce=step.enforce if data.enforce is None else data.enforce,
    )
    after = _reboot_wanted(after, event, data.status, data.reboot_reason, data.code)
    if void and run.offer and (run.offer.node, run.offer.step) == (event.node, event.step):
        return spend(after, run.offer.offered.token)
    return after


@on(ev.AttemptStarted)
def _attempt_started(run: Run, event: ev.AttemptEvent, data: ev.AttemptStarted) -> Run:
    step = current_step(run, event)
    attempt = Attempt(event.attempt, data, event.time)
    return change_step(
        replace(run, unseen_files=frozenset()),
        event,
        status=StepStatus.RUNNING,
        code="",
        reason="",
        remedy="",
        attempts=(*step.attempts, attempt),
    )


def _latest_attempt(run: Run, event: ev.AttemptEvent, **changes: Any) -> tuple[Attempt, ...]:
    """The step's attempts with the event's one, which has to be the last, changed. Raises MisfitError."""
    attempts = current_step(run, event).attempts
    if not attempts or attempts[-1].number != event.attempt:
        raise MisfitError(f"attempt {event.attempt} of {event.step.words} is not the one under way")
    return (*attempts[:-1], replace(attempts[-1], **changes))


@on(ev.AttemptOutput)
def _attempt_output(run: Run, event: ev.AttemptEvent, data: ev.AttemptOutput) -> Run:
    return change_step(run, event, attempts=_latest_attempt(run, event, size=data.offset, grew=event.time))


@on(ev.AttemptEnded)
def _attempt_ended(run: Run, event: ev.AttemptEvent, data: ev.AttemptEnded) -> Run:
    attempts = _latest_attempt(
        run,
        event,
        ended=event.time,
        status=data.status,
        exit_code=data.exit_code,
        size=data.size,
        sha256=data.sha256,
        summary=data.summary,
        code=data.code,
    )
    after = change_step(
        run,
        event,
        attempts=attempts,
        status=data.status,
        code=data.code,
        reason=data.summary,
        remedy=data.remedy,
    )
    if event.step is StepName.PUT_BACK and data.status is StepStatus.SUCCEEDED:
        return _put_back(after, event)
    return _reboot_wanted(after, event, data.status, data.reboot_reason, data.code)


def _put_back(run: Run, event: ev.StepEvent) -> Run:
    """With something still out, the next undo is due. Else the run lets go of the node: in service again, it
    has to be taken out anew before anything of it can be changed.
    """
    if run.still_out(event.node):
        return change_step(run, event, status=StepStatus.PENDING)
    node = node_of(run, event)
    steps = {
        name: replace(step, status=StepStatus.PENDING, code="", reason="", remedy="")
        if name.row.takes_out or name.row.brings_back
        else step
        for name, step in node.steps.items()
    }
    progress = Progress.SKIPPED if node.skipped else Progress.WAITING
    reason = node.skipped or "put back in service; not updated"
    after = change_node(run, event, steps=steps, progress=progress, progress_reason=reason)
    return replace(after, current=None if run.current == event.node else run.current)


def _reboot_wanted(run: Run, event: ev.StepEvent, status: StepStatus, reason: str, code: str) -> Run:
    """Note why the node needs a reboot, or that it has had it."""
    if reason:
        return change_node(run, event, reboot_reason=reason)
    rebooted = status is StepStatus.SUCCEEDED or code == problems.OTHER_KERNEL.code
    if event.step is StepName.REBOOT and rebooted:
        return change_node(run, event, reboot_reason="")
    return run


@on(ev.OverrideUsed)
def _override(run: Run, event: ev.StepEvent, data: ev.OverrideUsed) -> Run:
    step = current_step(run, event)
    if not step.attempts:
        return run
    *before, last = step.attempts
    marked = replace(last, overrides=(*last.overrides, f"{data.check}: {data.reason}"))
    return change_step(run, event, attempts=(*before, marked))
