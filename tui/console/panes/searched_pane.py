"""A pane of lines in its frame, with a search that counts and walks."""

from __future__ import annotations

from textual.content import Content
from typing_extensions import override

from tui.console.look.glyphs import Glyphs
from tui.console.panes.line_pane import LinePane
from tui.console.widgets.plain import frame_foot
from tui.console.widgets.search_box import SearchBox


class SearchedPane(SearchBox):
    """The frame's foot says which find of how many the reader stands on."""

    def __init__(self, glyphs: Glyphs, *, id: str) -> None:  # noqa: A002
        self.pane = LinePane(glyphs)
        self._glyphs = glyphs
        super().__init__(self.pane, id=id)

    @override
    def search_for(self, words: str) -> None:
        self.pane.search(words)
        self.draw_foot()

    @override
    def step(self, count: int) -> None:
        self.pane.step_find(count)
        self.draw_foot()

    @override
    def end_search(self) -> None:
        super().end_search()
        self.search_for("")

    def foot(self) -> str:
        """What stands there while nothing is searched."""
        return ""

    def draw_foot(self) -> None:
        """Say where the reader is."""
        scrollback = self.pane.scrollback
        words = self.foot()
        if self.search.display and scrollback.needle:
            found = len(scrollback.found)
            where = f"{scrollback.at + 1} of {found}" if found else "not found"
            walk = " · enter next · up back · esc ends" if found else " · esc ends"
            words = where + walk if len(where + walk) <= self.size.width - 6 else where
        frame_foot(self, Content.styled(self._glyphs.plain(words), "$ink-quiet") if words else None)
