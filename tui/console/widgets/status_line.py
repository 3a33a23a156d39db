"""The line that says why, and for a while the answer to the last key."""

from __future__ import annotations

from collections.abc import Callable

from tui.console.look.glyphs import Glyphs
from tui.console.view.status import status
from tui.console.widgets.plain import Plain
from tui.rollout.interface import Advice

SAID_FOR = 80
"""Ticks for which an answer stays."""


class StatusLine(Plain):
    """Keeps the answer; the advice comes anew with each drawing."""

    def __init__(self, glyphs: Glyphs, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self.said = ""
        self._well = False
        """The answer tells of something done rather than refused."""
        self._still: Callable[[], bool] = bool
        self._ticks = 0

    def say(self, sentence: str, *, well: bool = False, still: Callable[[], bool] = lambda: True) -> None:
        """Let an answer stand for a while, as long as it is ``still`` true; nothing ends one that stands."""
        self.said, self._well, self._still = sentence, well, still
        self._ticks = SAID_FOR if sentence else 0

    def add(self, sentence: str) -> None:
        """Say this behind what stands, for as long as that is true."""
        if sentence not in self.said:
            still = self._still if self.said else lambda: True
            self.say(f"{self.said}. {sentence}" if self.said else sentence, still=still)

    def tick(self, changed: bool) -> bool:
        """Let time pass; True when the answer has stood long enough, or ``changed`` made it untrue."""
        if not self._ticks:
            return False
        self._ticks = 0 if changed and not self._still() else self._ticks - 1
        if not self._ticks:
            self.said = ""
        return not self._ticks

    def draw(self, advice: Advice, width: int, most: int) -> None:
        """Show why, and what to do next or the answer, each in at most ``most`` lines."""
        self.show(status(advice, self.said, width, self._glyphs, well=self._well, most=most), rows=True)
