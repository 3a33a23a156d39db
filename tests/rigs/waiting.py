"""Waiting for a condition, never for a clock: the only place where tests may sleep."""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import time
from collections.abc import Callable

_LOOK_EVERY = 0.01
_AT_REST = 0.1
"""Seconds that `_begins_programs` takes on a machine that has nothing else to do."""


def patience() -> float:
    """What a deadline is multiplied by: how much slower than one at rest this machine is.

    Its speed is measured once, its load looked at each time: others may begin in the middle of a test.
    """
    return max(1.0, _slowness(), 2.0 * os.getloadavg()[0] / (os.cpu_count() or 1))


@functools.cache
def _slowness() -> float:
    begun = time.monotonic()
    _begins_programs()
    return (time.monotonic() - begun) / _AT_REST


def _begins_programs() -> None:
    for _ in range(40):
        subprocess.run(["/bin/sh", "-c", ":"], check=True, stdin=subprocess.DEVNULL)


def overdue(begun: float, seconds: float) -> bool:
    """Whether ``seconds`` of a machine at rest have passed since ``begun``, by the monotonic clock."""
    passed = time.monotonic() - begun
    return passed > seconds and passed > seconds * patience()


def wait_until(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """Return once ``condition()`` is true; AssertionError naming ``what`` if it is not in time."""
    begun = time.monotonic()
    while not condition():
        assert not overdue(begun, seconds), f"not within {seconds:g} s: {what or condition}"
        time.sleep(_LOOK_EVERY)


async def a_moment() -> None:
    """Between two looks: what is waited for may need this processor."""
    await asyncio.sleep(_LOOK_EVERY)


async def wait_until_async(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """The same on an event loop, which goes on meanwhile."""
    begun = time.monotonic()
    while not condition():
        assert not overdue(begun, seconds), f"not within {seconds:g} s: {what or condition}"
        await a_moment()
