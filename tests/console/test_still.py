"""What is new in one part of the board moves no other: nothing is laid out anew for it."""

from __future__ import annotations

import pytest

from tests.benchmarks.streaming import LINE
from tests.console.screen import Seat, seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine
from tui.model.steps import StepName

KEY = ("px04", StepName.INSTALL, 1)


def layouts(seat: Seat) -> list[object]:
    """Grows with each layout of the board from now on."""
    found: list[object] = []
    seat.board.screen_layout_refresh_signal.subscribe(seat.board, found.append)
    return found


def colours(seat: Seat) -> list[object]:
    """What the first row is drawn in."""
    first = seat.app.screen._compositor.render_strips()[0]
    return [(part.text, part.style.color, part.style.bgcolor) for part in first if part.style is not None]


async def test_output_that_streams_in_moves_nothing_else() -> None:
    engine = mid_update(StoryEngine())
    engine.outputs[KEY] = LINE % 0 * 200
    async with seated(engine, 160, 48) as seat:
        laid_out = layouts(seat)
        for number in range(5):
            engine.outputs[KEY] += LINE % (number + 7)
            await seat.settle()
        assert f"{11:06}/" in seat.text
        assert not laid_out


async def test_a_row_more_of_what_is_told_of_a_node_moves_nothing_else() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 160, 48) as seat:
        rows = seat.text.count("services are stopped")
        laid_out = layouts(seat)
        engine.tell("node.health", "px04", health="degraded", detail="services are stopped\ntwice")
        await seat.settle()
        engine.tell("node.health", "px04", health="active", detail="")
        await seat.settle()
        assert rows == 1
        assert "services are stopped" not in seat.text
        assert not laid_out


@pytest.mark.parametrize("quick", [True, False])
async def test_on_a_slow_line_a_dialog_leaves_the_board_in_its_colours(quick: bool) -> None:
    """To dim all of it is a whole screen that a person waits for: twelve seconds at 9,600 baud."""

    class Far:
        behind = False

        def __init__(self) -> None:
            self.quick = quick

        def resized(self) -> None: ...

        def redraw(self, *, asked: bool) -> None: ...

    async with seated(mid_update(StoryEngine()), 160, 48) as seat:
        seat.app.terminal = Far()
        before = colours(seat)
        await seat.press("m")
        await seat.shows("When to wait")
        assert (colours(seat) == before) is not quick
