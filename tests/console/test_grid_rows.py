"""A node's row: steps, version, time and health where there is room; and nothing painted for nothing."""

from __future__ import annotations

import pytest

from tests.console.screen import Seat, seated
from tests.console.story import begin, end, mid_update, offer, pick, start
from tests.console.story_engine import StoryEngine
from tui.console.look.glyphs import ASCII
from tui.console.widgets.node_grid import NodeGrid
from tui.console.widgets.plain import Plain
from tui.model.steps import StepName
from tui.rollout.interface import Live


async def test_a_row_carries_steps_version_time_and_health() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        assert "px03 ✔ updated       ✔✔✔✔✔-✔✔✔ 5.21.2  3:31 ◉ <9 s" in seat.line("px03")
        assert "px04 ► install       ✔✔✔✔►∙∙∙∙ 5.19.0  2:14 ! by us <9 s" in seat.line("px04 ►")
        assert "mgmt ✔ updated       ✔✔  ✔ ✔  " in seat.line("mgmt ✔")
        engine.lives["px05"] = Live("lost", "no answer", 42.0, None)
        engine.later(1)
        await seat.shows("2:15 ! by us", "◉ 42 s")
    async with seated(mid_update(StoryEngine()), glyphs=ASCII) as seat:
        assert "px04 > install       ++++>.... 5.19.0  2:14 ! by us <9 s" in seat.line("px04 >")


@pytest.mark.parametrize(
    ("width", "height", "row"),
    [
        (80, 24, "px04 ✘ install failed"),
        (120, 36, "px04 ✘ install       ✔✔✔✔✘∙∙∙∙ failed       ! by us"),
        (200, 60, "px04 ✘ install       ✔✔✔✔✘∙∙∙∙ failed"),
    ],
)
async def test_a_failed_step_is_named_in_the_row_and_its_cause_only_beside_the_step(
    width: int, height: int, row: str
) -> None:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    engine.tell("step.state", "px04", StepName.INSTALL, status="failed", reason="quota is full")
    async with seated(engine, width, height) as seat:
        assert row in seat.line("px04 ✘")
        assert seat.text.count("quota is full") == 1
        engine.tell("node.progress", "px04", progress="failed", reason="quota is full")
        await seat.settle()
        assert row in seat.line("px04 ✘")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 36), (160, 48)])
async def test_a_peer_that_is_not_well_is_named_at_every_width(width: int, height: int) -> None:
    engine = mid_update(StoryEngine())
    engine.tell("node.health", "px02", health="degraded", detail="x4")
    async with seated(engine, width, height) as seat:
        assert "px04 ∙ ! px02 degraded ∙ " in seat.line("Nodes 8")
        assert "! degraded" in seat.line("px02 ✔" if width > 80 else "px02 !")


async def test_many_that_are_not_well_are_counted_even_where_only_signs_fit() -> None:
    engine = begin(StoryEngine("n[001-150]"))
    for number in range(1, 5):
        engine.tell("node.health", f"n{number:03}", health="degraded", detail="x4")
    async with seated(engine, 160, 48) as seat:
        assert "✘ 4 not active" in seat.line("Nodes 150")


def colours(seat: Seat, words: str) -> set[str]:
    """The colours in which these words are drawn."""
    found = set()
    for strip in seat.app.screen._compositor.render_strips():
        for segment in strip:
            if words in segment.text and segment.style and segment.style.color:
                found.add(segment.style.color.name)
    return found


async def test_the_cursor_leaves_your_turn_its_colour() -> None:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    offer(engine, "px04", StepName.STOP_SERVICES)
    async with seated(engine) as seat:
        await seat.press("escape")
        await seat.shows("px04 » stop services")
        assert seat.board.nodes.grid.has_focus
        assert colours(seat, "»") == {"#e69f00"}


async def test_an_idle_board_paints_nothing_and_a_running_step_only_its_own_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painted: list[tuple[str, int]] = []
    for kind in (NodeGrid, Plain):

        def spy(self: NodeGrid | Plain, y: int, _paint: object = kind.render_line) -> object:
            painted.append((str(self.id), y))
            return _paint(self, y)  # type: ignore[operator]

        monkeypatch.setattr(kind, "render_line", spy)
    engine = begin(StoryEngine())
    engine.later(3600)
    async with seated(engine) as seat:
        for age, trip in ((0.1, 0.001), (2.4, 0.02), (1.3, 0.004)):
            await seat.settle()
            painted.clear()
            engine.lives = {name: Live("up", "", age, trip) for name in engine.state.order}
            engine.later(1)
            await seat.settle()
            assert painted == []
        pick(engine, "px04")
        start(engine, "px04", StepName.INSTALL)
        await seat.settle()
        await seat.settle()
        painted.clear()
        engine.later(1)
        await seat.settle()
        assert set(painted) == {("header", 0), ("grid", 2), ("rail-rows", 4)}
