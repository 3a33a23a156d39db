"""The gate's rule alone, on every combination of looks: unknown counts as down, never one beside another."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.expressware.view import Interconnect
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.run import Node, Run
from tui.model.states import Health, Service
from tui.rollout.gate import rule

NODES = ("n1", "n2", "n3", "n4")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Seen:
    """Looks as the monitor would have taken them."""

    good: dict[str, bool]
    unreachable: int | None
    oldest_age: float = 0.1
    minority: str = ""
    interconnect: Interconnect | None = None
    serves: bool = False
    named: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()

    def stable(self, node: str) -> tuple[bool, str]:
        return (True, "active") if self.good[node] else (False, "unknown: no answer")

    def surely_out(self, node: str) -> bool:
        return node in self.out

    def may_serve(self, node: str) -> bool:
        return self.serves


def config(allowed: int, view: bool) -> ClusterFile:
    data: dict[str, object] = {
        "cluster": {"name": "c", "family": "PX", "nodes": "n[1-4]", "management_node": "m"},
        "target": {"version": "2", "sia": "/s"},
        "policy": {"allowed_down": allowed},
    }
    if view:
        data["view"] = {"command": "look"}
    return ClusterFile.model_validate(data)


def run(out: set[str]) -> Run:
    nodes = {
        name: Node(
            name, health=Health.ACTIVE, service=Service.OUT_BY_RUN if name in out else Service.IN_SERVICE
        )
        for name in NODES
    }
    return Run(nodes={**nodes, "m": Node("m", management=True)})


@given(
    st.fixed_dictionaries({name: st.booleans() for name in NODES}),
    st.sets(st.sampled_from(NODES)),
    st.sampled_from(NODES),
    st.integers(1, 3),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_open_only_when_enough_others_serve(
    good: dict[str, bool], out: set[str], candidate: str, allowed: int, view: bool, unreachable: int | None
) -> None:
    state = run(out)
    sample = rule.verdict(state, config(allowed, view), Seen(good, unreachable), candidate, "stop", NOW)
    others_down = {name for name in NODES if name != candidate and (name in out or not good[name])}
    assert set(sample.down) == others_down
    if sample.open:
        assert len(others_down) < allowed
        assert not view or (unreachable is not None and unreachable <= allowed)
    else:
        assert sample.reasons
    if len(others_down) >= allowed:
        assert not sample.open
        assert all(any(name in reason for reason in sample.reasons) for name in others_down)


@given(
    st.sets(st.sampled_from(NODES)),
    st.sets(st.sampled_from(NODES)),
    st.sets(st.sampled_from(NODES)),
    st.sets(st.sampled_from(NODES)),
    st.sampled_from(NODES),
    st.integers(1, 3),
)
@example({"n2"}, set(), {"n3"}, set(), "n1", 2)
@example({"n2"}, {"n4"}, {"n3"}, set(), "n1", 3)
@example(set(), {"n1"}, {"n3"}, set(), "n1", 1)
@example(set(), set(), {"n3"}, {"n3"}, "n1", 1)
def test_no_node_that_is_down_hides_another(
    unheard: set[str], stopped: set[str], cut_off: set[str], told: set[str], candidate: str, allowed: int
) -> None:
    """Own looks do not see a cut link, the cluster does not see who cannot be logged into: both count."""
    unheard -= stopped
    seen = Seen(
        {name: name not in unheard | stopped for name in NODES},
        len(stopped | cut_off),
        interconnect=Interconnect.UP,
        serves=candidate not in stopped,
        named=frozenset((stopped | cut_off) & told),
        out=frozenset(stopped),
    )
    state = run(set())
    health = Health.ACTIVE if seen.good[candidate] else Health.DISABLED
    state = replace(state, nodes={**state.nodes, candidate: Node(candidate, health=health)})
    sample = rule.verdict(state, config(allowed, True), seen, candidate, "stop", NOW)
    really_down = (unheard | stopped | cut_off) - {candidate}
    if sample.open:
        assert len(really_down) < allowed
    everything_named = told >= stopped | cut_off
    if everything_named and not sample.open and len(really_down) < allowed:
        assert all("interconnect" in reason for reason in sample.reasons), sample.reasons


def test_the_window_closes_the_gate_at_the_pick_only() -> None:
    data = config(1, False).model_dump(mode="json", exclude_none=True)
    policy = {"allowed_down": 1, "window": {"start": "22:00", "end": "23:00", "zone": "UTC"}}
    closed = ClusterFile.model_validate(
        {"cluster": data["cluster"], "target": data["target"], "policy": policy}
    )
    seen = Seen(dict.fromkeys(NODES, True), 0)
    at_noon = NOW.replace(hour=12)
    assert not rule.verdict(run(set()), closed, seen, "n1", "pick", at_noon).open
    assert rule.verdict(run(set()), closed, seen, "n1", "stop", at_noon).open
    assert rule.verdict(run(set()), closed, seen, "n1", "pick", NOW.replace(hour=22)).open


def test_only_a_node_that_is_surely_out_is_the_one_that_the_cluster_counts() -> None:
    """The count has no names: with a node whose services may run, it is another that is unreachable."""
    state = run(set())
    nodes = {**state.nodes, "n1": Node("n1", health=Health.UNKNOWN, health_detail="no answer in time")}
    for serves in (False, True):
        seen = Seen(dict.fromkeys(NODES, True), 1, serves=serves)
        sample = rule.verdict(replace(state, nodes=nodes), config(1, True), seen, "n1", "stop", NOW)
        assert sample.open is not serves
    assert "n1 may be none of them: no answer in time" in sample.reasons[0]


@pytest.mark.parametrize("candidate", NODES)
def test_too_few_claims_and_what_another_run_left_out_close_it(candidate: str) -> None:
    """Whoever looks well all the same: also the node itself that was left out has to be settled first."""
    well = dict.fromkeys(NODES, True)
    assert rule.verdict(run(set()), config(1, False), Seen(well, 0), candidate, "stop", NOW).open
    seen = Seen(well, 0, minority="only 2 of 4 Cluster Nodes are claimed by this console")
    assert not rule.verdict(run(set()), config(3, False), seen, candidate, "stop", NOW).open
    left = replace(run(set()), left_out={"n2": ev.OutFound(run="r1")})
    sample = rule.verdict(left, config(1, False), Seen(well, 0), candidate, "stop", NOW)
    assert not sample.open
    assert "n2 was left out by" in "; ".join(sample.reasons)
