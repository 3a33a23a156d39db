"""Each event as one line for a person, in words only: no glyph, no colour, nothing that needs a screen."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model import events as ev
from tui.model.actors import PROCEDURE
from tui.model.run import Run
from tui.model.states import Confirm, Progress, RunStatus, StepStatus
from tui.model.verdict import REHEARSAL
from tui.text.changed_file import sentences
from tui.text.narrate import told, where

LOOKING_AROUND = (RunStatus.VALIDATING, RunStatus.INTERRUPTED, RunStatus.RECOVERING)
"""While every node is looked at for the first time, single looks are no news."""


def event_line(event: ev.Event, run: Run) -> str | None:
    """``px04 install: succeeded; 5.21.2 on disk``; None for what only programs need. ``run``: after it."""
    payload = event.payload
    if _no_news(payload, event, run):
        return None
    story = told(event)
    words = f"{event.actor} {story.sentence}" if story.by_actor else story.sentence
    if isinstance(payload, ev.NodeProgress) and payload.progress is Progress.FAILED:
        words = story.what  # its step has said why
    if isinstance(payload, ev.RunCreated) and payload.simulated:
        words = "\n".join((f"{REHEARSAL}, {words}", *_lacking(run)))
    if isinstance(payload, ev.NodeFiles) and not story.by_actor:
        words = "\n".join((story.what, *filter(None, [payload.unknown]), *_differences(payload)))
    return f"{where(event) or 'run'}: {words}"


def _differences(files: ev.NodeFiles) -> Iterable[str]:
    """Line by line: in one they could not be read."""
    for change in files.changes:
        yield f"  {change.path} {change.how}"
        yield from (f"    {line}" for line in change.difference)


def _no_news(payload: ev.Payload, event: ev.Event, run: Run) -> bool:
    match payload:
        case ev.AttemptOutput() | ev.OutFound() | ev.OutSettled() | ev.GateSample(open=True):
            return True
        case ev.RunBound():
            return not any(sentences(payload))
        case ev.PreflightResult(verdict=verdict):
            return verdict == "passed"
        case ev.NodeHealth():
            return run.status in LOOKING_AROUND
        case ev.NodeFiles(how=how, changes=changes):
            return how == "first" or (how == "install" and not changes)
        case ev.NodeBaseline(added=added, removed=removed):
            return not (added or removed)
        case ev.StepOffered(confirm=confirm):
            return confirm is Confirm.NONE
        case ev.StepConfirmed():
            return event.actor == PROCEDURE
        case ev.StepState(status=status):
            return status in (StepStatus.VERIFYING, StepStatus.CONFIRMED)
    return False


def rehearsal_lines(run: Run) -> Iterable[str]:
    """What stands first wherever a rehearsal is taken up: that it is one, and what it cannot show."""
    yield f"{REHEARSAL} of {run.cluster} to {run.target}: every node is simulated, no real one is touched"
    yield from _lacking(run)


def _lacking(run: Run) -> Iterable[str]:
    return (f"not simulated: {each}" for each in run.not_simulated)


def offer_lines(offered: ev.StepOffered) -> Iterable[str]:
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
    yield from (f"{name.capitalize()}: {value}" for name, value in rows if value)


def check_lines(node: str | None, result: ev.PreflightResult) -> Iterable[str]:
    """A check as sentences."""
    yield f"{result.verdict.capitalize()}: {node or 'cluster'}, {result.check}: {result.summary}."
    yield from (
        f"{word}: {text}." for word, text in (("Impact", result.impact), ("Remedy", result.remedy)) if text
    )
