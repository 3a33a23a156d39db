"""How long the first text takes to appear in a real terminal, beside the smallest Textual app."""

from __future__ import annotations

from statistics import median

from tests.console.glass import Glass

CHILD = ("-m", "tests.console.pty_app")


def first_paint(what: str) -> tuple[float, float]:
    """Seconds from the start to the first text, and to the end of a console that is then left."""
    with Glass(*CHILD, what) as glass:
        painted = glass.shows(b"connecting")
        glass.press(b"q")
        glass.end()
        return painted, glass.ended_after


def compare(rounds: int = 5) -> dict[str, tuple[float, float]]:
    """Medians (first paint, whole life) of ours and of the smallest app, taken turn by turn."""
    seen: dict[str, list[tuple[float, float]]] = {"waiting": [], "minimal": []}
    for _ in range(rounds):
        for what, times in seen.items():
            times.append(first_paint(what))
    return {what: (median(t[0] for t in times), median(t[1] for t in times)) for what, times in seen.items()}
