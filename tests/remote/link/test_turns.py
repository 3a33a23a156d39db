"""How many questions are under way at a time, and what one costs the others that is not answered."""

from __future__ import annotations

import asyncio

import pytest

from tests.rigs.waiting import patience
from tui.remote.link import turns
from tui.remote.link.turns import Turns


class Crowd:
    """Who has a turn just now."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.inside = self.most = self.came = 0

    async def one(self, answered: asyncio.Event) -> None:
        async with self.turns.turn():
            self.came += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
            await answered.wait()
            self.inside -= 1


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_at_a_time_and_the_next_as_soon_as_one_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_S", 3600)
    crowd, answered = Crowd(), asyncio.Event()
    asking = [asyncio.create_task(crowd.one(answered)) for _ in range(3 * turns._MOST)]
    await _settled()
    assert crowd.came == turns._MOST
    answered.set()
    async with asyncio.timeout(10 * patience()):
        await asyncio.gather(*asking)
    assert crowd.most == turns._MOST


async def test_those_that_hang_keep_nobody_waiting_and_free_no_place_twice() -> None:
    crowd, never, answered = Crowd(), asyncio.Event(), asyncio.Event()
    hanging = [asyncio.create_task(crowd.one(never)) for _ in range(turns._MOST)]
    await _settled()
    answered.set()
    async with asyncio.timeout(10 * patience()):
        await crowd.one(answered)
    never.set()
    await asyncio.gather(*hanging)
    crowd.came, later = 0, asyncio.Event()
    asking = [asyncio.create_task(crowd.one(later)) for _ in range(2 * turns._MOST)]
    await _settled()
    assert crowd.came == turns._MOST
    later.set()
    await asyncio.gather(*asking)
