"""The one door for text that did not come from this program: what nodes print, names, reasons, commands.

Everything behind the door is safe to paint: no escape sequence, no control character, nothing invisible or
bidirectional, a bounded length. Colours that a node asked for survive as spans of named inks, never as bytes.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

LINE_LIMIT = 4_000
"""Characters of one line that are shown; the file on disk has all of them."""
_RAW_LIMIT = 16_384
"""Characters of one line that are looked at, escapes included."""
_WIDEST_MOVE = 250
"""Columns up to which a cursor move pads with blanks; beyond it the move is ignored."""
_MARKS_IN_A_ROW = 2
"""Combining marks kept on one letter: more of them climb over the lines above."""

_TOKEN = re.compile(
    r"(?:\x1b\[|\x9b)(?P<args>[0-9:;<=>?]*)[ -/]*(?P<final>[@-~])"
    # String sequences count only when they end on this line: an open one must not hide the rest of it.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<back>\x08)"
    r"|(?P<tab>\t)"
)
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
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


class _SafeCharacters(dict[int, str | None]):
    """For ``str.translate``: what stands for each character, worked out once."""

    def __missing__(self, code: int) -> str | None:
        self[code] = safe = _stand_in(code)
        return safe


def _stand_in(code: int) -> str | None:
    """The character itself, a blank, U+FFFD, or None to drop it."""
    category = unicodedata.category(chr(code))
    if code in _INVISIBLE or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return None
    if category in ("Cc", "Cf", "Me"):
        return None
    if category in ("Cs", "Co", "Cn"):
        return "\ufffd"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    return chr(code)


_SAFE = _SafeCharacters()


def sanitize_line(text: str, limit: int = LINE_LIMIT) -> str:
    """``text`` as one safe line of at most ``limit`` characters, line breaks as blanks, no colours."""
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    # no word of it may step back over another
    joined = " ".join(text[:_RAW_LIMIT].replace("\b", "").splitlines())
    shown = clean_line(joined).text
    return shown if len(shown) <= limit else shown[: max(0, limit - 1)] + "…"


def paragraph(text: str, limit: int = 40) -> str:
    """``text`` as at most ``limit`` safe lines."""
    lines = text.replace("\r\n", "\n").split("\n", limit)
    more = ["…"] if len(lines) > limit else []
    return "\n".join([sanitize_line(line) for line in lines[:limit]] + more)


def clean_line(raw: str) -> Line:
    r"""One line as a person would read it on a terminal.

    Text after the last ``\r`` wins, backspaces and tabs are applied, moves to a column pad with blanks
    (Red Hat's result marks come that way), colours become spans; everything else that is not text goes.
    """
    if raw.isascii() and raw.isprintable() and len(raw) <= LINE_LIMIT:
        return Line(raw)
    body = raw.rstrip("\r\n")
    body = body[body.rfind("\r") + 1 :]
    pen = _Pen()
    position = 0
    for token in _TOKEN.finditer(body[:_RAW_LIMIT]):
        pen.write(body[position : token.start()])
        position = token.end()
        if token["back"]:
            pen.back()
        elif token["tab"]:
            pen.move_to(len(pen.text) // 8 * 8 + 8)
        elif token["final"]:
            pen.control(token["final"], token["args"])
    pen.write(body[position:_RAW_LIMIT])
    return pen.line(len(body))


class _Pen:
    """Writes one line, character by character, with the ink that the node chose."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._inks: list[tuple[str, bool]] = []
        self._ink, self._bold = "", False
        self._marks = 0
        """Combining marks that the letter before may still take."""

    def write(self, raw: str) -> None:
        safe = raw.translate(_SAFE)
        if not safe.isascii():
            safe = "".join(filter(self._keeps, safe))
        elif safe:
            self._marks = _MARKS_IN_A_ROW
        self.text += safe
        self._inks += [(self._ink, self._bold)] * len(safe)

    def _keeps(self, character: str) -> bool:
        """False for a combining mark too many, or one with nothing before it to stand on."""
        if unicodedata.category(character) != "Mn":
            self._marks = _MARKS_IN_A_ROW
            return True
        self._marks -= 1
        return self._marks >= 0

    def back(self) -> None:
        if self.text:
            self.text.pop()
            self._inks.pop()

    def move_to(self, column: int) -> None:
        missing = column - len(self.text)
        if missing > 0 and column <= _WIDEST_MOVE:
            self.text += " " * missing
            self._inks += [("", False)] * missing

    def control(self, final: str, args: str) -> None:
        if final == "m":
            self._colour(args)
        elif final in "GC" and (args.isdecimal() or not args):
            count = int(args[:4] or 1)
            self.move_to(count - 1 if final == "G" else len(self.text) + count)

    def _colour(self, args: str) -> None:
        """Sixteen inks and bold; backgrounds, reverse and conceal could hide text, so they are ignored."""
        codes = iter(args.replace(":", ";").split(";"))
        for code in codes:
            number = int(code[:4]) if code.isdecimal() else 0
            if number in (38, 48):
                for _ in range({"5": 1, "2": 3}.get(next(codes, ""), 0)):
                    next(codes, "")
            elif number == 0:
                self._ink, self._bold = "", False
            elif number in (1, 22):
                self._bold = number == 1
            elif 30 <= number <= 37 or 90 <= number <= 97:
                self._ink = _INKS[number % 10]
            elif number == 39:
                self._ink = ""

    def line(self, length: int) -> Line:
        text = "".join(self.text)
        if len(text) > LINE_LIMIT or length > _RAW_LIMIT:
            kept = min(len(text), LINE_LIMIT)
            text = text[:kept] + " … (the rest of this line is in the output file)"
            del self._inks[kept:]
        spans: list[Span] = []
        start = 0
        for end in range(1, len(self._inks) + 1):
            if end == len(self._inks) or self._inks[end] != self._inks[start]:
                ink, bold = self._inks[start]
                if ink or bold:
                    spans.append(Span(start, end, ink, bold))
                start = end
        return Line(text, tuple(spans))


class LineReader:
    """Bytes in, as they come; safe lines out. One per attempt, because a character may be cut in two."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._raw = ""

    def feed(self, data: bytes) -> list[Line]:
        """The lines that ``data`` completes."""
        first, *others = self._decoder.decode(data).split("\n")
        self._add(first)
        lines: list[Line] = []
        for other in others:
            lines.append(clean_line(self._raw))
            self._raw = ""
            self._add(other)
        return lines

    @property
    def partial(self) -> Line | None:
        """The line that has no end yet, as it looks now."""
        return clean_line(self._raw) if self._raw else None

    def _add(self, piece: str) -> None:
        """Keep what can still matter: nothing before the last carriage return, and not a whole megabyte."""
        joined = self._raw + piece
        body = joined.rstrip("\r")
        ending = "\r" if len(body) < len(joined) else ""
        body = body[body.rfind("\r") + 1 :]
        self._raw = body[: _RAW_LIMIT + 1] + ending
