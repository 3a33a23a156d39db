"""The cluster as a whole: its own view, what is on hold, the maintenance window, and if any node can go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from tui.expressware.view import MEANINGS, Interconnect, View
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.model.run import Run
from tui.model.states import Health, Progress
from tui.remote import Fleet
from tui.rollout.gate.cluster_view import ask_view
from tui.rollout.gate.monitor import Monitor
from tui.rollout.gate.rule import unexplained
from tui.rollout.preflight.finding import Finding, about, error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts
from tui.rollout.procedure.notices import NOBODY_LOOKS, nobody_looks

ADD_VIEW = "add [view] with a command for the management node"


def holds(config: ClusterFile, run: Run | None) -> dict[str, str]:
    """Nodes on hold, with the reason: as the run has it, without one as the cluster file has it."""
    if run is not None:
        return {node.name: node.hold for node in run.nodes.values() if node.progress is Progress.HELD}
    return {name: entry.hold for name, entry in config.node.items() if entry.hold}


def spared(config: ClusterFile, run: Run | None) -> frozenset[str]:
    """Machines that will not be touched: on hold, skipped, or a management node that stays as it is."""
    names = set(holds(config, run))
    if run is not None:
        names |= {node.name for node in run.nodes.values() if node.progress is Progress.SKIPPED}
    if config.cluster.update_management == "no" and config.cluster.management_node:
        names.add(config.cluster.management_node)
    return frozenset(names)


def on_hold(held: Mapping[str, str]) -> Iterable[Finding]:
    """A node on hold keeps its version."""
    for name, reason in held.items():
        impact = "it keeps its version: the cluster runs two versions until it is updated"
        words = f"on hold: {reason or 'no reason given'}"
        yield about(name, warning("hold", words, impact, "nothing, if that is meant; else release it"))


def window(config: ClusterFile, now: datetime) -> Iterable[Finding]:
    """Outside the window a run can be opened, but no node is taken."""
    times = config.policy.window
    if times is None:
        return
    if (current := times.current(now)) is not None:
        words = f"the maintenance window is open until {current[1].astimezone():%a %H:%M %Z}"
        yield Finding(None, passed("window", words))
    else:
        words = f"the maintenance window is closed; it opens {times.next_start(now).astimezone():%a %H:%M %Z}"
        yield Finding(
            None, warning("window", words, "no node is taken before", "wait, or change policy.window")
        )


def asked(config: ClusterFile) -> Iterable[Finding]:
    """A warning where the cluster is not asked how it sees a node: a person has to look, or nobody does."""
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


async def view(config: ClusterFile, fleet: Fleet) -> tuple[View, tuple[Finding, ...]]:
    """Ask the cluster itself; its answer, and the findings."""
    if config.view is None:
        return View(), ()
    seen = await ask_view(fleet, config)
    return seen, tuple(Finding(None, result) for result in _view_results(seen))


def _view_results(seen: View) -> Iterable[PreflightResult]:
    closed = "the gate stays closed while that is so"
    count, state = seen.count, seen.state
    if count is None:
        remedy = "try view.command and view.unreachable on the management node"
        yield warning("view", f"the cluster view gives no answer: {seen.why}", closed, remedy)
    elif count:
        words = f"the cluster view counts {count} unreachable node{'s' if count > 1 else ''}"
        yield warning("view", words, closed, "look at dis_admin: cables, links and node managers")
    else:
        yield passed("view", "the cluster view reaches all nodes")
    if state is Interconnect.UP:
        yield passed("interconnect", "the interconnect is UP")
    elif state is not None:
        words = f"the interconnect is {state.value}: {MEANINGS[state]}"
        calm = "wait for a calm period" if state is Interconnect.UNSTABLE else "look at dis_admin"
        yield warning("interconnect", words, "a node that goes out now may cut off others", calm)


def gate(
    cluster: ClusterFacts, monitor: Monitor, seen: View, looked_at: Collection[str]
) -> Iterable[Finding]:
    """Whether the gate could open for any node at all; else a run could only wait.

    The rule is the gate's own: with the node itself aside, fewer than ``allowed_down`` others may be down.
    """
    config = cluster.config
    candidates = [node.name for node in cluster.to_update if not node.management]
    if not candidates:
        return
    reasons = {name: why for name in looked_at if (why := _down(monitor, name))}
    allowed, count = config.policy.allowed_down, seen.count
    all_reasons = list(reasons.values())
    if config.view is not None and count is None:
        all_reasons.append("the cluster view gives no answer")
    elif config.view is not None and count:
        all_reasons.append(f"the cluster view counts {count} unreachable")

    def opens(name: str) -> bool:
        others = (reasons.keys() | (monitor.named & frozenset(looked_at))) - {name}
        if config.view is None:
            return len(others) < allowed
        itself = name if name in reasons else None
        return count is not None and len(others) + unexplained(count, monitor, others, itself) < allowed

    if any(opens(name) for name in candidates):
        yield Finding(None, passed("gate", "the gate could open now"))
    else:
        words = f"no node may go out: {'; '.join(all_reasons)} (allowed_down = {allowed})"
        impact = "the run could only wait"
        yield Finding(None, error("gate", words, impact, "fix what is down, then check again"))


def _down(monitor: Monitor, name: str) -> str:
    look = monitor.last(name)
    if look is not None and look.health is Health.ACTIVE:
        return ""
    return f"{name} is {look.health}" if look is not None else f"{name} was not looked at"
