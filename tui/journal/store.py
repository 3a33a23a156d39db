"""The journal of a run: events are appended, never changed, and on disk before anyone sees their effect."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tui.journal.chain import Chain, Head, data_of, encode
from tui.journal.clock import utc_now
from tui.journal.errors import JournalError
from tui.journal.files import EVENTS, HEAD, make_private, replace_file, sync_path, write_all
from tui.journal.output import OutputFile
from tui.journal.tail import Tail
from tui.model.events import Event, Payload
from tui.model.steps import StepName

Clock = Callable[[], datetime]


class Journal:
    """Appends events to ``<directory>/events.jsonl``; only the holder of the cluster's lock does."""

    def __init__(self, directory: Path, chain: Chain, events: list[Event], clock: Clock) -> None:
        self.directory = directory
        self.events = events
        self._chain = chain
        self._clock = clock
        self._outputs: dict[tuple[str, StepName, int], OutputFile] = {}
        self._file = os.open(directory / EVENTS, os.O_WRONLY | os.O_APPEND)
        self._head = os.open(directory / HEAD, os.O_WRONLY | os.O_CREAT, 0o600)
        self._size = os.fstat(self._file).st_size

    @classmethod
    def create(cls, directory: Path, clock: Clock = utc_now) -> Journal:
        """Begin a run in a new directory (0700, files 0600). Raises JournalError."""
        path = directory / EVENTS
        try:
            make_private(directory)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            journal = cls(directory, Chain(str(path)), [], clock)
            sync_path(directory)
        except FileExistsError:
            raise JournalError(f"{path} exists already; open that run, or begin another one.") from None
        except OSError as error:
            raise JournalError(
                f"{path} cannot be created: {error.strerror}; choose another place with --state-dir."
            ) from None
        return journal

    @classmethod
    def open(cls, directory: Path, clock: Clock = utc_now) -> Journal:
        """Verify the whole journal and go on after its last line. Raises JournalError.

        A last line that a crash tore was never seen by anyone; it is moved to ``events.torn-<n>``.
        """
        tail = Tail(directory)
        tail.read()
        try:
            if tail.torn:
                _move_aside(tail)
            journal = cls(directory, tail.chain, tail.events, clock)
        except OSError as error:
            raise JournalError(f"{tail.path} cannot be opened for writing: {error.strerror}.") from None
        journal._write_head()
        return journal

    def append(
        self,
        payload: Payload,
        *,
        actor: str,
        node: str | None = None,
        step: StepName | None = None,
        attempt: int | None = None,
    ) -> Event:
        """Write one event and return it once it is on disk.

        When the disk refuses, nothing of it stays in the file, the journal can be used again, and
        JournalError is raised.
        """
        after = replace(self._chain)
        event, line = self._next(after, payload, actor, node, step, attempt)
        self._accept(after, line, [event])
        return event

    def append_all(self, payloads: Iterable[tuple[str, Payload]], *, actor: str) -> list[Event]:
        """The same with an event of each of these nodes, all or none: they reach the disk at one go."""
        after = replace(self._chain)
        made = [self._next(after, payload, actor, node) for node, payload in payloads]
        events = [event for event, _ in made]
        self._accept(after, b"".join(line for _, line in made), events)
        return events

    def _next(
        self,
        chain: Chain,
        payload: Payload,
        actor: str,
        node: str | None = None,
        step: StepName | None = None,
        attempt: int | None = None,
    ) -> tuple[Event, bytes]:
        """The event that comes next in the chain, and its line."""
        event = Event(
            seq=chain.seq + 1,
            time=self._clock(),
            type=payload.type,
            node=node,
            step=step,
            attempt=attempt,
            actor=actor,
            data=data_of(payload),
            prev=chain.last,
        )
        line = encode(event)
        return chain.accept(line), line + b"\n"  # what cannot be read back must not be written

    def _accept(self, after: Chain, data: bytes, events: list[Event]) -> None:
        self._write(data, self._chain.seq + 2)
        self._chain = after
        self._write_head()
        self.events += events

    def output(self, node: str, step: StepName, attempt: int) -> OutputFile:
        """The file for an attempt's output; the same object each time."""
        key = (node, step, attempt)
        if key not in self._outputs:
            self._outputs[key] = OutputFile(self.directory, node, step, attempt)
        return self._outputs[key]

    def close(self) -> None:
        """Let go of the files; more than once is fine."""
        for descriptor in (self._file, self._head):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._head = -1

    def _write(self, data: bytes, number: int) -> None:
        path = self.directory / EVENTS
        try:
            if os.fstat(self._file).st_size != self._size:
                raise JournalError(
                    f"{path} was changed by another program before line {number}; stop that program, then "
                    "resume the run."
                )
            write_all(self._file, data, sync=True)
        except OSError as error:
            raise JournalError(
                f"{path} cannot be written at line {number}: {error.strerror}; "
                "free space or repair the disk, then resume the run."
            ) from None
        self._size += len(data)

    def _write_head(self) -> None:
        """Vouch for the last line. Not synced and allowed to fail: the line itself is what counts."""
        if self._chain.seq >= 0:
            with contextlib.suppress(OSError):
                os.pwrite(self._head, Head(self._chain.seq, self._chain.last).encode(), 0)


def _move_aside(tail: Tail) -> None:
    """Keep the torn last line in a file of its own, then cut it off."""
    number = 1
    while (aside := tail.path.with_name(f"events.torn-{number}")).exists():
        number += 1
    replace_file(aside, tail.torn)
    with tail.path.open("r+b") as file:
        file.truncate(tail.good_bytes)
        os.fsync(file.fileno())
