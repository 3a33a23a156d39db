"""Events that are whole and chained can still not fit each other: then nobody may go on with the journal."""

from __future__ import annotations

from pathlib import Path

from tui.journal.chain import RESTORE
from tui.journal.errors import JournalError
from tui.journal.files import EVENTS
from tui.journal.tail import Tail, not_collecting
from tui.model.events import Event
from tui.model.fold import apply
from tui.model.run import Run


def applied(run: Run, event: Event, directory: Path) -> Run:
    """The run after one more event of its directory's journal. Raises JournalError that names the line."""
    try:
        return apply(run, event)
    except (KeyError, ValueError):
        raise JournalError(
            f"{directory / EVENTS} line {event.seq + 1} holds an event that does not fit those before it, "
            f"so it is damaged or foreign; {RESTORE}."
        ) from None


def read_fitting(tail: Tail) -> tuple[Run, int, str | None]:
    """The run as far as its journal can be read and fits, how many events do, and why the rest does not."""
    unread = None
    try:
        tail.read()
    except JournalError as error:
        unread = str(error)
    run = Run()
    with not_collecting():
        for count, event in enumerate(tail.events):
            try:
                run = applied(run, event, tail.path.parent)
            except JournalError as error:
                return run, count, str(error)
    return run, len(tail.events), unread
