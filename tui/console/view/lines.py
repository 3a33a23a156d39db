"""Lines that this program writes itself, in the shape of a node's output: one pane shows both."""

from __future__ import annotations

from tui.console.look.glyphs import Glyphs
from tui.console.view.text import wrapped
from tui.text.terminal import Line, Span

Part = str | tuple[str, str]
"""Safe text, or safe text and its ink."""


def line(*parts: Part) -> Line:
    """Parts side by side."""
    text = ""
    spans = []
    for part in parts:
        piece, ink = part if isinstance(part, tuple) else (part, "")
        if ink and piece:
            spans.append(Span(len(text), len(text) + len(piece), ink, False))
        text += piece
    return Line(text, tuple(spans))


def hanging(head: list[Part], text: str, width: int, glyphs: Glyphs, ink: str = "") -> list[Line]:
    """``head`` and then ``text``, whose further lines stand below its beginning."""
    indent = sum(len(part[0] if isinstance(part, tuple) else part) for part in head)
    first, *others = wrapped(glyphs.plain(text), max(16, width - indent))
    return [line(*head, (first, ink)), *(line(" " * indent, (other, ink)) for other in others)]


def heading(text: str) -> list[Line]:
    """A heading with room above it."""
    return [Line(""), line((text, "strong"))]
