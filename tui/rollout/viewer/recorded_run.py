"""A run as its journal on disk tells it, followed while another console writes; nothing is ever written here.

Where there is no journal, what is seen is told in the same way, in a run that exists in memory only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tui.journal import JournalError, OutputFile, Tail, is_run_id, run_directory
from tui.journal.chain import data_of
from tui.journal.files import EVENTS
from tui.journal.fit import applied
from tui.model import events as ev
from tui.model.fold import apply
from tui.model.run import Run
from tui.model.steps import StepName
from tui.rollout.interface import Listeners


class RecordedRun:
    """The run that is followed, or none yet. Listeners hear every event after it was folded into ``run``."""

    def __init__(self, state_dir: Path, cluster: str) -> None:
        self._state_dir = state_dir
        self._cluster = cluster
        self._tail: Tail | None = None
        self.listeners = Listeners()
        self.run = Run()
        self.events: list[ev.Event] = []
        """The journal's, as far as they were read."""
        self.broken = ""
        """Why the journal cannot be followed any more; a sentence."""

    @property
    def directory(self) -> Path | None:
        """Where the run lies; None while there is none."""
        return self._tail.path.parent if self._tail is not None else None

    def turn_to(self, run_id: str) -> None:
        """Follow that run from its first event on, if it lies here and is not the one followed already."""
        directory = run_directory(self._state_dir, self._cluster, run_id)
        if not is_run_id(run_id) or directory == self.directory or not (directory / EVENTS).is_file():
            return
        tail = Tail(directory)
        if events := self._next(tail):
            self._tail, self.run, self.events = tail, Run(), []
            self._take(events)

    def read(self) -> None:
        """Take what the journal has more than at the last time."""
        if self._tail is not None and not self.broken:
            self._take(self._next(self._tail))

    def see(self, payload: ev.Payload, node: str | None = None) -> None:
        """Tell something that is in no journal; only while none is followed."""
        if self._tail is None:
            event = ev.Event(
                seq=self.run.seq + 1,
                time=datetime.now(UTC),
                type=payload.type,
                node=node,
                actor="rollcall",
                data=data_of(payload),
                prev="",
            )
            self._apply(event)

    def output(self, node: str, step: StepName, attempt: int, offset: int, limit: int) -> bytes:
        """Bytes of an attempt's output that are on disk, from ``offset`` on."""
        if self.directory is None:
            return b""
        return OutputFile(self.directory, node, step, attempt).read(offset, limit)

    def _next(self, tail: Tail) -> list[ev.Event]:
        try:
            return tail.read()
        except JournalError as error:
            self.broken = str(error)
            return []

    def _take(self, events: list[ev.Event]) -> None:
        for event in events:
            self.events.append(event)
            try:
                self._apply(event)
            except JournalError as error:
                self.events.pop()
                self.broken = str(error)
                return

    def _apply(self, event: ev.Event) -> None:
        self.run = applied(self.run, event, self.directory) if self.directory else apply(self.run, event)
        self.listeners.tell(event, self.run)
