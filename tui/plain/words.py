"""Each event as one line for a person, in words only: no glyph, no colour, nothing that needs a screen."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model import events as ev
from tui.model.actors import PROCEDURE
from tui.model.bound_words import sentences
from tui.model.run import Run
from tui.model.states import Confirm, Progress, RunStatus, StepStatus
from tui.model.verdict import REHEARSAL

LOOKING_AROUND = (RunStatus.VALIDATING, RunStatus.INTERRUPTED, RunStatus.RECOVERING)
"""While every node is looked at for the first time, single looks are no news."""


def told(event: ev.Event, run: Run) -> str | None:
    """What happened, without time and place; None for what only programs need. ``run`` is as after it."""
    payload = event.payload
    for tell in (_of_run, _of_node, _of_step):
        words = tell(payload, event, run)
        if words:
            return words
    return None


def rehearsal_lines(run: Run) -> Iterable[str]:
    """What stands first wherever a rehearsal is taken up: that it is one, and what it cannot show."""
    yield f"{REHEARSAL} of {run.cluster} to {run.target}: every node is simulated, no real one is touched"
    yield from _lacking(run)


def _lacking(run: Run) -> Iterable[str]:
    return (f"not simulated: {each}" for each in run.not_simulated)


def place(event: ev.Event) -> str:
    """``px04 install``, ``px04`` or ``run``."""
    if event.node is None:
        return "run"
    return f"{event.node} {event.step.words}" if event.step else event.node


def _of_run(payload: ev.Payload, event: ev.Event, run: Run) -> str | None:
    match payload:
        case ev.RunCreated(run_id=name, cluster=cluster, target=target):
            begun = f"run {name} of {cluster} to {target} begun by {event.actor}"
            return "\n".join((f"{REHEARSAL}, {begun}", *_lacking(run))) if run.simulated else begun
        case ev.RunBound():
            return "; ".join(sentences(payload)) or None
        case ev.RunState():
            return _of_status(payload, event)
        case ev.PlanFrozen(order=order, sia=sia, sia_sha256=digest):
            return (
                f"plan frozen: {len(order)} machines in the order {', '.join(order)}; {sia}, SHA-256 {digest}"
            )
        case ev.PreflightResult(check=check, verdict=verdict, summary=summary, impact=impact, remedy=remedy):
            passed = verdict == "passed"
            return None if passed else _sentence(f"check {check}: {verdict}", summary, impact, remedy)
        case ev.LockTaken(host=host, pid=pid, on=node):
            return f"lock taken by process {pid} on {host}" + (f", kept by {node}" if node else "")
        case ev.LockBroken(holder=holder):
            return f"lock of {holder} broken by {event.actor}"
        case ev.OperatorJoined(front_end=front_end):
            return f"{event.actor} joined ({front_end})"
        case ev.OperatorLeft(reason=reason):
            return _sentence(f"{event.actor} left", reason)
        case ev.NoteAdded(text=text):
            return f"note by {event.actor}: {text}"
    return None


def _of_status(state: ev.RunState, event: ev.Event) -> str:
    if state.pause_mode is not None:
        return f"pause mode is {state.pause_mode.value}, set by {event.actor}"
    if state.status is RunStatus.INTERRUPTED:
        return "was left unfinished"
    if state.status is RunStatus.RECOVERING:
        return "looking at every node again; nothing is started"
    action = f"next: {state.next_action}" if state.next_action and not state.status.final else ""
    return _sentence(state.status.value, state.summary, action)


def _of_node(payload: ev.Payload, event: ev.Event, run: Run) -> str | None:
    match payload:
        case ev.GateSample(open=False, moment=moment, reasons=reasons):
            return f"gate closed ({moment}): {'; '.join(reasons)}"
        case ev.NodeSelected(reason=reason):
            return _sentence(f"picked by {event.actor}", reason)
        case ev.NodeProgress(progress=Progress.FAILED):
            return "now failed"  # its step has said why
        case ev.NodeProgress(progress=progress, reason=reason):
            return _sentence(f"now {progress.value}", reason)
        case ev.NodeHealth() | ev.NodeFacts() | ev.NodeBaseline():
            return _as_seen(payload, run)
        case ev.NodeSkipped(reason=reason):
            return f"skipped by {event.actor}: {reason}"
        case ev.NodeLeft(reason=reason):
            return f"has left the cluster, says {event.actor}: {reason}"
        case ev.NodeHeld(released=released, reason=reason):
            return f"released by {event.actor}" if released else f"held by {event.actor}: {reason}"
        case ev.LedgerAdded(what=what, undo=undo):
            return f"{what} out of service from here on; to put back: {undo}"
        case ev.LedgerUndone():
            return _undone(payload, event, run)
    return None


def _undone(payload: ev.LedgerUndone, event: ev.Event, run: Run) -> str:
    """``px04/services back in service``, or ``services on px04 signed off by eva@console; why``."""
    line = payload.line
    if payload.how == "undone":
        return _sentence(f"{line} back in service", payload.reason)
    what = next((entry.added.what for entry in reversed(run.ledger) if entry.line == line), line)
    return _sentence(f"{what} on {event.node} signed off by {event.actor}", payload.reason)


def _as_seen(payload: ev.NodeHealth | ev.NodeFacts | ev.NodeBaseline, run: Run) -> str | None:
    match payload:
        case ev.NodeHealth(health=health, detail=detail) if run.status not in LOOKING_AROUND:
            return _sentence(f"is {health.value}", detail)
        case ev.NodeFacts(installed=installed, active=active):
            return f"{installed or 'no version'} on disk, {active or 'no driver'} loaded"
        case ev.NodeBaseline(added=added, removed=removed) if added or removed:
            more = f"new: {', '.join(added)}" if added else ""
            return _sentence("other services", more, f"gone: {', '.join(removed)}" if removed else "")
    return None


def _of_step(payload: ev.Payload, event: ev.Event, run: Run) -> str | None:
    match payload:
        case ev.StepOffered(confirm=confirm, command=command, target=target) if confirm is not Confirm.NONE:
            return f"offered: {command} as {target}"
        case ev.StepConfirmed() if event.actor != PROCEDURE:
            return f"confirmed by {event.actor}"
        case ev.StepDeclined():
            return f"declined by {event.actor}"
        case ev.StepState(status=status) if status in (StepStatus.VERIFYING, StepStatus.CONFIRMED):
            return None
        case ev.StepState(status=status, reason=reason, remedy=remedy, reboot_reason=reboot):
            needs = f"the node needs a reboot: {reboot}" if reboot else ""
            if payload.gone_past:
                return _sentence(f"failed, {reason}", needs)
            return _sentence(status.value, reason, remedy, needs)
        case ev.AttemptStarted(job_id=job):
            return f"attempt {event.attempt} begins" + (f", job {job}" if job else "")
        case ev.AttemptEnded(exit_code=code, size=size):
            ran = f"exit code {code}, {size} bytes of output" if code is not None else ""
            needs = f"the node needs a reboot: {payload.reboot_reason}" if payload.reboot_reason else ""
            return _sentence(payload.status.value, payload.summary, payload.remedy, needs, ran)
        case ev.OverrideUsed(check=check, reason=reason):
            return f"{event.actor} goes past {check}: {reason}"
    return None


def offer(node: str, offered: ev.StepOffered) -> Iterable[str]:
    """Everything to know before saying yes."""
    rows = (
        ("where", offered.target),
        ("command", offered.command),
        ("unavailable", offered.unavailable),
        ("gate", offered.gate),
        ("abort", offered.abort_class.value),
        ("undo", offered.undo),
        ("why", offered.reason),
        *(("note", notice) for notice in offered.notices),
    )
    yield from (f"  {name:<12} {value}" for name, value in rows if value)


def _sentence(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
