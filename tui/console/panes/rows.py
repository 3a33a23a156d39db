"""Lines of output cut into rows of a pane's width: nothing hidden without a sign, verdicts in sight."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from tui.text.marks import Verdict, mark_start, verdict_of
from tui.text.terminal import Line, Span


class Row(NamedTuple):
    """One row of a pane."""

    text: str
    spans: tuple[Span, ...] = ()
    verdict: Verdict | None = None
    """What the row's line says about itself."""
    heading: bool = False
    """Written by the console, not by the node."""
    first: bool = True
    """False for the continuation of a line."""
    whole: str = ""
    """The line, where the row does not show all of it: a search finds what was cut."""

    def has(self, needle: str) -> bool:
        """Whether the casefolded ``needle`` stands in the row, or in what was cut from it."""
        return needle in (self.whole or self.text).casefold()


LEAST_WORDS = 16
"""Columns of words below which they are not cut for the sake of their mark."""


def cut(line: Line, width: int, heading: bool = False) -> list[Row]:
    """The rows of one line in a pane ``width`` columns wide; words stay whole where they can."""
    text, spans = line
    found = None if heading else verdict_of(text)
    begin = mark_start(text) if found is not None else None
    if found is Verdict.OK and begin is not None and not any(span.end > begin for span in spans):
        spans = (*spans, Span(begin, len(text.rstrip()), "ok", False))
    if (len(text) if text.isascii() else cell_len(text)) <= width:
        return [Row(text, spans, found, heading)]
    if found is not None and begin is not None:
        return _drawn_in(Line(text, spans), width, found, begin)
    rows: list[Row] = []
    start = 0
    while start < len(text):
        end = _break(text, start, width)
        first = not rows
        part = tuple(_shift(span, start, end) for span in spans if span.start < end and span.end > start)
        rows.append(Row(text[start:end], part, found, heading, first))
        # A blank just behind a full row would only indent the next one.
        behind_full_row = text[end : end + 1] == " " and text[end - 1] != " "
        start = end + behind_full_row
    return rows


def _drawn_in(line: Line, width: int, found: Verdict, begin: int) -> list[Row]:
    """The line with its result mark at the pane's right edge. What went well is one row, cut before the mark;
    of what did not, no word is cut.
    """
    text, spans = line
    words, mark = text[:begin].rstrip(), text[begin:].rstrip()
    room, whole = width - len(mark) - 1, ""
    if found is Verdict.OK and room >= LEAST_WORDS and cell_len(words) > room:
        words, whole = set_cell_size(words, room - 1).rstrip() + "…", text
    rows = cut(Line(words, tuple(span for span in spans if span.end <= len(words))), width)
    rows = [row._replace(verdict=found, whole=whole) for row in rows]
    last = rows[-1].text.rstrip()
    if cell_len(last) + 1 + len(mark) > width:
        rows.append(Row("", verdict=found, first=False))
        last = ""
    at = max(0, width - len(mark))
    moved = tuple(
        Span(s.start + at - begin, s.end + at - begin, s.ink, s.bold) for s in spans if s.start >= begin
    )
    gap = at - cell_len(last)
    # Places in the row are letters, columns are cells: wide letters before the mark shift it.
    shift = len(last) + gap - at
    moved = tuple(Span(s.start + shift, s.end + shift, s.ink, s.bold) for s in moved)
    rows[-1] = rows[-1]._replace(text=last + " " * gap + mark, spans=(*rows[-1].spans, *moved))
    return rows


def _break(text: str, start: int, width: int) -> int:
    """Where the row that begins at ``start`` ends."""
    end = start + width
    piece = text[start:end]
    if not piece.isascii():
        while len(piece) > 1 and cell_len(piece) > width:
            piece = piece[: -max(1, (cell_len(piece) - width) // 2)]
        end = start + len(piece)
    if end >= len(text):
        return len(text)
    blank = text.rfind(" ", start, end)
    return blank + 1 if blank > start + width // 2 else end


def _shift(span: Span, start: int, end: int) -> Span:
    return Span(max(span.start, start) - start, min(span.end, end) - start, span.ink, span.bold)
