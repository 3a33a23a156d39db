"""A command in a terminal of its own: what it prints can be awaited, keys can be pressed."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.rigs.waiting import overdue, patience

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def rollcall(*words: str) -> list[str]:
    """The command line of a command under test."""
    return [sys.executable, "-m", "tui", *words]


class TerminalProcess:
    """A process that leads a session on a pseudo-terminal."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        self._master, slave = os.openpty()
        # A session leader without a terminal that opens one is led by it from then on: Ctrl-C then works.
        lead = ["/bin/sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(slave)]
        self.process = subprocess.Popen(
            [*lead, *command],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", **(environ or {})},
            start_new_session=True,
        )
        self._slave = slave  # held, so that the terminal outlives what its processes do with it
        self._seen = b""
        self._read_to = 0

    @property
    def text(self) -> str:
        """Everything printed so far."""
        return self._seen.decode(errors="replace").replace("\r\n", "\n")

    @property
    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def expect(self, pattern: str, seconds: float = PATIENCE) -> re.Match[str]:
        """Wait until ``pattern`` appears in what was printed since the last match."""
        begun = time.monotonic()
        while True:
            found = re.compile(pattern).search(self.text, self._read_to)
            if found:
                self._read_to = found.end()
                return found
            assert not overdue(begun, seconds), f"{pattern!r} not in:\n{self.text[self._read_to :]}"
            assert self._read(), f"ended without {pattern!r}:\n{self.text[self._read_to :]}"

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, f"{line}\n".encode())

    def press(self, key: bytes) -> None:
        """Press a key, such as Ctrl-C."""
        os.write(self._master, key)

    def end(self, seconds: float = PATIENCE) -> int:
        """Wait for the end; its exit code."""
        begun = time.monotonic()
        while self._read():
            assert not overdue(begun, seconds), f"does not end:\n{self.text[self._read_to :]}"
        return self.process.wait(seconds * patience())

    def close(self) -> None:
        """Kill it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def _read(self) -> bool:
        """Take what is there, waiting a moment; False when the process has ended and all is read."""
        ended = self.process.poll() is not None
        ready, _, _ = select.select([self._master], [], [], 0.0 if ended else 0.2)
        if ready:
            self._seen += os.read(self._master, 65536)
        return bool(ready) or not ended
