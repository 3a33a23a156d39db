"""Questions apart from the run's steps: a password, and whether a changed cluster file is agreed to."""

from __future__ import annotations

import atexit
import contextlib
import locale
import os
import select
import termios
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tui.plain.terminal import TURN, Terminal
from tui.text.sanitize import ascii_line

if TYPE_CHECKING:
    from tui.remote import Question
    from tui.rollout.options import Agree


def ask_person(question: Question) -> str | None:
    """What is typed on the controlling terminal; None for Ctrl-D, and where there is none.

    Called on connecting threads. What was typed before the question was shown does not count.
    """
    # the words may be a node's own
    said = "".join(f"{ascii_line(line)}\n" for line in ("", *question.lines)) if question.lines else ""
    prompt = ascii_line(question.prompt).rstrip(": ")
    prompt += " " if prompt.endswith("?") else ": "
    try:
        with TURN.of_a_thread() as withdrawn, _controlling_terminal(echo=not question.hidden) as terminal:
            while True:
                os.write(terminal, f"{said}{prompt}".encode())
                typed = _line(terminal, withdrawn)
                if question.hidden or not typed:  # the line break that ends the answer was not shown
                    os.write(terminal, b"\n")
                answer = typed.decode(locale.getencoding()).rstrip("\n") if typed else None
                if answer is None or not (reason := question.refuse(answer)):
                    return answer
                said = f"{ascii_line(reason)}\n"
    except (OSError, termios.error, UnicodeError):  # the last one: typed bytes that are no text here
        return None


def _line(terminal: int, withdrawn: int) -> bytes:
    """The next line that is typed; nothing if there is none."""
    either = select.poll()
    for file in (terminal, withdrawn):
        either.register(file, select.POLLIN)
    typed = b""
    while not typed.endswith(b"\n"):
        ready = [file for file, _ in either.poll()]
        more = b"" if withdrawn in ready else os.read(terminal, 4096)
        if not more:
            return b""
        typed += more
    return typed


@contextlib.contextmanager
def _controlling_terminal(*, echo: bool) -> Iterator[int]:
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(terminal)
        during = termios.tcgetattr(terminal)
        during[3] = during[3] | termios.ECHO if echo else during[3] & ~termios.ECHO
        restore = partial(termios.tcsetattr, terminal, termios.TCSADRAIN, before)
        # Ctrl-C ends the program, not this thread: the terminal is given back with its echo all the same.
        atexit.register(restore)
        try:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, during)
            yield terminal
        finally:
            atexit.unregister(restore)
            restore()
    finally:
        os.close(terminal)


def agreement(terminal: Terminal) -> Agree:
    """Asks on the terminal: only the cluster's name, typed, is a yes."""

    async def agree(cluster: str, changes: tuple[str, ...]) -> bool:
        terminal.remark("The cluster file has changed since this run began:")
        for line in changes:
            terminal.remark(f"  {line}")
        question = f"Type {cluster} to agree to that, Enter to go on with the old: "
        return await terminal.ask(question) == cluster

    return agree
