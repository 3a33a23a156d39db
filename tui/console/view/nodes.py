"""One node as a cell of the grid, and all of them counted and folded by state."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tui.console.look.glyphs import Glyphs
from tui.console.look.marks import Mark, health_mark, node_mark, progress_word, step_mark, working
from tui.console.view_model import alike
from tui.model.run import Node, Run
from tui.model.states import Health, Progress, RunStatus, Service
from tui.model.steps import StepName
from tui.text.durations import clock, since
from tui.text.sanitize import sanitize_line


def about(node: str, sentence: str, most: int) -> str:
    """A sentence, safe to paint, for a place that names the node already: it need not begin with it again."""
    return sanitize_line(sentence.removeprefix(f"{node}: "), most)


class NodeCell(NamedTuple):
    """What the grid shows of one node."""

    name: str
    """As the run calls it: the key, not for painting."""
    label: str
    """The name, safe to paint."""
    group: str
    """The state it is counted under: ``updated``, ``working`` ..."""
    mark: Mark
    short: str
    """The state in a word, where there is no room for a note."""
    note: str
    """The most useful few words: how long, which version, or why not."""
    strip: tuple[tuple[str, str], ...]
    """A sign and its ink for each of the manual's steps."""
    time: str
    """How long the step in hand runs, or all that was done to the node took."""
    versions: str
    """Installed, and active where it is another one."""
    health: Mark
    moving: bool
    """The note is a running clock."""
    reasoned: bool
    """The note is the reason why the node is where it is."""


GROUP_INKS = {
    "failed": "bad",
    "working": "busy",
    "waiting": "quiet",
    "held": "held",
    "skipped": "held",
    "updated": "ok",
    "at target": "ok",
}
GROUPS = tuple(GROUP_INKS)
"""What nodes are counted under: what needs a person first."""


STRIP = tuple(name for name in StepName if name is not StepName.PUT_BACK)
"""The manual's steps, as a row has them."""
SHORT = 14
"""Columns of a state where it stands alone."""
_REASONED = (Progress.HELD, Progress.SKIPPED, Progress.FAILED)


def node_cell(node: Node, glyphs: Glyphs, now: datetime) -> NodeCell:
    """The cell of one node."""
    busy, broken, mark = working(node), _broken(node), node_mark(node, glyphs)
    note = _note(node) if broken or not busy else _time(node, now)
    both = f"{broken} {note}"
    return NodeCell(
        name=node.name,
        label=sanitize_line(node.name, 64),
        group="working" if busy else progress_word(node.progress),
        mark=mark._replace(word=broken) if broken else mark,
        short=mark.word if not broken else both if len(both) <= SHORT else note,
        note=note,
        strip=_strip(node, glyphs),
        time=_time(node, now),
        versions=versions(node),
        health=_health(node, glyphs),
        moving=busy,
        reasoned=node.progress in _REASONED or bool(broken) or (not busy and bool(gone_past(node))),
    )


def with_health(before: Node, cell: NodeCell, node: Node, glyphs: Glyphs) -> NodeCell | None:
    """The cell of ``node``, made of its cell ``before`` where nothing but its health is another."""
    return cell._replace(health=_health(node, glyphs)) if alike(before, node) else None


def _health(node: Node, glyphs: Glyphs) -> Mark:
    """What was observed; that a node which the run has taken out does not serve is no news."""
    if node.service is Service.OUT_BY_RUN and node.health in (Health.DISABLED, Health.UNREACHABLE):
        return Mark(glyphs.warn, "by us", "warn")
    return health_mark(node.health, glyphs)


def _strip(node: Node, glyphs: Glyphs) -> tuple[tuple[str, str], ...]:
    """One sign a step, at the same place in every row; blank where the node has no such step."""
    marks = [step_mark(node.steps[name], glyphs) if name in node.steps else None for name in STRIP]
    return tuple((mark.glyph, mark.ink) if mark is not None else (" ", "") for mark in marks)


def _broken(node: Node) -> str:
    """The step that failed, in few words; empty when none did."""
    step = node.current_step if node.progress is Progress.FAILED or working(node) else None
    return step.name.short if step is not None and step.status.broken else ""


def _time(node: Node, now: datetime) -> str:
    if working(node) and not _broken(node):
        return clock(since(node.current_step.since if node.current_step else node.since, now))
    took = sum(attempt.seconds or 0.0 for step in node.steps.values() for attempt in step.attempts)
    return clock(took) if took else ""


def _note(node: Node) -> str:
    step = node.current_step
    if step is not None and step.status.broken:
        return step.status.words  # why, stands beside the step
    if node.progress in _REASONED:
        return about(node.name, node.progress_reason or node.hold, 200)
    facts = node.facts
    if past := gone_past(node):
        return f"past {past}"
    if facts is None:
        return ""
    shown = facts.active if node.progress.done and not node.management else facts.installed
    return sanitize_line(shown or "none", 40)


def gone_past(node: Node) -> str:
    """The steps that failed on the node and that a person went past, in short; empty when there is none."""
    return ", ".join(step.name.short for step in node.steps.values() if step.gone_past)


def overrides(run: Run) -> int:
    """How often a person went past what did not pass."""
    steps = [step for node in run.nodes.values() for step in node.steps.values()]
    return sum(len(attempt.overrides) for step in steps for attempt in step.attempts)


def versions(node: Node) -> str:
    """``5.19.0``, or ``5.19.0 active, 5.21.2 on disk`` while they differ; empty before the first look."""
    facts = node.facts
    if facts is None:
        return ""
    installed, active = (
        sanitize_line(facts.installed or "none", 40),
        sanitize_line(facts.active or "none", 40),
    )
    # The management node loads no driver, so it has only one version.
    if node.management or (installed == active and facts.active_is_installed):
        return installed
    if facts.active is None:
        return f"{installed} on disk, not loaded"
    return f"{active} active, {installed} on disk"


def counts(cells: Iterable[NodeCell], run: Run) -> dict[str, int]:
    """How many Cluster Nodes (the management node apart) stand in each group, in a fixed order."""
    found = dict.fromkeys(GROUPS, 0)
    for cell in cells:
        if not run.nodes[cell.name].management:
            found[cell.group] = found.get(cell.group, 0) + 1
    return {group: count for group, count in found.items() if count}


def out_of_service(run: Run) -> dict[str, str]:
    """What the run has taken out to the nodes of which it is true, safe to paint."""
    found: dict[str, list[str]] = {}
    for name in run.order:
        if run.nodes[name].service is not Service.IN_SERVICE:
            found.setdefault(run.out_words(name), []).append(name)
    # As a rule it is one, and no library has to be loaded to write that down.
    return {
        words: node_set(tuple(names)) if len(names) > 2 else sanitize_line(", ".join(names), 80)
        for words, names in found.items()
    }


def unwell(run: Run, glyphs: Glyphs) -> tuple[tuple[str, Mark], ...]:
    """Node and health, safe to paint, of all that should serve and do not look so, once all are known."""
    if run.status in (RunStatus.DRAFT, RunStatus.VALIDATING):
        return ()
    nodes = [run.nodes[name] for name in run.order]
    return tuple(
        (sanitize_line(node.name, 24), health_mark(node.health, glyphs))
        for node in nodes
        if node.health is not Health.ACTIVE and not node.left and node.service is Service.IN_SERVICE
    )


class Fold(NamedTuple):
    """All nodes of one state as one line."""

    mark: Mark
    group: str
    names: tuple[str, ...]
    folded: str
    """The names as a node set: ``px[0001-0612]``."""
    unwell: int
    """How many of them do not look active."""


def fold_cells(cells: Iterable[NodeCell], run: Run) -> list[Fold]:
    """The cells by state, what needs a person first."""
    groups: dict[tuple[str, str], list[NodeCell]] = {}
    for cell in cells:
        # Nodes in work differ in what is done to them, so each step is a line of its own.
        groups.setdefault((cell.group, cell.mark.word if cell.moving else ""), []).append(cell)
    order = {group: index for index, group in enumerate(GROUPS)}
    folds = []
    for (group, _), members in sorted(groups.items(), key=lambda item: order.get(item[0][0], 99)):
        names = tuple(cell.name for cell in members)
        unwell = sum(1 for name in names if run.nodes[name].health is not Health.ACTIVE)
        folds.append(Fold(members[0].mark, group, names, node_set(names), unwell))
    return folds


@functools.lru_cache(maxsize=64)
def node_set(names: tuple[str, ...]) -> str:
    """Names in the HPC convention, safe to paint; plain names when they do not fold."""
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException  # noqa: PLC0415 - first paint

    try:
        return sanitize_line(str(NodeSet.fromlist(list(names), resolver=RESOLVER_NOGROUP)), 400)
    except NodeSetException:
        return sanitize_line(",".join(names), 400)
