"""Durations and times of day as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def clock(seconds: float) -> str:
    """A duration as ``2:14`` or ``1:02:14``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, last = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{last:02}" if hours else f"{minutes}:{last:02}"


def length(seconds: float) -> str:
    """A duration in words: ``40 s``, ``6 min``, ``2 h 41 min``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"


def age(seconds: float | None) -> str:
    """How old a sample is: ``0.4 s``, ``12 s``, ``3 min``; ``never`` without one."""
    if seconds is None:
        return "never"
    return f"{seconds:.1f} s" if seconds < 10 else length(seconds)


LOOKED_S = 9.0
"""A node that is well is looked at every six seconds, and the gate goes by looks of up to ten: a younger one
says only that all is as usual.
"""


def looked(seconds: float) -> str:
    """How old a look at a node is, in words that stand still while looks come in: ``<9 s``, ``12 s``."""
    return f"<{LOOKED_S:.0f} s" if seconds < LOOKED_S else length(seconds)


def time_of_day(moment: datetime | None) -> str:
    """The moment on the operator's own clock: ``01:12:09``."""
    return moment.astimezone().strftime("%H:%M:%S") if moment else ""


def since(moment: datetime | None, now: datetime) -> float:
    """Seconds from ``moment`` to ``now``; 0 without a moment."""
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def exact(seconds: float | None) -> str:
    """A duration that may be short, rounded: ``0.4 s``, ``2:14``; empty without one."""
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 1 else clock(round(seconds))


def moment(time: datetime | None) -> str:
    """``2026-11-22 17:15:00``, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if time else ""
