"""Every key, and the signs: found by typing, run by enter or a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from textual import events, on
from textual.content import Content
from typing_extensions import override

from tui.console.look.glyphs import Glyphs
from tui.console.panes.searched_pane import SearchedPane
from tui.console.screens.document import DocumentScreen
from tui.console.view.lines import Part, hanging, heading
from tui.console.widgets.plain import Plain
from tui.text.terminal import Line

_ALSO = (
    ("arrows", "In the nodes: choose whose steps and output are shown. In a pane: scroll."),
    ("end", "In a pane: go to the end and follow what is written."),
    ("esc", "Leave a search, a filter, a dialog or a screen; nothing is decided by it."),
    ("f1", "This help, where letters are text: in a dialog that asks for a line, or a search."),
    ("ctrl+p", "The palette: find any command by its name."),
    ("ctrl+l", "Draw the screen anew, where another program has written over it."),
)


class KeyHelp(NamedTuple):
    """What the help says of a command; ``id`` is what it is run by."""

    id: str
    group: str
    keys: str
    word: str
    sentence: str
    dangerous: bool


class Finder(SearchedPane):
    """A search line that is always open, for choosing instead of walking."""

    def __init__(
        self,
        glyphs: Glyphs,
        typed: Callable[[str], None],
        moved: Callable[[int], None],
        chosen: Callable[[], None],
        left: Callable[[], None],
    ) -> None:
        super().__init__(glyphs, id="document")
        self.search.display = True
        self.search.placeholder = "type to find a command"
        self._typed_words, self._moved, self._chosen, self._left = typed, moved, chosen, left

    @override
    def search_for(self, words: str) -> None:
        self._typed_words(words)

    @override
    def step(self, count: int) -> None:
        self._moved(count)

    @override
    def enter(self) -> None:
        self._chosen()

    @override
    def end_search(self) -> None:
        self._left()


class HelpScreen(DocumentScreen):
    """Made from the same commands as the keys, the footer and the palette; its answer is a command's id."""

    TITLE = "Help"
    AUTO_FOCUS = "Input"

    def __init__(self, glyphs: Glyphs, keys: Sequence[KeyHelp], refuse: Callable[[str], str]) -> None:
        """``refuse`` says why a command cannot be run now; empty when it can."""
        self._keys, self._refuse = keys, refuse
        self._needle = ""
        self._at = -1
        """Which of the commands shown is the chosen one; -1 without one."""
        self._rows: list[tuple[int, int, str]] = []
        """First row, the row behind the last one and id of each command shown."""
        super().__init__(glyphs)

    @override
    def make_box(self) -> SearchedPane:
        return Finder(self.glyphs, self._find, self._move, self._choose, self.action_back)

    @override
    def hints(self) -> str:
        return "enter run · up down choose · esc back"

    def _find(self, words: str) -> None:
        self._needle = words.strip().casefold()
        self._at = 0 if self._needle else -1
        self._draw()

    def _move(self, count: int) -> None:
        self._at = max(0, min(self._at + count, len(self._rows) - 1))
        self._draw()

    def _draw(self) -> None:
        self.renew()
        self.show_frame()
        if 0 <= self._at < len(self._rows):
            self.pane.bring_into_sight(self._rows[self._at][0])

    def _choose(self) -> None:
        if not 0 <= self._at < len(self._rows):
            return
        name = self._rows[self._at][2]
        if reason := self._refuse(name):
            words = Content.styled(f" {self.glyphs.plain(f'not now: {reason}')}", "$ink-warn")
            self.query_one("#hints", Plain).show(words)
        else:
            self.dismiss(name)

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        if not self.pane.content_region.contains_point(event.screen_offset):
            return
        row = event.screen_offset.y - self.pane.content_region.y + self.pane.scroll_offset.y
        for place, (start, end, _) in enumerate(self._rows):
            if start <= row < end:
                self._at = place
                self._draw()
                self._choose()
                return

    def _shows(self, *words: str) -> bool:
        text = " ".join(words).casefold()
        return all(part in text for part in self._needle.split())

    @override
    def lines(self, width: int) -> list[Line]:
        found: list[Line] = []
        self._rows = []
        shown = [key for key in self._keys if self._shows(key.keys, key.word, key.sentence)]
        for group, keys in groupby(shown, key=lambda key: key.group):
            found += heading(group)
            for key in keys:
                here = len(self._rows) == self._at
                head: list[Part] = [
                    (f"{self.glyphs.busy} " if here else "  ", "busy"),
                    (f"{key.keys:<12}", "accent"),
                    (f"{key.word:<14}", "bad" if key.dangerous else "strong" if here else ""),
                ]
                rows = hanging(head, key.sentence, width, self.glyphs, "strong" if here else "")
                # Of the heading's blank line the first one is left out.
                self._rows.append((len(found) - 1, len(found) - 1 + len(rows), key.id))
                found += rows
        self._at = min(self._at, len(self._rows) - 1)
        for title, rows_of in (("Everywhere", self._everywhere), ("Signs", self._signs)):
            if told := [row for row in rows_of() if self._shows(row[0][0], row[1])]:
                found += heading(title)
                for sign, words in told:
                    found += hanging([sign], words, width, self.glyphs)
        return found[1:] or hanging([], f"No command has “{self._needle}”.", width, self.glyphs, "quiet")

    def _everywhere(self) -> list[tuple[tuple[str, str], str]]:
        return [((f"  {also:<26}", "accent"), sentence) for also, sentence in _ALSO]

    def _signs(self) -> list[tuple[tuple[str, str], str]]:
        glyphs = self.glyphs
        signs = (
            (glyphs.done, "ok", "done, or a line of output that reports success"),
            (glyphs.turn, "accent", "waits for you"),
            (glyphs.busy, "busy", "at work"),
            (glyphs.bad, "bad", "failed or down; a person is needed, or a line reports a failure"),
            (glyphs.warn, "warn", "a warning: not well, out by this run, gone past or canceled"),
            (glyphs.open, "accent", "waits for its turn"),
            (glyphs.idle, "quiet", "still to do"),
            (glyphs.held, "held", "held: the run keeps its hands off"),
            (glyphs.passed_over, "held", "skipped, or not needed; never the same as done"),
        )
        return [((f"  {sign:<26}", ink), words) for sign, ink, words in signs]
