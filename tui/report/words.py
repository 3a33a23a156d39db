"""Small formatting that the drawn reports share; foreign text is made harmless here, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.report.shapes import Decision, NodeReport, Report, StepReport, Versions
from tui.text.counted import counted
from tui.text.durations import moment
from tui.text.sanitize import sanitize

MARKS = {True: "ok", False: "BROKEN"}
_RUNS = {
    RunStatus.COMPLETED: "good",
    RunStatus.COMPLETED_WITH_EXCEPTIONS: "warn",
    RunStatus.CANCELED: "warn",
    RunStatus.BLOCKED: "bad",
    RunStatus.PAUSED_ON_ERROR: "bad",
}
_NODES = {Progress.FAILED: "bad", Progress.SKIPPED: "warn", Progress.HELD: "warn"}
_STEPS = {
    StepStatus.SUCCEEDED: "good",
    StepStatus.FAILED: "bad",
    StepStatus.TIMED_OUT: "bad",
    StepStatus.CANCELED: "warn",
}


def run_kind(report: Report) -> str:
    """``good``, ``warn``, ``bad`` or ``open``, as the three below: how its state is marked and coloured."""
    kind = _RUNS.get(report.status, "open")
    return "warn" if kind == "good" and any(decision.override for decision in report.decisions) else kind


def node_kind(node: NodeReport) -> str:
    """What is not done is open, and no failure."""
    if node.progress.at_target:
        return "warn" if any(step.gone_past for step in node.steps) else "good"
    return _NODES.get(node.progress, "open")


def step_kind(step: StepReport) -> str:
    """Of a step that was not begun."""
    return "warn" if step.gone_past else "dim"


def status_kind(status: StepStatus | None) -> str:
    """Of an attempt; None: it has not ended."""
    return _STEPS.get(status, "open") if status is not None else "open"


def clean(value: object) -> object:
    """Strings without escapes, control characters and bidirectional overrides; anything else as it is."""
    return sanitize(value) if type(value) is str else value


def versions(facts: Versions | None) -> str:
    """``5.19.0``, or both versions where the loaded one is not the one on disk."""
    if facts is None:
        return "not read"
    if facts.active == facts.installed:
        return facts.installed or "none"
    return f"{facts.installed or 'none'} on disk, {facts.active or 'none'} loaded"


def proof(node: NodeReport) -> str:
    """The facts that show an updated node to be one."""
    if node.proof is None:
        return ""
    facts = node.proof
    loaded = "" if node.management else f", {facts.active or 'none'} loaded"
    return f"{facts.installed} on disk{loaded} at {moment(facts.time)}; {node.proof_words}"


def detours(node: NodeReport) -> str:
    """What did not go straight: ``install failed; rebooted``. Empty for a node that had no trouble."""
    tried = [
        (step, attempt) for step in node.steps for attempt in step.attempts if attempt.status is not None
    ]
    tried.sort(key=lambda pair: pair[1].started)
    said = []
    for step, attempt in tried:
        if attempt.status is not StepStatus.SUCCEEDED:
            said.append(f"{step.words} {attempt.status.words if attempt.status else 'not ended'}")
        elif step.name is StepName.REBOOT:
            said.append("rebooted")
    said += [f"{step.words} {step.result}" for step in node.steps if step.gone_past]
    return "; ".join(said)


def overrides(report: Report) -> list[str]:
    """What was gone past, by whom and why, a sentence each."""
    return [_override(decision) for decision in report.decisions if decision.override]


def _override(decision: Decision) -> str:
    place = " ".join(filter(None, (decision.node, decision.step.words if decision.step else "")))
    why = f": {decision.why}" if decision.why else ""
    return f"{decision.who} {decision.what} at {place}{why}"


class Out(NamedTuple):
    """What the run took out of service on one node."""

    node: str
    since: datetime
    what: str
    still: bool
    closed: str
    """How it was closed, or which part of it was not."""


def taken_out(report: Report) -> Iterator[Out]:
    """The ledger, one row a node."""
    order = {node.name: place for place, node in enumerate(report.nodes)}
    lines = sorted(report.ledger, key=lambda line: order.get(line.node, -1))
    for node, group in groupby(lines, key=lambda line: line.node):
        own = list(group)
        open_ = [line.what for line in own if not line.closed]
        signed = [f"{line.what} {line.closed}" for line in own if line.closed not in ("", "undone")]
        words = "; ".join([*([f"still out: {', '.join(open_)}"] if open_ else []), *signed]) or "put back"
        what = ", ".join(f"{line.what} ({line.before})" if line.before else line.what for line in own)
        yield Out(node, min(line.added for line in own), what, bool(open_), words)


def verdicts(report: Report) -> str:
    """``29 checks: 28 passed, 1 warning``."""
    count = {word: sum(check.verdict == word for check in report.preflight) for word in ("error", "warning")}
    found = [counted(number, word) for word, number in count.items() if number]
    passed = len(report.preflight) - sum(count.values())
    return f"{counted(len(report.preflight), 'check')}: {', '.join([f'{passed} passed', *found])}"
