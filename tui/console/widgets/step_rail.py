"""The selected node's steps in their frame."""

from __future__ import annotations

from textual.content import Content

from tui.console.look.marks import node_mark
from tui.console.view.rail import rail
from tui.console.widgets.told import Told
from tui.model.run import Node
from tui.text.sanitize import sanitize_line


class StepRail(Told):
    """Shows one node."""

    def draw(self, node: Node) -> None:
        """Show this node's steps."""
        glyphs = self.model.glyphs
        mark = node_mark(node, glyphs)
        title = Content.assemble(
            (sanitize_line(node.name, 24), "bold $ink-strong"),
            (f" {glyphs.dot} ", "$ink-quiet"),
            (mark.word, f"$ink-{mark.ink}"),
        )
        self.tell(title, rail(self.model, node, *self.room))
