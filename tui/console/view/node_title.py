"""What stands above the nodes: how many, which are out and which not well, and how many in each state."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from tui.console.look.glyphs import Glyphs
from tui.console.view.nodes import GROUP_INKS, NodeCell, counts, out_of_service, unwell
from tui.console.view.text import shorten
from tui.model.run import Run


def node_title(run: Run, cells: Iterable[NodeCell], glyphs: Glyphs, width: int) -> Content:
    """One line of at most ``width`` columns; the counts of what needs nobody go first."""
    nodes = sum(1 for node in run.nodes.values() if not node.management)
    head = Content.styled(f"Nodes {nodes}", "bold $ink-strong")
    groups = [
        Content.styled(f"{count} {group}", f"$ink-{GROUP_INKS.get(group, 'quiet')}")
        for group, count in counts(cells, run).items()
    ]
    dot = Content.styled(f" {glyphs.dot} ", "$ink-quiet")
    out, ill = out_of_service(run), unwell(run)
    peers = [f"{name} {word}" for name, word in ill] if len(ill) <= 2 else [f"{len(ill)} not active"]
    title = Content()
    for words in ("out of service", "out"):
        mark = [Content.styled(f"{words}: {out}", "bold $ink-warn")] if out else []
        mark += [Content.styled(f"{glyphs.bad} {peer}", "bold $ink-bad") for peer in peers]
        title = dot.join([head, *mark, *groups])
        if title.cell_length <= width:
            return title
    while groups and title.cell_length > width:
        groups.pop()
        title = dot.join([head, *mark, *groups, Content.styled(glyphs.more, "$ink-quiet")])
    return shorten(title, width, glyphs)
