"""What the SIA said, explained where its step failed: what its words mean, and what helps."""

from __future__ import annotations

from tui.expressware.sia import explain
from tui.model.problems import Problem
from tui.rollout.procedure.step import Outcome, StepContext, failed

_LIMIT = 262_144
"""Bytes of output, from its end, that are searched: what stopped it stands near the end."""


def explained(context: StepContext, problem: Problem, reason: str) -> Outcome:
    """The failure with a remedy that begins with the two known messages of this attempt that say most."""
    known = sorted(explain(context.printed(_LIMIT)), key=lambda found: found.general)
    told = [f'"{found.words}": {found.meaning} {found.remedy}' for found in known[:2]]
    return failed(problem, reason, " ".join((*told, f"{'Then ' if told else ''}{problem.remedy}")))
