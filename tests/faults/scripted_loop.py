"""An event loop whose clock jumps to the next thing that is due: an hour of waiting takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Never waits: what would be waited for is added to the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing will ever happen again"
        self.now += max(0.0, timeout)
        return super().select(0)


class ScriptedLoop(asyncio.SelectorEventLoop):
    """Time passes only while nothing is ready to run. Nothing on it may wait for a thread."""

    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        """The loop's own monotonic clock."""
        return self._clock.now

    def monotonic(self) -> float:
        """What ``time.monotonic`` is for code under test."""
        return self._clock.now

    def complete(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end."""
        return self.run_until_complete(work)

    def advance(self, seconds: float) -> None:
        """Let everything run for so long."""
        self.complete(asyncio.sleep(seconds))

    def shut(self) -> None:
        """Cancel what is left, and close."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.complete(_gathered(tasks))
        self.close()


async def _gathered(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
