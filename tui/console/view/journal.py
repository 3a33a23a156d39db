"""An event as a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from tui.console.view.times import age, length
from tui.model import events as ev
from tui.model.bound_words import sentences
from tui.model.states import StepStatus
from tui.text.sanitize import sanitize_line

_BAD = {StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELED}


def where(event: ev.Event) -> str:
    """``px04 install 2``: node, step and attempt, as far as the event has them."""
    parts = [sanitize_line(event.node, 40) if event.node else "", event.step.words if event.step else ""]
    if event.attempt is not None and event.attempt > 1:
        parts.append(str(event.attempt))
    return " ".join(part for part in parts if part)


def sentence(event: ev.Event) -> tuple[str, str]:
    """(what happened, its ink), safe to paint; an event of a newer version is shown by its type."""
    try:
        payload = event.payload
    except (KeyError, ValidationError):
        return sanitize_line(event.type, 80), "quiet"
    words = _WORDS.get(type(payload))
    text = words(payload) if words else sanitize_line(event.type, 80)
    return sanitize_line(text, 1000), _ink(payload)


def _ink(payload: ev.Payload) -> str:
    match payload:
        case ev.StepState(gone_past=True):
            return "warn"
        case ev.AttemptEnded(status=status) | ev.StepState(status=status):
            return "bad" if status in _BAD else "ok" if status is StepStatus.SUCCEEDED else ""
        case ev.GateSample(open=False) | ev.PreflightResult(verdict="error"):
            return "bad"
        case ev.RunBound(changed=changed, gone=gone) if changed or gone:
            return "warn"
        case ev.OutFound() | ev.OutSettled():
            return "warn"
        case ev.OverrideUsed() | ev.LockBroken() | ev.NodeLeft() | ev.PreflightResult(verdict="warning"):
            return "warn"
        case ev.StepConfirmed() | ev.StepOffered() | ev.NodeSelected():
            return "accent"
        case ev.AttemptOutput() | ev.NodeFacts() | ev.NodeBaseline() | ev.GateSample():
            return "quiet"
        case ev.NodeProgress(progress="updated"):
            return "ok"
        case _:
            return ""


def _after(word: str, *details: str) -> str:
    """``word: detail; detail`` without the empty ones."""
    said = "; ".join(detail for detail in details if detail)
    return f"{word}: {said}" if said else word


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _facts(p: ev.NodeFacts) -> str:
    active = p.active or "nothing"
    versions = f"installed {p.installed or 'nothing'}, active {active}"
    return f"is {p.hostname}, {p.distribution}, kernel {p.kernel}; {versions}"


def _ended(p: ev.AttemptEnded) -> str:
    code = f"exit code {p.exit_code}" if p.exit_code is not None else ""
    return _after(
        p.status.value.replace("-", " "),
        code,
        _plural(p.size, "byte") if p.size else "",
        p.summary,
        p.remedy,
        p.reboot_reason,
    )


def _step_state(p: ev.StepState) -> str:
    word = "failed" if p.gone_past else p.status.value.replace("-", " ")
    return _after(word, p.reason, p.remedy, p.reboot_reason)


def _gate(p: ev.GateSample) -> str:
    seen = f"oldest sample {age(p.oldest_age)}"
    return _after(f"gate {'open' if p.open else 'shut'} at {p.moment}", *p.reasons, seen)


_WORDS: dict[type[ev.Payload], Callable[[Any], str]] = {
    ev.RunCreated: lambda p: f"run {p.run_id} of {p.cluster} to {p.target}, {_plural(len(p.nodes), 'node')}",
    ev.OutFound: lambda p: _after("left out of service", f"run {p.run} of {p.cluster}, {p.who}, at {p.step}"),
    ev.OutSettled: lambda p: _after(f"what run {p.run} left out is {p.how.replace('-', ' ')}", p.reason),
    ev.RunBound: lambda p: _after("bound to its cluster file", *sentences(p)),
    ev.RunState: lambda p: _after(f"run {p.status.value.replace('-', ' ')}", p.summary, p.next_action),
    ev.PlanFrozen: lambda p: f"plan made for {_plural(len(p.order), 'machine')}, archive {p.sia}",
    ev.PreflightResult: lambda p: _after(f"check {p.check} {p.verdict}", p.summary, p.impact, p.remedy),
    ev.GateSample: _gate,
    ev.NodeSelected: lambda p: _after("picked", p.reason),
    ev.NodeProgress: lambda p: _after(p.progress.value.replace("-", " "), p.reason),
    ev.NodeHealth: lambda p: _after(f"looks {p.health.value}", p.detail),
    ev.NodeFacts: _facts,
    ev.NodeBaseline: lambda p: _after(
        f"seen well with {p.version}",
        ", ".join(p.services),
        f"new: {', '.join(p.added)}" if p.added else "",
        f"gone: {', '.join(p.removed)}" if p.removed else "",
    ),
    ev.StepOffered: lambda p: _after(f"offered on {p.target}", p.command),
    ev.StepConfirmed: lambda p: "confirmed, name typed" if p.typed else "confirmed",
    ev.StepDeclined: lambda _: "declined",
    ev.StepState: _step_state,
    ev.AttemptStarted: lambda p: _after(f"started, confirmed by {p.confirmed_by}", p.command),
    ev.AttemptOutput: lambda p: f"{_plural(p.offset, 'byte')} of output on disk",
    ev.AttemptEnded: _ended,
    ev.OverrideUsed: lambda p: _after(f"went past {p.check}", p.reason),
    ev.NodeSkipped: lambda p: _after("skipped", p.reason),
    ev.NodeLeft: lambda p: f"has left the cluster: {p.reason}",
    ev.NodeHeld: lambda p: _after("released" if p.released else "held", p.reason),
    ev.LedgerAdded: lambda p: _after(f"{p.what} out of service", f"before {p.before}", f"undo {p.undo}"),
    ev.LedgerUndone: lambda p: _after("back in service" if p.how == "undone" else "signed off", p.reason),
    ev.LockTaken: lambda p: f"led from {p.host}, process {p.pid}",
    ev.LockBroken: lambda p: f"the lock of {p.holder} was broken",
    ev.OperatorJoined: lambda p: f"joined from {p.host} with the {p.front_end}",
    ev.OperatorLeft: lambda p: _after("left", p.reason),
    ev.NoteAdded: lambda p: f"note: {p.text}",
}


def took(seconds: float | None) -> str:
    """A duration for a table, or a dash."""
    return length(seconds) if seconds is not None else "-"
