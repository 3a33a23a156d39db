"""The colour in which the console tells an event, and its words made safe to paint."""

from __future__ import annotations

from pydantic import ValidationError

from tui.model import events as ev
from tui.model.states import StepStatus
from tui.text.narrate import told
from tui.text.sanitize import sanitize_line

_BAD = {StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELED}


def sentence(event: ev.Event) -> tuple[str, str]:
    """(what happened, its ink), safe to paint."""
    return sanitize_line(told(event).sentence, 1000), _ink(event)


def _ink(event: ev.Event) -> str:
    try:
        payload = event.payload
    except (KeyError, ValidationError):
        return "quiet"
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
        case (
            ev.AttemptOutput()
            | ev.NodeFacts()
            | ev.NodeReadiness()
            | ev.NodeErrors()
            | ev.NodeBaseline()
            | ev.GateSample()
        ):
            return "quiet"
        case ev.NodeProgress(progress="updated"):
            return "ok"
        case _:
            return ""
