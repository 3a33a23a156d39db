"""Writes to the terminal on a thread of its own, and no more than the terminal has shown that it can take."""

from __future__ import annotations

import os
import termios
import threading
import time
from typing import TextIO

from tui.console.terminal.cells import Cells

ASK = "\x1b[6n"
"""Asks where the cursor is: any terminal answers once it has drawn what came before."""
SYNC, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
AHEAD_S = 0.4
"""Seconds that the terminal may have still to draw when more is sent."""
LEAST, FIRST, MOST = 256, 4096, 65_536
"""Bytes that may be on their way: at the least, before it is known how fast the terminal is, at the most."""
DUMB_S, LOST_S = 1.0, 10.0
"""Seconds until more is sent to a terminal that has never answered, or an answer is taken to be lost."""
DUMB_AFTER = 3
"""Times that this happens before a terminal is taken not to answer at all."""
GOODBYE_S = 3.0
RESIZED = "\0resized"
"""Written in place of a frame: what came before it was for another size."""
ANEW = "\0anew"
"""The same: what the terminal shows is not known, and all is sent again."""
_SLOW = {getattr(termios, f"B{baud}"): baud for baud in (1200, 2400, 4800, 9600, 19_200)}


class PacedFile:
    """What Textual takes for the terminal's file. Frames wait here, merged, while the terminal draws."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._cells = Cells()
        self._orders: list[str] = []
        """What is no frame: sent as it is, in its order, before any."""
        self._sync = self._closing = self._leaving = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._on_way = self._asked_for = 0
        """Bytes of which it is not known whether they were drawn; and those that the question asked for."""
        self._asked_at: float | None = None
        self._answers = self._dumb = False
        self._unanswered = 0
        self._speed = _speed(file.fileno())
        """Bytes a second, where that is known to be little."""
        self._window = max(LEAST, int(self._speed * AHEAD_S)) if self._speed else FIRST

    def fileno(self) -> int:
        """The terminal's."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """It is written to as if it was one."""
        return True

    def flush(self) -> None:
        """The thread does it."""

    def write(self, text: str) -> None:
        """Take a frame, or an order to the terminal."""
        with self._changed:
            if text in (SYNC, SYNC_END):
                self._sync = True
                return
            if text == RESIZED:
                self._cells.clear()
            elif text == ANEW:
                self._cells.forget()
            elif not self._cells.take(text):
                self._orders.append(text)
                if "\x1b[?1049" in text:
                    self._cells.clear()
                elif not text.startswith(("\x1b[?", "\x1b[>", "\x1b[<", "\x1b[=", "\x1b]", "\x07")):
                    self._cells.forget()
            if self._thread is None:
                self._closing = self._dumb = self._leaving = False
                self._asked_at, self._on_way, self._unanswered = None, 0, 0
                self._thread = threading.Thread(target=self._run, name="rollcall-terminal", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def answered(self) -> None:
        """The terminal has drawn all that was sent before the question."""
        with self._changed:
            if self._asked_at is None:
                return
            took = max(time.monotonic() - self._asked_at, 0.001)
            self._answers, self._dumb, self._unanswered = True, self._leaving, 0
            self._window = min(MOST, max(LEAST, int(self._asked_for * AHEAD_S / took)))
            self._on_way -= self._asked_for
            self._asked_at = None
            self._changed.notify_all()

    def ask_no_more(self) -> None:
        """Wait, not for long, for the answer that is due: nobody would know what to make of it afterwards."""
        with self._changed:
            patient, self._dumb, self._leaving = not self._dumb, True, True
            if patient:
                self._changed.wait_for(lambda: self._asked_at is None, GOODBYE_S / 3)

    @property
    def quick(self) -> bool:
        """A whole screen is drawn while nobody notices."""
        return self._window >= FIRST

    @property
    def behind(self) -> bool:
        """The terminal has not got all that it is to show: a new frame would only wait."""
        with self._changed:
            return self._cells.differ

    def finish(self) -> None:
        """Wait, not for ever, until all is written; what is on its way is not asked for any more."""
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify_all()
        if thread is not None:
            thread.join(GOODBYE_S)
        self._thread = None

    def _run(self) -> None:
        while (piece := self._next()) is not None:
            data = piece.encode("utf-8", "replace")
            while data:
                try:
                    data = data[os.write(self._file.fileno(), data) :]
                except BlockingIOError:
                    time.sleep(0.01)
                except OSError:
                    return  # the terminal is gone; whoever reads from it notices
            if self._speed and not self._answers:
                time.sleep(1.2 * len(piece) / self._speed)

    def _next(self) -> str | None:
        """What to write next, as soon as there is something and it may be sent; None at the end."""
        with self._changed:
            while not self._orders:
                room = self._window - self._on_way if not self._dumb else MOST
                if self._closing:
                    return None
                if self._cells.differ and room > 0:
                    return self._frame(room)
                if room <= 0 and self._asked_at is None and not self._leaving:
                    return self._ask()
                self._changed.wait(self._patience(waits=self._cells.differ))
            orders, self._orders = "".join(self._orders), []
            return orders

    def _frame(self, room: int) -> str:
        frame = self._cells.send(min(room, max(LEAST, self._window // 2)))
        if self._sync and frame:
            frame = f"{SYNC}{frame}{SYNC_END}"
        self._on_way += len(frame)
        due = self._asked_at is None and not self._dumb and self._on_way >= min(self._window // 2, 1024)
        return frame + self._ask() if due else frame

    def _ask(self) -> str:
        self._asked_at, self._asked_for = time.monotonic(), self._on_way
        return ASK

    def _patience(self, *, waits: bool) -> float | None:
        """How long to wait for an answer, if one is due; whoever does not answer is not asked again."""
        if self._asked_at is None or not waits:
            return None
        asked = self._asked_at + DUMB_S * self._unanswered
        left = asked + (LOST_S if self._answers else DUMB_S) - time.monotonic()
        if left > 0:
            return left
        if self._answers:
            self._on_way, self._asked_at = 0, None
        else:
            self._unanswered += 1
            self._dumb = self._unanswered >= DUMB_AFTER
            self._window += FIRST // 4
        return 0.0


def _speed(fileno: int) -> float:
    try:
        return _SLOW.get(termios.tcgetattr(fileno)[5], 0) / 10
    except termios.error:
        return 0.0
