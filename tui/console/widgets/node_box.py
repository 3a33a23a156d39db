"""The grid in its frame: counts in the title, a filter at the foot, and as much height as it may take."""

from __future__ import annotations

from textual import events, on
from textual.content import Content
from typing_extensions import override

from tui.console.look.keys import named
from tui.console.view.node_title import node_title
from tui.console.view.nodes import NodeCell, fold_cells, node_cell, with_health
from tui.console.view_model import ViewModel
from tui.console.widgets.node_grid import NodeGrid
from tui.console.widgets.plain import frame_foot, frame_title
from tui.console.widgets.search_box import SearchBox
from tui.model.run import Node, Run
from tui.model.states import PauseMode
from tui.text.durations import looked


class NodeBox(SearchBox):
    """All nodes, or those that the filter lets through."""

    def __init__(self, model: ViewModel, *, id: str) -> None:  # noqa: A002
        self.grid = NodeGrid(model.glyphs, id="grid")
        super().__init__(self.grid, id=id, placeholder="name or state")
        self._model = model
        self._cells: dict[str, tuple[Node, NodeCell]] = {}
        self._needle = ""

    def draw(self, height: int) -> None:
        """Draw the run's nodes in at most ``height`` rows beside the frame."""
        run = self._model.run
        everything = self._fresh_cells(run)
        cells = [cell for cell in everything if self._lets_through(cell)] if self._needle else everything
        self.grid.show_nodes(
            cells,
            lambda: fold_cells(cells, run),
            age=self._age,
            filtered=bool(self._needle),
            height=height,
        )
        self.grid.say_nothing(f"no node has “{self._needle}”; esc shows all" if self._needle else "")
        rows = max(1, min(height, self.grid.placed.rows)) + (1 if self.search.display else 0)
        if self.styles.height is None or self.styles.height.value != rows + 2:
            self.styles.height = rows + 2
        self._draw_frame(run, everything, len(cells))

    def _fresh_cells(self, run: Run) -> list[NodeCell]:
        """Cells of all nodes in the plan's order, made anew only where the node changed or a clock runs."""
        now, glyphs = self._model.now(), self._model.glyphs
        cells = []
        for name in run.order:
            node = run.nodes[name]
            kept = self._cells.get(name)
            if kept is None or kept[0] is not node or kept[1].moving:
                cell = with_health(*kept, node, glyphs) if kept is not None and not kept[1].moving else None
                kept = self._cells[name] = (node, cell or node_cell(node, glyphs, now))
            cells.append(kept[1])
        return cells

    def _age(self, name: str) -> str:
        seconds = self._model.engine.live(name).age
        return looked(seconds) if seconds is not None else ""

    def _lets_through(self, cell: NodeCell) -> bool:
        words = f"{cell.label} {cell.mark.word} {cell.group} {cell.health.word}".casefold()
        return all(part in words for part in self._needle.casefold().split())

    def _draw_frame(self, run: Run, cells: list[NodeCell], shown: int) -> None:
        dot = self._model.glyphs.dot
        frame_title(self, node_title(run, cells, self._model.glyphs, self.size.width - 4))
        words = f"{_waits(run.pause_mode)} ({named(self.app, 'pause-mode', 'm')})"
        if self._needle:
            words = f"{shown} of {len(cells)} with “{self._needle}”, esc shows all"
        elif self.grid.chosen_fold is not None:
            words = f"space opens a line {dot} {named(self.app, 'search', '/')} filters"
        frame_foot(self, Content.styled(self._model.glyphs.plain(words), "$ink-quiet"))

    def turn_to(self, name: str | None) -> None:
        """Put the cursor on a node, whatever the filter was."""
        if name is not None:
            self.filter_by("")
            self.grid.choose(name)

    def filter_by(self, needle: str) -> None:
        """Show only nodes with these words; nothing shows all."""
        self._needle = needle
        self.search.value = needle
        self.search.display = bool(needle)
        self.grid.focus()

    @override
    def search_for(self, words: str) -> None:
        self._needle = words.strip()

    @override
    def step(self, count: int) -> None:
        if count > 0:
            self.filter_by(self._needle)

    @override
    def end_search(self) -> None:
        self.filter_by("")

    @on(events.Key)
    def _typed_in_grid(self, event: events.Key) -> None:
        """Esc shows all nodes again; space opens a folded line."""
        fold = self.grid.chosen_fold if self.grid.has_focus else None
        if event.key == "escape" and self.search.display:
            self.end_search()
        elif event.key == "space" and fold is not None:
            self.filter_by(fold.mark.word if fold.group == "working" else fold.group)
        else:
            return
        event.stop()


def _waits(mode: PauseMode) -> str:
    return {
        PauseMode.EVERY_STEP: "waits at every step",
        PauseMode.EVERY_NODE: "waits at every node",
        PauseMode.FIRST_NODE: "waits at the first node",
        PauseMode.NONE: "waits for nobody while all is well",
    }[mode]
