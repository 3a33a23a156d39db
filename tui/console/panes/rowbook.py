"""The rows of one ring at one width, kept up to date line by line, and what a search finds in them."""

from __future__ import annotations

from bisect import bisect_left

from tui.console.panes.ring import Scrollback
from tui.console.panes.rows import Row, cut
from tui.text.sanitize import sanitize_line


class WrappedLines:
    """Rows of a ring; ``pull`` takes what the ring got since the last time."""

    def __init__(self, ring: Scrollback, width: int) -> None:
        self._ring, self._width = ring, width
        self.rows: list[Row] = []
        self._per_line: list[int] = []
        self._first = ring.dropped
        """Number of the first line that is held, counted from the ring's start."""
        self._partial = 0
        """Rows at the end that belong to the line without an end."""
        self.needle = ""
        self.found: list[int] = []
        """Rows with the needle."""
        self.at = -1
        """Which of them the reader stands on; -1 without one."""

    def pull(self) -> int:
        """Take the new lines; returns how many rows went from the front."""
        self._forget_partial()
        gone = self._forget_front()
        for entry in self._ring.entries[self._first + len(self._per_line) - self._ring.dropped :]:
            rows = cut(entry.line, self._width, entry.heading)
            self._per_line.append(len(rows))
            self._append(rows)
        if self._ring.partial is not None:
            rows = cut(self._ring.partial, self._width)
            self._partial = len(rows)
            self._append(rows)
        return gone

    def search(self, needle: str, bottom: int) -> None:
        """Find ``needle`` (case does not matter); the reader stands on the last find above row ``bottom``."""
        self.needle = sanitize_line(needle, 200).casefold()
        self.found = [
            index for index, row in enumerate(self.rows) if self.needle and self.needle in row.text.casefold()
        ]
        self.at = max(0, bisect_left(self.found, bottom) - 1) if self.found else -1

    def step(self, count: int) -> None:
        """Go ``count`` finds on or back, around the ends."""
        if self.found:
            self.at = (self.at + count) % len(self.found)

    @property
    def here(self) -> int | None:
        """The row of the find that the reader stands on."""
        return self.found[self.at] if 0 <= self.at < len(self.found) else None

    def _append(self, rows: list[Row]) -> None:
        if self.needle:
            start = len(self.rows)
            self.found += [start + i for i, row in enumerate(rows) if self.needle in row.text.casefold()]
        self.rows += rows

    def _forget_partial(self) -> None:
        if self._partial:
            del self.rows[-self._partial :]
            del self.found[bisect_left(self.found, len(self.rows)) :]
            self.at = min(self.at, len(self.found) - 1)
            self._partial = 0

    def _forget_front(self) -> int:
        lines = min(self._ring.dropped - self._first, len(self._per_line))
        self._first = max(self._first, self._ring.dropped)
        if lines <= 0:
            return 0
        rows = sum(self._per_line[:lines])
        del self._per_line[:lines]
        del self.rows[:rows]
        passed = bisect_left(self.found, rows)
        self.found = [row - rows for row in self.found[passed:]]
        self.at = max(self.at - passed, 0) if self.found else -1
        return rows
