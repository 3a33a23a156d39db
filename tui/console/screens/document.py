"""A screen of lines to read: scroll, search, copy, back."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from typing_extensions import override

from tui.console.look.glyphs import Glyphs
from tui.console.look.keys import named
from tui.console.panes.scrollback import Scrollback
from tui.console.panes.searched_pane import SearchedPane
from tui.console.view_model import ViewModel
from tui.console.widgets.key_bar import HintLine
from tui.console.widgets.plain import frame_title
from tui.text.terminal import Line


class DocumentScreen(Screen[str]):
    """Shows what ``lines`` gives under its title (safe text); with ``live`` it is asked every second."""

    CSS_PATH = "document.tcss"
    AUTO_FOCUS = "LinePane"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("q,ctrl+q,ctrl+c", "back", "Back", show=False, id="quit"),
        Binding("slash", "search", "Search", show=False, id="search"),
        Binding("y", "copy", "Copy", show=False, id="copy"),
    ]
    live: ClassVar[bool] = False
    from_end: ClassVar[bool] = False
    """Open at the end, not at the start, and follow it."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.box = self.make_box()
        self.pane = self.box.pane
        self.pane.may_follow = self.pane.following = self.from_end
        self._shown: list[Line] = []

    def make_box(self) -> SearchedPane:
        """The frame with its pane."""
        return SearchedPane(self.glyphs, id="document")

    def lines(self, width: int) -> list[Line]:
        """The document, for a pane ``width`` columns wide."""
        raise NotImplementedError

    def hints(self) -> str:
        """What the keys do here."""
        return f"{named(self.app, 'search', '/')} search · {named(self.app, 'copy', 'y')} copy · esc back"

    @override
    def compose(self) -> ComposeResult:
        yield self.box
        yield HintLine(id="hints")

    @on(events.Mount)
    def _begin(self) -> None:
        self.show_frame()
        if self.live:
            self.set_interval(1.0, self.renew)

    def show_frame(self) -> None:
        """The title above the document, and what the keys do below it."""
        plain = self.glyphs.plain
        frame_title(self.box, Content.styled(plain(self.title or ""), "bold $ink-strong"))
        self.query_one("#hints", HintLine).draw(self.hints(), self.glyphs)

    def renew(self) -> None:
        """Build the document again; the reader stays where he is."""
        if self.pane.size.width == 0:
            return
        lines = self.lines(self.pane.room)
        if lines == self._shown:
            return
        at, stay = self.pane.scroll_offset.y, not self.pane.following
        self._shown = lines
        scrollback = Scrollback(len(lines) + 1)
        scrollback.extend(lines)
        self.pane.turn_to(scrollback)
        if stay:
            self.pane.scroll_to(y=at, animate=False, immediate=True)

    @on(events.Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self.renew)

    def action_back(self) -> None:
        """Back to the board."""
        self.dismiss(None)

    def action_search(self) -> None:
        """Open the search entry."""
        self.box.begin_search()

    def action_copy(self) -> None:
        """Copy the marked text, or what is in sight."""
        self.app.copy_to_clipboard(self.get_selected_text() or self.pane.text_in_sight())


class RunScreen(DocumentScreen):
    """A document about the run."""

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model.glyphs)
        self.model = model
