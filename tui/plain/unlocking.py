"""Breaking a lock: shown first, confirmed by typing, written down, and fatal for whoever held it."""

from __future__ import annotations

from pathlib import Path

from tui.journal import ClusterLock, Journal, JournalError
from tui.model import verdict
from tui.model.events import LockBroken
from tui.plain.terminal import Terminal
from tui.rollout.session import unfinished, who


async def unlock(state_dir: Path, cluster: str, terminal: Terminal) -> int:
    """Show who leads the cluster; break the lock once the cluster's name is typed.

    The old holder can write no event any more: the journal has grown without it, which it notices.
    """
    lock = ClusterLock(state_dir, cluster)
    holder = lock.holder()
    if holder is None:
        terminal.line(f"Nobody holds the lock of {cluster}.")
        return 0
    terminal.line(f"{cluster} is led by {holder}.")
    terminal.line(
        "If that console still works, breaking its lock stops it; a job on a node goes on by itself."
    )
    if await terminal.ask(f"Type {cluster} to break the lock: ") != cluster:
        terminal.line("Nothing was done.")
        return verdict.LOCKED
    lock.break_lock()
    with lock:
        lock.acquire(who())
        record = unfinished(state_dir, cluster)
        if record is not None and record.error is None:
            try:
                journal = Journal.open(record.directory)
                journal.append(LockBroken(holder=str(holder)), actor=who())
                journal.close()
            except JournalError as error:
                terminal.line(f"The lock is broken, but that could not be written down: {error}")
                return 0
    terminal.line(
        f"The lock of {cluster} is broken; the next `rollcall run` takes its unfinished run up again."
    )
    return 0
