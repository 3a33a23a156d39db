"""What a pane holds: the latest lines of output, bounded, whatever a node prints."""

from __future__ import annotations

from typing import NamedTuple

from tui.text.terminal import Line

LINES = 10_000
"""Lines kept; the oldest tenth goes when there are a tenth more."""


class Entry(NamedTuple):
    """A line of output, or a heading that the console set between attempts."""

    line: Line
    heading: bool = False


class Scrollback:
    """Lines with a count of those dropped, so that a reader of the middle can be kept where he is."""

    def __init__(self, limit: int = LINES) -> None:
        self._limit = limit
        self._entries: list[Entry] = []
        self.dropped = 0
        """Lines that are gone from the front since the start."""
        self.partial: Line | None = None
        """The last line, which has no end yet."""

    @property
    def entries(self) -> list[Entry]:
        """The lines held, oldest first."""
        return self._entries

    @property
    def seen(self) -> int:
        """Lines that ever came in."""
        return self.dropped + len(self._entries)

    def extend(self, lines: list[Line], heading: bool = False) -> None:
        """Append lines, dropping the oldest beyond the limit."""
        self._entries += [Entry(line, heading) for line in lines]
        excess = len(self._entries) - self._limit
        if excess > self._limit // 10:
            del self._entries[:excess]
            self.dropped += excess
