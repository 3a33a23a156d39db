"""How long the checks are good for: what was true before lunch is not what the first node meets."""

from __future__ import annotations

from datetime import datetime

from tui.model.events import RunState
from tui.model.problems import CHECKS_TOO_OLD
from tui.model.run import Run
from tui.model.states import RunStatus

GOOD_FOR = 1800.0
"""Seconds after which the checks are made again, unless a node is being worked on already."""


def age(run: Run, now: datetime) -> float:
    """Seconds since the oldest check of the run was made; endless without any."""
    return max(((now - check.time).total_seconds() for check in run.checks), default=float("inf"))


def stale(run: Run, now: datetime) -> bool:
    """Whether the checks have to be made again before the first node is taken.

    Later nodes are met by the gate and by the first step of each node, which looks at it anew.
    """
    begun = any(step.attempts for node in run.nodes.values() for step in node.steps.values())
    return not begun and not 0 <= age(run, now) <= GOOD_FOR


def too_old(run: Run, now: datetime) -> RunState | None:
    """The event that has the checks made again, when they are too old for the first node to be taken."""
    if not stale(run, now):
        return None
    seconds = age(run, now)
    known = 0 <= seconds < float("inf")  # a clock may have been set back
    words = (
        f"the checks are {seconds / 60:.0f} minutes old" if known else "the age of the checks is not known"
    )
    return RunState(status=RunStatus.VALIDATING, code=CHECKS_TOO_OLD.code, summary=words)
