"""The nodes of the cluster, 1 to 1,024 of them, as one widget that paints itself line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from typing_extensions import override

from tui.console.look.glyphs import UNICODE, Glyphs
from tui.console.look.styles import INK_CLASSES, StyleCache
from tui.console.view.grid_layout import Detail, GridLayout, lay_out
from tui.console.view.node_pieces import Piece, cell_pieces, fold_pieces
from tui.console.view.nodes import Fold, NodeCell
from tui.console.view.text import fit


class NodeGrid(ScrollView, can_focus=True):
    """Cells in rows; the arrows move the cursor, and the cursor chooses whose steps and output are shown."""

    COMPONENT_CLASSES: ClassVar[set[str]] = INK_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "Left", show=False),
        Binding("right", "move(1, 0)", "Right", show=False),
        Binding("up", "move(0, -1)", "Up", show=False),
        Binding("down", "move(0, 1)", "Down", show=False),
        Binding("home", "move_to(0)", "First", show=False),
        Binding("end", "move_to(-1)", "Last", show=False),
    ]
    cursor: reactive[int] = reactive(0, repaint=False)

    class Chosen(Message):
        """The cursor stands on another node."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, glyphs: Glyphs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._cells: Sequence[NodeCell] = ()
        self._folds: Sequence[Fold] = ()
        self._fold: Callable[[], Sequence[Fold]] = tuple
        self._ages: list[str] = []
        self._filtered = False
        self._nothing = ""
        self._wanted: str | None = None
        """The node that a person chose: relayouts and filters move the cursor, but not this."""
        self._height = 6
        self._inks = StyleCache(self)
        self.placed = GridLayout(Detail.USUAL, 1, 30, 4, 0)

    def show_nodes(
        self,
        cells: Sequence[NodeCell],
        fold: Callable[[], Sequence[Fold]],
        *,
        age: Callable[[str], str],
        filtered: bool,
        height: int,
    ) -> None:
        """Draw these nodes in at most ``height`` rows, refreshing only what changed.

        ``fold`` gives the same nodes by state, ``age`` how old a node's health is: asked only where drawn.
        """
        same_names = [cell.name for cell in cells] == [cell.name for cell in self._cells]
        before, had, folds, ages = self.placed, self._cells, self._folds, self._ages
        self._cells, self._fold = cells, fold
        self._filtered, self._height = filtered, height
        self._place()
        full = self.placed.detail is Detail.FULL
        self._ages = [age(cell.name) for cell in cells] if full else [""] * len(cells)
        if not same_names or before != self.placed or self._folds != folds:
            self._put_cursor()
            self.refresh()
        elif not self._folded:
            pairs = zip(cells, had, self._ages, ages, strict=True)
            self._refresh_cells(
                [i for i, (a, b, c, d) in enumerate(pairs) if (a is not b and a != b) or c != d]
            )

    def say_nothing(self, words: str) -> None:
        """What stands in the grid when no node is shown; safe text."""
        if words != self._nothing:
            self._nothing = words
            self.refresh()

    @property
    def cursor_cell(self) -> Offset:
        """Where the name of the node under the cursor begins."""
        row, column = divmod(self.cursor, self.placed.columns)
        return Offset(column * self.placed.cell + 1, row - self.scroll_offset.y)

    @property
    def chosen(self) -> str | None:
        """The node under the cursor; on a folded line, the one chosen before or else its first."""
        if (fold := self.chosen_fold) is not None:
            return self._wanted if self._wanted in fold.names else fold.names[0]
        return self._cells[self.cursor].name if self.cursor < len(self._cells) else None

    @property
    def chosen_fold(self) -> Fold | None:
        """The folded line under the cursor, if the grid is folded."""
        return self._folds[self.cursor] if self._folded and self.cursor < len(self._folds) else None

    @property
    def _folded(self) -> bool:
        return self.placed.detail is Detail.FOLDED

    @property
    def _count(self) -> int:
        return len(self._folds) if self._folded else len(self._cells)

    def choose(self, name: str) -> None:
        """Put the cursor on a node, or on the folded line that holds it."""
        self._wanted = name
        self._put_cursor()

    def _place(self) -> None:
        longest = max((len(cell.label) for cell in self._cells), default=4)
        width = self.scrollable_content_region.width
        if not width:  # hidden: the cursor stays where it is
            return
        self.placed = lay_out(len(self._cells), longest, width, self._height, not self._filtered)
        self._folds = self._fold() if self._folded else ()
        rows = len(self._folds) if self._folded else self.placed.rows
        self.placed = self.placed._replace(rows=rows)
        self.virtual_size = Size(width, rows)

    def _put_cursor(self) -> None:
        """Back onto the node that a person chose, wherever it is drawn now."""
        if self._folded:
            places = (index for index, fold in enumerate(self._folds) if self._wanted in fold.names)
        else:
            places = (index for index, cell in enumerate(self._cells) if cell.name == self._wanted)
        self.cursor = next(places, 0)

    def _move_to(self, index: int) -> None:
        """A person moved the cursor."""
        self.cursor = index
        self._wanted = self.chosen

    def _refresh_cells(self, indexes: Sequence[int]) -> None:
        if len(indexes) > 64:
            self.refresh()
            return
        top, height, cell = self.scroll_offset.y, self.size.height, self.placed.cell
        regions = []
        for index in indexes:
            row, column = divmod(index, self.placed.columns)
            if top <= row < top + height:
                regions.append(Region(column * cell, row - top, cell, 1))
        if regions:
            self.refresh(*regions)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._place()
        self._put_cursor()

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks.clear()

    def action_move(self, right: int, down: int) -> None:
        """Move the cursor; at an edge it stays."""
        target = self.cursor + right + down * self.placed.columns
        if 0 <= target < self._count:
            self._move_to(target)

    def action_move_to(self, index: int) -> None:
        """Move the cursor to the first (0) or last (-1) node."""
        self._move_to(index % self._count if self._count else 0)

    def watch_cursor(self, old: int, new: int) -> None:
        """Bring the cursor into sight and tell whose node it is on."""
        row = new // self.placed.columns
        self.scroll_to_region(Region(0, row, 1, 1), animate=False, immediate=True)
        if self._folded:
            self.refresh()
        else:
            self._refresh_cells([old, new])
        if self.chosen is not None:
            self.post_message(self.Chosen(self.chosen))

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        index = row * self.placed.columns + min(event.x // self.placed.cell, self.placed.columns - 1)
        if index < self._count:
            self._move_to(index)

    @override
    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width, placed = self.scrollable_content_region.width, self.placed
        base = self._inks[""]
        if not self._cells:
            words = fit(f" {self._nothing}", width, self._glyphs) if y == 0 else ""
            return Strip([Segment(words, self._inks["warn"])]).adjust_cell_length(width, base)
        if self._folded:
            if row >= len(self._folds):
                return Strip.blank(width, base)
            pieces = fold_pieces(self._folds[row], width, self._glyphs)
            return self._strip(pieces, self.cursor == row, width).adjust_cell_length(width, base)
        strips = []
        first = row * placed.columns
        for index in range(first, min(first + placed.columns, len(self._cells))):
            pieces = cell_pieces(self._cells[index], placed, self._glyphs, self._ages[index])
            strips.append(self._strip(pieces, self.cursor == index, placed.cell))
        return Strip.join(strips).adjust_cell_length(width, base)

    def _strip(self, pieces: list[Piece], here: bool, width: int) -> Strip:
        """Pieces as a cell of ``width`` columns. Under the cursor the name is marked, in shape as well as
        colour; the state beside it keeps its colour.
        """
        row, name = self._inks["row" if here else ""], self._inks["cursor" if self.has_focus else "here"]
        segments = [Segment(text, self._inked(ink, here, name)) for text, ink in pieces]
        strip = Strip(segments).adjust_cell_length(width - 1, row)
        return Strip.join([strip, Strip([Segment(" ", self._inks[""])])])

    def _inked(self, ink: str, here: bool, name: Style) -> Style:
        if not here:
            return self._inks[ink]
        return name if ink == "strong" else self._inks[ink] + self._inks["row"].background_style
