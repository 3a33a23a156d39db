"""The footer: the keys that matter most, grey ones greyed, as many as the width holds."""

from __future__ import annotations

from typing import NamedTuple

from textual import events, on
from textual.content import Content
from textual.message import Message

from tui.console.widgets.plain import Plain


class KeyHint(NamedTuple):
    """One key of the footer."""

    id: str
    key: str
    word: str
    enabled: bool
    importance: int
    """1 stays longest when the footer is narrow."""


class KeyBar(Plain):
    """Draws key hints; a click on one is as good as its key."""

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def draw(self, hints: list[KeyHint], width: int) -> None:
        """Show these hints, dropping the least important ones that do not fit."""
        kept = sorted(hints, key=lambda hint: hint.importance)
        while kept and sum(_length(hint) for hint in kept) + 1 > width:
            kept.pop()
        parts: list[str | tuple[str, str]] = [" "]
        self._places, column = [], 1
        for hint in (hint for hint in hints if hint in kept):
            parts.append((hint.key, "bold $ink-accent" if hint.enabled else "$ink-quiet"))
            parts.append((f" {hint.word}  ", "" if hint.enabled else "$ink-quiet"))
            self._places.append((column, column + _length(hint), hint.id))
            column += _length(hint)
        self.show(Content.assemble(*parts), layout=False)

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        for start, end, command in self._places:
            if start <= event.x < end:
                self.post_message(self.Pressed(command))


def _length(hint: KeyHint) -> int:
    return len(hint.key) + len(hint.word) + 3
