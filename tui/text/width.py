"""Lines for a terminal: broken between words where the terminal itself would break them within one."""

from __future__ import annotations

import os
from textwrap import wrap
from typing import TextIO

NARROW = 40
"""A terminal with fewer columns breaks the lines itself."""
_TYPED = ("Command: ", "Undo: ", "To take it up again: ", "Still out of service: ")
"""What such a line ends with is copied: a break within it would end a command too early."""


def is_terminal(where: TextIO) -> bool:
    """Whether what is written there comes to a screen."""
    try:
        return where.isatty()
    except ValueError:  # it is closed
        return False


def for_terminal(text: str, where: TextIO) -> str:
    """Safe ``text`` in lines that fit; as it is for a pipe or a file."""
    if not is_terminal(where):
        return text
    try:
        columns = os.get_terminal_size(where.fileno()).columns
    except OSError:
        return text
    return "\n".join(_fitting(line, columns) for line in text.split("\n"))


def _fitting(line: str, columns: int) -> str:
    if len(line) < columns or columns < NARROW or line.startswith(_TYPED):
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    tail = " " * (len(line) - len(line.rstrip()))  # behind a question stands what is typed
    pieces = wrap(line, columns - 1, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(pieces) + tail
