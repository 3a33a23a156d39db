"""A thousand nodes that change at one moment, as when a switch goes, and one of a thousand."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figure import Figure, limit
from tests.console.screen import seated
from tests.console.story import begin, pick
from tests.console.story_engine import StoryEngine
from tui.journal import Journal
from tui.model.events import NodeHealth, RunCreated
from tui.model.states import Health
from tui.rollout.publisher import EventPublisher

NODES = 1024
WELL = {True: Health.ACTIVE, False: Health.DEGRADED}


def engine() -> StoryEngine:
    started = begin(StoryEngine(f"n[0001-{NODES}]"))
    pick(started, "n0001")
    return started


def events() -> float:
    """CPU milliseconds until a change of all nodes is on disk and in the state."""
    created = next(event.payload for event in engine().events() if event.type == RunCreated.type)

    async def seen(publisher: EventPublisher) -> float:
        began = time.process_time()
        for name in publisher.state.nodes:
            publisher.see(name, NodeHealth(health=Health.DEGRADED, detail="a link is down"))
        await asyncio.sleep(0)
        took = time.process_time() - began
        assert {node.health for node in publisher.state.nodes.values()} == {Health.DEGRADED}
        return 1000 * took

    with tempfile.TemporaryDirectory() as place:
        publisher = EventPublisher(Journal.create(Path(place) / "run"))
        publisher.publish(created)
        try:
            return asyncio.run(seen(publisher))
        finally:
            publisher.close()


def paint(changed: int) -> float:
    """CPU milliseconds until the board shows that so many nodes have changed."""

    async def shown() -> float:
        told = engine()
        async with seated(told, 160, 48) as seat:
            await seat.settle()
            for number in range(changed):
                told.tell("node.health", f"n{NODES - number:04}", health="degraded", detail="a link is down")
            began = time.process_time()
            seat.board.tick()
            await seat.pilot.pause()
            took = time.process_time() - began
            assert f"{changed} not active" in seat.text
            return 1000 * took

    return asyncio.run(shown())


def figures() -> tuple[Figure, ...]:
    """Beside what they may cost at the most."""

    def most(what: str, ours: Callable[[], float], milliseconds: float) -> Figure:
        return Figure(f"{NODES} nodes, {what}", "ms", ours, "the limit", limit(milliseconds))

    return (
        most("all change: events, CPU", events, 30),
        most("all change: paint, CPU", lambda: paint(NODES), 25),
        most("one changes: paint, CPU", lambda: paint(1), 5),
    )
