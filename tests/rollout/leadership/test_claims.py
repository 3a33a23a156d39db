"""Claims carried by looks: who has none, or another's, does not serve as far as the gate is concerned."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.faults.scripted_cluster import lines
from tests.rollout.engine_operator import cluster
from tui.model.clusterfile import ClusterFile
from tui.model.states import PauseMode
from tui.remote import Sample
from tui.rollout.gate.monitor import Monitor
from tui.rollout.open_run import OpeningError, OpenRun, RunOptions

LOOK = (
    "boot_id b1",
    "status.exit 0",
    "module dis_irm",
    "loaded.version dis_irm Dolphin IRM 2",
    "disk.version dis_irm Dolphin IRM 2",
    "status Dolphin IRM driver is running.",
)


@dataclass
class Ours:
    """Claims of the console ``aa``."""

    console: str = "aa"
    minority: str = ""
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)

    def saw(self, node: str, console: str, boot_id: str | None, _asked_at: float) -> None:
        self.seen.append((node, console, boot_id))

    def missing(self, _node: str, console: str) -> str:
        return "" if console == self.console else f"claimed by {console or 'nobody'}"


def monitor(claims: Ours) -> Monitor:
    data: dict[str, Any] = {
        "cluster": {"name": "c", "family": "PX", "nodes": "n[1-2]"},
        "target": {"version": "2", "sia": "/s"},
        "policy": {"stable_samples": 1, "stable_every": "1s"},
    }
    return Monitor(
        cast(Any, SimpleNamespace(calm=lambda *_: None)),
        ClusterFile.model_validate(data),
        lambda *_: None,
        claims,
    )


@pytest.mark.parametrize(("claim", "why"), [("aa", ""), ("bb", "claimed by bb"), ("", "claimed by nobody")])
def test_a_look_counts_only_with_our_claim(claim: str, why: str) -> None:
    watching = monitor(claims := Ours())
    said = [f"claim {claim}"] if claim else []
    now = time.monotonic()
    text = lines(*said, *LOOK, "end")
    watching._on_sample(Sample("n1", now, now, text=text, exit_code=0))
    good, words = watching.well("n1")
    assert (good, words if why else "") == (not why, why)
    assert claims.seen == [("n1", claim, "b1")]


def test_half_a_look_says_nothing_of_the_claim() -> None:
    watching = monitor(claims := Ours())
    now = time.monotonic()
    watching._on_sample(Sample("n1", now, now, text=lines("claim bb", *LOOK), exit_code=0))
    assert claims.seen == []


async def test_a_run_begins_with_more_than_half_of_the_claims_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.rollout.open_run.TO_BEGIN", 0.5)
    options = RunOptions(state_dir=tmp_path / "s", front_end="test", pause=PauseMode.EVERY_STEP)
    with cluster(tmp_path / "c", nodes=3, management=None) as rehearsal:
        rehearsal.node("px03").power_off()
        async with await OpenRun.open(rehearsal.cluster_file, options) as session:
            assert session.engine._monitor.minority == "", "two of three are more than half"
        rehearsal.node("px02").power_off()
        with pytest.raises(OpeningError, match="only 1 of 3 Cluster Nodes are claimed") as refused:
            await OpenRun.open(rehearsal.cluster_file, dataclasses.replace(options, new=True))
        assert refused.value.exit_code == 6
