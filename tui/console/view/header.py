"""The board's first line: which cluster, from what to what, how much of the window is left, and the gate."""

from __future__ import annotations

from textual.content import Content

from tui.console.look.marks import node_mark
from tui.console.view.text import shorten
from tui.console.view_model import ViewModel
from tui.model.run import Run
from tui.model.states import RunStatus, StepStatus
from tui.model.verdict import REHEARSAL
from tui.text.durations import clock, length, since
from tui.text.sanitize import sanitize_line

_STATUS_INKS = {
    RunStatus.RUNNING: "$ink-busy",
    RunStatus.COMPLETED: "$ink-ok",
    RunStatus.PAUSED_ON_ERROR: "$ink-bad",
    RunStatus.BLOCKED: "$ink-bad",
    RunStatus.CANCELED: "$ink-warn",
    RunStatus.COMPLETED_WITH_EXCEPTIONS: "$ink-warn",
}


def header(model: ViewModel, width: int) -> Content:
    """One line of at most ``width`` columns; what matters least goes first when it is narrow."""
    working, nothing = _working(model), Content()
    gates, windows, titles = _gate(model), _window(model), _titles(model, bool(working))
    # The node in work stays longest, then the window's clock, then the name of this program.
    tries = [(title, working, window) for title in titles for window in windows]
    tries += [(titles[-1], working, nothing), (titles[-1], nothing, nothing)]
    for gate in gates:
        for title, middle, window in tries:
            start, end = _spaced(title, middle), _spaced(window, gate)
            gap = width - start.cell_length - end.cell_length - 2
            if gap >= 2:
                return Content.assemble(" ", start, " " * gap, end, " ")
    return shorten(titles[-1], width, model.glyphs)


def _spaced(*parts: Content) -> Content:
    return Content("   ").join([part for part in parts if part])


def _titles(model: ViewModel, working: bool) -> tuple[Content, ...]:
    """Cluster, versions and the run's status, from the most to the fewest words."""
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
    status = (f"  {run.status.words}", _STATUS_INKS.get(run.status, "$ink-accent"))
    full = Content.assemble(title, status)
    # A node in work says as much as the word running.
    short = title if working and run.status is RunStatus.RUNNING else full
    brand = Content.assemble(("Rollcall", "bold $ink-accent"), "  ")
    return Content.assemble(brand, full), Content.assemble(brand, short), short


def _working(model: ViewModel) -> Content:
    """The node in work, wherever the cursor stands."""
    node = model.run.working
    if node is None:
        return Content()
    mark = node_mark(node, model.glyphs)
    active = node.active_step
    time = f" {clock(since(active.since, model.now()))}" if active else ""
    step = f"{active.name.short} " if active and active.status is StepStatus.DETACHED else ""
    return Content.assemble(
        (f"{mark.glyph} ", f"$ink-{mark.ink}"),
        (sanitize_line(node.name, 32), "bold"),
        (f" {step}{mark.word}{time}", f"$ink-{mark.ink}"),
    )


def _gate(model: ViewModel) -> tuple[Content, ...]:
    """The gate's last verdict, long and short."""
    gate, glyphs = model.run.gate, model.glyphs
    if gate is None:
        return (Content.assemble("gate ", (f"{glyphs.open} not asked yet", "$ink-quiet")),) * 2
    if gate.open:
        return (Content.assemble("gate ", (f"{glyphs.live} open", "$ink-ok")),) * 2
    why = sanitize_line("; ".join(gate.reasons), 60)
    short = Content.assemble("gate ", (f"{glyphs.held} shut", "bold $ink-bad"))
    return (Content.assemble(short, (f": {why}", "$ink-bad")) if why else short, short)


def _window(model: ViewModel) -> tuple[Content, ...]:
    """The window's clock, from the most to the fewest words."""
    window = model.engine.config.policy.window
    if window is None:
        return (Content(""),)
    now = model.wall()
    dot = model.glyphs.dot
    hours = f"{window.start:%H:%M}-{window.end:%H:%M}"
    current = window.current(now)
    if current is None:
        opens = f"opens in {length((window.next_start(now) - now).total_seconds())}"
        return (
            Content.assemble((f"window {hours} {window.zone} {dot} {opens}", "$ink-warn")),
            Content.assemble((f"window {opens}", "$ink-warn")),
        )
    left = (current[1] - now).total_seconds()
    ink = "$ink-warn" if left < 1800 else "$ink-quiet"
    words = f"{length(left)} left"
    fit = _fitting(model.run, model.engine.estimate(), left)
    return (
        Content.assemble((f"window {hours} {window.zone} {dot} ", "$ink-quiet"), (words, ink), (fit, ink)),
        Content.assemble((f"window {hours} {dot} ", "$ink-quiet"), (words, ink), (fit, ink)),
        Content.assemble(("window ", "$ink-quiet"), (words, ink), (fit, ink)),
        Content.assemble((words, ink)),
    )


def _fitting(run: Run, estimate: float | None, left: float) -> str:
    """How many more nodes the window has room for, once one has shown how long it takes."""
    waiting = sum(1 for node in run.nodes.values() if not node.progress.done and node.name != run.current)
    if not estimate or not waiting:
        return ""
    count = min(waiting, int(left // estimate))
    return f", {count} more node{'' if count == 1 else 's'} fit{'s' if count == 1 else ''}"
