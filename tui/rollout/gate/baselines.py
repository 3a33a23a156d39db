"""How each node was seen to be well in this run: later looks at it are compared with that.

Taken when the run is checked or taken up, and anew when a node runs another version. Services may come and go
with a version; what is missing is shown and agreed to once, at the first node of that version, and later
nodes are held to what that one has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.model import problems
from tui.model.events import NodeBaseline
from tui.model.problems import Problem
from tui.model.run import Run, Step
from tui.rollout.gate.health import drivers_of, services_of

if TYPE_CHECKING:
    from tui.rollout.gate.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Seen:
    """A node as it is now: what would be its baseline, and the services that it should have and has not."""

    baseline: NodeBaseline
    missing: tuple[str, ...]
    compared: bool
    """There was something to compare it with."""


def seen(run: Run, monitor: Monitor, name: str) -> Seen | None:
    """What the last looks show, when they are good by themselves."""
    probe = monitor.probe(name)
    if not monitor.well(name)[0] or probe is None or probe.active is None:
        return None
    version = probe.active
    before, first = run.nodes[name].baseline, run.baselines.get(version)
    services = services_of(probe)
    old = set(before.services) if before is not None else set()
    expected = set(first.services) if before is None and first is not None else old
    if before is not None and first is not None and before.version != version:
        expected = old - set(first.removed) | set(first.added)
    baseline = NodeBaseline(
        version=version,
        services=services,
        drivers=drivers_of(probe),
        exit_code=probe.status_exit or 0,
        added=tuple(sorted(set(services) - old)) if before is not None else (),
        removed=tuple(sorted(old - set(services))),
    )
    if before is not None and before.version == version and not baseline.added and not baseline.removed:
        baseline = before
    missing = tuple(sorted(expected - set(services)))
    return Seen(baseline, missing, compared=before is not None or first is not None)


def agreed(step: Step, problem: Problem = problems.FEWER_SERVICES) -> bool:
    """Whether a person has agreed to what is missing (or to another problem), at an attempt of this step."""
    return any(
        override.partition(":")[0] == problem.code
        for attempt in step.attempts
        for override in attempt.overrides
    )
