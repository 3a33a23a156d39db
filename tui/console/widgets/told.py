"""A framed part of the board that tells in rows what no node printed, and says when there is more below."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from typing_extensions import override

from tui.console.view_model import ViewModel
from tui.console.widgets.plain import Plain, frame_foot, frame_title


class Sheet(Plain):
    """As high as its place at the least: a row more or less on it moves nothing else on the screen."""

    DEFAULT_CSS = "Sheet { min-height: 100%; }"

    @property
    @override
    def at_least(self) -> int:
        return self.parent.scrollable_content_region.height if isinstance(self.parent, Told) else 0


class Told(VerticalScroll):
    """Scrolls where the terminal is too low; a scrollbar is easily overlooked, and ASCII has none."""

    def __init__(self, model: ViewModel, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="box")
        self.model = model
        self._rows = Sheet(id=f"{id}-rows")
        self._count = 0

    @override
    def compose(self) -> ComposeResult:
        yield self._rows

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows that there are to tell it in."""
        region = self.scrollable_content_region
        return max(20, region.width), region.height

    def tell(self, title: Content, rows: Content) -> None:
        """Show this, each line a row."""
        frame_title(self, title)
        self._count = rows.plain.count("\n") + 1
        self._rows.show(rows, rows=True)
        self._draw_foot()

    def _draw_foot(self) -> None:
        below = self._count - self.scrollable_content_region.height - self.scroll_offset.y
        more = f"{self.model.glyphs.more} {below} more below"
        frame_foot(self, Content.styled(more, "$ink-quiet") if below > 0 else None)

    @override
    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._draw_foot()
