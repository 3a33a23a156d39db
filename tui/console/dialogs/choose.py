"""One of several things: each with a word, a sentence, and, when it is not possible now, the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.console.dialogs.base import Dialog, Frame
from tui.console.glyphs import Glyphs
from tui.console.view.text import wrapped
from tui.console.widgets.plain import Plain
from tui.model.run import Run


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
    """Arrows and enter, or letters to narrow a long list down; the answer is the item's index."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("backspace", "erase", show=False)]

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        *,
        intro: Content | None = None,
        hint: str = "enter choose · esc back",
        void: Callable[[Run], str] | None = None,
    ) -> None:
        super().__init__(title, hint=hint, void=void)
        self._items, self._intro = tuple(items), intro
        self._needle = ""
        self._listed: list[int] = []
        self._here = -1

    def compose(self) -> ComposeResult:
        """The parts, in order."""
        with Frame(wide=True):
            if self._intro is not None:
                yield Plain(self._intro, id="intro")
            yield OptionList(id="items", markup=False)
            yield Plain(id="narrowed")

    def on_mount(self) -> None:
        """Finish what needs the parts to be there."""
        super().on_mount()
        self._list()
        items = self.query_one(OptionList)
        items.focus()
        starts = [i for i, item in enumerate(self._items) if item.recommended and not item.why_not]
        starts += [i for i, item in enumerate(self._items) if item.default]
        items.highlighted = (starts or [0])[0] if self._items else None

    def _list(self) -> None:
        needle = self._needle.casefold()
        self._listed = [
            index
            for index, item in enumerate(self._items)
            if not needle or needle in f"{item.word} {item.sentence}".casefold()
        ]
        items = self.query_one(OptionList)
        self._here = -1
        items.clear_options()
        items.add_options([Option(_prompt(self._items[i], self.glyphs, self.room - 2)) for i in self._listed])
        if self._listed:
            items.highlighted = 0
        narrowed = f"only with “{self._needle}”: {len(self._listed)} of {len(self._items)}" if needle else ""
        self._say(narrowed, "$ink-quiet")

    def _say(self, words: str, ink: str) -> None:
        """Below the list: what it was narrowed to, or why an item cannot be chosen."""
        line = self.query_one("#narrowed", Plain)
        line.display = bool(words)
        line.show(Content.styled(self.glyphs.plain(words), ink))

    def on_key(self, event: events.Key) -> None:
        """Letters narrow a long list down."""
        if len(self._items) > 12 and event.is_printable and event.character and event.character != " ":
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
        items = self.query_one(OptionList)
        for place in {self._here, event.option_index}:
            if 0 <= place < len(self._listed):
                here = place == event.option_index
                prompt = _prompt(self._items[self._listed[place]], self.glyphs, self.room - 2, here)
                items.replace_option_prompt_at_index(place, prompt)
        self._here = event.option_index

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        index = self._listed[event.option_index]
        if reason := self._items[index].why_not:
            self._say(f"not now: {reason}", "$ink-warn")
            return
        self.dismiss(index)


def _prompt(item: Item, glyphs: Glyphs, width: int, here: bool = False) -> Content:
    """A choice as two lines or more: its word, then why one would, or why one cannot."""
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
            (glyphs.plain(item.word), f"bold {ink}".strip()),
            (tag, "$ink-quiet"),
        )
    ]
    sentences = [item.sentence] if item.sentence else []
    sentences += [f"not now: {item.why_not}"] if grey else []
    for sentence in sentences:
        lines += [
            Content.styled(f"    {line}", "$ink-quiet") for line in wrapped(glyphs.plain(sentence), width - 6)
        ]
    return Content("\n").join(lines)
