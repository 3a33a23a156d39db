"""One of several things: each with a word, a sentence, and, when it is not possible now, the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from typing_extensions import override

from tui.console.dialogs.base import Dialog, Frame
from tui.console.dialogs.stale import StaleCheck
from tui.console.look.glyphs import Glyphs
from tui.console.view.text import wrapped
from tui.console.widgets.plain import Plain

LOW = 30
"""Rows below which a screen is low."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be chosen; the words are safe text."""

    word: str
    sentence: str
    why_not: str = ""
    """Why it cannot be chosen now; shown, and said when it is tried."""
    recommended: bool = False
    dangerous: bool = False
    default: bool = False
    """The cursor starts here, though nothing is recommended."""


class ChooseDialog(Dialog[int]):
    """Arrows and enter, or the number of a choice, or letters to narrow a long list down; the answer is the
    item's index.
    """

    numbered: ClassVar[bool] = True
    """Where there are few, a digit takes one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("backspace", "erase", show=False)]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (LOW, "-high")]  # noqa: RUF012 - as the base class declares it

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        *,
        intro: Content | None = None,
        hint: str = "enter choose · esc back",
        stale: StaleCheck | None = None,
        fresh: Callable[[], Sequence[Item]] | None = None,
    ) -> None:
        """``fresh`` gives the same items, in the same order, as they are now: asked twice a second."""
        super().__init__(title, hint=hint, stale=stale)
        self._items, self._intro, self._fresh = tuple(items), intro, fresh
        if self._has_numbers:
            self._hint = f"1-{len(self._items)} or {self._hint}"
        self._needle = ""
        self._listed: list[int] = []
        self._here = -1
        self._most = 26
        """Rows for the items."""
        self._drawn_for = (0, False)
        """Columns that the items are wrapped at, and whether they are in short."""
        self._in_short = False
        """There is no room for all sentences: only the item under the cursor has its own."""

    @override
    def compose(self) -> ComposeResult:
        with Frame(wide=True):
            if self._intro is not None:
                yield Plain(self._intro, id="intro")
            yield OptionList(id="items", markup=False)
            yield Plain(id="more")
            yield from self.below()
            yield Plain(id="narrowed")

    def below(self) -> Iterable[Plain]:
        """What else stands below the list."""
        return ()

    def rows_below(self) -> int:
        """How many rows are kept for that."""
        return 0

    def prompt(self, item: Item, *, here: bool) -> Content:
        """How an item stands in the list; ``here``: the cursor is on it."""
        number = self._items.index(item) + 1 if self._has_numbers else 0
        return _prompt(item, self.glyphs, self.room - 2, here, number, here or not self._in_short)

    @property
    def _has_numbers(self) -> bool:
        return self.numbered and 1 < len(self._items) <= 9

    def turned_to(self, index: int) -> None:
        """The cursor is on this item now, or the item has changed below it."""

    @on(events.Mount)
    def _list_items(self) -> None:
        self._list()
        items = self.query_one(OptionList)
        items.focus()
        starts = [i for i, item in enumerate(self._items) if item.recommended and not item.why_not]
        starts += [i for i, item in enumerate(self._items) if item.default]
        items.highlighted = (starts or [0])[0] if self._items else None
        self.call_after_refresh(self._fit)
        if self._fresh is not None:
            self.set_interval(0.5, self._renew)

    @on(events.Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Let the list scroll by itself where it is longer than the terminal: its cursor then stays in sight.

        Two rows below it are kept for the reason why an item cannot be chosen.
        """
        intro = self.query_one("#intro").outer_size.height if self._intro is not None else 0
        height = self.app.size.height
        rows = height * 95 // 100 - (2 if height < LOW else 4) - intro - 3 - self.rows_below()
        self._most = max(2, min(26, rows))
        self.query_one(OptionList).styles.max_height = self._most
        self._in_short = False
        self._in_short = self._rows > self._most
        if self._drawn_for != (self.room, self._in_short):
            for place in range(len(self._listed)):
                self._draw(place)
            self._drawn_for = self.room, self._in_short
            self._look_below()
        self.call_after_refresh(self._tell_more)

    @property
    def _rows(self) -> int:
        """How many all the items take."""
        drawn = [self.prompt(self._items[i], here=at == self._here) for at, i in enumerate(self._listed)]
        return sum(prompt.plain.count("\n") + 1 for prompt in drawn)

    def _tell_more(self) -> None:
        """Choices below the fold are said to be there."""
        items, more = self.query_one(OptionList), self.query_one("#more", Plain)
        more.display = self._rows > items.scroll_offset.y + self._most
        more.show(Content.styled(f"{self.glyphs.more} more below", "$ink-quiet"))

    def _renew(self) -> None:
        """Draw the items as they are now; the cursor stays."""
        before, self._items = self._items, tuple(self._fresh()) if self._fresh else self._items
        for place, index in enumerate(self._listed):
            if before[index] != self._items[index]:
                self._draw(place)
        self._look_below()

    def _look_below(self) -> None:
        if 0 <= self._here < len(self._listed):
            self.turned_to(self._listed[self._here])

    def _draw(self, place: int) -> None:
        item = self._items[self._listed[place]]
        prompt = self.prompt(item, here=place == self._here)
        items = self.query_one(OptionList)
        before = str(items.get_option_at_index(place).prompt)
        items.replace_option_prompt_at_index(place, prompt)
        if before.count("\n") != prompt.plain.count("\n"):
            items.refresh(layout=True)

    def _list(self) -> None:
        needle = self._needle.casefold()
        self._listed = [
            index
            for index, item in enumerate(self._items)
            if not needle or needle in f"{item.word} {item.sentence}".casefold()
        ]
        items = self.query_one(OptionList)
        self._here, self._drawn_for = -1, (self.room, self._in_short)
        items.clear_options()
        items.add_options([Option(self.prompt(self._items[i], here=False)) for i in self._listed])
        if self._listed:
            items.highlighted = 0
        narrowed = f"only with “{self._needle}”: {len(self._listed)} of {len(self._items)}" if needle else ""
        self._say(narrowed, "$ink-quiet")

    def _say(self, words: str, ink: str) -> None:
        """Below the list: what it was narrowed to, or why an item cannot be chosen."""
        line = self.query_one("#narrowed", Plain)
        line.display = bool(words)
        line.show(Content.styled(self.glyphs.plain(words), ink))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters narrow a long list down: they are text there."""
        return len(self._items) > 12 and bool(character) and str(character).isprintable() and character != " "

    def on_key(self, event: events.Key) -> None:
        """A digit takes the choice of that number; letters narrow a long list down."""
        key = event.character or ""
        if self._has_numbers and key.isdecimal() and 0 < int(key) <= len(self._items):
            self._choose(int(key) - 1)
            event.stop()
        elif len(self._items) > 12 and event.is_printable and event.character and event.character != " ":
            self._needle += event.character
            self._list()
            event.stop()

    def action_erase(self) -> None:
        """Take the last letter back."""
        self._needle = self._needle[:-1]
        self._list()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor is a sign, not only a colour."""
        before, self._here = self._here, event.option_index
        for place in {before, self._here}:
            if 0 <= place < len(self._listed):
                self._draw(place)
        self._look_below()
        self.call_after_refresh(self._tell_more)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._choose(self._listed[event.option_index])

    def _choose(self, index: int) -> None:
        if reason := self._items[index].why_not:
            self._say(f"not now: {reason}", "$ink-warn")
            return
        self.dismiss(index)


def _prompt(item: Item, glyphs: Glyphs, width: int, here: bool, number: int, whole: bool) -> Content:
    """A choice: its word, then (``whole``) in lines of their own why one would, or why one cannot."""
    grey = bool(item.why_not)
    sign = glyphs.idle if grey else glyphs.live if item.recommended else glyphs.open
    ink = (
        "$ink-quiet" if grey else "$ink-bad" if item.dangerous else "$ink-accent" if item.recommended else ""
    )
    tag = "  recommended" if item.recommended and not grey else ""
    lines = [
        Content.assemble(
            (f"{glyphs.busy} " if here else "  ", "$ink-busy"),
            (f"{sign} ", ink),
            (f"{number} " if number else "", "$ink-quiet"),
            (glyphs.plain(item.word), f"bold {ink}".strip()),
            (tag, "$ink-quiet"),
        )
    ]
    sentences = [item.sentence] if item.sentence else []
    sentences += [f"not now: {item.why_not}"] if grey else []
    for sentence in sentences if whole else ():
        lines += [
            Content.styled(f"    {line}", "$ink-quiet") for line in wrapped(glyphs.plain(sentence), width - 6)
        ]
    return Content("\n").join(lines)
