"""Answers about the run as a whole: pause, go on, how often to wait, end, sign off, note."""

from __future__ import annotations

from tui.model import events as ev
from tui.model import intents as it
from tui.model.states import RunStatus
from tui.rollout.answers.base import TAKEN, Act, refuse
from tui.rollout.desk import Reply


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
    broken = next((step for step in node.steps.values() if step.status.broken), None) if node else None
    if broken is not None:
        return refuse(f"{broken.name.words} did not pass: rerun it, go past it, or skip the node")
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


def cancel_run(act: Act, intent: it.CancelRun, actor: str) -> Reply:
    """End the run here."""
    node = act.run.working
    if node is not None and any(step.status.active for step in node.steps.values()):
        return refuse(f"a step runs on {node.name}; cancel or await it first")
    out = ", ".join(f"{line.added.what} on {line.node}" for line in act.run.open_ledger)
    summary = f"canceled by {actor}: {intent.reason}" + (f"; still out of service: {out}" if out else "")
    act.state(RunStatus.CANCELED, "canceled", summary, "put back what is still out" if out else "", actor)
    return TAKEN


def sign_off(act: Act, intent: it.SignOff, actor: str) -> Reply:
    """Close a ledger line without putting the thing back."""
    line = next((line for line in act.run.open_ledger if line.line == intent.line), None)
    if line is None:
        return refuse(f"{intent.line} is not an open line of the ledger")
    if not intent.reason.strip():
        return refuse("signing off needs a reason")
    act.close(line, intent.reason, actor)
    if act.run.code == "ledger-open":
        act.go_on(actor)
    return TAKEN


def note(act: Act, intent: it.AddNote, actor: str) -> Reply:
    """Write something down."""
    if not intent.text.strip():
        return refuse("the note is empty")
    act.core.publish(ev.NoteAdded(text=intent.text), actor=actor)
    return TAKEN
