"""What streaming output and big clusters cost the event loop: CPU per frame, and how long it stands still."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.console.screen import Seat, seated
from tests.console.story import begin, mid_update, pick, start
from tests.console.story_engine import StoryEngine
from tui.model.steps import StepName

KEY = ("px04", StepName.INSTALL, 1)
LINE = b"   %06d/100000 Dolphin package file set, installed without complaint\n"


async def frame(seat: Seat, change: Callable[[], object], frames: int = 20) -> tuple[float, float]:
    """(CPU seconds a frame, longest frame) when ``change`` happens before each tick."""
    worst, began = 0.0, time.process_time()
    for _ in range(frames):
        at = time.process_time()
        change()
        seat.board.tick()
        await seat.pilot.pause()
        worst = max(worst, time.process_time() - at)
    return (time.process_time() - began) / frames, worst


async def output(lines_a_tick: int, size: tuple[int, int] = (160, 48)) -> tuple[float, float]:
    """Frames while a node writes ``lines_a_tick`` lines between two ticks."""
    engine = mid_update(StoryEngine())
    bite = b"".join(LINE % number for number in range(lines_a_tick))

    def write() -> None:
        engine.outputs[KEY] = engine.outputs[KEY] + bite

    async with seated(engine, *size) as seat:
        return await frame(seat, write)


async def hidden_output(lines_a_tick: int) -> tuple[float, float]:
    """Frames while a node writes into a pane that nobody sees."""
    engine = mid_update(StoryEngine())
    bite = b"".join(LINE % number for number in range(lines_a_tick))
    key = ("px04", StepName.STOP_SERVICES, 1)

    def write() -> None:
        engine.outputs[key] = engine.outputs[key] + bite

    async with seated(engine, 80, 24) as seat:
        return await frame(seat, write)


async def cluster(count: int) -> tuple[float, float]:
    """Frames of a cluster of ``count`` nodes in which one node's health changes at every tick."""
    engine = begin(StoryEngine(f"n[0001-{count:04}]"))
    pick(engine, "n0001")
    start(engine, "n0001", StepName.INSTALL)
    turn = iter(range(1_000_000))

    def change() -> None:
        number = next(turn)
        health = ("degraded", "active")[number % 2]
        engine.tell("node.health", f"n{number % count + 1:04}", health=health, detail=str(number))

    async with seated(engine, 160, 48) as seat:
        return await frame(seat, change)
