"""The header's second line: how much is done, how long it still takes, and what is left of the window."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from textual.content import Content

from tui.console.view_model import ViewModel
from tui.model.run import Node, Run
from tui.text.durations import length, since

WIDEST_BAR = 60
NARROWEST_BAR = 10
SHORT_S = 1800.0
"""Seconds before the window shuts from which on that is shown as a warning."""


class Work(NamedTuple):
    """How far the run is."""

    done: int
    """Nodes that run the target."""
    nodes: int
    """All of the run, those that a person keeps out included: at the end it must not look like all."""
    waiting: int
    """Nodes that are still to be updated, the one in work aside."""
    share: float
    """How much is done, 0 to 1, by the steps of all nodes."""
    each: float | None
    """Seconds that a node takes; None until a first one has shown it."""
    current: float
    """Seconds that the node in work still takes."""

    @property
    def to_go(self) -> float | None:
        """Seconds for all that is left; None while that is not known."""
        return self.each * self.waiting + self.current if self.each is not None else None


def work(model: ViewModel) -> Work:
    """How far the run is now."""
    run, estimate = model.run, model.engine.estimate
    nodes = [part for part in model.each(_part) if part is not None]
    working = run.working is not None and not run.working.left and not run.working.progress.done
    current = estimate(run.current) if working else 0.0
    return Work(
        done=sum(part.at_target for part in nodes),
        nodes=len(nodes),
        waiting=sum(not part.done for part in nodes) - working,
        share=sum(part.share for part in nodes) / len(nodes) if nodes else 0.0,
        each=estimate(),
        current=current or 0.0,
    )


class _Part(NamedTuple):
    """How far one node is."""

    done: bool
    at_target: bool
    share: float


def _part(node: Node) -> _Part | None:
    return None if node.left else _Part(node.progress.done, node.progress.at_target, _share(node))


def _share(node: Node) -> float:
    if node.progress.at_target:
        return 1.0
    passed = sum(step.status.passed for step in node.steps.values())
    return min(passed / len(node.steps), 0.99) if node.steps else 0.0


class Clock(NamedTuple):
    """Where the clock stands in the window."""

    share: float | None
    """How much of it has passed; None while it is shut."""
    left: float
    """Seconds until it shuts, or until it opens."""
    hours: str
    zone: str


def window_clock(model: ViewModel) -> Clock | None:
    """The window's clock now; None without a window."""
    window = model.engine.config.policy.window
    if window is None:
        return None
    now = model.wall()
    hours = f"{window.start:%H:%M}-{window.end:%H:%M}"
    current = window.current(now)
    if current is None:
        return Clock(None, _seconds(now, window.next_start(now)), hours, str(window.zone))
    return Clock(
        _seconds(current[0], now) / max(1.0, _seconds(*current)),
        _seconds(now, current[1]),
        hours,
        str(window.zone),
    )


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def progress(model: ViewModel, width: int) -> Content:
    """One line of at most ``width`` columns: a bar, and behind it as many figures as fit."""
    done, clock = work(model), window_clock(model)
    tight = clock is not None and clock.share is not None and (done.to_go or 0.0) > clock.left
    for figures in _figures(model.run, done, clock, tight):
        told = Content.styled(f" {model.glyphs.dot} ", "$ink-quiet").join(figures)
        room = min(width - told.cell_length - 4, WIDEST_BAR, width // 2)
        if room >= NARROWEST_BAR:
            return Content.assemble(" ", _bar(model, done.share, clock, room, tight), "  ", told)
    return Content()


def _figures(run: Run, done: Work, clock: Clock | None, tight: bool) -> list[list[Content]]:
    """What stands behind the bar, from the most to the fewest words."""
    count = Content.styled(f"{done.done}/{done.nodes}", "bold $ink-strong")
    counted = Content.assemble(count, " done")
    if run.status.final and run.created is not None:
        took = Content.styled(
            f"took {length(since(run.created, run.status_since or run.created))}", "$ink-quiet"
        )
        return [[counted, took], [count]]
    known = [Content(f"~{length(done.to_go)} to go")] if done.to_go else []
    unknown = (
        [Content.styled("the first node shows how long one takes", "$ink-quiet")]
        if done.to_go is None
        else []
    )
    if clock is None:
        return [[counted, *known, *unknown], [count, *known], [count]]
    ink = "$ink-warn" if clock.share is None or tight or clock.left < SHORT_S else "$ink-quiet"
    left = f"opens in {length(clock.left)}" if clock.share is None else f"{length(clock.left)} left"
    zoned, dated = (Content.styled(f"{clock.hours}{zone}, {left}", ink) for zone in (f" {clock.zone}", ""))
    fitting = [Content.styled(words, ink)] if (words := _fitting(done, clock)) else []
    bare = Content.styled(left, ink)
    return [
        [counted, *known, *unknown, zoned, *fitting],
        [counted, *known, zoned, *fitting],
        [count, *known, dated, *fitting],
        [count, *known, bare, *fitting] if tight else [count, *known, dated],
        [count, *known, bare],
        [count, bare],
        [count],
    ]


def _fitting(done: Work, clock: Clock) -> str:
    """How many of the nodes the window has room for, once one has shown how long it takes."""
    if not done.each or clock.share is None or not done.waiting:
        return ""
    count = min(done.waiting, int(max(0.0, clock.left - done.current) // done.each))
    return f"{count} more node{'' if count == 1 else 's'} fit{'s' if count == 1 else ''}"


def _bar(model: ViewModel, share: float, clock: Clock | None, width: int, tight: bool) -> Content:
    """The work done of all; and across it, where the clock stands in the window."""
    glyphs = model.glyphs
    done = min(max(round(share * width), share > 0), width - (share < 1))
    ink = "$ink-ok" if share == 1 else "$ink-busy"
    bar = Content.assemble((glyphs.bar * done, ink), (glyphs.rule * (width - done), "$ink-quiet"))
    if clock is None or clock.share is None or model.run.status.final:
        return bar
    at = min(int(clock.share * width), width - 1)
    return Content.assemble(bar[:at], (glyphs.tick, "$ink-warn" if tight else "$ink-strong"), bar[at + 1 :])
