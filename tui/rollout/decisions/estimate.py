"""How long a node takes, judged by the nodes that are done."""

from __future__ import annotations

from statistics import median

from tui.journal.clock import utc_now
from tui.model.run import Run
from tui.model.states import Progress


def seconds_to_go(run: Run, node: str | None = None) -> float | None:
    """Seconds that a node takes (or still needs): the median of the nodes done so far; None without data."""
    took = []
    for done in run.nodes.values():
        attempts = [attempt for step in done.steps.values() for attempt in step.attempts if attempt.ended]
        if done.progress is Progress.UPDATED and attempts and not done.management:
            took.append((max(a.ended for a in attempts if a.ended) - attempts[0].started).total_seconds())
    if not took:
        return None
    whole = median(took)
    if node is None:
        return whole
    begun = [step.attempts[0].started for step in run.nodes[node].steps.values() if step.attempts]
    return max(0.0, whole - (utc_now() - begun[0]).total_seconds()) if begun else whole
