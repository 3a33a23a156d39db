"""Checks before anything is touched: of every node and of the cluster, each with impact and remedy.

``table.py`` lists them, ``sequence.py`` carries them out, ``finding.py`` makes their results; most of the
other modules hold one group of checks each.
"""

from tui.rollout.preflight.finding import Finding, foremost, summary
from tui.rollout.preflight.freshness import age, stale, too_old
from tui.rollout.preflight.packages import planned_sia
from tui.rollout.preflight.picking import readiness
from tui.rollout.preflight.sequence import preflight
from tui.rollout.preflight.table import CHECKS, CONNECTION_CHECKS

__all__ = [
    "CHECKS",
    "CONNECTION_CHECKS",
    "Finding",
    "age",
    "foremost",
    "planned_sia",
    "preflight",
    "readiness",
    "stale",
    "summary",
    "too_old",
]
