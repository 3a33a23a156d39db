"""What the grid paints of a node, or of all nodes of one state: words and their inks."""

from __future__ import annotations

from collections.abc import Callable

from tui.console.look.glyphs import Glyphs
from tui.console.view.grid_layout import Detail, GridLayout
from tui.console.view.nodes import Fold, NodeCell
from tui.console.view.text import fit

Piece = tuple[str, str]
"""Text and its ink."""


def cell_pieces(
    cell: NodeCell, placed: GridLayout, glyphs: Glyphs, ages: Callable[[str], str]
) -> list[Piece]:
    """A node as much as the layout has room for; ``ages`` tells how old its health is."""
    mark, health, beside = cell.mark, cell.health, placed.cell - placed.name
    name, word = fit(cell.label, placed.name, glyphs), (fit(mark.word, 14, glyphs), mark.ink)
    unwell = health.ink != "ok" and not cell.moving
    sign = health if unwell else mark
    if placed.detail is Detail.SIGN:
        return [(f" {sign.glyph} ", sign.ink), (name, sign.ink if cell.moving else "")]
    if placed.detail is Detail.WORD:
        return [(f" {name} ", "strong"), (f"{sign.glyph} ", sign.ink), word]
    head: list[Piece] = [(f" {name} ", "strong"), (f"{mark.glyph} ", mark.ink)]
    if placed.detail is Detail.USUAL:
        if cell.reasoned:
            return [*head, (fit(f"{mark.word}  {cell.note}", max(0, beside - 5), glyphs), mark.ink)]
        note, ink = cell.note, "bad" if mark.ink == "bad" else "quiet"
        if unwell and mark.ink == "quiet":
            note, ink = f"{health.glyph} {health.word}", health.ink
        return [*head, word, (fit(note, max(0, beside - 19), glyphs), ink)]
    looks = f"{health.glyph} {health.word} {ages(cell.name)}"
    parts = (cell.note, cell.versions) if cell.moving else (cell.versions, cell.note)
    tail = "  ".join(part for part in parts if part) if cell.moving or cell.reasoned else cell.versions
    if cell.reasoned and mark.ink == "bad":
        tail = cell.note  # why it failed says more than a version, and there is little room
    looked = (fit(looks, 20, glyphs) + " ", health.ink)
    return [*head, word, looked, (fit(tail, max(0, beside - 39), glyphs), "quiet")]


def fold_pieces(fold: Fold, width: int, glyphs: Glyphs) -> list[Piece]:
    """All nodes of one state, in a line."""
    unwell = f"  {glyphs.bad} {fold.unwell} not active" if fold.unwell else ""
    word = fold.mark.word if fold.group == "working" else fold.group
    return [
        (f" {fold.mark.glyph} ", fold.mark.ink),
        (fit(word, 20, glyphs), fold.mark.ink),
        (f"{len(fold.names):>5}  ", "strong"),
        (fit(fold.folded, max(10, width - 32 - len(unwell)), glyphs), ""),
        (unwell, "warn"),
    ]
