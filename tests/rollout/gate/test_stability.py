"""How long a node has to look well before the gate believes it: N looks, over as long as was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui.model.clusterfile import ClusterFile
from tui.model.states import Health
from tui.rollout.gate.health import Look
from tui.rollout.gate.monitor import Monitor


def monitor(samples: int, every: str, calm: Callable[[str, bool], None] = lambda *_: None) -> Monitor:
    data: dict[str, Any] = {
        "cluster": {"name": "c", "family": "PX", "nodes": "n[1-2]"},
        "target": {"version": "2", "sia": "/s"},
        "policy": {"stable_samples": samples, "stable_every": every},
    }
    return Monitor(cast(Any, SimpleNamespace(calm=calm)), ClusterFile.model_validate(data), lambda *_: None)


def look_well(watching: Monitor, *seconds_ago: float, health: Health = Health.ACTIVE) -> None:
    now = time.monotonic()
    for ago in seconds_ago:
        watching._note("n1", Look(now - ago, health, "", None))


def test_looks_that_are_taken_more_often_than_asked_for_have_to_span_the_same_time() -> None:
    watching = monitor(3, "5s")
    assert watching.every < 5, "health is looked at all the time"
    look_well(watching, 9, 7, 5, 3, 1)
    assert watching.stable("n1") == (False, "active for 8 of 10 s")
    look_well(watching := monitor(3, "5s"), 11.5, 9, 7, 5, 3, 1)
    assert watching.stable("n1") == (True, "active")


@pytest.mark.parametrize("between", [Health.UNKNOWN, Health.DEGRADED])
def test_one_bad_look_begins_it_anew(between: Health) -> None:
    watching = monitor(3, "5s")
    look_well(watching, 20, 15, 10)
    look_well(watching, 9, health=between)
    look_well(watching, 7, 5, 3)
    assert watching.stable("n1") == (False, "active for 4 of 10 s")
    watching.forget("n1")
    assert watching.stable("n1") == (False, "not looked at yet")


def test_where_looks_are_as_far_apart_as_asked_for_their_number_is_enough() -> None:
    watching = monitor(3, "1s")
    look_well(watching, 1.9, 1, 0.1)
    assert watching.stable("n1") == (True, "active")


def test_only_a_node_that_the_gate_would_believe_is_left_with_a_glance() -> None:
    told: list[tuple[str, bool]] = []
    watching = monitor(3, "5s", lambda node, calm: told.append((node, calm)))
    look_well(watching, 12, 6, 3)
    assert told == [], "three good looks, over less than was asked for"
    look_well(watching, 1)
    assert told == [("n1", True)]
    look_well(watching, 0.5)
    watching.forget("n1")
    assert told == [("n1", True), ("n1", False)], "it was just changed"
    look_well(watching := monitor(1, "1s", lambda node, calm: told.append((node, calm))), 3)
    look_well(watching, 2, health=Health.UNKNOWN)
    assert told[2:] == [("n1", True), ("n1", False)], "what is not known is asked for"
