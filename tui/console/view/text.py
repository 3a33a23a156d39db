"""Safe text cut or filled to a number of columns."""

from __future__ import annotations

from functools import lru_cache
from textwrap import wrap

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tui.console.look.glyphs import Glyphs


def fit(text: str, width: int, glyphs: Glyphs) -> str:
    """``text`` in exactly ``width`` columns: filled with blanks, or cut with an ellipsis."""
    if width <= 0:
        return ""
    text = glyphs.plain(text)
    if text.isascii() and len(text) <= width:
        return text.ljust(width)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    more = glyphs.more if len(glyphs.more) < width else ""
    return set_cell_size(text, width - len(more)) + more


def fit_words(text: str, width: int, glyphs: Glyphs) -> str:
    """The same, cut between two words where there is room for one: half a word says something else."""
    text = glyphs.plain(text)
    if cell_len(text) > width and (words := text[: max(0, width - len(glyphs.more))].rpartition(" ")[0]):
        text = words.rstrip(" ,;:") + glyphs.more
    return fit(text, width, glyphs)


def shorten(line: Content, width: int, glyphs: Glyphs) -> Content:
    """A styled line of at most ``width`` columns, cut with an ellipsis."""
    if line.cell_length <= width:
        return line
    cut = line.truncate(max(0, width - len(glyphs.more)))
    return Content.assemble(cut, (glyphs.more, "$ink-quiet"))


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, broken at blanks; line breaks stay."""
    return list(_wrapped(text, max(8, width)))


@lru_cache(256)
def _wrapped(text: str, width: int) -> tuple[str, ...]:
    """Of what is drawn each second little changes."""
    return tuple(line for part in text.split("\n") for line in wrap(part, width) or [""])


def clauses(text: str, width: int) -> str:
    """As many whole clauses of ``text`` as fit: half a sentence, or half a version, would only mislead."""
    while text and cell_len(text) > width:
        text = text[: max(text.rfind(", "), text.rfind("; "), 0)]
    return text


def counted(count: int, word: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def behind(head: str, head_ink: str, pieces: list[str], ink: str) -> list[Content]:
    """Lines behind a head, which stands before the first of them."""
    return [
        Content.assemble((" " * len(head) if index else head, head_ink), (piece, ink))
        for index, piece in enumerate(pieces)
    ]


def two_columns(rows: list[tuple[str, str]], glyphs: Glyphs, width: int) -> Content:
    """(word, safe text) pairs, the texts in a column of their own; what must be read first stands out."""
    lines = []
    for word, text in rows:
        ink = "bold $ink-strong" if word in ("node", "command", "where", "peers") else ""
        lines += behind(f"{word:<13}", "$ink-quiet", wrapped(glyphs.plain(text), width - 13), ink)
    return Content("\n").join(lines)
