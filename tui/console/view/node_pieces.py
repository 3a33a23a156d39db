"""What the grid paints of a node, or of all nodes of one state: words and their inks."""

from __future__ import annotations

from itertools import groupby

from tui.console.look.glyphs import Glyphs
from tui.console.look.marks import Mark
from tui.console.view.grid_layout import BESIDE, Detail, GridLayout
from tui.console.view.nodes import SHORT, STRIP, Fold, NodeCell
from tui.console.view.text import fit, fit_words

Piece = tuple[str, str]
"""Text and its ink."""
_WORD, _VERSION, _TIME, _HEALTH = 13, 6, 5, 11
"""Columns of a row's parts, where there is least room for them."""


def cell_pieces(cell: NodeCell, placed: GridLayout, glyphs: Glyphs, age: str) -> list[Piece]:
    """A node as much as the layout has room for; ``age`` tells how old its health is."""
    mark, health, beside = cell.mark, cell.health, placed.cell - placed.name
    name = fit(cell.label, placed.name, glyphs)
    idly_unwell = health.ink != "ok" and not cell.moving
    if placed.detail is Detail.SIGN:
        sign = health if idly_unwell else mark
        return [(f" {sign.glyph} ", sign.ink), (name, sign.ink if cell.moving or idly_unwell else "")]
    # Where there is one word for all, that a peer is not well says more than that it waits.
    told = health if idly_unwell and mark.ink in ("quiet", "ok") else mark
    if placed.detail is Detail.WORD:
        alone = fit(cell.short if told is mark else told.word, SHORT, glyphs)
        return [(f" {name} ", "strong"), (f"{told.glyph} {alone}", told.ink)]
    head: list[Piece] = [(f" {name} ", "strong"), (f"{mark.glyph} ", mark.ink)]
    if placed.detail is Detail.FULL:
        return head + _row(cell, mark, beside - BESIDE[Detail.FULL], glyphs, age)
    if cell.reasoned:
        return [*head, (fit_words(f"{mark.word}  {cell.note}", beside - 5, glyphs), mark.ink)]
    word = (fit(mark.word, 14, glyphs), mark.ink)
    note = (f"{told.glyph} {told.word}", told.ink) if told is not mark else (cell.note, "quiet")
    return [*head, word, (fit(note[0], max(0, beside - 19), glyphs), note[1])]


def _row(cell: NodeCell, mark: Mark, spare: int, glyphs: Glyphs, age: str) -> list[Piece]:
    """Word, strip, version, time, health; the note where there is room, else before version and time."""
    health = min(spare, 6)
    note = min(34, spare - health) if spare - health >= 12 else 0
    version = _VERSION + max(0, spare - health - note)
    pieces: list[Piece] = [(fit(mark.word, _WORD, glyphs) + " ", mark.ink)]
    for ink, signs in groupby(cell.strip or ((" ", ""),) * len(STRIP), key=lambda sign: sign[1]):
        pieces.append(("".join(glyph for glyph, _ in signs), ink))
    if cell.reasoned and not note:
        pieces.append((" " + fit_words(cell.note, version + _TIME + 2, glyphs), mark.ink))
    else:
        time = cell.time.rjust(_TIME)
        pieces.append((f" {fit(cell.versions, version, glyphs)} {fit(time, _TIME + 1, glyphs)}", "quiet"))
    well = cell.health.ink == "ok"
    words = f"{cell.health.glyph} {age if well and age else f'{cell.health.word} {age}'}"
    pieces.append((fit(words, _HEALTH + health, glyphs), cell.health.ink))
    if cell.reasoned and note:
        pieces.append((" " + fit_words(cell.note, note - 1, glyphs), mark.ink))
    return pieces


def fold_pieces(fold: Fold, width: int, glyphs: Glyphs) -> list[Piece]:
    """All nodes of one state, in a line."""
    unwell = f"  {glyphs.warn} {fold.unwell} not active" if fold.unwell else ""
    word = fold.mark.word if fold.group == "working" else fold.group
    return [
        (f" {fold.mark.glyph} ", fold.mark.ink),
        (fit(word, 20, glyphs), fold.mark.ink),
        (f"{len(fold.names):>5}  ", "strong"),
        (fit(fold.folded, max(10, width - 32 - len(unwell)), glyphs), ""),
        (unwell, "warn"),
    ]
