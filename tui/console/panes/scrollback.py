"""What a pane holds: the latest lines of output, bounded whatever a node prints, as rows of one width."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from tui.console.panes.rows import Row, cut
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line

LINES = 10_000
"""Lines kept; the oldest tenth goes when there are a tenth more."""


class Entry(NamedTuple):
    """A line of output, or a heading that the console set between attempts."""

    line: Line
    heading: bool


class Scrollback:
    """Lines and their rows, kept up to date line by line, and what a search finds in them.

    The lines stay beside the rows because a pane that changes its width needs them again.
    """

    def __init__(self, limit: int = LINES, width: int = 80) -> None:
        self._limit, self._width = limit, width
        self.entries: list[Entry] = []
        """The lines held, oldest first."""
        self.dropped = 0
        """Lines that are gone from the front since the start."""
        self.rows: list[Row] = []
        self.rows_dropped = 0
        """Rows that are gone from the front: a reader of the middle moves up by as many."""
        self._rows_of: list[int] = []
        """How many rows each line takes."""
        self._partial: Line | None = None
        self._partial_rows = 0
        self.needle = ""
        self.found: list[int] = []
        """Rows with the needle."""
        self.at = -1
        """Which of them the reader stands on; -1 without one."""

    @property
    def partial(self) -> Line | None:
        """The last line, which has no end yet; the lines that come next take its place."""
        return self._partial

    @partial.setter
    def partial(self, line: Line | None) -> None:
        if self._partial_rows:
            del self.rows[-self._partial_rows :]
            del self.found[bisect_left(self.found, len(self.rows)) :]
            self.at = min(self.at, len(self.found) - 1)
        self._partial = line
        self._partial_rows = 0 if line is None else self._append(line)

    def extend(self, lines: list[Line], heading: bool = False) -> None:
        """Append lines, dropping the oldest beyond the limit."""
        self.partial = None
        self.entries += [Entry(line, heading) for line in lines]
        self._rows_of += [self._append(line, heading) for line in lines]
        excess = len(self.entries) - self._limit
        if excess > self._limit // 10:
            self._drop(excess)

    def wrap(self, width: int) -> None:
        """Cut all lines anew for another width."""
        self._width = width
        self.rows, self.found = [], []
        self._rows_of = [self._append(line, heading) for line, heading in self.entries]
        if self._partial is not None:
            self._partial_rows = self._append(self._partial)

    def search(self, needle: str, bottom: int) -> None:
        """Find ``needle`` (case does not matter); the reader stands on the last find above row ``bottom``."""
        self.needle = sanitize_line(needle, 200).casefold()
        self.found = [index for index, row in enumerate(self.rows) if self.needle and row.has(self.needle)]
        self.at = max(0, bisect_left(self.found, bottom) - 1) if self.found else -1

    def step(self, count: int) -> None:
        """Go ``count`` finds on or back, around the ends."""
        if self.found:
            self.at = (self.at + count) % len(self.found)

    @property
    def here(self) -> int | None:
        """The row of the find that the reader stands on."""
        return self.found[self.at] if 0 <= self.at < len(self.found) else None

    def _append(self, line: Line, heading: bool = False) -> int:
        rows = cut(line, self._width, heading)
        if self.needle:
            start = len(self.rows)
            self.found += [start + i for i, row in enumerate(rows) if row.has(self.needle)]
        self.rows += rows
        return len(rows)

    def _drop(self, lines: int) -> None:
        rows = sum(self._rows_of[:lines])
        del self.entries[:lines], self._rows_of[:lines], self.rows[:rows]
        self.dropped += lines
        self.rows_dropped += rows
        passed = bisect_left(self.found, rows)
        self.found = [row - rows for row in self.found[passed:]]
        self.at = max(self.at - passed, 0) if self.found else -1
