"""What the SIA said, explained where its step failed: what its words mean, and what helps."""

from __future__ import annotations

from tui.expressware.sia import explain
from tui.rollout.procedure.step import StepContext

_LIMIT = 262_144
"""Bytes of output, from its end, that are searched: what stopped it stands near the end."""


def explained(context: StepContext, otherwise: str) -> str:
    """The remedy: the two known messages of this attempt that say most, then what to do in any case."""
    known = sorted(explain(context.output(_LIMIT)), key=lambda found: found.general)
    told = [f'"{found.words}": {found.meaning} {found.remedy}' for found in known[:2]]
    return " ".join((*told, f"{'Then ' if told else ''}{otherwise}"))
