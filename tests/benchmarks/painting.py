"""How long the first text takes to appear in a real terminal, beside the smallest Textual app."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.figure import Figure
from tests.console.glass import Glass

CHILD = ("-m", "tests.console.pty_app")


def first_paint(what: str) -> tuple[float, float]:
    """Seconds from the start to the first text, and to the end of a console that is then left."""
    with Glass(*CHILD, what) as glass:
        painted = glass.shows(b"connecting")
        glass.press(b"q")
        glass.end()
        return painted, glass.ended_after


def figures() -> tuple[Figure, ...]:
    """Of a console that has nothing to show yet."""

    def time_of(what: str, part: int) -> Callable[[], float]:
        return lambda: 1000 * first_paint(what)[part]

    least = "the smallest Textual app"
    return (
        Figure("start to first paint", "ms", time_of("waiting", 0), least, time_of("minimal", 0)),
        Figure("start, paint, quit", "ms", time_of("waiting", 1), least, time_of("minimal", 1)),
    )
