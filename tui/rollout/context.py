"""An open run: what it goes by and works with, for everything that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.expressware.counters import Use
from tui.model.actors import ENGINE
from tui.model.clusterfile import ClusterFile
from tui.model.events import GateSample, RunState
from tui.model.problems import Problem
from tui.model.run import Run
from tui.model.states import RunStatus
from tui.rollout.gate import rule

if TYPE_CHECKING:
    from tui.remote import Fleet
    from tui.rollout.gate.monitor import Monitor
    from tui.rollout.leadership.lease import Lease
    from tui.rollout.publisher import EventPublisher

NO_PROBLEM = Problem("", cures=())


@dataclass(frozen=True, slots=True)
class RunContext:
    """One cluster file, one journal, the machines, and the right to act on them."""

    config: ClusterFile
    publisher: EventPublisher
    fleet: Fleet
    monitor: Monitor
    lease: Lease
    cache: Path
    """Directory (where Rollcall runs) of packages already built."""
    last_use: dict[str, Use] = field(default_factory=dict)
    """Node to the latest look at who uses PCI Express there, for the next one to be compared with."""

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.publisher.state

    def verdict(self, node: str, moment: rule.Moment, survey: Mapping[str, str] | None = None) -> GateSample:
        """What the gate says of a node now."""
        return rule.verdict(self.run, self.config, self.monitor, node, moment, datetime.now(UTC), survey)

    def ask_gate(self, node: str, moment: rule.Moment) -> GateSample:
        """The same, written down."""
        sample = self.verdict(node, moment)
        self.publisher.publish(sample, node=node)
        return sample

    def set_status(
        self,
        status: RunStatus,
        problem: Problem = NO_PROBLEM,
        summary: str = "",
        remedy: str | None = None,
        actor: str = ENGINE,
    ) -> None:
        """Change the run's status; ``remedy`` where it is another than the problem's."""
        said = problem.remedy if remedy is None else remedy
        payload = RunState(status=status, code=problem.code, summary=summary, next_action=said)
        self.publisher.publish(payload, actor=actor)
