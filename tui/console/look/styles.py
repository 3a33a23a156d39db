"""The inks by which everything is coloured, for widgets that paint line by line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.widget import Widget

INKS = ("ok", "busy", "bad", "warn", "held", "quiet", "accent", "strong")
INK_CLASSES = {f"ink--{ink}" for ink in INKS} | {"ink--cursor", "ink--found", "ink--here", "ink--row"}
"""To be named in ``COMPONENT_CLASSES``; their colours are in ``app.tcss``."""


class StyleCache:
    """The styles of one widget, looked up once per theme."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}

    def __getitem__(self, ink: str) -> Style:
        """The style of an ink on the widget's background; an unknown or empty one is the usual text."""
        style = self._styles.get(ink)
        if style is None:
            known = f"ink--{ink}" in INK_CLASSES
            widget = self._widget
            style = widget.get_component_rich_style(f"ink--{ink}") if known else widget.rich_style
            self._styles[ink] = style
        return style

    def clear(self) -> None:
        """Look all of them up again: the theme or the widget's background changed."""
        self._styles.clear()


class Layer(NamedTuple):
    """Characters ``start`` to ``end`` in a style, over the layers before it."""

    start: int
    end: int
    style: Style


def layered(text: str, base: Style, layers: Sequence[Layer]) -> list[Segment]:
    """``text`` in pieces of one style each, later layers over earlier ones."""
    if not layers:
        return [Segment(text, base)]
    edges = {0, len(text)}
    for layer in layers:
        edges |= {min(layer.start, len(text)), min(layer.end, len(text))}
    cuts = sorted(edges)
    segments = []
    for start, end in pairwise(cuts):
        style = base
        for layer in layers:
            if layer.start <= start and end <= layer.end:
                style = style + layer.style
        segments.append(Segment(text[start:end], style))
    return segments
