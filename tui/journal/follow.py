"""Following the output of one attempt: from the bytes on disk to lines, in bounded chunks."""

from __future__ import annotations

from collections.abc import Callable

from tui.text.terminal import Line, LineReader

Read = Callable[[int, int], bytes]
"""At most so many (the second number) bytes of the output from an offset on; empty at its end."""

CHUNK_SIZE = 65_536
"""Bytes read at one go: few milliseconds of work."""


class OutputFollower:
    """One attempt's output as far as it was read."""

    def __init__(self, read: Read, offset: int = 0) -> None:
        self._read = read
        self._lines = LineReader()
        self.offset = offset

    def skip_to_last(self, size: int, kept: int) -> int:
        """Begin with a whole line among the last ``kept`` bytes of ``size``; returns the bytes before."""
        if size <= kept:
            return 0
        self.offset = size - kept
        self.offset += self._read(self.offset, CHUNK_SIZE).find(b"\n") + 1
        return size - kept

    def catch_up(self, kept: int) -> int:
        """Leave out what lies far more than ``kept`` bytes before the end; the bytes left out."""
        begun = self.offset
        while self._read(self.offset + 2 * kept, 1):
            self.offset += kept
        if self.offset > begun:
            self._lines = LineReader()
            self.offset += self._read(self.offset, CHUNK_SIZE).find(b"\n") + 1
        return self.offset - begun

    def read(self, until: int | None = None) -> list[Line] | None:
        """The lines that one more chunk completes; None when there is nothing new (before byte ``until``)."""
        limit = CHUNK_SIZE if until is None else min(CHUNK_SIZE, until - self.offset)
        data = self._read(self.offset, limit) if limit > 0 else b""
        self.offset += len(data)
        return self._lines.feed(data) if data else None

    @property
    def partial(self) -> Line | None:
        """The last line, which has no end yet: a question, or half of one."""
        return self._lines.partial

    def end(self) -> list[Line]:
        """The line without an end, when nothing follows any more."""
        return self._lines.end()
