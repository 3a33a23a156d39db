r"""What a node printed as a person would read it on a terminal: the one reading of a node's bytes.

`\r`, `\b`, tabs, erase in line and moves along it are applied, colours become spans of named inks, and
every other sequence or control character goes. Result marks come with cursor moves, colours and a trailing
carriage return even through a pipe (Red Hat's init functions do not ask whether they write to a terminal),
so parsers read through here as well as panes.
"""

from __future__ import annotations

import codecs
import re
import sys
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from tui.text.escapes import BEGUN, ESCAPE
from tui.text.sanitize import LINE_LIMIT, SAFE, joined_marks

CUT = " ... (cut here; the output file has all of it)"
_WIDEST_MOVE = 500
"""Columns up to which a cursor move pads with blanks; one that leads beyond counts as one blank."""
_TOKEN = re.compile(rf"{ESCAPE.pattern}|(?P<move>[\r\b\t])")
_INKS = ("grey", "red", "green", "yellow", "blue", "magenta", "cyan", "")


class Span(NamedTuple):
    """Characters ``start`` to ``end`` in an ink (empty: the usual one), bold or not."""

    start: int
    end: int
    ink: str
    bold: bool


class Line(NamedTuple):
    """One safe line of output."""

    text: str
    spans: tuple[Span, ...] = ()


class _Style(NamedTuple):
    ink: str = ""
    bold: bool = False


_USUAL = _Style()


def decode(data: bytes | str) -> str:
    """``data`` as text; an invalid byte becomes U+FFFD."""
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data


def plain(data: bytes | str) -> str:
    r"""The text of all of ``data``, in lines that end in ``\n``, however long they are. Never raises."""
    return "\n".join(render_line(line, sys.maxsize).text for line in decode(data).split("\n"))


def render_line(raw: str, limit: int = LINE_LIMIT) -> Line:
    """One line as it stands at its end, at most ``limit`` letters of it."""
    raw = raw.rstrip("\r")
    if raw.isascii() and raw.isprintable() and len(raw) <= limit:
        return Line(raw)
    row = _Row(limit)
    row.write(raw)
    return row.line()


class LineReader:
    """Bytes in, as they come; safe lines out. One per attempt, because a character may be cut in two."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._row: _Row | None = None
        self._held = ""
        """The beginning of an escape sequence, not yet in the row."""

    def feed(self, data: bytes, final: bool = False) -> list[Line]:
        """The lines that ``data`` completes."""
        *whole, rest = self._decoder.decode(data, final).split("\n")
        lines = []
        for raw in whole:
            lines.append(render_line(raw) if self._row is None else self._finished(raw))
        if rest:
            self._row = self._row or _Row(LINE_LIMIT)
            rest = self._held + rest
            begun = BEGUN.search(rest)
            self._held = begun[0] if begun else ""
            self._row.write(rest[: begun.start()] if begun else rest)
        return lines

    def end(self) -> list[Line]:
        """The last line, when nothing follows any more."""
        lines = self.feed(b"", final=True)
        return lines if self._row is None else [*lines, self._finished("")]

    @property
    def partial(self) -> Line | None:
        """The line that has no end yet, as it looks now."""
        if self._row is None or not self._held:
            return self._row.line() if self._row else None
        row = self._row.copy()
        row.write(self._held)
        return row.line()

    def _finished(self, raw: str) -> Line:
        assert self._row is not None
        row, held = self._row, self._held
        self._row, self._held = None, ""
        row.write(held + raw)
        return row.line()


class _Row:
    """One line of a terminal: letters in cells, each in the style that the node chose."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._cells: list[str] = []
        """A letter with its combining marks each."""
        self._styles: list[_Style] = []
        self._style = _USUAL
        self._column = 0
        """Not beyond the last cell, but for ``limit + 1``: behind letters that were left out."""
        self._cut = False

    def copy(self) -> _Row:
        """A row to try something on."""
        row = _Row(self._limit)
        row._cells, row._styles = self._cells.copy(), self._styles.copy()
        row._style, row._column, row._cut = self._style, self._column, self._cut
        return row

    def write(self, raw: str) -> None:
        """Letters, moves and escape sequences as they come, the latter whole."""
        position = 0
        for token in _TOKEN.finditer(raw):
            start, end = token.span()
            if start > position:
                self._put(raw[position:start])
            position = end
            if token.lastgroup == "final":
                self._control(token["final"], token["args"])
            elif token.lastgroup == "move":
                self._move(token["move"])
        if position < len(raw):
            self._put(raw[position:])

    def line(self) -> Line:
        """The row as it looks now."""
        text = "".join(self._cells) + (CUT if self._cut else "")
        if self._styles.count(_USUAL) == len(self._styles):
            return Line(text)
        spans: list[Span] = []
        start = end = 0
        for style, cells in groupby(zip(self._styles, self._cells, strict=True), itemgetter(0)):
            end += sum([len(letter) for _, letter in cells])
            if style != _USUAL:
                spans.append(Span(start, end, *style))
            start = end
        return Line(text, tuple(spans))

    def _put(self, raw: str) -> None:
        letters: str | list[str] = raw.translate(SAFE)
        if not letters:
            return
        if not raw.isascii():
            letters = self._with_marks(str(letters))
        end = self._column + len(letters)
        if end > self._limit:
            self._cut, end = True, self._limit + 1
            letters = letters[: max(0, self._limit - self._column)]
        self._cells[self._column : end] = letters
        self._styles[self._column : end] = [self._style] * len(letters)
        self._column = end

    def _with_marks(self, text: str) -> list[str]:
        """The letters of ``text``; marks that come first belong to the letter before the cursor."""
        before = self._column - 1
        if not 0 <= before < len(self._cells):
            return joined_marks(text)
        first, *others = joined_marks(self._cells[before] + text)
        self._cells[before] = first
        return others

    def _pad(self, count: int) -> None:
        """Blanks behind everything; the cursor behind them."""
        count = max(0, min(count, self._limit - len(self._cells)))
        self._cells += " " * count
        self._styles += [_USUAL] * count
        self._column = len(self._cells)

    def _move(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif (column := (self._column // 8 + 1) * 8) > len(self._cells):
            self._pad(column - len(self._cells))
        else:
            self._column = column

    def _control(self, final: str, args: str) -> None:
        if final == "m":
            self._style = _coloured(self._style, args)
        elif final == "K" and args in ("", "0"):
            self._erase_from(self._column)
        elif final == "K" and args == "2":
            self._erase_from(0)
        elif final in ("G", "C") and (args.isdecimal() or not args):
            count = max(1, int(args[:5] or 1))
            column = count - 1 if final == "G" else self._column + count
            missing = column - len(self._cells)
            # A result mark must not hide its own reason: such a move never leads to overwriting.
            self._pad(missing if missing >= 0 and column <= _WIDEST_MOVE else 1)

    def _erase_from(self, column: int) -> None:
        del self._cells[column:], self._styles[column:]
        self._column = min(self._column, column)
        self._cut = self._cut and column >= self._limit


@lru_cache(maxsize=256)
def _coloured(style: _Style, args: str) -> _Style:
    """Sixteen inks and bold; backgrounds, reverse and conceal could hide text, so they are ignored."""
    ink, bold = style
    codes = iter(args.replace(":", ";").split(";"))
    for code in codes:
        number = int(code[:4]) if code.isdecimal() else 0
        if number in (38, 48):
            for _ in range({"5": 1, "2": 3}.get(next(codes, ""), 0)):
                next(codes, "")
        elif number == 0:
            ink, bold = _USUAL
        elif number in (1, 22):
            bold = number == 1
        elif 30 <= number <= 37 or 90 <= number <= 97:
            ink = _INKS[number % 10]
        elif number == 39:
            ink = ""
    return _Style(ink, bold)
