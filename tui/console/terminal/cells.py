"""What the terminal shows, cell by cell: of a frame only what differs from that is sent."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len

Cell = tuple[str, str]
"""A style, as the numbers of its escape sequence, and a sign; none behind a sign of two columns."""

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_PART = re.compile(r"\x1b\[([\d;]*)m|([^\x1b]+)")
_FRAME = re.compile(r"(?:\x1b\[\d+;\d+H|\x1b\[[\d;]*m|[^\x1b\x00-\x09\x0b\x0c\x0e-\x1f]+)*")
_COLOUR = r"2;\d+;\d+;\d+|5;\d+"
_STYLE = re.compile(
    rf"(?P<fg>38;(?:{_COLOUR})|(?:3[0-79]|9\d)\b)|(?P<bg>48;(?:{_COLOUR})|(?:4[0-79]|10\d)\b)|(?P<rest>\d+)"
)
_DRAWN = {"4", "7", "9", "21", "53"}
"""Styles that show on a blank: underlined, reversed, struck out, underlined twice, overlined."""
NEAR = 6
"""So many cells that are the same are written again between two that are not: a move costs as much."""
PER_FRAME = 10
"""Characters by which a row counts as shorter for each frame that it has waited."""


@lru_cache(4096)
def _cells(raw: str) -> tuple[Cell, ...]:
    """What a piece of a frame puts into its row."""
    style, found = "", []
    for sequence, text in _PART.findall(raw):
        if not text:
            style = "" if sequence in ("", "0") else f"{style};{sequence}" if style else sequence
        elif text.isascii():
            found += [(style, sign) for sign in text]
        else:
            for sign in text:
                wide = cell_len(sign)
                if wide:
                    found += [(style, sign), *[(style, "")] * (wide - 1)]
                elif found:
                    found[-1] = found[-1][0], found[-1][1] + sign
    return tuple(found)


@lru_cache(1024)
def _split(style: str) -> tuple[str, str, str]:
    """Foreground, background, and everything else."""
    fg = bg = ""
    rest = []
    for match in _STYLE.finditer(style):
        fg, bg = match["fg"] or fg, match["bg"] or bg
        rest += [match["rest"]] if match["rest"] else []
    return fg, bg, ";".join(rest)


@lru_cache(4096)
def _turn(before: str, after: str) -> str:
    """What makes one style of another."""
    if before == after:
        return ""
    (fg, bg, rest), (new_fg, new_bg, new_rest) = _split(before), _split(after)
    if rest != new_rest or (fg and not new_fg) or (bg and not new_bg):
        return f"\x1b[0;{after}m" if after else "\x1b[m"
    return f"\x1b[{';'.join([new_fg] * (fg != new_fg) + [new_bg] * (bg != new_bg))}m"


@lru_cache(4096)
def _blank(style: str) -> str:
    """What is to be seen of a blank in this style: no ink, without a line and unless they are exchanged."""
    _, bg, rest = _split(style)
    return style if _DRAWN & set(rest.split(";")) else bg


def _alike(new: Cell | None, old: Cell | None) -> bool:
    """Whether the two look the same."""
    if new == old or new is None or old is None:
        return new == old
    return new[1] == old[1] == " " and _blank(new[0]) == _blank(old[0])


class Cells:
    """What a terminal is to show, and what it shows; rows and columns from 1, as it counts them."""

    def __init__(self) -> None:
        self._wanted: dict[int, list[Cell | None]] = {}
        self._shown: dict[int, list[Cell | None]] = {}
        self._dirty: dict[int, int] = {}
        """The rows that may differ, with the frame that first changed them."""
        self._frame = 0
        self._cursor = self._cursor_shown = ""

    @property
    def differ(self) -> bool:
        """The terminal may show something else than it is to."""
        return bool(self._dirty) or self._cursor != self._cursor_shown

    def take(self, frame: str) -> bool:
        """Remember what a frame draws; False, with nothing done, when it is something else than one."""
        if not _MOVE.match(frame) or not _FRAME.fullmatch(frame):
            return False
        self._frame += 1
        parts = _MOVE.split(frame)[1:]
        for at in range(0, len(parts), 3):
            row, raw = int(parts[at]), parts[at + 2].rstrip("\r\n")
            if raw:
                self._put(row, int(parts[at + 1]) - 1, _cells(raw))
        self._cursor = f"\x1b[{parts[-3]};{parts[-2]}H"
        return True

    def _put(self, y: int, x: int, cells: tuple[Cell, ...]) -> None:
        row = self._wanted.setdefault(y, [])
        end = x + len(cells)
        if len(row) < end:
            row += [None] * (end - len(row))
        if tuple(row[x:end]) != cells:
            row[x:end] = cells
            self._dirty.setdefault(y, self._frame)

    def forget(self) -> None:
        """Something else has been drawn there: all of it is to be sent again."""
        self._shown.clear()
        self._cursor_shown = ""
        self._dirty = dict.fromkeys(self._wanted, self._frame)

    def clear(self) -> None:
        """Nothing of what was wanted is to be drawn."""
        self._wanted.clear()
        self._cursor = ""
        self.forget()

    def send(self, limit: int) -> str:
        """What brings the terminal up to date, small changes first, and what has waited: about ``limit``
        characters at the most.
        """
        rows = {y: _row(y, self._wanted[y], self._shown.get(y, [])) for y in self._dirty}
        found: list[str] = []
        size = 0
        for y in sorted(rows, key=lambda y: (len(rows[y]) - PER_FRAME * (self._frame - self._dirty[y]), y)):
            if size >= limit:
                break
            del self._dirty[y]
            found.append(rows[y])
            size += len(rows[y])
            self._shown[y] = self._wanted[y].copy()
        if size or self._cursor != self._cursor_shown:
            found.append(self._cursor)
            self._cursor_shown = self._cursor
        return "".join(found)


def _row(y: int, row: list[Cell | None], shown: list[Cell | None]) -> str:
    """The cells of a row that differ."""
    known = shown + [None] * (len(row) - len(shown))
    runs: list[list[int]] = []
    for x in [x for x, (new, old) in enumerate(zip(row, known, strict=False)) if not _alike(new, old)]:
        if (cell := row[x]) is None:
            continue
        start = x if cell[1] or not x else x - 1  # a sign of two columns is written as a whole
        between = row[runs[-1][1] : start] if runs else []
        if runs and len(between) <= NEAR and all(near and near[0] == cell[0] for near in between):
            runs[-1][1] = x + 1
        else:
            runs.append([start, x + 1])
    out, style = [], ""
    for start, end in runs:
        out.append(f"\x1b[{y};{start + 1}H")
        for wanted, sign in filter(None, row[start:end]):
            if wanted != style and not (sign == " " and style and _blank(wanted) == _blank(style)):
                out.append(_turn(style, wanted))
                style = wanted
            out.append(sign)
    return "".join(out) + ("\x1b[m" if style else "")
