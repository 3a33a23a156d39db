"""Before the first pick, what lies ahead stands where the panes will be."""

from __future__ import annotations

import pytest

from tests.console.screen import same_as_snapshot, seated
from tests.console.story import begin, pick
from tests.console.story_engine import CLUSTER, StoryEngine
from tui.model.clusterfile import parse_cluster_file
from tui.rollout.interface import Advice, Candidate


def ahead(held: dict[str, str] | None = None) -> StoryEngine:
    """Checked and planned; ``systemctl stop mysqld`` is what the operator's file stops."""
    engine = StoryEngine()
    text = CLUSTER.format(nodes="px[01-08]").replace('"first"', '"last"')
    text += '[applications]\nstop = ["systemctl stop mysqld"]\n'
    engine.config = parse_cluster_file(text, "test.toml")
    begin(engine, held=held)
    for node in engine.config.nodes:
        engine.tell("preflight.result", node, check="active", verdict="passed", summary="loaded")
    ready = [Candidate(node, True, "active, 5.19.0") for node in engine.config.nodes]
    engine.picks = (*ready, Candidate("mgmt", False, "last, after all nodes"))
    return engine


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 36), (200, 60)])
async def test_the_first_screen_says_what_lies_ahead(width: int, height: int) -> None:
    engine = ahead()
    async with seated(engine, width, height) as seat:
        await seat.settle()
        same_as_snapshot(f"tonight-{width}x{height}", seat.text)
        assert "px01 (builds) ➜ px[02-08] ➜" in seat.text
        assert "n  begin with px01: active, 5.19.0" in seat.text
        assert "no output yet" not in seat.text
        pick(engine, "px01")
        await seat.shows("[SIA]")
        assert "Tonight" not in seat.text


async def test_what_did_not_pass_and_why_nothing_begins_stand_there_too() -> None:
    engine = ahead(held={"px07": "fan, T-4711"})
    engine.tell("preflight.result", "px03", check="disk-space", verdict="error", summary="px03: /opt is full")
    for node in ("px04", "px05", "px06"):
        engine.tell("preflight.result", node, check="users", verdict="warning", summary=f"{node}: mysqld")
    for node in ("px01", "px02", "px08"):
        engine.tell("preflight.result", node, check="clock", verdict="warning", summary=f"{node} is late")
    engine.picks = (Candidate("px01", False, "the run is blocked"),)
    engine.saying = Advice("px03: /opt is full", "free 400 MB", urgent=True)
    async with seated(engine, 80, 24) as seat:
        await seat.shows("✘ 1 error, 6 warnings, 8 passed", "✘ px03: /opt is full", "… and 6 more")
        await seat.shows("Held    px07: fan, T-4711", "│ px03: /opt is full")
        await seat.resize(120, 36)
        await seat.shows(
            "! px[04-06]: mysqld", "… and 2 more", "take it out: stop services and reboot, if needed"
        )


async def test_what_does_not_fit_is_said_to_be_below() -> None:
    engine = ahead(held={f"px{n:02}": "a reason of many words, told in full" for n in range(2, 8)})
    async with seated(engine, 80, 24) as seat:
        await seat.shows("more below")
