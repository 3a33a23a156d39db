"""Standard input and output for line-by-line use: nothing is printed that the other side cannot take."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import termios
from functools import partial
from typing import Any, TextIO

from tui.plain.turn import Turn
from tui.text.sanitize import sanitize
from tui.text.width import for_terminal, is_terminal

TURN = Turn()
REPEAT_AFTER_S = 1.0
"""Seconds after which a question is asked again that something else was said below."""


class Terminal:
    """Prints lines and asks for lines; ``questions`` go elsewhere when ``out`` is for machines."""

    def __init__(self, out: TextIO | None = None, questions: TextIO | None = None, source: int = 0) -> None:
        self._out = out or sys.stdout
        self._questions = questions or self._out
        self._source = source
        self._typed = b""
        self._ended = False
        self._open = ""
        """The question that waits for an answer."""
        self._repeat: asyncio.TimerHandle | None = None
        self.gone = False
        """True once nobody reads the output any more; nothing is printed from then on."""

    @property
    def asks_a_person(self) -> bool:
        """True when answers come from a terminal."""
        try:
            return os.isatty(self._source)
        except OSError:
            return False

    def line(self, text: str = "") -> None:
        """Print one line; escapes go, and what follows a line break inside is indented."""
        self._write(self._out, _indented(text))

    def sentence(self, text: str = "") -> None:
        """The same, broken between words where a terminal would break it within one."""
        self._write(self._out, for_terminal(_indented(text), self._out))

    def raw(self, line: bytes) -> None:
        """Print one line of ASCII as it is: for machines."""
        self._write(self._out, line.decode("ascii") + "\n")

    def data(self, data: dict[str, Any]) -> None:
        """Print one JSON object as a line: for machines, too."""
        self.raw(json.dumps(data, separators=(",", ":")).encode())

    def document(self, text: str) -> None:
        """Print a text of many lines, such as a report; escapes go, line breaks stay."""
        self._write(self._out, sanitize(text))

    def remark(self, text: str) -> None:
        """Print one line for a person, where the questions go; a command to be typed stays in one piece."""
        self._write(self._questions, for_terminal(_indented(text), self._questions))

    async def ask(self, question: str, *, alone: bool = False) -> str | None:
        """The next line that is typed, stripped; None at the end of input.

        Lines typed before the question was shown do not count, when a person types them. What else comes
        up is withheld until the answer (``alone``), or said with the question once more below it.
        """
        if self.asks_a_person:
            async with TURN.of_the_run(alone=alone):
                self._typed = b""
                termios.tcflush(self._source, termios.TCIFLUSH)
                self._open = for_terminal(sanitize(question), self._questions)
                self._print(self._questions, self._open)
                try:
                    answer = await self._next_line()
                finally:
                    self._open = ""
                    self._no_repeat()
        else:
            self._write(self._questions, sanitize(question))
            answer = await self._next_line()
            self._write(self._questions, (answer or "") + "\n")
        return None if answer is None else answer.strip()

    async def _next_line(self) -> str | None:
        while b"\n" not in self._typed and not self._ended:
            data = await self._read()
            self._ended = not data
            self._typed += data
        if not self._typed:
            self._ended = self._ended and not self.asks_a_person  # a person may go on after Ctrl-D
            return None
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace")

    async def _read(self) -> bytes:
        loop = asyncio.get_running_loop()
        try:
            if stat.S_ISREG(os.fstat(self._source).st_mode):
                return os.read(self._source, 4096)
            ready = asyncio.Event()
            loop.add_reader(self._source, ready.set)
        except PermissionError:  # /dev/null and the like never make anyone wait
            return os.read(self._source, 4096)
        except OSError:
            return b""
        try:
            await ready.wait()
            return os.read(self._source, 4096)
        except OSError:
            return b""
        finally:
            loop.remove_reader(self._source)

    def _write(self, where: TextIO, text: str) -> None:
        if not is_terminal(where):
            self._print(where, text)
        elif not TURN.later(partial(self._print, where, text)):
            self._print(where, text if self._repeat is not None or not self._open else f"\n{text}")
            if self._open and self._repeat is None:
                self._repeat = asyncio.get_running_loop().call_later(REPEAT_AFTER_S, self._ask_again)

    def _no_repeat(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def _ask_again(self) -> None:
        self._repeat = None
        self._print(self._questions, self._open)

    def _print(self, where: TextIO, text: str) -> None:
        if self.gone:
            return
        encoding = where.encoding or "ascii"
        try:
            where.write(text.encode(encoding, "backslashreplace").decode(encoding))
            where.flush()
        except (OSError, ValueError):  # a closed pipe, a terminal that hung up, a full disk behind it
            self.gone = True


def _indented(text: str) -> str:
    """No text from elsewhere can begin a line of its own."""
    return sanitize(text).replace("\n", "\n    ") + "\n"
