"""How many columns of nodes, how much of each: the most detail that fits without scrolling."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Detail(StrEnum):
    """How much the grid says of each node."""

    FULL = "full"
    """Name, state, strip of the steps, version, time, health with its age; a note where there is room."""
    USUAL = "usual"
    """Name, state and a note."""
    WORD = "word"
    """Name and state."""
    SIGN = "sign"
    """Sign and name only."""
    FOLDED = "folded"
    """One row a state."""


class GridLayout(NamedTuple):
    """How the grid is drawn; widths in columns, ``rows`` in all."""

    detail: Detail
    columns: int
    cell: int
    name: int
    rows: int


# Usual: gaps, sign, a word of 14 and a note of 6 or more.
BESIDE = {Detail.FULL: 53, Detail.USUAL: 25, Detail.WORD: 19, Detail.SIGN: 4}
"""Columns of a cell beside the name."""


def lay_out(count: int, longest: int, width: int, height: int, may_fold: bool) -> GridLayout:
    """Place ``count`` nodes whose longest name has ``longest`` columns into ``width`` x ``height``.

    ``may_fold`` is off while a filter is on: its few nodes then scroll rather than fold.
    """
    name = min(longest, 24)
    for detail, beside in BESIDE.items():
        columns = max(1, width // (name + beside))
        rows = -(-count // columns)
        if detail is Detail.FULL and ((columns > 2 and count > 2 * height) or name + beside > width):
            continue
        if rows <= height or (detail is Detail.SIGN and not may_fold):
            columns = min(columns, max(1, count))
            cell = width // columns if detail is Detail.FULL else name + beside
            if detail is Detail.USUAL:
                cell = min(width // columns, name + beside + 12)
            return GridLayout(detail, columns, cell, name, rows)
    return GridLayout(Detail.FOLDED, 1, width, name, 0)
