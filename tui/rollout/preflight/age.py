"""How long the checks are good for: what was true before lunch is not what the first node meets."""

from __future__ import annotations

from datetime import datetime

from tui.model.run import Run

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
