"""Handles what is asked about the run as a whole: pause, go on, how often to wait, note."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.risks import open_risks, risk_words
from tui.model.states import RunStatus
from tui.rollout.decisions.handlers.base import TAKEN, IntentContext, refuse
from tui.rollout.interface import Reply


def pause(context: IntentContext, intent: it.Pause, actor: str) -> Reply:
    """Start nothing more after what runs now."""
    if context.run.status is not RunStatus.RUNNING:
        return refuse(f"the run is {context.run.status.words} already")
    node = context.run.working
    if node is not None and node.active_step is not None:
        summary = "pausing after the step that runs now"
        remedy = "wait, or resume to take it back"
        context.set_status(RunStatus.PAUSE_PENDING, problems.PAUSED, summary, remedy, actor)
    else:
        context.set_status(RunStatus.PAUSED_BY_USER, problems.PAUSED, f"paused by {actor}", actor=actor)
    return TAKEN


def resume(context: IntentContext, intent: it.Resume, actor: str) -> Reply:
    """Go on."""
    if context.run.status is RunStatus.RUNNING:
        return refuse("the run is not paused")
    if not (context.run.status.paused or context.run.status is RunStatus.PAUSE_PENDING):
        return refuse(context.standing)
    step = context.run.next_step
    if step is not None and step.status.broken:  # not one that a put-back, or an earlier step, goes before
        return refuse(f"{step.name.words} did not pass: rerun it, override it, or skip the node")
    agrees = intent.agrees_to
    if agrees and agrees != context.run.code:
        return refuse("that is not what the run waits for any more; look again")
    if agrees == problems.FILES_CHANGED.code:
        _agree_to_files(context, actor)
    elif (risks := open_risks(context.run)) and agrees == problems.RISKS_OPEN.code:
        context.publisher.publish(ev.RisksAcknowledged(risks=risks), actor=actor)
    elif risks:  # nobody has said yet to know of them
        context.set_status(
            RunStatus.PAUSED_ON_ERROR, problems.RISKS_OPEN, risk_words(context.run), actor=actor
        )
        return TAKEN
    context.set_status(RunStatus.RUNNING, actor=actor)
    return TAKEN


def _agree_to_files(context: IntentContext, actor: str) -> None:
    """The run goes on with the watched files as they were found, or without knowing them for one attempt."""
    for node in context.run.nodes.values():
        if (found := node.files_found) is not None:
            agreed = found.model_copy(update={"how": "agreed"})
            context.publisher.publish(agreed, node=node.name, actor=actor)


def pause_mode(context: IntentContext, intent: it.ChangePauseMode, actor: str) -> Reply:
    """Wait for a person more or less often."""
    context.publisher.publish(context.run.with_pause_mode(intent.mode), actor=actor)
    return TAKEN


def note(context: IntentContext, intent: it.AddNote, actor: str) -> Reply:
    """Write something down."""
    if not intent.text.strip():
        return refuse("the note is empty")
    context.publisher.publish(ev.NoteAdded(text=intent.text), actor=actor)
    return TAKEN
