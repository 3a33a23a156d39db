"""Wide margins on ratios: they catch a pane that repaints line by line, not a slow machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import streaming
from tests.rigs.waiting import patience

pytestmark = pytest.mark.slow  # by what it computes


async def test_a_flood_costs_little_more_than_a_trickle() -> None:
    trickle, _ = await streaming.output(10)
    flood, longest = await streaming.output(1000)
    assert flood < 6 * trickle
    assert longest < 10 * flood


async def test_what_nobody_sees_costs_next_to_nothing() -> None:
    seen, _ = await streaming.output(1000, size=(80, 24))
    hidden, _ = await streaming.hidden_output(1000)
    assert hidden < seen / 2


async def test_a_thousand_nodes_cost_little_more_than_eight() -> None:
    few, _ = await streaming.cluster(8)
    many, _ = await streaming.cluster(1024)
    assert many < 8 * few


def test_the_table_can_be_made() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--short"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=240 * patience(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert {line.count("|") for line in lines[:-2]} == {6}
    for row in "rollcall plan", "rollcall runs", "cold", "first paint", "idle board", "whole update", "warm":
        assert any(row in line for line in lines), row
    assert "cores" in lines[-1]
