"""The selected node's steps in their frame."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from typing_extensions import override

from tui.console.look.marks import node_mark
from tui.console.view.rail import rail
from tui.console.view_model import ViewModel
from tui.console.widgets.plain import Plain, frame_title
from tui.model.run import Node
from tui.text.sanitize import sanitize_line


class StepRail(VerticalScroll):
    """Scrolls where the terminal is too low for all that the rail says."""

    def __init__(self, model: ViewModel, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="box")
        self._model = model
        self._steps = Plain(id="steps")

    @override
    def compose(self) -> ComposeResult:
        yield self._steps

    def draw(self, node: Node) -> None:
        """Show this node's steps."""
        glyphs = self._model.glyphs
        mark = node_mark(node, glyphs)
        title = Content.assemble(
            (sanitize_line(node.name, 24), "bold $ink-strong"),
            (f" {glyphs.dot} ", "$ink-quiet"),
            (mark.word, f"$ink-{mark.ink}"),
        )
        frame_title(self, title)
        self._steps.show(rail(self._model, node, max(20, self.scrollable_content_region.width)), rows=True)
