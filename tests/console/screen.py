"""The console under test: driven by keys, read as text, with clocks that stand until they are moved."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from tests.console.story_engine import StoryEngine
from tests.rigs.waiting import a_moment, overdue
from tui.console.app import ConsoleConfig, RollcallApp
from tui.console.board import BoardScreen
from tui.console.look.glyphs import UNICODE, Glyphs
from tui.rollout.interface import Engine

SNAPSHOTS = Path(__file__).parent / "snapshots"


class Seat:
    """A person at the console: presses keys, reads the screen."""

    def __init__(self, app: RollcallApp, pilot: Pilot[int], clock: list[float]) -> None:
        self.app, self.pilot, self._clock = app, pilot, clock

    @property
    def board(self) -> BoardScreen:
        assert self.app.board is not None
        return self.app.board

    @property
    def on_board(self) -> bool:
        """True when the board is composed and nothing stands over it."""
        board = self.app.board
        return board is not None and board.is_mounted and self.app.screen is board

    @property
    def text(self) -> str:
        """The screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def line(self, words: str) -> str:
        """The first line of the screen with these words."""
        return next(line for line in self.text.split("\n") if words in line)

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each after dialogs have begun to listen."""
        for key in keys:
            await self._listened()
            self._clock[0] += 1.0
            await self.pilot.press(key)
            await self.let_go()
        await self.settle()

    async def _listened(self) -> None:
        """A dialog that was only just drawn listens a moment later."""
        begun = time.monotonic()
        while getattr(self.app.screen, "deaf_until", 0.0) == float("inf"):
            assert not overdue(begun, 10), f"a dialog never listens:\n{self.text}"
            await self.pilot.pause()

    async def press_at_once(self, *keys: str) -> None:
        """Press keys while no time passes: a dialog that opens between them is still deaf."""
        await self.pilot.press(*keys)
        await self.settle()

    async def press_apart(self, seconds: float, *keys: str) -> None:
        """Press keys with so much time before each, and nothing drawn in between."""
        for key in keys:
            self._clock[0] += seconds
            await self.pilot.press(key)
        await self.settle()

    async def let_go(self) -> None:
        """As if the time had passed in which nothing follows the last key."""
        await self.app.let_go()
        await self.pilot.pause()

    async def rest(self) -> None:
        """Take the hands off the keyboard for a moment."""
        self._clock[0] += 1.0
        await self.settle()

    async def settle(self) -> None:
        """Let everything that is under way be drawn."""
        await self.app.let_go()
        if self.on_board:
            self.board.redraw()
            self.board.tick()
        await self.pilot.pause()

    async def still(self) -> None:
        """Have the board drawn as it is below whatever stands over it."""
        self.board.redraw()
        self.board.tick()
        await self.pilot.pause()

    async def shows(self, *words: str) -> None:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(word in self.text for word in words), f"the screen shows {words}")

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true, hands off the keyboard."""
        begun = time.monotonic()
        while not true():
            assert not overdue(begun, 10), f"waited in vain until {what}; the screen:\n{self.text}"
            self._clock[0] += 0.1
            await self.settle()
            await a_moment()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()


@asynccontextmanager
async def seated(
    engine: StoryEngine,
    width: int = 120,
    height: int = 36,
    *,
    glyphs: Glyphs = UNICODE,
    config: ConsoleConfig | None = None,
) -> AsyncIterator[Seat]:
    """The console on ``engine``, with the board drawn."""
    clock = [0.0]

    async def open_engine() -> Engine:
        return engine

    app = RollcallApp(
        config or ConsoleConfig(open_engine),
        title="px-prod",
        glyphs=glyphs,
        now=engine.now,
        monotonic=lambda: clock[0],
    )
    async with app.run_test(size=(width, height)) as pilot:
        seat = Seat(app, pilot, clock)
        if config is None:
            await seat.until(lambda: app.board is not None and app.board.is_mounted, "the board is there")
            await seat.settle()
        yield seat


def same_as_snapshot(name: str, text: str) -> None:
    """Compare with ``snapshots/<name>.txt``; ``ROLLCALL_SNAPSHOTS=write`` writes it anew."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("ROLLCALL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")
    assert text + "\n" == path.read_text()
