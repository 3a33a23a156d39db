"""A framed place for output with tabs: one pane, several streams, only the one in sight is read."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from tui.console.panes.feed import Feed
from tui.console.panes.line_pane import LinePane
from tui.console.view_model import ViewModel
from tui.model.run import Node
from tui.model.steps import StepName, Tab, shown_in
from tui.text.sanitize import sanitize_line

Tabs = dict[str, tuple[StepName, ...]]
"""A tab's word and the steps whose output it shows."""

SIA_TABS: Tabs = {tab.value: shown_in(tab) for tab in (Tab.SIA, Tab.BUILD, Tab.LOG_IN)}
SERVICES_TABS: Tabs = {tab.value: shown_in(tab) for tab in (Tab.SERVICES, Tab.APPLICATIONS, Tab.REBOOT)}


class SearchLine(Input):
    """The search entry at a pane's foot: enter or down for the next find, up for the one before."""

    def __init__(self) -> None:
        super().__init__(placeholder="search", classes="search", compact=True, select_on_focus=False)


class PaneSlot(Vertical):
    """Shows one tab's stream of the selected node."""

    def __init__(self, model: ViewModel, tabs: Tabs, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="box")
        self._model, self._tabs = model, tabs
        self._tab = next(iter(tabs))
        self._feed: Feed | None = None
        self._node: str | None = None
        self._led_by: tuple[str, StepName] | None = None
        self.pane = LinePane(model.glyphs, id=f"{id}-lines")
        self._search = SearchLine()

    def compose(self) -> ComposeResult:
        """The parts, in order."""
        yield self.pane
        yield self._search

    def on_mount(self) -> None:
        """Finish what needs the parts to be there."""
        self._search.display = False
        self._draw_frame()

    def holds(self, step: StepName) -> bool:
        """Whether one of the tabs shows this step."""
        return any(step in steps for steps in self._tabs.values())

    def follow_step(self, node: str, step: StepName | None) -> bool:
        """Turn to the tab of the step that is under way; True when that was news. A person's choice stays."""
        if step is None or not self.holds(step) or self._led_by == (node, step):
            return False
        self._led_by = (node, step)
        self._turn_to(next(tab for tab, steps in self._tabs.items() if step in steps))
        return True

    def next_tab(self) -> None:
        """Show the next tab."""
        tabs = list(self._tabs)
        self._turn_to(tabs[(tabs.index(self._tab) + 1) % len(tabs)])

    def _turn_to(self, tab: str) -> None:
        if tab != self._tab:
            self._tab = tab
            self._feed = None
            self._draw_frame()

    def tick(self, node: Node | None) -> None:
        """Read what is new of the selected node's output and paint it: called by the one shared tick."""
        if node is None:
            return
        if self._feed is None or self._node != node.name:
            if self._node != node.name:
                self._led_by = None
            self._node = node.name
            self._feed = Feed(self._model.engine, node.name, self._tabs[self._tab], self._model.glyphs)
            self.pane.show_ring(self._feed.ring)
            self.end_search()
        if not self.pane.book.rows:
            self.pane.say_nothing(self._nothing_yet(node))
        # The first bites of a long output come in one frame, later ones as they are written.
        bites = [self._feed.pull(node) for _ in range(3)]
        if any(bites):
            self.pane.pull()
            self._draw_frame()

    def _nothing_yet(self, node: Node) -> str:
        if node.steps and not any(step in node.steps for step in self._tabs[self._tab]):
            return f"{sanitize_line(node.name, 24)} has no such step"
        return "no output yet"

    @property
    def where(self) -> str:
        """``px04-SIA``: a name for a file."""
        return f"{self._node or 'node'}-{self._tab}".replace(" ", "-").replace("/", "_")

    @property
    def stream(self) -> list[tuple[StepName, int]]:
        """Every attempt whose output this tab shows, oldest first."""
        node = self._model.run.nodes.get(self._node or "")
        if node is None:
            return []
        attempts = [
            (attempt.started, step, attempt.number)
            for step in self._tabs[self._tab]
            if step in node.steps
            for attempt in node.steps[step].attempts
        ]
        return [(step, number) for _, step, number in sorted(attempts)]

    def begin_search(self) -> None:
        """Open the search entry."""
        self._search.display = True
        self._search.focus()
        self._draw_frame()

    def end_search(self) -> None:
        """Close the search entry; the reader stays where it led."""
        if self._search.display:
            self._search.value = ""
            self.pane.search("")
            self._search.display = False
            self.pane.focus()
        self._draw_frame()

    @on(Input.Changed)
    def _searching(self, event: Input.Changed) -> None:
        event.stop()
        self.pane.search(event.value)
        self._draw_frame()

    @on(Input.Submitted)
    def _next_find(self, event: Input.Submitted) -> None:
        event.stop()
        self.pane.step_find(1)
        self._draw_frame()

    def on_key(self, event: events.Key) -> None:
        """While searching: down and up go from find to find, esc ends it."""
        if not self._search.has_focus or event.key not in ("down", "up", "escape"):
            return
        event.stop()
        if event.key == "escape":
            self.end_search()
        else:
            self.pane.step_find(1 if event.key == "down" else -1)
            self._draw_frame()

    @on(LinePane.Moved)
    def _moved(self, event: LinePane.Moved) -> None:
        event.stop()
        self._draw_frame()

    def _draw_frame(self) -> None:
        parts: list[Content | tuple[str, str]] = []
        for tab in self._tabs:
            here = tab == self._tab
            gap = "  " if parts else ""
            word = f"[{tab}]" if here else tab
            parts.append((f"{gap}{word}", "bold $ink-accent" if here else "$ink-quiet"))
        self.border_title = Content.assemble(*parts)
        book = self.pane.book
        if self._search.display and book.needle:
            at, count = book.at + 1, len(book.found)
            words = f"{at} of {count}" if count else "not found"
        elif not book.rows:
            words = ""
        elif self.pane.following:
            words = "follow"
        elif self.pane.scroll_offset.y == 0 and self._feed is not None and self._feed.ring.dropped:
            words = "w writes earlier lines too"
        else:
            words = f"row {self.pane.bottom} of {len(book.rows)} · end follows"
        self.border_subtitle = (
            Content.styled(self._model.glyphs.plain(words), "$ink-quiet") if words else None
        )
