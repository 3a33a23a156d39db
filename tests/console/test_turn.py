"""Whose turn it is, since when, how far the run is: what the header tells at every size."""

from __future__ import annotations

import re

import pytest

from tests.console.screen import seated
from tests.console.story import begin, end, mid_update, offer, pick, start, update
from tests.console.story_engine import StoryEngine
from tui.console.look.glyphs import ASCII
from tui.model.states import PauseMode
from tui.model.steps import StepName
from tui.rollout.interface import Advice

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_what_waits_for_the_person_says_so_and_since_when(width: int, height: int) -> None:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    offer(engine, "px04", StepName.STOP_SERVICES)
    async with seated(engine, width, height) as seat:
        await seat.press("escape")
        engine.later(5)
        await seat.shows("» px04 stop services: your turn 0:05", "px04 » stop services", "» stop services")
        engine.later(600)
        await seat.shows("your turn 10 min")
        start(engine, "px04", StepName.STOP_SERVICES)
        await seat.shows("► px04 stop services 0:00")
        assert "»" not in seat.text


async def test_a_step_that_runs_moves_every_second() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.shows("► px04 install 2:14")
        engine.later(1)
        await seat.shows("▻ px04 install 2:15")
        engine.tell("run.state", status="pause-pending")
        await seat.shows("▻ px04 install, then a pause 2:15")


async def test_a_failure_a_pause_and_failed_checks_are_the_persons_turn() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        end(engine, "px04", StepName.INSTALL, status="failed", code=1)
        engine.tell("run.state", status="paused-on-error", summary="px04: it broke")
        engine.later(7)
        await seat.shows("» px04 install failed: your turn 0:07")
    engine = begin(StoryEngine())
    async with seated(engine) as seat:
        engine.tell("run.state", status="paused-by-user")
        await seat.shows("» paused: your turn 0:00")
        engine.tell("run.state", status="blocked")
        await seat.shows("» checks failed: your turn 0:00")


async def test_between_nodes_it_is_the_turn_of_whoever_is_to_pick() -> None:
    engine = begin(StoryEngine())
    update(engine, "px01")
    async with seated(engine) as seat:
        engine.saying = Advice("px02 can go next", "n to pick it", urgent=True)
        engine.later(9)
        await seat.shows("» pick a node: your turn 0:09")
        engine.saying = Advice("nothing can start: px03 is degraded", "wait")
        await seat.shows("◦ waits ")
        assert "running" not in seat.line("Rollcall")


async def test_a_viewer_is_told_that_it_is_not_the_viewers_turn() -> None:
    engine = begin(StoryEngine(read_only=True))
    pick(engine, "px04")
    offer(engine, "px04", StepName.STOP_SERVICES)
    async with seated(engine) as seat:
        await seat.shows("» px04 stop services: waits for who leads 0:00")


async def test_nobody_is_waited_for_where_the_mode_says_so() -> None:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    engine.tell("run.state", status="running", pause_mode=PauseMode.NONE)
    offer(engine, "px04", StepName.PACKAGES)
    async with seated(engine) as seat:
        assert "your turn" not in seat.text


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_the_second_line_tells_how_much_is_done_and_what_the_window_leaves(
    width: int, height: int
) -> None:
    async with seated(mid_update(StoryEngine()), width, height) as seat:
        line = seat.text.split("\n")[1]
        assert re.match(r" ━+─+┼─+  4/9", line)
        assert "~2 h 00 min to go" in line
        assert "22:00-04:00" in line
        assert "2 h 33 min left" in line


async def test_before_the_first_node_is_done_it_says_that_it_does_not_know() -> None:
    engine = begin(StoryEngine())
    engine.per_node = None
    async with seated(engine, 160, 48) as seat:
        assert "0/9 done ∙ the first node shows how long one takes" in seat.text
        assert "to go" not in seat.text.split("\n")[1]


async def test_a_run_without_a_window_has_the_bar_and_what_is_to_go() -> None:
    engine = mid_update(StoryEngine())
    engine.config = engine.config.model_copy(
        update={"policy": engine.config.policy.model_copy(update={"window": None})}
    )
    async with seated(engine, 80, 24, glyphs=ASCII) as seat:
        assert re.match(r" =+-+  4/9 done | ~2 h 00 min to go$", seat.text.split("\n")[1])


async def test_what_does_not_fit_into_the_window_is_said_at_every_width() -> None:
    engine = mid_update(StoryEngine())
    engine.per_node = 3000.0
    async with seated(engine, 80, 24) as seat:
        assert "~3 h 20 min to go ∙ 2 h 33 min left ∙ 2 more nodes fit" in seat.text


async def test_a_run_that_is_over_shows_a_whole_bar_and_how_long_it_took() -> None:
    engine = begin(StoryEngine("px[01-02]"))
    for node in ("mgmt", "px01", "px02"):
        update(engine, node)
    engine.tell("run.state", status="completed")
    async with seated(engine) as seat:
        await seat.press("escape")
        await seat.shows("✔ completed", "3/3 done ∙ took ")
        assert "─" not in seat.text.split("\n")[1]
