"""Who leads a cluster's run: one console at a time, by a kernel lock that a crash frees.

The file ``<state-dir>/runs/<cluster>/lock`` says who holds it. Breaking the lock takes that file away, so
the old holder still has *a* lock but no longer *the* lock; ``still_held`` tells it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tui.journal.errors import JournalError, LockHeldError
from tui.journal.files import make_private


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a lock; empty where the lock file does not say."""

    who: str = ""
    host: str = ""
    pid: int = 0
    since: str = ""
    """UTC, to the second."""
    run: str = ""
    """The run's id; empty until it is known."""
    age: float | None = None
    """Seconds since the last sign of life."""

    def __str__(self) -> str:
        """``anna on console1, process 4711, since 2026-11-22 17:15:00 UTC, run 20261122-171500-9f3c``."""
        if not self.who:
            return "someone who left no name"
        said = f"{self.who} on {self.host}, process {self.pid}, since {self.since}"
        run = f", run {self.run}" if self.run else ""
        return said + run + ("" if self.age is None else f", last sign of life {self.age:.0f} s ago")


class ClusterLock:
    """The lock of one cluster below ``state_dir``. Usable in a ``with`` statement once acquired."""

    def __init__(self, state_dir: Path, cluster: str) -> None:
        self.cluster = cluster
        self.path = state_dir / "runs" / cluster / "lock"
        self._file = -1
        self._opened = False
        """The file could be opened, so what fails then is the lock itself."""
        self._mine = Holder()

    def acquire(self, who: str) -> None:
        """Take the lock. Raises LockHeldError with its holder in the sentence, JournalError for the disk."""
        try:
            make_private(self.path.parent)
            while self._file < 0:
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                self._opened = True
                if not _flock(descriptor, tries=5):
                    os.close(descriptor)
                    raise LockHeldError(
                        f"{self.cluster} is led by {self.holder() or Holder()}; look on with `rollcall "
                        "run CLUSTER --read-only`, or break its lock with `rollcall unlock CLUSTER`."
                    )
                if _is_at(descriptor, self.path):
                    self._file = descriptor
                else:  # broken or released between open and flock
                    os.close(descriptor)
            self._opened = False  # what fails now is the disk
            since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
            self._mine = Holder(who, socket.gethostname(), os.getpid(), since)
            self._write()
        except OSError as error:
            if self._opened:
                raise JournalError(f"{self.path} cannot be locked: {error.strerror}.") from None
            raise JournalError(
                f"{self.path.parent} cannot be written: {error.strerror}; --state-dir names another place."
            ) from None

    def tell(self, run_id: str) -> None:
        """Say in the lock file which run it is. Raises JournalError."""
        self._mine = replace(self._mine, run=run_id)
        try:
            self._write()
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error.strerror}.") from None

    def beat(self) -> None:
        """A sign of life for whoever looks at the lock; a file system that takes none stops nothing."""
        with contextlib.suppress(OSError):
            os.utime(self._file)

    def _write(self) -> None:
        said = asdict(self._mine)
        del said["age"]
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(said).encode(), 0)

    def holder(self) -> Holder | None:
        """Who holds the lock now; None when it is free."""
        try:
            descriptor = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            if self._file < 0 and _flock(descriptor):
                return None
            return _read_holder(descriptor)
        finally:
            os.close(descriptor)

    def still_held(self) -> bool:
        """False once the lock was released, or broken by another console."""
        return self._file >= 0 and _is_at(self._file, self.path)

    def break_lock(self) -> Holder | None:
        """Take the lock away from whoever holds it (returned); the next ``acquire`` succeeds."""
        holder = self.holder()
        self.path.unlink(missing_ok=True)
        return holder

    def release(self) -> None:
        """Give the lock back; more than once is fine."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> ClusterLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _flock(descriptor: int, tries: int = 1) -> bool:
    """Try to lock; more than once because ``holder`` takes a free lock for an instant."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(0.02)
        else:
            return True
    return False


def _is_at(descriptor: int, path: Path) -> bool:
    """True when the open file is the one that the path names now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _read_holder(descriptor: int) -> Holder:
    try:
        data = json.loads(os.pread(descriptor, 4096, 0))
        age = max(0.0, time.time() - os.fstat(descriptor).st_mtime)
        words = (str(data["who"]), str(data["host"]), int(data["pid"]), str(data["since"]))
        return Holder(*words, str(data.get("run", "")), age)
    except (ValueError, KeyError, TypeError):
        return Holder()
