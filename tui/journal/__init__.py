"""The append-only record of a run: events, output, lock and report. Knows neither SSH nor the screen."""

from tui.journal.errors import JournalError, LockHeldError
from tui.journal.lock import ClusterLock, Holder
from tui.journal.output import OutputFile
from tui.journal.runs import RunRecord, find_runs, is_run_id, new_run_id, run_directory, unfinished_run
from tui.journal.store import Journal
from tui.journal.tail import Tail, read_events

__all__ = [
    "ClusterLock",
    "Holder",
    "Journal",
    "JournalError",
    "LockHeldError",
    "OutputFile",
    "RunRecord",
    "Tail",
    "find_runs",
    "is_run_id",
    "new_run_id",
    "read_events",
    "run_directory",
    "unfinished_run",
]
