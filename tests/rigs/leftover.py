"""Servers that outlive the tests that started them: simulated clusters, and sshd."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tui.rehearsal import Rehearsal, processes

_MARK = "ROLLCALL_TEST_SESSION"
_CLUSTER = "tui.rehearsal.server"


class Leftover:
    """Of one test session, in however many processes it runs: by a word that all it starts inherits."""

    def __init__(self) -> None:
        self._ours = f"{_MARK}={os.getpid()}"
        self._first = _MARK not in os.environ
        if self._first:
            os.environ[_MARK] = str(os.getpid())

    def end(self, scratch: Path) -> list[str]:
        """End every server that is left; its command line, and the test that started it."""
        return [_ended(pid, words) for pid, words in self._servers(scratch)] if self._first else []

    def _servers(self, scratch: Path) -> Iterator[tuple[int, list[str]]]:
        for entry in Path("/proc").glob("[0-9]*"):
            words = os.fsdecode(processes.command_line(int(entry.name))).split("\0")
            cluster = _CLUSTER in words and self._ours in _environment(int(entry.name))
            # sshd writes its title over its environment
            if cluster or ("sshd" in words[0] and f"{scratch}/" in words[0]):
                yield int(entry.name), words


def _ended(pid: int, words: list[str]) -> str:
    began = next((word for word in _environment(pid) if word.startswith("PYTEST_CURRENT_TEST=")), "")
    if _CLUSTER in words:
        rehearsal = Rehearsal.attach(Path(words[words.index(_CLUSTER) + 1]))
        if rehearsal is not None:
            rehearsal.destroy()
    else:
        processes.send([pid], signal.SIGTERM)
    return f"{' '.join(words).strip()} {began}"


def _environment(pid: int) -> list[str]:
    try:
        return os.fsdecode(Path(f"/proc/{pid}/environ").read_bytes()).split("\0")
    except OSError:
        return []
