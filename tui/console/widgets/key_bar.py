"""The footer: the keys that work now, then in brackets those that wait, as many as the width holds."""

from __future__ import annotations

from typing import Any, NamedTuple

from textual import events, on
from textual.app import App
from textual.content import Content
from textual.message import Message

from tui.console.look.glyphs import Glyphs
from tui.console.look.keys import name_of
from tui.console.widgets.plain import Plain

_OPEN, _CLOSE = "(", ": later) "


class KeyHint(NamedTuple):
    """One key of the footer."""

    id: str
    key: str
    word: str
    enabled: bool
    importance: int
    """1 stays longest when the footer is narrow."""


class KeyBar(Plain):
    """Draws key hints; a click on one is as good as its key, and one that waits says why it does."""

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def draw(self, hints: list[KeyHint], width: int) -> None:
        """Show the hints in their order, those that wait behind the others and without their words."""
        later = [hint for hint in hints if not hint.enabled]
        behind = len(_OPEN) + sum(len(hint.key) + 1 for hint in later) - 1 + len(_CLOSE) if later else 0
        kept = sorted((hint for hint in hints if hint.enabled), key=lambda hint: hint.importance)
        while kept and sum(_length(hint) for hint in kept) + 1 + behind > width:
            kept.pop()
        parts: list[str | tuple[str, str]] = [" "]
        self._places, column = [], 1
        for hint in (hint for hint in hints if hint in kept):
            parts += [(hint.key, "bold $ink-accent"), f" {hint.word}  "]
            self._places.append((column, column + _length(hint), hint.id))
            column += _length(hint)
        if later:
            column = max(column, width - behind)
            parts += [" " * (column - sum(_length(hint) for hint in kept) - 1), (_OPEN, "$ink-quiet")]
            column += len(_OPEN)
            for hint in later:
                self._places.append((column, column + len(hint.key), hint.id))
                column += len(hint.key) + 1
            parts.append((" ".join(hint.key for hint in later) + _CLOSE, "$ink-quiet"))
        self.show(Content.assemble(*parts), rows=True)

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        for start, end, command in self._places:
            if start <= event.x < end:
                self.post_message(self.Pressed(command))


def _length(hint: KeyHint) -> int:
    return len(hint.key) + len(hint.word) + 3


def key_at(hints: str, column: int) -> str | None:
    """Textual's name of the key whose hint stands at ``column`` of ``/ search · esc back``."""
    start = 0
    for hint in hints.split(" · "):
        if start <= column < start + len(hint):
            return name_of(hint.split()[0].replace("esc", "escape"))
        start += len(hint) + 3
    return None


def press(app: App[Any], key: str) -> None:
    """As if the key had been pressed; later, as the app's own: from inside a dialog it would get lost."""
    app.call_later(app.simulate_key, key)


class HintLine(Plain):
    """The last line of a document; a click on a hint presses its key."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._hints = ""

    def draw(self, hints: str, glyphs: Glyphs) -> None:
        """Show ``/ search · esc back``."""
        self._hints = hints
        self.show(Content.styled(f" {glyphs.plain(hints)}", "$ink-quiet"))

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        if (key := key_at(self._hints, event.x - 1)) is not None:
            press(self.app, key)
