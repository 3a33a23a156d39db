"""The append-only record of a run: events, output, and the lock on both. Knows neither SSH nor the screen."""

from typing import TYPE_CHECKING

from tui.lazy import lazily

if TYPE_CHECKING:
    from tui.journal.errors import JournalError as JournalError
    from tui.journal.errors import LockHeldError as LockHeldError
    from tui.journal.lock import ClusterLock as ClusterLock
    from tui.journal.lock import Holder as Holder
    from tui.journal.output import OutputFile as OutputFile
    from tui.journal.runs import RunRecord as RunRecord
    from tui.journal.runs import find_runs as find_runs
    from tui.journal.runs import is_run_id as is_run_id
    from tui.journal.runs import new_run_id as new_run_id
    from tui.journal.runs import run_directory as run_directory
    from tui.journal.runs import unfinished_run as unfinished_run
    from tui.journal.store import Journal as Journal
    from tui.journal.tail import Tail as Tail
    from tui.journal.tail import read_events as read_events
else:
    __getattr__ = lazily(
        __name__,
        {
            "errors": ("JournalError", "LockHeldError"),
            "lock": ("ClusterLock", "Holder"),
            "output": ("OutputFile",),
            "runs": ("RunRecord", "find_runs", "is_run_id", "new_run_id", "run_directory", "unfinished_run"),
            "store": ("Journal",),
            "tail": ("Tail", "read_events"),
        },
    )
