"""What stands above the nodes: how many, which are out and which not well, and how many in each state."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from tui.console.look.glyphs import Glyphs
from tui.console.view.nodes import GROUP_INKS, NodeCell, counts, out_of_service, unwell
from tui.console.view.text import shorten
from tui.model.run import Run
from tui.text.sanitize import sanitize_line

_SHORT = {"out of service": "out", "applications stopped": "apps stopped"}


def node_title(run: Run, cells: Iterable[NodeCell], glyphs: Glyphs, width: int) -> Content:
    """One line of at most ``width`` columns; the counts of what needs nobody go first."""
    apart = [sanitize_line(node.name, 24) for node in run.nodes.values() if node.management and not node.left]
    nodes = sum(1 for node in run.nodes.values() if not node.management)
    head = Content.styled(" + ".join([f"Nodes {nodes}", *apart]), "bold $ink-strong")
    groups = [
        Content.styled(f"{count} {group}", f"$ink-{GROUP_INKS.get(group, 'quiet')}")
        for group, count in counts(cells, run).items()
    ]
    dot = Content.styled(f" {glyphs.dot} ", "$ink-quiet")
    out, ill = out_of_service(run), unwell(run, glyphs)
    told = [(f"{mark.glyph} {name} {mark.word}", mark.ink) for name, mark in ill]
    told = told if len(ill) <= 2 else [(f"{glyphs.bad} {len(ill)} not active", "bad")]
    title = Content()
    for short in (False, True):
        mark = [
            Content.styled(f"{_SHORT.get(words, words) if short else words}: {names}", "bold $ink-warn")
            for words, names in out.items()
        ]
        mark += [Content.styled(peer, f"bold $ink-{ink}") for peer, ink in told]
        title = dot.join([head, *mark, *groups])
        if title.cell_length <= width:
            return title
    while groups and title.cell_length > width:
        groups.pop()
        title = dot.join([head, *mark, *groups, Content.styled(glyphs.more, "$ink-quiet")])
    return shorten(title, width, glyphs)
