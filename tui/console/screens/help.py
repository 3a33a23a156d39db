"""Every key, from the command table, and the signs."""

from __future__ import annotations

from itertools import groupby

from tui.console.commands.table import COMMANDS
from tui.console.panes.lines import hanging, heading, line
from tui.console.screens.document import DocumentScreen
from tui.console.view_model import ViewModel
from tui.text.terminal import Line

_ALSO = (
    ("arrows", "In the nodes: choose whose steps and output are shown. In a pane: scroll."),
    ("end", "In a pane: go to the end and follow what is written."),
    ("esc", "Leave a search, a filter, a dialog or a screen; nothing is decided by it."),
    ("ctrl+p", "The palette: find any command by its name."),
)


class HelpScreen(DocumentScreen):
    """Made from the same table as the keys, the footer and the palette."""

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model, "Help")

    def lines(self, width: int) -> list[Line]:
        """Keys by group, then signs."""
        glyphs = self.model.glyphs
        found: list[Line] = []
        for group, commands in groupby(COMMANDS, key=lambda command: command.group):
            found += heading(group)
            for command in commands:
                keys = ", ".join([command.key, *[k for k in command.keys.split(",")[1:] if k != "ctrl+c"]])
                word_ink = "bad" if command.dangerous else ""
                head = [(f"  {keys:<12}", "accent"), (f"{command.word:<14}", word_ink)]
                found += hanging(list(head), command.sentence, width, glyphs)
        found += heading("Everywhere")
        for key, sentence in _ALSO:
            found += hanging([(f"  {key:<26}", "accent")], sentence, width, glyphs)
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
