"""What every screen looks like at three sizes: what a change in one place changes elsewhere."""

from __future__ import annotations

import pytest

from tests.console.screen import same_as_snapshot, seated
from tests.console.walk import STATIONS, troubled

SHOWN = ("help", "journal", "plan", "checks", "summary", "decide", "quit", "filter without a node")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 36), (200, 60)])
async def test_every_screen_looks_as_it_did(width: int, height: int) -> None:
    async with seated(troubled(), width, height) as seat:
        for name in SHOWN:
            await seat.press(*STATIONS[name])
            await seat.settle()
            await seat.still()
            same_as_snapshot(f"{name.replace(' ', '-')}-{width}x{height}", seat.text)
            for _ in range(4):
                if not seat.on_board or seat.board.nodes.search.display:
                    await seat.press("escape")
