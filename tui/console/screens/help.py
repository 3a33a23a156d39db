"""Every key, and the signs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from typing_extensions import override

from tui.console.screens.document import DocumentScreen
from tui.console.view.lines import hanging, heading, line
from tui.console.view_model import ViewModel
from tui.text.terminal import Line

_ALSO = (
    ("arrows", "In the nodes: choose whose steps and output are shown. In a pane: scroll."),
    ("end", "In a pane: go to the end and follow what is written."),
    ("esc", "Leave a search, a filter, a dialog or a screen; nothing is decided by it."),
    ("ctrl+p", "The palette: find any command by its name."),
)


class KeyHelp(NamedTuple):
    """What the help says of a key."""

    group: str
    keys: str
    word: str
    sentence: str
    dangerous: bool


class HelpScreen(DocumentScreen):
    """Made from the same commands as the keys, the footer and the palette."""

    TITLE = "Help"

    def __init__(self, model: ViewModel, keys: Sequence[KeyHelp]) -> None:
        super().__init__(model)
        self._keys = keys

    @override
    def lines(self, width: int) -> list[Line]:
        glyphs = self.model.glyphs
        found: list[Line] = []
        for group, keys in groupby(self._keys, key=lambda key: key.group):
            found += heading(group)
            for key in keys:
                word = (f"{key.word:<14}", "bad" if key.dangerous else "")
                found += hanging([(f"  {key.keys:<12}", "accent"), word], key.sentence, width, glyphs)
        found += heading("Everywhere")
        for also, sentence in _ALSO:
            found += hanging([(f"  {also:<26}", "accent")], sentence, width, glyphs)
        found += heading("Signs")
        signs = (
            (glyphs.done, "ok", "done, or a line of output that reports success"),
            (glyphs.busy, "busy", "at work"),
            (glyphs.bad, "bad", "failed or not well; a person is needed, or a line reports a failure"),
            (glyphs.open, "accent", "waits: for its turn, or for your confirmation"),
            (glyphs.idle, "quiet", "still to do"),
            (glyphs.held, "held", "held: the run keeps its hands off"),
            (glyphs.passed_over, "held", "skipped, or not needed; never the same as done"),
        )
        for sign, ink, words in signs:
            found.append(line((f"  {sign:<26}", ink), glyphs.plain(words)))
        return found[1:]
