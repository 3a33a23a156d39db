"""A pane of output: paints only the rows in sight and never drags a reader away from the middle."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from typing_extensions import override

from tui.console.look.glyphs import UNICODE, Glyphs
from tui.console.look.styles import INK_CLASSES, Layer, StyleCache, layered
from tui.console.panes.rows import Row
from tui.console.panes.scrollback import Scrollback
from tui.text.marks import Verdict

MARGIN = 2
"""Columns at the left for the verdict's sign."""
_SPAN_INKS = {
    "red": "bad",
    "green": "ok",
    "yellow": "warn",
    "blue": "busy",
    "cyan": "busy",
    "magenta": "held",
    "grey": "quiet",
}
_VERDICT_SIGNS = {Verdict.OK: "done", Verdict.WARNING: "warn", Verdict.FAILED: "bad"}
_VERDICT_INKS = {Verdict.OK: "ok", Verdict.WARNING: "warn", Verdict.FAILED: "bad"}


class LinePane(ScrollView, can_focus=True):
    """The rows of one scrollback; at the end it follows, anywhere else it stands still."""

    COMPONENT_CLASSES: ClassVar[set[str]] = INK_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", show=False),
        Binding("down", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Start", show=False),
        Binding("end,G", "to_end", "End, follow", show=False),
    ]

    class Moved(Message):
        """The reader scrolled: the title may have to say something else."""

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._inks = StyleCache(self)
        self.scrollback = Scrollback()
        self._rows_dropped = 0
        self._placeholder = ""
        self.may_follow = True
        """False for what is read from its start."""
        self.following = True
        """True while new lines come into sight by themselves."""

    @property
    def bottom(self) -> int:
        """The number of the last row in sight, from 1."""
        return min(len(self.scrollback.rows), self.scroll_offset.y + self.size.height)

    @property
    def cursor_cell(self) -> Offset:
        """The find that the reader stands on, else the newest row while following, else the uppermost."""
        row = self.scrollback.here
        if row is not None:
            return Offset(MARGIN, row - self.scroll_offset.y)
        return Offset(MARGIN, max(0, self.bottom - 1 - self.scroll_offset.y) if self.following else 0)

    def turn_to(self, scrollback: Scrollback) -> None:
        """Draw another scrollback, from its end."""
        self.scrollback = scrollback
        self._wrap()
        self.action_to_end()

    def say_nothing(self, words: str) -> None:
        """What stands in the pane while it is empty; safe text."""
        if words != self._placeholder:
            self._placeholder = words
            self.refresh()

    def pull(self) -> None:
        """Draw what came since the last time."""
        at_end, top = self.following, self.scroll_offset.y
        gone = self.scrollback.rows_dropped - self._rows_dropped
        self._rows_dropped += gone
        self._measure(Size(self._width, len(self.scrollback.rows)))
        if at_end:
            self.action_to_end()
        elif gone:
            self._go_to(max(0, top - gone))
        self.refresh()

    def _measure(self, size: Size) -> None:
        """Be so long: where there is a scrollbar and stays one, nothing else on the screen has to move."""
        room = self.scrollable_content_region.height
        if self.show_vertical_scrollbar and size.width == self.virtual_size.width and size.height > room:
            self.set_reactive(LinePane.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    @property
    def room(self) -> int:
        """Columns for text."""
        return max(8, self._width - MARGIN)

    @property
    def _width(self) -> int:
        """Columns beside the scrollbar."""
        return self.scrollable_content_region.width

    def _wrap(self) -> None:
        self.scrollback.wrap(self.room)
        self._rows_dropped = self.scrollback.rows_dropped
        self.pull()
        self.scrollback.search(self.scrollback.needle, self.bottom)

    def search(self, needle: str) -> None:
        """Mark every row with ``needle`` and go to the nearest one."""
        self.scrollback.search(needle, self.bottom)
        self._show_find()

    def step_find(self, count: int) -> None:
        """Go ``count`` finds on or back."""
        self.scrollback.step(count)
        self._show_find()

    def _show_find(self) -> None:
        if self.scrollback.here is not None:
            self.bring_into_sight(self.scrollback.here)
        self.refresh()

    def bring_into_sight(self, row: int) -> None:
        """Scroll if it must be."""
        height = self.size.height
        if not 0 <= row - self.scroll_offset.y < height:
            self._go_to(max(0, row - height // 2))

    def text_in_sight(self) -> str:
        """The rows in sight as text, for the clipboard."""
        top = self.scroll_offset.y
        return "\n".join(row.text.rstrip() for row in self.scrollback.rows[top : top + self.size.height])

    @override
    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract("\n".join(row.text for row in self.scrollback.rows)), "\n"

    @override
    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def action_to_end(self) -> None:
        """Go to the end and follow."""
        self.following = self.may_follow
        self._go_to(self.max_scroll_y)

    def _go_to(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, immediate=True)

    @override
    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = self.may_follow and round(new_value) >= self.max_scroll_y
        self.post_message(self.Moved())

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        at_end = self.following
        self._wrap()
        if at_end:
            self.action_to_end()

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks.clear()

    @override
    def render_line(self, y: int) -> Strip:
        width, base = self._width, self._inks[""]
        index = y + self.scroll_offset.y
        if index >= len(self.scrollback.rows):
            text = self._glyphs.plain(self._placeholder) if y == 0 and not self.scrollback.rows else ""
            strip = Strip([Segment(" " * MARGIN + text, self._inks["quiet"])])
            return strip.adjust_cell_length(width, base)
        row = self.scrollback.rows[index]
        text_strip = Strip(self._segments(row, index)).apply_offsets(0, index)
        return Strip.join([Strip([self._margin(row)]), text_strip]).adjust_cell_length(width, base)

    def _margin(self, row: Row) -> Segment:
        if row.verdict is None or not row.first:
            return Segment(" " * MARGIN, self._inks[""])
        sign, ink = _VERDICT_SIGNS[row.verdict], _VERDICT_INKS[row.verdict]
        return Segment(getattr(self._glyphs, sign).ljust(MARGIN), self._inks[ink])

    def _segments(self, row: Row, index: int) -> list[Segment]:
        """The row's text: the node's colours, then finds, then what the mouse marked."""
        # A line that went well is coloured only in the margin; one that did not, as a whole.
        loud = row.verdict in (Verdict.FAILED, Verdict.WARNING)
        ink = "quiet" if row.heading else _VERDICT_INKS[row.verdict] if loud and row.verdict else ""
        layers = [
            Layer(span.start, span.end, self._inks[_SPAN_INKS.get(span.ink, span.ink or "strong")])
            for span in row.spans
        ]
        layers += self._find_layers(row.text, index)
        marked = self.text_selection.get_span(index) if self.text_selection else None
        if marked is not None:
            end = len(row.text) if marked[1] == -1 else marked[1]
            layers.append(Layer(marked[0], end, self.screen.get_component_rich_style("screen--selection")))
        return layered(self._glyphs.letters(row.text), self._inks[ink], layers)

    def _find_layers(self, text: str, index: int) -> list[Layer]:
        needle = self.scrollback.needle
        folded = text.casefold() if needle else ""
        if not needle or needle not in folded or len(folded) != len(text):
            return []
        style = self._inks["cursor" if index == self.scrollback.here else "found"]
        starts = [at for at in range(len(folded)) if folded.startswith(needle, at)]
        return [Layer(at, at + len(needle), style) for at in starts]
