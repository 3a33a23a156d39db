"""Every event: when, who, where, what."""

from __future__ import annotations

from typing_extensions import override

from tui.console.screens.document import RunScreen
from tui.console.view.journal import sentence
from tui.console.view.lines import hanging
from tui.console.view.text import fit
from tui.console.view_model import ViewModel
from tui.model.events import AttemptOutput, Event
from tui.text.durations import time_of_day
from tui.text.narrate import where
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line


class JournalScreen(RunScreen):
    """The newest event is at the end; output marks are left out, for there is one a moment."""

    TITLE = "Journal"
    live = True
    from_end = True

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model)
        self._made: list[Line] = []
        self._upto = 0
        self._width = 0
        self._time = ""
        """Of the last event told: the same again is dimmed."""

    @override
    def lines(self, width: int) -> list[Line]:
        model = self.model
        if width != self._width:
            self._made, self._upto, self._width = [], model.heard - len(model.events), width
            self._time = ""
        fresh = model.heard - self._upto
        self._upto = model.heard
        for event in list(model.events)[len(model.events) - fresh :] if fresh else []:
            if event.type != AttemptOutput.type:
                self._made += self._lines_of(event, width)
        return list(self._made)

    def _lines_of(self, event: Event, width: int) -> list[Line]:
        glyphs = self.model.glyphs
        text, ink = sentence(event)
        time, before = time_of_day(event.time), self._time
        self._time = time
        place = 26 if width >= 100 else 20
        who = 16 if width >= 100 else 0
        head = [
            (f"{time}  ", "quiet" if time == before else ""),
            (fit(sanitize_line(where(event), 80), place, glyphs) + "  ", "strong" if event.node else "quiet"),
            *([(fit(sanitize_line(event.actor, 40), who, glyphs) + "  ", "quiet")] if who else []),
        ]
        return hanging(list(head), text, width, glyphs, ink)
