"""The board's first line: which cluster, from what to what, what it stands at since when, and the gate."""

from __future__ import annotations

from textual.content import Content

from tui.console.view.standing import standing
from tui.console.view.text import shorten
from tui.console.view_model import ViewModel
from tui.model.verdict import REHEARSAL
from tui.rollout.interface import Advice
from tui.text.sanitize import sanitize_line

MIN_WIDTH, MIN_HEIGHT = 80, 24


def too_small(width: int, height: int) -> Content:
    """What stands on a terminal that cannot hold the board."""
    words = (
        f"Rollcall needs {MIN_WIDTH} columns and {MIN_HEIGHT} rows; this terminal has {width} and {height}."
    )
    return Content.styled(f"{words}\nMake it larger; the run continues meanwhile.", "$ink-warn")


def header(model: ViewModel, advice: Advice, width: int) -> Content:
    """One line of at most ``width`` columns; what matters least goes first when it is narrow."""
    branded, title = _titles(model)
    full, short = _standing(model, advice)
    why, gate = _gate(model)
    tries = [(branded, full, why), (branded, full, gate), (title, full, gate)]
    tries += [(branded, short, gate), (title, short, gate)]
    for start, middle, end in tries:
        gap = width - start.cell_length - middle.cell_length - end.cell_length - 5
        if gap >= 2:
            return Content.assemble(" ", start, "   ", middle, " " * gap, end, " ")
    # Whose turn it is stays longest, before the name of the cluster.
    return shorten(Content.assemble(" ", short, "   ", title), width, model.glyphs)


def _titles(model: ViewModel) -> tuple[Content, Content]:
    """Cluster and versions, with and without the name of this program."""
    run, glyphs = model.run, model.glyphs
    origins = ", ".join(sorted(sanitize_line(version, 40) for version in model.origins)[:2])
    if len(model.origins) > 2:
        origins += f" {glyphs.more}"
    title = Content.assemble(
        (f"{REHEARSAL}  " if run.simulated else "", "bold $ink-warn"),
        (sanitize_line(run.cluster or model.engine.config.cluster.name, 40), "bold $ink-strong"),
        (f"  {origins} {glyphs.arrow} " if origins else f"  {glyphs.arrow} ", "$ink-quiet"),
        sanitize_line(run.target or model.engine.config.target.version, 40),
        (f"  {glyphs.dot} read-only" if model.engine.read_only else "", "$ink-warn"),
    )
    return Content.assemble(("Rollcall", "bold $ink-accent"), "  ", title), title


def _standing(model: ViewModel, advice: Advice) -> tuple[Content, Content]:
    """The node in work or what is waited for, wherever the cursor stands; long and short."""
    said = standing(model, advice)
    ink = f"$ink-{said.ink}"
    style = f"bold {ink}" if said.glyph == model.glyphs.turn else ink
    time = f" {said.time}" if said.time else ""
    start = Content.assemble((f"{said.glyph} ", style), (f"{said.name} " if said.name else "", "bold"))
    end = Content.styled(f"{said.words}{time}", style)
    what = Content.styled(f"{said.what}: ", ink) if said.what else Content()
    return Content.assemble(start, what, end), Content.assemble(start, end)


def _gate(model: ViewModel) -> tuple[Content, Content]:
    """The gate's last verdict, long and short."""
    gate, glyphs = model.run.gate, model.glyphs
    if gate is None:
        return (Content.assemble("gate ", (f"{glyphs.open} not asked yet", "$ink-quiet")),) * 2
    if gate.open:
        return (Content.assemble("gate ", (f"{glyphs.live} open", "$ink-ok")),) * 2
    why = sanitize_line("; ".join(gate.reasons), 60)
    short = Content.assemble("gate ", (f"{glyphs.held} shut", "bold $ink-bad"))
    return (Content.assemble(short, (f": {glyphs.plain(why)}", "$ink-bad")) if why else short, short)
