"""A framed place for output with tabs: one pane, several streams, only the one in sight is read."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import events, on
from textual.content import Content
from typing_extensions import override

from tui.console.look.keys import named
from tui.console.panes.feed import Feed, attempts_of
from tui.console.panes.line_pane import LinePane
from tui.console.panes.searched_pane import SearchedPane
from tui.console.view_model import ViewModel
from tui.console.widgets.plain import frame_title
from tui.model.run import Node
from tui.model.steps import StepName, Tab, shown_in
from tui.text.sanitize import sanitize_line

TICK_S = 0.008
"""Seconds of a tick that go into reading: keys wait as long."""
Tabs = dict[str, tuple[StepName, ...]]
"""A tab's word and the steps whose output it shows."""

SIA_TABS: Tabs = {tab.value: shown_in(tab) for tab in (Tab.SIA, Tab.BUILD, Tab.LOG_IN)}
SERVICES_TABS: Tabs = {tab.value: shown_in(tab) for tab in (Tab.SERVICES, Tab.APPLICATIONS, Tab.REBOOT)}


class PaneSlot(SearchedPane):
    """Shows one tab's stream of the selected node."""

    def __init__(self, model: ViewModel, tabs: Tabs, *, id: str) -> None:  # noqa: A002
        super().__init__(model.glyphs, id=id)
        self._model, self._tabs = model, tabs
        self._tab = next(iter(tabs))
        self._feed: Feed | None = None
        self._node: str | None = None
        self._led_by: tuple[str, StepName] | None = None
        self._keys: Sequence[tuple[str, str]] = ()
        self._keys_below = ""
        """Those for which the title has no room."""
        self._draw_tabs()

    def follow_step(self, node: str, step: StepName | None) -> bool:
        """Turn to the tab of the step that is under way; True when that was news. A person's choice stays."""
        tab = next((tab for tab, steps in self._tabs.items() if step in steps), None)
        if step is None or tab is None or self._led_by == (node, step):
            return False
        self._led_by = (node, step)
        self._turn_to(tab)
        return True

    def next_tab(self) -> None:
        """Show the next tab."""
        tabs = list(self._tabs)
        self._turn_to(tabs[(tabs.index(self._tab) + 1) % len(tabs)])

    def _turn_to(self, tab: str) -> None:
        if tab != self._tab:
            self._tab = tab
            self._feed = None
            self._draw_tabs()

    def tick(self, node: Node | None) -> bool:
        """Read what is new of the selected node's output and paint it: called by the one shared tick.

        True when there was something.
        """
        if node is None:
            return False
        if self._feed is None or self._node != node.name:
            if self._node != node.name:
                self._led_by = None
            self._node = node.name
            self._feed = Feed(
                self._model.engine,
                node.name,
                self._tabs[self._tab],
                self._model.glyphs,
                named(self.app, "write", "w"),
            )
            self.pane.turn_to(self._feed.scrollback)
            self.end_search()
        if not self.pane.scrollback.rows:
            self.pane.say_nothing(self._nothing_yet(node))
        begun = time.perf_counter()
        pulled = self._feed.pull(node)
        while pulled and time.perf_counter() - begun < TICK_S and self._feed.pull(node):
            pass
        if pulled:
            self.pane.pull()
            self.draw_foot()
        return pulled

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
        return [(step, attempt.number) for step, attempt in attempts_of(node, self._tabs[self._tab])]

    @on(LinePane.Moved)
    def _moved(self, event: LinePane.Moved) -> None:
        event.stop()
        self.draw_foot()

    def name_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Stand these keys and their words beside the tabs, as many as fit."""
        self._keys = keys
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        parts: list[tuple[str, str]] = []
        for tab in self._tabs:
            here = tab == self._tab
            gap = "  " if parts else ""
            parts.append(
                (f"{gap}[{tab}]" if here else f"{gap}{tab}", "bold $ink-accent" if here else "$ink-quiet")
            )
        room = self.size.width - 6 - sum(len(text) for text, _ in parts)
        left = list(self._keys)
        while left and (needs := sum(map(len, left[0])) + 3) <= room:
            key, word = left.pop(0)
            parts += [(f"  {key}", "$ink-accent"), (f" {word}", "$ink-quiet")]
            room -= needs
        self._keys_below = "  ".join(f"{key} {word}" for key, word in left)
        frame_title(self, Content.assemble(*parts))
        self.draw_foot()

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        """A click on a tab's word turns to it."""
        at = event.screen_offset - self.region.offset
        column = 3  # behind the frame's corner
        for tab in self._tabs:
            end = column + len(tab) + (2 if tab == self._tab else 0)
            if at.y == 0 and column <= at.x < end:
                self._turn_to(tab)
                return
            column = end + 2

    @override
    def foot(self) -> str:
        where = self._where_in_it()
        both = f"{self._keys_below} · {where}" if self._keys_below and where else self._keys_below or where
        return both if len(both) <= self.size.width - 6 else where

    def _where_in_it(self) -> str:
        rows = len(self.pane.scrollback.rows)
        if not rows:
            return ""
        if self.pane.following:
            return "follow"
        if self.pane.scroll_offset.y == 0 and self.pane.scrollback.dropped:
            return f"{named(self.app, 'write', 'w')} writes earlier lines too"
        return f"row {self.pane.bottom} of {rows} · end follows"
