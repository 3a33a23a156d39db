"""What the run stands at: what is under way, or whom it waits for, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tui.console.look.marks import node_mark, step_mark
from tui.console.view.nodes import overrides
from tui.console.view.text import counted
from tui.console.view_model import ViewModel
from tui.model.run import Node, Run, Step
from tui.model.states import RunStatus, StepStatus
from tui.rollout.decisions.next_action import waits_for_confirm
from tui.rollout.interface import Advice
from tui.text.durations import clock, length, since
from tui.text.sanitize import sanitize_line

_INKS = {
    RunStatus.COMPLETED: "ok",
    RunStatus.CANCELED: "warn",
    RunStatus.COMPLETED_WITH_EXCEPTIONS: "warn",
}
_WORDS = {
    RunStatus.DRAFT: "opening",
    RunStatus.VALIDATING: "checking",
    RunStatus.RECOVERING: "looking at every node",
}


class Standing(NamedTuple):
    """One thing that the run does or waits for; all words are safe to paint."""

    glyph: str
    ink: str
    name: str
    """The node; empty when it is about no single one."""
    what: str
    """What it is about, such as the step; may be left out where there is little room."""
    words: str
    time: str
    """How long that has been so."""


def standing(model: ViewModel, advice: Advice) -> Standing:
    """What moves, else why nothing does. ``advice`` tells whether a person is to pick the next node."""
    run, glyphs = model.run, model.glyphs
    node = run.working
    name = sanitize_line(node.name, 32) if node is not None else ""
    if node is not None and (active := node.active_step) is not None:
        return _under_way(model, name, active)
    if model.engine.broken:
        return Standing(glyphs.bad, "bad", "", "", "stopped", "")
    if run.status is RunStatus.RUNNING:
        if run.offer is not None and waits_for_confirm(run):
            return _turn(model, name, run.offer.step.short, run.offer.time)
        if node is not None:
            mark = node_mark(node, glyphs)
            return Standing(mark.glyph, mark.ink, name, "", mark.word, "")
        if advice.urgent:
            return _turn(model, "", "pick a node", _last_change(run))
        return Standing(glyphs.open, "quiet", "", "", "waits", "")
    if run.status.paused or run.status is RunStatus.BLOCKED:
        return _turn(model, name, _trouble(run, node), run.status_since)
    ink = _INKS.get(run.status, "busy")
    words = _WORDS.get(run.status) or run.status.words
    if run.status.final and (past := overrides(run)):
        ink, words = "warn", f"{words}, {counted(past, 'override')}"
    glyph = glyphs.done if ink == "ok" else glyphs.warn if run.status.final else glyphs.busy
    return Standing(glyph, ink, "", "", words, "")


def _under_way(model: ViewModel, name: str, step: Step) -> Standing:
    """A step that runs; its sign changes with every second, so that a screen that stands is seen to stand."""
    glyphs, seconds = model.glyphs, since(step.since, model.now())
    mark = step_mark(step, glyphs)
    if step.status is StepStatus.DETACHED:
        return Standing(mark.glyph, mark.ink, name, "", f"{step.name.short} {mark.word}", clock(seconds))
    glyph = glyphs.beat if int(seconds) % 2 else glyphs.busy
    pausing = ", then a pause" if model.run.status is RunStatus.PAUSE_PENDING else ""
    return Standing(glyph, mark.ink, name, "", f"{step.name.short}{pausing}", clock(seconds))


def _turn(model: ViewModel, name: str, what: str, begun: datetime | None) -> Standing:
    words = "waits for who leads" if model.engine.read_only else "your turn"
    seconds = since(begun, model.now())
    # What has waited for a while is in no hurry, and each second that is drawn is a line over a slow link.
    time = clock(seconds if seconds < 10 else seconds // 10 * 10) if seconds < 60 else length(seconds)
    return Standing(model.glyphs.turn, "accent", name, what, words, time)


def _trouble(run: Run, node: Node | None) -> str:
    step = node.current_step if node is not None else None
    if step is not None and step.status.broken:
        return f"{step.name.short} {step.status.value.replace('-', ' ')}"
    return "checks failed" if run.status is RunStatus.BLOCKED else run.status.words


def _last_change(run: Run) -> datetime | None:
    """When the last node was done with, else when the run came to where it is."""
    ends = [
        node.since
        for node in run.nodes.values()
        if node.since and any(s.attempts for s in node.steps.values())
    ]
    return max([*ends, *([run.status_since] if run.status_since else [])], default=None)
