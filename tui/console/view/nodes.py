"""One node as a cell of the grid, and all of them counted and folded by state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tui.console.look.glyphs import Glyphs
from tui.console.look.marks import Mark, health_mark, node_mark, progress_word, working
from tui.model.run import Node, Run
from tui.model.states import Health, Progress, Service
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
    note: str
    """The most useful few words: how long, which version, or why not."""
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


_REASONED = (Progress.HELD, Progress.SKIPPED, Progress.FAILED)


def node_cell(node: Node, glyphs: Glyphs, now: datetime) -> NodeCell:
    """The cell of one node."""
    busy = working(node)
    return NodeCell(
        name=node.name,
        label=sanitize_line(node.name, 64),
        group="working" if busy else progress_word(node.progress),
        mark=node_mark(node, glyphs),
        note=_note(node, now) if not busy else _clock_note(node, now),
        versions=versions(node),
        health=health_mark(node.health, glyphs),
        moving=busy,
        reasoned=node.progress in _REASONED or (not busy and bool(gone_past(node))),
    )


def _clock_note(node: Node, now: datetime) -> str:
    step = node.current_step
    if step is None:
        return clock(since(node.since, now))
    return step.status.value if step.status.broken else clock(since(step.since, now))


def _note(node: Node, now: datetime) -> str:
    if node.progress in _REASONED:
        return about(node.name, node.progress_reason or node.hold, 200)
    facts = node.facts
    if past := gone_past(node):
        return f"gone past: {past} failed"
    if facts is None:
        return ""
    shown = facts.active if node.progress.done and not node.management else facts.installed
    return sanitize_line(shown or "none", 40)


def gone_past(node: Node) -> str:
    """The steps that failed on the node and that a person went past; empty when there is none."""
    return ", ".join(step.name.words for step in node.steps.values() if step.gone_past)


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


def out_of_service(run: Run) -> str:
    """The nodes that the run or a person has taken out, safe to paint; empty when all serve."""
    out = [name for name in run.order if run.nodes[name].service is not Service.IN_SERVICE]
    # As a rule it is one, and no library has to be loaded to write that down.
    return node_set(tuple(out)) if len(out) > 2 else sanitize_line(", ".join(out), 80)


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


def node_set(names: tuple[str, ...]) -> str:
    """Names in the HPC convention, safe to paint; plain names when they do not fold."""
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException  # noqa: PLC0415 - first paint

    try:
        return sanitize_line(str(NodeSet.fromlist(list(names), resolver=RESOLVER_NOGROUP)), 400)
    except NodeSetException:
        return sanitize_line(",".join(names), 400)
