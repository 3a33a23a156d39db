"""A console on a real terminal beside Textual's own: standing there, streaming, and answering a key."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median, mode, quantiles

from tests.benchmarks.figure import Figure
from tests.console.glass import Glass

CHILD = ("-m", "tests.console.pty_app")
FIRST = {
    "minimal": b"connecting",
    "logs": b"/usr/src",
    "streaming": b"/usr/src",
    "flooding": b"/usr/src",
    "idle": b"to pick",
    "asking": b"Type",
}
"""What is shown once it stands."""


def _cpu(glass: Glass) -> float:
    """Milliseconds of all its threads so far."""
    found = 0
    for task in Path(f"/proc/{glass.process.pid}/task").iterdir():
        found += int((task / "schedstat").read_text().split()[0])
    return found / 1e6


def watched(what: str, seconds: float) -> tuple[float, float]:
    """(CPU milliseconds, bytes) a second, once it has settled."""
    with Glass(*CHILD, what) as glass:
        glass.shows(FIRST[what])
        glass.read_for(min(3.0, seconds))
        cpu, size, began = _cpu(glass), len(glass.seen), time.monotonic()
        glass.read_for(seconds)
        took = time.monotonic() - began
        return (_cpu(glass) - cpu) / took, (len(glass.seen) - size) / took


RIGHT, LEFT = b"\x1b[C", b"\x1b[D"


def key_to_paint(what: str, keys: int) -> list[float]:
    """Milliseconds until an arrow key has moved the cursor, from the shortest to the longest."""
    with Glass(*CHILD, what) as glass:
        glass.shows(FIRST[what])
        places = []
        for key in (RIGHT, LEFT):
            glass.press(key)
            glass.read_for(1.0)
            places.append(_cursor(glass))
        times = []
        for number in range(keys):
            place, began = places[number % 2], time.monotonic()
            glass.press((RIGHT, LEFT)[number % 2])
            glass.until(lambda place=place: glass.cursor == place)  # type: ignore[misc]
            times.append(1000 * (time.monotonic() - began))
            glass.read_for(0.1 + 0.013 * (number % 7))  # at any point of a tick
        return sorted(times)


def _cursor(glass: Glass) -> tuple[int, int]:
    """Where it stands between two frames."""
    seen: list[tuple[int, int]] = []
    while len(seen) < 5:
        glass.read_for(0.1)
        seen.append(glass.cursor)
    return mode(seen)


def figures(seconds: float, keys: int) -> tuple[Figure, ...]:
    """Of consoles that are watched for so long, and get so many keys."""

    def cost(part: int, ours: str, peer: str, what: str, unit: str, against: str) -> Figure:
        return Figure(
            what,
            unit,
            lambda: watched(ours, seconds)[part],
            against,
            lambda: max(1.0, watched(peer, seconds)[part]),
        )

    least, logs = "the smallest Textual app", "two `Log` of Textual"
    return (
        cost(0, "idle", "minimal", "idle board, CPU a second", "ms", least),
        cost(1, "idle", "minimal", "idle board, to the terminal", "B/s", least),
        cost(1, "asking", "minimal", "the same under a dialog, to the terminal", "B/s", least),
        cost(0, "streaming", "logs", "two panes, 100 lines a second each, CPU a second", "ms", logs),
        cost(1, "streaming", "logs", "two panes, 100 lines a second each, to the terminal", "B/s", logs),
        Figure(
            "arrow key to paint while two panes stream, median",
            "ms",
            lambda: median(key_to_paint("streaming", keys)),
            "idle",
            lambda: median(key_to_paint("idle", keys)),
        ),
        Figure(
            "arrow key to paint while 70,000 lines a second come in, p99",
            "ms",
            lambda: quantiles(key_to_paint("flooding", keys), n=100, method="inclusive")[-1],
            "the limit",
            lambda: 50.0,
        ),
    )
