"""The output of one attempt: a file with the bytes as the node wrote them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tui.journal.errors import JournalError
from tui.journal.files import make_private, sync_path, write_all
from tui.model.steps import StepName

_BLOCK = 1 << 20
_AT_A_WRITE = 4 * _BLOCK


class OutputFile:
    """One attempt's bytes. No descriptor stays open: a run of a thousand nodes has thousands of these.

    ``write`` and ``sync`` may be called on another thread than ``read``.
    """

    def __init__(self, run_directory: Path, node: str, step: StepName, attempt: int) -> None:
        self.relative = relative_path(node, step, attempt)
        self.path = run_directory / self.relative
        self._named = False
        self._sum = hashlib.sha256()
        self._summed = 0

    @property
    def size(self) -> int:
        """Bytes in the file; 0 before the first write."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, data: bytes) -> None:
        """Append all of ``data`` or nothing. Raises JournalError."""
        try:
            if not self._named:
                make_private(self.path.parent)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                before = os.fstat(descriptor).st_size
                # what an earlier console has written is taken in by and by: the output goes on at once
                self._sum_up(min(before, self._summed + _AT_A_WRITE))
                write_all(descriptor, data)
                if self._summed == before:
                    self._sum.update(data)
                    self._summed += len(data)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise JournalError(_cannot(self.path, error)) from None

    def sync(self) -> None:
        """Make what was written survive a power cut, and sum it up: whoever calls this may wait, whoever asks
        for the sum may not. Raises JournalError.
        """
        try:
            self._sum_up(self.size)
            sync_path(self.path)
            if not self._named:
                sync_path(self.path.parent)
                self._named = True
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(_cannot(self.path, error)) from None

    def read(self, offset: int, limit: int) -> bytes:
        """At most ``limit`` bytes from ``offset`` on; empty at the end or before the first write."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""

    def sha256(self) -> str:
        """SHA-256 (hex) of the bytes on disk; what was written here is summed up already."""
        self._sum_up(self.size)
        return self._sum.hexdigest()

    def _sum_up(self, size: int) -> None:
        """Take in what an earlier console has written, up to ``size`` bytes."""
        if self._summed >= size:
            return
        with self.path.open("rb") as file:
            file.seek(self._summed)
            while self._summed < size and (block := file.read(min(_BLOCK, size - self._summed))):
                self._sum.update(block)
                self._summed += len(block)


def relative_path(node: str, step: StepName, attempt: int) -> str:
    """Where an attempt's output lies below the run's directory. Raises JournalError for an unsafe name."""
    if node in ("", ".", "..") or "/" in node or "\0" in node:
        raise JournalError(
            f"{node!r} cannot name a directory for output; rename the node in the cluster file."
        )
    return f"output/{node}/{step.value}-{attempt}.log"


def _cannot(path: Path, error: OSError) -> str:
    return f"{path} cannot be written: {error.strerror}; free space or repair the disk, then resume the run."
