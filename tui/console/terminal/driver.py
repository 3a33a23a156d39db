"""The terminal as this console writes to it, where that is not how Textual does by itself."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Key
from textual.message import Message
from textual.scrollbar import ScrollBar, ScrollBarRender
from typing_extensions import override

from tui.console.hands import FASTER_S, takes_any_speed
from tui.console.listening import ListeningApp
from tui.console.terminal.pace import ANEW, RESIZED, PacedFile

ENOUGH = 8
TOLD_EVERY_S = 0.1
"""More often than what came too fast is forgotten."""
SHOW_CURSOR = "\x1b[?25h"
_STANDS_FOR = {"•": "*", "…": "."}


class TerminalDriver(LinuxDriver):
    """Draws on standard output, so that ``2>file`` keeps the screen, and leaves the cursor in sight.

    Braille displays and screen readers follow the cursor; where it stands says ``cursor.py``.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        assert sys.__stdout__ is not None
        self._paced = PacedFile(sys.__stdout__)
        self._file = self._paced  # type: ignore[assignment]  # all that Textual does with it
        if isinstance(self._app, ListeningApp):
            self._app.terminal = self
        self._heard = self._sent = 0.0
        """When the last key came, and when one was handed on."""
        self._in_a_row = 0

    @override
    def process_message(self, message: Message) -> None:
        """Of what comes faster than hands a little goes on, to be known: it could be a megabyte."""
        if isinstance(message, CursorPosition):
            self._paced.answered()
            return
        if isinstance(message, Key) and not takes_any_speed(self._app):
            gap, self._heard = message.time - self._heard, message.time
            self._in_a_row = self._in_a_row + 1 if gap < FASTER_S else 0
            if self._in_a_row > ENOUGH and message.time - self._sent < TOLD_EVERY_S:
                return
            self._sent = message.time
        super().process_message(message)

    @override
    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual says no types here
        self.write(SHOW_CURSOR)
        self.flush()

    @property
    def behind(self) -> bool:
        """Not all that was drawn has reached the terminal yet."""
        return self._paced.behind

    @property
    def quick(self) -> bool:
        """It draws a whole screen while nobody notices."""
        return self._paced.quick

    def resized(self) -> None:
        """What the terminal shows is not known any more."""
        if self._writer_thread is not None:
            self.write(RESIZED)

    def redraw(self, *, asked: bool) -> None:
        """Send the whole screen again; unless a person has ``asked``, only where that takes no time."""
        if self._writer_thread is not None and (asked or self._paced.quick):
            self.write(ANEW)

    @override
    def stop_application_mode(self) -> None:
        self._paced.ask_no_more()
        super().stop_application_mode()

    @override
    def close(self) -> None:
        super().close()
        self._paced.finish()


class AsciiDriver(TerminalDriver):
    """For a terminal that has no other signs: whatever is drawn, by whomever, reaches it as ASCII."""

    @override
    def write(self, data: str) -> None:
        super().write(data if data.isascii() else "".join(map(_ascii, data)))


@lru_cache(1024)
def _ascii(sign: str) -> str:
    """As many columns of ASCII as the sign takes."""
    return sign if sign.isascii() else _STANDS_FOR.get(sign, "?") * cell_len(sign)


class AsciiBar(ScrollBarRender):
    """A scroll bar without the eighths of a column by which Textual's moves."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def driver_for(*, ascii_only: bool) -> type[TerminalDriver]:
    """What writes to the terminal, and scroll bars to match."""
    ScrollBar.renderer = AsciiBar if ascii_only else ScrollBarRender
    return AsciiDriver if ascii_only else TerminalDriver
