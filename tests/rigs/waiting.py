"""Waiting for a condition, never for a clock: the only place where tests may sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_LOOK_EVERY = 0.01


def wait_until(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """Return once ``condition()`` is true; AssertionError naming ``what`` if it is not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        time.sleep(_LOOK_EVERY)


async def wait_until_async(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """The same on an event loop, which goes on meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        await asyncio.sleep(_LOOK_EVERY)
