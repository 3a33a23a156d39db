"""What lies ahead, before the first node is picked: which machines, in which order, what stops where."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from tui.console.look.glyphs import Glyphs
from tui.console.look.marks import verdict_mark
from tui.console.view.nodes import about, node_set
from tui.console.view.text import behind, counted, shorten, wrapped
from tui.console.view_model import ViewModel
from tui.model.run import Run
from tui.model.states import RunStatus
from tui.model.steps import StepName
from tui.rollout.interface import Advice, Candidate
from tui.text.sanitize import sanitize_line

_TAKE_OUT = (StepName.STOP_SERVICES, StepName.REBOOT)
"""The critical steps of a node."""
_MOST_NAMED = 3
"""Findings that are told one by one, where there is room."""
_HEAD = 8
"""Columns of the word before each row."""


def nothing_begun(run: Run) -> bool:
    """No node was picked yet, so there are no steps and no output to look at."""
    if run.current is not None or run.status.final:
        return False
    return not any(step.attempts for node in run.nodes.values() for step in node.steps.values())


def tonight(model: ViewModel, said: Advice, keys: Mapping[str, str], width: int, height: int) -> Content:
    """The brief, each row at most ``width`` columns; ``keys`` has the key of each command by its id.

    Where ``height`` rows do not hold all of it, it says less of each.
    """
    rows = _rows(model, said, keys, width, brief=False)
    return Content("\n").join(rows if len(rows) <= height else _rows(model, said, keys, width, brief=True))


def _rows(model: ViewModel, said: Advice, keys: Mapping[str, str], width: int, brief: bool) -> list[Content]:
    run, glyphs, candidates = model.run, model.glyphs, model.engine.candidates()
    rows = [_machines(model, width), *_checks(model, keys["checks"], width, 1 if brief else _MOST_NAMED)]
    rows += _told("Held", _held(run), width, glyphs)
    if run.plan is not None:
        rows += _told("Order", _order(run, candidates), width, glyphs)
        rows += _told("Each", _each(model, brief), width, glyphs)
        rows += _told("Stops", _stops(model, brief), width, glyphs, keys["plan"])
    return [
        *rows,
        *([] if brief else [Content()]),
        *_next(candidates, said, keys["next-node"], width, glyphs),
    ]


def _machines(model: ViewModel, width: int) -> Content:
    run, glyphs = model.run, model.glyphs
    count = len(run.cluster_nodes)
    apart = [sanitize_line(node.name, 40) for node in run.nodes.values() if node.management and not node.left]
    origins = ", ".join(sorted(sanitize_line(version, 40) for version in model.origins)[:2])
    words = " + ".join([f"{counted(count, 'node')}", *apart])
    target = sanitize_line(run.target or model.engine.config.target.version, 40)
    line = Content.assemble((words, "bold $ink-strong"), "   ", (f"{origins} {glyphs.arrow} {target}", ""))
    return shorten(line, width, glyphs)


def _checks(model: ViewModel, key: str, width: int, most: int) -> list[Content]:
    """How many checks passed, and ``most`` of those that did not, the gravest first."""
    run, glyphs = model.run, model.glyphs
    count = {
        verdict: sum(check.result.verdict == verdict for check in run.checks)
        for verdict in ("error", "warning", "passed")
    }
    worst = next((verdict for verdict in ("error", "warning") if count[verdict]), "passed")
    mark = verdict_mark(worst, glyphs)
    warnings = counted(count["warning"], "warning")
    words = f"{counted(count['passed'], 'check')} passed, {warnings}"
    if count["error"]:
        words = f"{counted(count['error'], 'error')}, {warnings}, {count['passed']} passed"
    if run.status in (RunStatus.DRAFT, RunStatus.VALIDATING):
        words += " so far"
    rows = [_keyed(Content.assemble((f"{mark.glyph} ", f"$ink-{mark.ink}"), words), key, width)]
    found = _findings(run)
    for verdict, summary, names in found[:most]:
        mark = verdict_mark(verdict, glyphs)
        who = f"  {mark.glyph} {sanitize_line(node_set(names), 24)}: "
        rows.append(
            shorten(Content.assemble((who, f"$ink-{mark.ink}"), glyphs.plain(summary)), width, glyphs)
        )
    if more := sum(len(names) for _, _, names in found[most:]):
        rows.append(Content.styled(f"  {glyphs.more} and {more} more", "$ink-quiet"))
    return rows


def _findings(run: Run) -> list[tuple[str, str, tuple[str, ...]]]:
    """Verdict, what was found and on which nodes, the gravest first: alike ones are told once."""
    found: dict[tuple[str, str], list[str]] = {}
    for verdict in ("error", "warning"):
        for check in run.checks:
            if check.result.verdict == verdict:
                summary = about(check.node or "", check.result.summary, 200)
                found.setdefault((verdict, summary), []).append(check.node or "cluster")
    return [(verdict, summary, tuple(names)) for (verdict, summary), names in found.items()]


def _keyed(line: Content, key: str, width: int) -> Content:
    """A row with the key that shows more of it at its right edge."""
    gap = width - line.cell_length - len(key)
    return Content.assemble(line, " " * gap, (key, "bold $ink-accent")) if gap > 0 else line


def _told(word: str, text: str, width: int, glyphs: Glyphs, key: str = "") -> list[Content]:
    """A row behind its word, on as many lines as it needs; none without a text."""
    if not text:
        return []
    pieces = wrapped(glyphs.plain(text), width - _HEAD - (2 if key else 0))
    first, *others = behind(f"{word:<{_HEAD}}", "$ink-quiet", pieces, "")
    return [_keyed(first, key, width) if key else first, *others]


def _held(run: Run) -> str:
    held = [f"{sanitize_line(n.name, 24)}: {sanitize_line(n.hold, 80)}" for n in run.nodes.values() if n.hold]
    return "; ".join(held)


def _order(run: Run, candidates: tuple[Candidate, ...]) -> str:
    """Who is first and builds, who follows, and who comes after all of them."""
    names = [candidate.node for candidate in candidates]
    if not names:
        return "no node is left to update"
    first, others = names[0], [name for name in names[1:] if not run.nodes[name].management]
    parts = [f"{sanitize_line(first, 40)} (builds)", *([node_set(tuple(others))] if others else [])]
    parts += [f"{sanitize_line(name, 40)} last" for name in names[1:] if run.nodes[name].management]
    return " → ".join(parts)


def _each(model: ViewModel, brief: bool) -> str:
    """How many steps a node takes, and which of them take it out."""
    plan, reboot = model.run.plan, model.engine.config.policy.reboot
    steps = [step.step for step in plan.steps] if plan is not None else []
    out = [step for step in _TAKE_OUT if step in steps and (step is not StepName.REBOOT or reboot != "never")]
    words = [
        f"{step.words}, if needed" if step is StepName.REBOOT and reboot == "if-needed" else step.words
        for step in out
    ]
    count = f"{len(steps)} steps, {len(out)} take it out"
    return count if brief else f"{count}: {' and '.join(words)}"


def _stops(model: ViewModel, brief: bool) -> str:
    """What stands still on the node that is out."""
    commands = model.engine.config.applications.stop
    stops = "; ".join(sanitize_line(command, 120) for command in commands)
    stops = stops or "applications, by your hand"
    return stops if brief else f"{stops}; then PCI Express, on one node at a time"


def _next(
    candidates: tuple[Candidate, ...], said: Advice, key: str, width: int, glyphs: Glyphs
) -> list[Content]:
    """What the key does that begins it all, or why it does not yet."""
    best = next((candidate for candidate in candidates if candidate.eligible), None)
    if best is None:
        return behind("", "", wrapped(glyphs.plain(sanitize_line(said.why, 300)), width), "$ink-warn")
    text = f"begin with {sanitize_line(best.node, 40)}: {sanitize_line(best.proposal or best.why, 200)}"
    return behind(f"{key}  ", "bold $ink-accent", wrapped(glyphs.plain(text), width - len(key) - 2), "")
