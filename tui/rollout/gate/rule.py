"""The machine's gate: may this node go out now? It looks at all the other nodes, N looks in a row.

Asked at the pick, at the confirm, and once more, with fresh looks, in the moment before services are stopped.
A person cannot open it; unknown and stale health count as down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, Protocol

from tui.expressware.view import MEANINGS, Interconnect
from tui.model.clusterfile import ClusterFile
from tui.model.events import GateSample
from tui.model.run import Run
from tui.model.states import Health, Service

Moment = Literal["pick", "confirm", "stop"]


class Looks(Protocol):
    """What the gate needs to know of the looks that were taken; the monitor takes them."""

    def stable(self, node: str) -> tuple[bool, str]:
        """Whether the last N looks at a node were all good and fresh; else why not."""

    def may_serve(self, node: str) -> bool:
        """Whether PCI Express may work on a node that is not active, as far as the last look tells."""

    def surely_out(self, node: str) -> bool:
        """Whether the last look shows that PCI Express cannot work on a node: the cluster must miss it."""

    @property
    def unreachable(self) -> int | None:
        """How many nodes the cluster itself cannot reach; None when it did not say."""

    @property
    def named(self) -> frozenset[str]:
        """Those of them that the cluster names, in the names of the cluster file."""

    @property
    def interconnect(self) -> Interconnect | None:
        """The state of the interconnect as the cluster names it; None when it names none."""

    @property
    def minority(self) -> str:
        """Why too few Cluster Nodes are claimed by this console to take one out; empty when enough are."""

    @property
    def oldest_age(self) -> float:
        """Seconds since the node that was looked at least recently."""


def verdict(
    run: Run,
    config: ClusterFile,
    looks: Looks,
    node: str,
    moment: Moment,
    now: datetime,
    survey: Mapping[str, str] | None = None,
) -> GateSample:
    """Whether ``node`` may be (or stay) the one that is out, and every reason against it.

    ``survey`` saves looking at all nodes again when many candidates are judged at once.
    """
    if run.nodes[node].management:
        return GateSample(moment=moment, open=True)
    not_serving = not_in_service(run, config, looks) if survey is None else survey
    down = {
        other: why for other, why in {**_seen_by_view(config, looks), **not_serving}.items() if other != node
    }
    allowed = config.policy.allowed_down
    reasons = [looks.minority] if looks.minority else []
    if node in run.left_out:
        reasons.append(f"{node} was left out by another run: adopt it, or sign it off, first")
    reasons += list(down.values()) if len(down) >= allowed else []
    reasons += _view_reasons(run, config, looks, node, down)
    if moment == "pick":
        reasons += _window_reasons(config, now)
    return GateSample(
        moment=moment,
        open=not reasons,
        reasons=tuple(reasons),
        down=tuple(down),
        oldest_age=round(looks.oldest_age, 3),
    )


def not_in_service(run: Run, config: ClusterFile, looks: Looks) -> dict[str, str]:
    """Every Cluster Node that does not serve, with the reason."""
    down: dict[str, str] = {}
    for node in run.cluster_nodes:  # the run's, whatever the file says: what was taken out stays out
        if left := run.left_out.get(node.name):
            down[node.name] = f"{node.name} was left out by run {left.run or '(not known)'}: adopt it first"
        elif node.service is not Service.IN_SERVICE:
            down[node.name] = f"{node.name} is out by this run"
        else:
            good, why = looks.stable(node.name)
            if not good:
                down[node.name] = f"{node.name}: {why}"
    return down


def others_down(run: Run, config: ClusterFile, looks: Looks, node: str) -> dict[str, str]:
    """Every Cluster Node beside ``node`` that does not serve, or that the cluster names as unreachable."""
    down = _seen_by_view(config, looks) | not_in_service(run, config, looks)
    down.pop(node, None)
    return down


def _seen_by_view(config: ClusterFile, looks: Looks) -> dict[str, str]:
    """Every Cluster Node that the cluster names as one that it cannot reach."""
    if config.view is None:
        return {}
    named = looks.named
    return {name: f"{name}: the cluster view cannot reach it" for name in config.nodes if name in named}


def _view_reasons(run: Run, config: ClusterFile, looks: Looks, node: str, down: Collection[str]) -> list[str]:
    """What the cluster's own view says against it: nodes that may be out besides ``down``, or its state."""
    if config.view is None:
        return []
    count = looks.unreachable
    if count is None:
        return ["the cluster view gives no answer"]
    itself_out = run.nodes[node].health is not Health.ACTIVE
    more = unexplained(count, looks, down, node if itself_out else None)
    if more and len(down) + more >= config.policy.allowed_down:
        reason = f"the cluster view counts {count} unreachable nodes"
        if itself_out and len(down) + more == config.policy.allowed_down and looks.may_serve(node):
            reason += f", and {node} may be none of them: {run.nodes[node].health_detail}"
        return [reason]
    return [why for why in (unsettled(looks, bool(down) or itself_out),) if why]


def unexplained(count: int, looks: Looks, down: Collection[str], itself: str | None) -> int:
    """How many nodes the cluster counts that may be others than those that are known to be ``down``.

    The count has no names but those that the view gives. It surely holds whoever is seen to be out, and the
    node that is worked on, ``itself``, unless that may serve; a node that is down for another reason (no
    answer, say) may be one that the cluster reaches well, and explains nothing: else it could hide another.
    """
    holds = {other for other in down if looks.surely_out(other)} | looks.named
    if itself is not None and not looks.may_serve(itself):
        holds |= {itself}
    return max(0, count - len(holds))


def unsettled(looks: Looks, anyone_out: bool) -> str:
    """What the state of the interconnect says against it, else empty.

    While a node is out the interconnect cannot be UP. UNSTABLE is another matter: nodes went out and came
    back fast one after the other; it leaves after a calm period, so it is waited for.
    """
    state = looks.interconnect
    if state is None or state is Interconnect.UP or (anyone_out and state is not Interconnect.UNSTABLE):
        return ""
    return f"the interconnect is {state.value}: {MEANINGS[state]}"


def _window_reasons(config: ClusterFile, now: datetime) -> list[str]:
    window = config.policy.window
    if window is None or window.current(now):
        return []
    opens = window.next_start(now).astimezone()
    return [f"the maintenance window is closed; it opens {opens:%a %H:%M %Z}"]
