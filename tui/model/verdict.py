"""How a run ended, in one exit code and one sentence; both front ends and the report say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.model import problems
from tui.model.failures import FINAL, PASSING
from tui.model.states import Progress, RunStatus

if TYPE_CHECKING:
    from tui.model.run import Run

ALL_UPDATED = 0
USAGE = 1
BLOCKED = 2
NODE_FAILED = 3
INCOMPLETE = 4
LOCKED = 5
CONNECTION = 6
CANCELED = 7

CONNECTION_CODES: frozenset[str] = FINAL | PASSING | {problems.IDENTITY.code, problems.CONNECTION.code}
"""Codes of runs and preflight checks that mean: the node cannot be reached, or is another one."""

REHEARSAL = "REHEARSAL"
"""What a run on simulated nodes is called wherever it is shown."""


def exit_code(run: Run) -> int:
    """The exit code of the contract for the run as it stands."""
    match run.status:
        case RunStatus.COMPLETED:
            return ALL_UPDATED
        case RunStatus.COMPLETED_WITH_EXCEPTIONS:
            return INCOMPLETE
        case RunStatus.CANCELED:
            return CANCELED
        case RunStatus.BLOCKED | RunStatus.PAUSED_ON_ERROR if run.code in CONNECTION_CODES:
            return CONNECTION
        case RunStatus.BLOCKED:
            return BLOCKED
    failed = any(node.progress is Progress.FAILED for node in run.nodes.values())
    return NODE_FAILED if failed else INCOMPLETE


def tally(run: Run) -> str:
    """How far it came: ``3 of 8 machines run 5.21.2; px04 failed``."""
    nodes = run.nodes.values()
    good = sum(1 for node in nodes if node.progress.at_target)
    machines = f"machine{'' if len(run.nodes) == 1 else 's'} run{'s' if good == 1 else ''}"
    parts = [f"{good} of {len(run.nodes)} {machines} {run.target}"] if run.nodes else ["nothing was done"]
    for progress in (Progress.FAILED, Progress.SKIPPED, Progress.HELD):
        names = [node.name for node in nodes if node.progress is progress]
        if names:
            parts.append(f"{', '.join(names)} {progress.words}")
    working = run.working
    if working is not None and working.progress is not Progress.FAILED:
        parts.append(f"{working.name} is in work ({working.progress.words})")
    return "; ".join(parts)


def sentence(run: Run) -> str:
    """What happened, truly: the tally, how the run stands, and why."""
    told = run.status.final or run.status.paused or run.status is RunStatus.BLOCKED
    why = f": {run.summary}" if run.summary else ""
    status = run.status.value.replace("-", " ") if told else "not finished"
    of_what = f"{REHEARSAL}, no real node was touched: " if run.simulated else ""
    return f"{of_what}{tally(run)}. The run is {status}{why}."
