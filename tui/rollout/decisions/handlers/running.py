"""Answers about the run as a whole: pause, go on, how often to wait, note."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model.states import RunStatus
from tui.rollout.decisions import next_action
from tui.rollout.decisions.handlers.base import TAKEN, Act, refuse
from tui.rollout.interface import Reply


def pause(act: Act, intent: it.Pause, actor: str) -> Reply:
    """Start nothing more after what runs now."""
    if act.run.status is not RunStatus.RUNNING:
        return refuse(f"the run is {act.run.status} already")
    node = act.run.working
    running = node is not None and any(step.status.active for step in node.steps.values())
    if running:
        summary = "pausing after the step that runs now"
        act.state(RunStatus.PAUSE_PENDING, "paused", summary, "wait, or resume to take it back", actor)
    else:
        act.state(RunStatus.PAUSED_BY_USER, "paused", f"paused by {actor}", "resume to go on", actor)
    return TAKEN


def resume(act: Act, intent: it.Resume, actor: str) -> Reply:
    """Go on."""
    if act.run.status is RunStatus.RUNNING:
        return refuse("the run is not paused")
    if not (act.run.status.paused or act.run.status is RunStatus.PAUSE_PENDING):
        return refuse(f"the run is {act.run.status}: {act.run.next_action or act.run.summary}")
    node = act.run.working
    step = next_action.next_step(node) if node is not None else None
    if step is not None and step.status.broken:  # not one that a put-back, or an earlier step, goes before
        return refuse(f"{step.name.words} did not pass: rerun it, go past it, or skip the node")
    act.state(RunStatus.RUNNING, "", "", "", actor)
    return TAKEN


def pause_mode(act: Act, intent: it.ChangePauseMode, actor: str) -> Reply:
    """Wait for a person more or less often."""
    run = act.run
    payload = ev.RunState(
        status=run.status,
        code=run.code,
        summary=run.summary,
        next_action=run.next_action,
        pause_mode=intent.mode,
    )
    act.core.publish(payload, actor=actor)
    return TAKEN


def note(act: Act, intent: it.AddNote, actor: str) -> Reply:
    """Write something down."""
    if not intent.text.strip():
        return refuse("the note is empty")
    act.core.publish(ev.NoteAdded(text=intent.text), actor=actor)
    return TAKEN
