"""A console in a real pseudo-terminal: bytes in, bytes out, and what state the terminal is left in."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.rigs.waiting import overdue
from tui.console.terminal.pace import ASK

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


_PART = re.compile(
    r"\x1b\[(\d+);(\d+)H|\x1b\[[\d;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\\\)|([^\x1b])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[^@-~]*|\][^\x07]*)?\Z")


class Shown:
    """What stands on the terminal: only what differs is sent to it, so words need not come in one piece."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, str]] = {}
        self._at, self._rest = (1, 1), ""
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decode(data)
        tail = _UNFINISHED.search(text)
        self._rest = tail[0] if tail else ""
        for row, column, sign in _PART.findall(text.removesuffix(self._rest)):
            if row:
                self._at = int(row), int(column)
            elif sign >= " ":
                self._rows.setdefault(self._at[0], {})[self._at[1]] = sign
                self._at = self._at[0], self._at[1] + 1

    @property
    def text(self) -> str:
        rows = (self._rows[y] for y in sorted(self._rows))
        return "\n".join("".join(row.get(x, " ") for x in range(1, max(row) + 1)) for row in rows)


class Glass:
    """One command on a terminal of its own; ``seen`` is every byte that the terminal got."""

    def __init__(
        self,
        *words: str,
        size: tuple[int, int] = (120, 36),
        environ: Mapping[str, str] | None = None,
        errors: Path | None = None,
    ) -> None:
        """``errors``: where standard error goes instead of to the terminal."""
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self._slave)
        self.seen = b""
        self.screen = Shown()
        self.ended_after = 0.0
        """Seconds from the start to the end."""
        self.began = time.monotonic()
        colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": ""}
        sizes = "COLUMNS", "LINES"  # of another terminal, that the tests run on
        of_no_terminal = {name: value for name, value in os.environ.items() if name not in sizes}
        script = 'terminal=$1; errors=$2; shift 2; exec "$@" <"$terminal" >"$terminal" 2>"$errors"'
        terminal = os.ttyname(self._slave)
        lead: Sequence[str] = ["/bin/sh", "-c", script, "sh", terminal, str(errors or terminal)]
        self.process = subprocess.Popen(
            [*lead, sys.executable, *words],
            cwd=ROOT,
            env={**of_no_terminal, **colours, **(environ or {})},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Glass:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    def shows(self, words: bytes) -> float:
        """Wait until the terminal got these bytes, or shows them; seconds since the start."""
        begun = time.monotonic()
        while words not in self.seen and words.decode() not in self.screen.text:
            assert not overdue(begun, PATIENCE), f"{words!r} never came; the last was {self.seen[-500:]!r}"
            assert self._read(), f"ended without {words!r}: {self.seen[-500:]!r}"
        return time.monotonic() - self.began

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def end(self) -> int:
        """Wait for the end; the exit code."""
        begun = time.monotonic()
        while self._read():
            assert not overdue(begun, PATIENCE), f"does not end: {self.seen[-500:]!r}"
        self.ended_after = time.monotonic() - self.began
        return self.process.wait()

    def press_until(self, keys: bytes, done: Callable[[], object]) -> None:
        """Press keys again and again, each time once the terminal is quiet, until something is true."""
        begun = time.monotonic()
        while not done():
            assert not overdue(begun, PATIENCE), f"{keys!r} pressed in vain: {self.seen[-500:]!r}"
            self.press(keys)
            while select.select([self._master], [], [], 0.3)[0] and self._read():
                pass

    def read_for(self, seconds: float) -> None:
        """Read whatever comes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                self._read()

    def until(self, true: Callable[[], bool]) -> None:
        """Read until something is true."""
        begun = time.monotonic()
        while not true():
            assert not overdue(begun, PATIENCE), f"waited in vain: {self.seen[-500:]!r}"
            self._read()

    def quiet(self, seconds: float) -> None:
        """Read on until the terminal has got nothing for so long: what was under way is drawn."""
        while select.select([self._master], [], [], seconds)[0] and self._read():
            pass

    def ended(self) -> bool:
        """True when the process is over."""
        return self.process.poll() is not None

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row, from 1, to which the cursor was last sent."""
        moves = re.findall(rb"\x1b\[(\d+);(\d+)H", self.seen[-8192:])
        row, column = (moves or re.findall(rb"\x1b\[(\d+);(\d+)H", self.seen))[-1]
        return int(column), int(row)

    def _answer(self, data: bytes) -> None:
        """Answer what the newest of ``seen`` asks, as any terminal does."""
        if ASK.encode() in self.seen[-len(data) - len(ASK) + 1 :]:
            self.press(b"\x1b[1;1R")

    @property
    def after(self) -> list[object]:
        """The terminal's settings now."""
        return list(termios.tcgetattr(self._slave))

    def _read(self) -> bool:
        ended = self.process.poll() is not None
        ready, _, _ = select.select([self._master], [], [], 0.0 if ended else 0.05)
        if ready:
            data = os.read(self._master, 65536)
            self.seen += data
            self.screen.feed(data)
            self._answer(data)
        return bool(ready) or not ended
