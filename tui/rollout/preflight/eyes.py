"""Whether the cluster itself is asked how it sees a node, and what stands in for that where it is not."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model.clusterfile import ClusterFile
from tui.rollout.decisions.notices import NOBODY_LOOKS, nobody_looks
from tui.rollout.preflight.finding import Finding, warning

ADD_VIEW = "add [view] with a command for the management node"


def eyes(config: ClusterFile) -> Iterable[Finding]:
    """A warning where there is no view: a person has to look, or the file says that nobody does."""
    if config.view is not None:
        return
    if nobody_looks(config):
        impact = "a node that the cluster does not reach would be called updated, and the next one taken out"
        yield Finding(None, warning("view", NOBODY_LOOKS, impact, f'{ADD_VIEW}, or take "dis_admin" out'))
        return
    words = "there is no [view]: nothing tells Rollcall whether the cluster reaches a node"
    impact = (
        "on each node a person looks at dis_admin and confirms verify; --yes and every pause mode stop there"
    )
    remedy = f'{ADD_VIEW}; or waive the look with policy.waive = ["dis_admin"]'
    yield Finding(None, warning("view", words, impact, remedy))
