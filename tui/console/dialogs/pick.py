"""Which node is next: one line a node, and a few lines about the one that the cursor is on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.content import Content
from typing_extensions import override

from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.stale import StaleCheck
from tui.console.view.text import behind, fit, shorten, wrapped
from tui.console.widgets.plain import Plain

Rows = Sequence[tuple[str, str]]
WORD = 13
"""Columns of the words before the lines."""
LOW = 30
"""A terminal with fewer rows than that gets one line for each word."""
MOST = 7


class PickDialog(ChooseDialog):
    """The items are nodes; ``about`` gives the lines of one, in safe text."""

    numbered = False

    def __init__(
        self,
        items: Sequence[Item],
        about: Callable[[int], Rows],
        *,
        stale: StaleCheck,
        fresh: Callable[[], Sequence[Item]],
    ) -> None:
        super().__init__("Pick the next node", items, stale=stale, fresh=fresh)
        self._about = about
        self._widest = max((len(item.word) for item in items), default=0)

    @override
    def below(self) -> Iterable[Plain]:
        yield Plain(id="about")

    @override
    def rows_below(self) -> int:
        return 1 + MOST * self._lines_each

    @property
    def _lines_each(self) -> int:
        return 1 if self.app.size.height < LOW else 2

    @override
    def prompt(self, item: Item, *, here: bool) -> Content:
        grey, glyphs = bool(item.why_not), self.glyphs
        sign = glyphs.idle if grey else glyphs.live if item.recommended else glyphs.open
        ink = "$ink-quiet" if grey else "$ink-accent" if item.recommended else ""
        words = f"not now: {item.why_not}" if grey else item.sentence
        words = f"proposed: {words}" if item.recommended and not grey else words
        line = Content.assemble(
            (f"{glyphs.busy} " if here else "  ", "$ink-busy"),
            (f"{sign} ", ink),
            (f"{glyphs.plain(item.word):<{self._widest}}", f"bold {ink}".strip()),
            (f"  {glyphs.plain(words)}", "$ink-quiet"),
        )
        return shorten(line, self.room - 4, glyphs)

    @override
    def turned_to(self, index: int) -> None:
        room, lines = self.room - WORD - 2, []
        for word, text in self._about(index)[:MOST]:
            pieces = wrapped(self.glyphs.plain(text), room)
            if len(pieces) > self._lines_each:
                rest = " ".join(pieces[self._lines_each - 1 :])
                pieces = [*pieces[: self._lines_each - 1], fit(rest, room, self.glyphs)]
            lines += behind(f"{word:<{WORD}}", "$ink-quiet", pieces, "")
        below = self.query_one("#about", Plain)
        below.display = bool(lines)
        below.show(Content("\n").join(lines))
