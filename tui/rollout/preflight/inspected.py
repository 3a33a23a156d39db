"""What the checks know: one node as it was found, and all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui.expressware.facts import Facts
from tui.expressware.readiness import Interval, Readiness
from tui.expressware.versions import same
from tui.model.clusterfile import ClusterFile
from tui.rollout.plan import node_order
from tui.rollout.procedure.login import installed_version


@dataclass(frozen=True, slots=True)
class InspectedNode:
    """One machine that answered. ``offset``: seconds that its clock is ahead of ours (None: not known)."""

    name: str
    management: bool
    facts: Facts
    readiness: Readiness
    offset: Interval | None

    @property
    def installed(self) -> str | None:
        """The version on disk."""
        return installed_version(self.facts, self.management)

    def at_target(self, target: str) -> bool:
        """Whether there is nothing to do on it: the target is installed, and on a node active."""
        if not same(self.installed, target):
            return False
        return self.management or (not self.facts.stale and same(self.facts.active, target))


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """All machines that will be touched and answered, in the order of the plan; the archive's digests.

    ``digest`` is what every copy of the archive must have (empty: nobody knows), ``local`` that of the copy
    on this machine (None: there is none) and ``local_bytes`` its size.
    """

    config: ClusterFile
    nodes: Mapping[str, InspectedNode]
    digest: str
    local: str | None
    local_bytes: int | None = None

    @property
    def ordered(self) -> tuple[InspectedNode, ...]:
        """The machines in the order in which the run takes them."""
        return tuple(self.nodes[name] for name in node_order(self.config) if name in self.nodes)

    @property
    def to_update(self) -> tuple[InspectedNode, ...]:
        """Those that the run has something to do on."""
        return tuple(node for node in self.ordered if not node.at_target(self.config.target.version))
