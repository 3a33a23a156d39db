"""So many questions at a time: the answers of all nodes at one moment would hold up whoever reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_MOST = 16
_PATIENCE_S = 0.15
"""A node that has not answered by then keeps nobody waiting any longer: nodes that hang cost the others this
much for each ``_MOST`` of them, not their timeout."""


class Turns:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_MOST)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; it is over at the end of the block, or when it has lasted too long."""
        lasts = True

        def end() -> None:
            nonlocal lasts
            if lasts:
                lasts = False
                self._free.release()

        await self._free.acquire()
        timer = asyncio.get_running_loop().call_later(_PATIENCE_S, end)
        try:
            yield
        finally:
            timer.cancel()
            end()
