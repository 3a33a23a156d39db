"""Reading a journal without touching it: a run in progress, a finished one, a damaged one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.journal.chain import RESTORE, Chain, Head
from tui.journal.errors import JournalError
from tui.journal.files import EVENTS, HEAD
from tui.model.events import Event


@contextmanager
def not_collecting() -> Iterator[None]:
    """The events of a journal are in no circle; looking for one again and again takes as long as reading."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Tail:
    """Follows ``events.jsonl`` of a run directory; each ``read`` gives what was added since the last one.

    ``events`` holds every verified event so far, also those before a damaged line.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / EVENTS
        self.head_path = directory / HEAD
        self.chain = Chain(str(self.path))
        self.events: list[Event] = []
        self.good_bytes = 0
        """Length of the verified part of the file."""
        self.torn = b""
        """What stands after the last newline: a line that is being written, or that a crash tore."""

    def read(self) -> list[Event]:
        """The new events. Raises JournalError at the first line that does not fit; nothing is written."""
        # first: the writer fills it last, so the lines read next are at least as new
        head = self._read_head()
        before = len(self.events)
        try:
            with self.path.open("rb") as file:
                file.seek(self.good_bytes)
                *lines, self.torn = file.read().split(b"\n")
        except OSError as error:
            raise JournalError(f"{self.path} cannot be read: {error.strerror}.") from None
        with not_collecting():
            for line in lines:
                self._accept(line, head)
        if head is not None and head.seq > self.chain.seq:
            raise JournalError(
                f"{self.path} is cut off or damaged from line {self.chain.seq + 2} on: {HEAD} vouches for "
                f"{head.seq + 1} lines; {RESTORE}."
            )
        return self.events[before:]

    def _accept(self, line: bytes, head: Head | None) -> None:
        event = self.chain.accept(line)
        if head is not None and head.seq == event.seq and head.sha256 != self.chain.last:
            raise JournalError(
                f"{self.path} line {event.seq + 1} was changed after it was written "
                f"(its SHA-256 is not the one in {HEAD}); {RESTORE}."
            )
        self.events.append(event)
        self.good_bytes += len(line) + 1

    def _read_head(self) -> Head | None:
        try:
            return Head.parse(self.head_path.read_bytes(), str(self.head_path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise JournalError(f"{self.head_path} cannot be read: {error.strerror}.") from None


def read_events(path: Path) -> list[Event]:
    """Every event of a run directory (or of its ``events.jsonl``), verified; a torn last line is left out.

    Raises JournalError; writes nothing.
    """
    return Tail(path.parent if path.name == EVENTS else path).read()
