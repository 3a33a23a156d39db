"""A screen of lines to read: scroll, search, copy, back."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input

from tui.console.panes.line_pane import LinePane
from tui.console.panes.pane_slot import SearchLine
from tui.console.panes.ring import Scrollback
from tui.console.view_model import ViewModel
from tui.console.widgets.plain import Plain
from tui.text.terminal import Line


class DocumentScreen(Screen[None]):
    """Shows what ``lines`` gives; with ``live`` it is asked again every second."""

    CSS_PATH = "document.tcss"
    AUTO_FOCUS = "LinePane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+q,ctrl+c", "back", "Back", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]
    live: ClassVar[bool] = False
    from_end: ClassVar[bool] = False
    """Open at the end, not at the start."""

    def __init__(self, model: ViewModel, title: str) -> None:
        """``title`` is safe text."""
        super().__init__()
        self.model, self._title = model, title
        self.pane = LinePane(model.glyphs, id="lines")
        self._search = SearchLine()
        self._shown: list[Line] = []

    def lines(self, width: int) -> list[Line]:
        """The document, for a pane ``width`` columns wide."""
        raise NotImplementedError

    def hints(self) -> str:
        """What the keys do here."""
        return "/ search · y copy · esc back"

    def compose(self) -> ComposeResult:
        """The parts, in order."""
        with Vertical(id="document", classes="box"):
            yield self.pane
            yield self._search
        yield Plain(id="hints")

    def on_mount(self) -> None:
        """Finish what needs the parts to be there."""
        self._search.display = False
        glyphs = self.model.glyphs
        box = self.query_one("#document")
        box.border_title = Content.styled(glyphs.plain(self._title), "bold $ink-strong")
        self.query_one("#hints", Plain).show(Content.styled(f" {glyphs.plain(self.hints())}", "$ink-quiet"))
        if self.live:
            self.set_interval(1.0, self.renew)

    def renew(self) -> None:
        """Build the document again; the reader stays where he is."""
        if self.pane.size.width == 0:
            return
        lines = self.lines(self.pane.room)
        if lines == self._shown:
            return
        first = not self._shown
        at = 0 if first and not self.from_end else self.pane.scroll_offset.y
        stay = not self.pane.following or (first and not self.from_end)
        self._shown = lines
        ring = Scrollback(len(lines) + 1)
        ring.extend(lines)
        self.pane.show_ring(ring)
        if stay:
            self.pane.scroll_to(y=at, animate=False, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out anew for the new size."""
        self.call_after_refresh(self.renew)

    def action_back(self) -> None:
        """Back to the board."""
        self.dismiss(None)

    def action_search(self) -> None:
        """Open the search entry."""
        self._search.display = True
        self._search.focus()

    def action_copy(self) -> None:
        """Copy the marked text, or what is in sight."""
        self.app.copy_to_clipboard(self.get_selected_text() or self.pane.text_in_sight())

    @on(Input.Changed)
    def _searching(self, event: Input.Changed) -> None:
        self.pane.search(event.value)
        self._say_finds()

    @on(Input.Submitted)
    def _next(self) -> None:
        self.pane.step_find(1)
        self._say_finds()

    def _say_finds(self) -> None:
        book = self.pane.book
        words = f"{book.at + 1} of {len(book.found)}" if book.found else "not found"
        box = self.query_one("#document")
        box.border_subtitle = Content.styled(words, "$ink-quiet") if book.needle else None

    def on_key(self, event: events.Key) -> None:
        """While searching: down and up go from find to find, esc ends it."""
        if not self._search.has_focus or event.key not in ("down", "up", "escape"):
            return
        event.stop()
        if event.key == "escape":
            self._search.value = ""
            self._search.display = False
            self.pane.focus()
        else:
            self.pane.step_find(1 if event.key == "down" else -1)
            self._say_finds()
