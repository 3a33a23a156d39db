"""A framed part of a screen with a search line at its foot, which a key opens and esc closes."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input
from typing_extensions import override


class SearchBox(Vertical):
    """What is searched, and how, is up to those that derive from it."""

    def __init__(self, body: Widget, *, id: str, placeholder: str = "search") -> None:  # noqa: A002
        super().__init__(id=id, classes="box")
        self._body = body
        self.search = Input(
            placeholder=placeholder, classes="search", compact=True, select_on_focus=False, max_length=200
        )
        self.search.display = False

    @override
    def compose(self) -> ComposeResult:
        yield self._body
        yield self.search

    def search_for(self, words: str) -> None:
        """The words in the line changed."""

    def step(self, count: int) -> None:
        """Go ``count`` finds on or back: the arrows."""

    def enter(self) -> None:
        """Enter was pressed."""
        self.step(1)

    def begin_search(self) -> None:
        """Open the line."""
        self.search.display = True
        self.search.focus()

    def end_search(self) -> None:
        """Close the line; the reader stays where it led."""
        if self.search.display:
            self.search.value = ""
            self.search.display = False
            self._body.focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.search_for(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.enter()

    @on(events.Key)
    def _typed(self, event: events.Key) -> None:
        keys: dict[str, Callable[[], object]] = {
            "escape": self.end_search,
            "down": lambda: self.step(1),
            "up": lambda: self.step(-1),
            "pagedown": lambda: self._body.scroll_page_down(animate=False),
            "pageup": lambda: self._body.scroll_page_up(animate=False),
        }
        if self.search.has_focus and event.key in keys:
            event.stop()
            keys[event.key]()
