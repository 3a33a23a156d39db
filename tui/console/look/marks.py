"""Every state as sign, plain word and ink: never one of them alone."""

from __future__ import annotations

from typing import NamedTuple

from tui.console.look.glyphs import Glyphs
from tui.model.run import Node, Step
from tui.model.states import AbortClass, Health, Progress, StepStatus


class Mark(NamedTuple):
    """A state as it is shown; ``ink`` names a colour of the theme (``ink-ok`` and so on)."""

    glyph: str
    word: str
    ink: str


_PROGRESS_WORDS = {
    Progress.ALREADY_AT_TARGET: "at target",
    Progress.WAITING_FOR_RETURN: "waiting for return",
}
_ABORTS = {AbortClass.FREE: "does no harm", AbortClass.CANNOT: "is not possible"}
_SIDE_EXITS = {
    Progress.FAILED: ("bad", "bad"),
    Progress.SKIPPED: ("passed_over", "held"),
    Progress.HELD: ("held", "held"),
    Progress.UPDATED: ("done", "ok"),
    Progress.ALREADY_AT_TARGET: ("done", "ok"),
    Progress.WAITING: ("open", "quiet"),
}
_STEPS: dict[StepStatus, tuple[str, str, str]] = {
    StepStatus.PENDING: ("idle", "quiet", "to do"),
    StepStatus.AWAITING_CONFIRM: ("turn", "accent", "waits for you"),
    StepStatus.CONFIRMED: ("busy", "busy", "starting"),
    StepStatus.RUNNING: ("busy", "busy", "running"),
    StepStatus.DETACHED: ("warn", "warn", "detached"),
    StepStatus.VERIFYING: ("busy", "busy", "checking"),
    StepStatus.SUCCEEDED: ("done", "ok", "done"),
    StepStatus.FAILED: ("bad", "bad", "failed"),
    StepStatus.TIMED_OUT: ("bad", "bad", "too slow"),
    StepStatus.SKIPPED: ("passed_over", "held", "skipped"),
    StepStatus.CANCELED: ("warn", "warn", "canceled"),
    StepStatus.NOT_NEEDED: ("passed_over", "quiet", "not needed"),
}


def abort_words(meaning: AbortClass) -> str:
    """What aborting would mean, to stand behind the word ``abort``: ``leaves the old version``."""
    return _ABORTS.get(meaning, meaning.value.removeprefix("abort "))


def progress_word(progress: Progress) -> str:
    """The state of a node as a plain word."""
    return _PROGRESS_WORDS.get(progress, progress.value)


def working(node: Node) -> bool:
    """True while the run has the node in its hands."""
    return node.progress not in _SIDE_EXITS


def node_mark(node: Node, glyphs: Glyphs) -> Mark:
    """How far a node is; while it is worked on, the word is the step's name."""
    if (exit_ := _SIDE_EXITS.get(node.progress)) is not None:
        glyph, ink = exit_
        if node.progress is Progress.UPDATED and any(step.gone_past for step in node.steps.values()):
            glyph, ink = "warn", "warn"
        return Mark(getattr(glyphs, glyph), progress_word(node.progress), ink)
    step, following = node.current_step, node.next_step
    if step is None and following is not None and node.progress is not Progress.SELECTED:
        return Mark(glyphs.open, f"at {following.name.short}", "quiet")  # nothing of it is under way
    if step is None:
        return Mark(glyphs.busy, progress_word(node.progress), "busy")
    glyph, ink = glyphs.busy, "busy"
    if step.status.broken:
        glyph, _, ink = step_mark(step, glyphs)
    elif step.status is StepStatus.AWAITING_CONFIRM:
        glyph, ink = glyphs.turn, "accent"
    elif step.status is StepStatus.DETACHED:
        return step_mark(step, glyphs)
    return Mark(glyph, step.name.short, ink)


def step_mark(step: Step, glyphs: Glyphs) -> Mark:
    """Where a step stands."""
    left = "gone past" if step.gone_past else "failed" if step.given_up else ""
    glyph, ink, word = ("warn", "warn", left) if left else _STEPS[step.status]
    return Mark(getattr(glyphs, glyph), word, ink)


def health_mark(health: Health, glyphs: Glyphs) -> Mark:
    """What was observed of a node."""
    if health is Health.ACTIVE:
        return Mark(glyphs.live, "active", "ok")
    if health is Health.UNKNOWN:
        return Mark("?", "unknown", "warn")
    ink = "warn" if health is Health.DEGRADED else "bad"
    return Mark(getattr(glyphs, ink), health.value, ink)


def verdict_mark(verdict: str, glyphs: Glyphs) -> Mark:
    """A preflight verdict: ``passed``, ``warning`` or ``error``."""
    glyph, ink = {"passed": ("done", "ok"), "warning": ("warn", "warn")}.get(verdict, ("bad", "bad"))
    return Mark(getattr(glyphs, glyph), verdict, ink)
