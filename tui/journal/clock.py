"""The time that events carry: begun by the clock of this machine, carried on by one that nobody sets.

The clock on the wall may jump, by an operator's hand or a time server's. Ages are differences of these times,
so they stay true: a step that has run for a minute is never flagged as an hour old, or as not begun yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _steady() -> float:
    """Seconds that also pass while the machine sleeps, where its kernel counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def wall_now() -> datetime:
    """The clock on the wall, whatever it jumps to: for what happens at a time of day."""
    return datetime.now(UTC)


class SteadyClock:
    """UTC as this console began with it."""

    def __init__(
        self, wall: Callable[[], datetime] = wall_now, steady: Callable[[], float] = _steady
    ) -> None:
        self._wall, self._steady = wall, steady
        self._began, self._zero = wall(), steady()

    def now(self) -> datetime:
        """Never earlier than the last answer."""
        return self._began + timedelta(seconds=self._steady() - self._zero)

    def jumped(self) -> float:
        """Seconds by which the wall's clock has been set forward (or back: below 0) since the beginning."""
        return (self._wall() - self.now()).total_seconds()


CLOCK = SteadyClock()
"""The one of this process: ages are told by the clock that wrote the times."""


def utc_now() -> datetime:
    """The time for events, and for ages."""
    return CLOCK.now()
