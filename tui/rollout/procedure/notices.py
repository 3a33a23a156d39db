"""What check, every confirm and the report's first lines say of a run: what is not proven in it, and why."""

from __future__ import annotations

from tui.model.clusterfile import DIS_ADMIN, ClusterFile

NOBODY_LOOKS = (
    "nobody looks at dis_admin: there is no [view], and policy.waive names it; "
    "a node counts as active by its own services and driver alone"
)


def needs_eyes(config: ClusterFile) -> bool:
    """True when a person has to look at dis_admin: the cluster itself is not asked, and nothing waives it."""
    return config.view is None and DIS_ADMIN not in config.policy.waive


def nobody_looks(config: ClusterFile) -> bool:
    """True when the file waives the look that would have to take the place of the cluster's own view."""
    return config.view is None and DIS_ADMIN in config.policy.waive


def notices(config: ClusterFile) -> tuple[str, ...]:
    """The sentences, the gravest first; empty for a run of which nothing has to be said."""
    found = [NOBODY_LOOKS] if nobody_looks(config) else []
    if config.cluster.part_of is not None:
        found.append(f"the file is a part of {config.cluster.part_of}: the other nodes are not looked at")
    return tuple(found)
