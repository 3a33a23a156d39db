"""What truly happened: counts, exceptions, what is still out of service, where the report lies."""

from __future__ import annotations

from typing_extensions import override

from tui.console.look.keys import named
from tui.console.look.marks import node_mark
from tui.console.screens.document import RunScreen
from tui.console.view.lines import hanging, heading, line
from tui.console.view.nodes import GROUP_INKS, GROUPS, counts, node_cell, overrides, versions
from tui.console.view.text import counted, fit
from tui.console.view_model import ViewModel
from tui.model.run import Node
from tui.model.states import Progress, RunStatus
from tui.model.verdict import REHEARSAL
from tui.text.durations import clock, length
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line


class SummaryScreen(RunScreen):
    """Shown when the run ends, and at any time before."""

    live = True

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model)
        self.title = "The run is over" if model.run.status.final else "The run so far"
        self._ending = model.ending()

    @override
    def hints(self) -> str:
        leave = named(self.app, "quit", "q")
        return super().hints().replace("esc back", f"esc back to the board, then {leave} leaves")

    @override
    def lines(self, width: int) -> list[Line]:
        run, glyphs = self.model.run, self.model.glyphs
        past = overrides(run)
        plainly = run.status is RunStatus.COMPLETED and not past
        ink = "ok" if plainly else "warn" if run.status.final else "busy"
        found = [
            line(
                (f"{REHEARSAL}, no real node was touched: " if run.simulated else "", "warn"),
                (sanitize_line(run.cluster, 64), "strong"),
                f" to {sanitize_line(run.target, 40)}: ",
                (f"{run.status.words}, {counted(past, 'override')}" if past else run.status.words, ink),
            )
        ]
        if run.summary:
            found += hanging([], sanitize_line(run.summary), width, glyphs)
        if run.created and run.status_since and run.status.final:
            seconds = (run.status_since - run.created).total_seconds()
            found.append(line((f"took {length(seconds)}", "quiet")))
        found.append(Line(""))
        found.append(self._counts())
        found += self._ledger(width)
        found += heading("Nodes")
        for name in run.order:
            found += self._node(run.nodes[name], width)
        if self._ending:
            found += heading("How it ended" if run.status.final else "If you leave now")
            for sentence in self._ending:
                found += hanging(["  "], sanitize_line(sentence), width, glyphs)
        return found

    def _counts(self) -> Line:
        run = self.model.run
        cells = [node_cell(node, self.model.glyphs, self.model.now()) for node in run.nodes.values()]
        found = counts(cells, run)
        parts: list[str | tuple[str, str]] = []
        for group in reversed(GROUPS):
            if found.get(group):
                parts.append((f"{found[group]} {group}   ", GROUP_INKS.get(group, "")))
        # The management node is no Cluster Node, so it is not among those counted.
        parts += [
            (f"management node {cell.group}", GROUP_INKS.get(cell.group, ""))
            for cell in cells
            if run.nodes[cell.name].management
        ]
        return line(*parts)

    def _ledger(self, width: int) -> list[Line]:
        run, glyphs = self.model.run, self.model.glyphs
        found = heading("Taken out of service")
        if not run.ledger:
            return [*found, line(("  nothing", "quiet"))]
        if not run.open_ledger:
            found.append(line((f"  all {len(run.ledger)} put back or signed off", "ok")))
        for entry in run.ledger:
            signed = entry.closed.startswith("signed-off")
            if entry.closed and not signed:
                continue
            head: list[str | tuple[str, str]] = [
                (f"  {glyphs.passed_over if signed else glyphs.bad} ", "held" if signed else "bad"),
                fit(f"{sanitize_line(entry.node, 40)} {entry.added.what}", 28, glyphs) + " ",
            ]
            text = (
                sanitize_line(entry.closed)
                if signed
                else f"still out; undo: {sanitize_line(entry.added.undo)}"
            )
            found += hanging(head, text, width, glyphs)
        return found

    def _node(self, node: Node, width: int) -> list[Line]:
        glyphs = self.model.glyphs
        mark = node_mark(node, glyphs)
        attempts = [a for step in node.steps.values() for a in step.attempts]
        seconds = sum(a.seconds or 0 for a in attempts)
        again = sum(len(step.attempts) - 1 for step in node.steps.values() if len(step.attempts) > 1)
        details = [versions(node), f"worked on for {clock(seconds)}" if seconds else ""]
        details.append(f"{counted(again, 'step')} run again" if again else "")
        past = [step for step in node.steps.values() if step.gone_past]
        details += [f"{step.name.words} failed, {sanitize_line(step.gone_past, 200)}" for step in past]
        for step in node.steps.values():
            for attempt in step.attempts if not step.gone_past else step.attempts[:-1]:
                words = [sanitize_line(override, 200) for override in attempt.overrides]
                details += [f"{step.name.words}: went past {word}" for word in words]
        if node.progress in (Progress.FAILED, Progress.HELD, Progress.SKIPPED):
            details.append(sanitize_line(node.progress_reason or node.hold))
        head: list[str | tuple[str, str]] = [
            (f"  {mark.glyph} ", mark.ink),
            (fit(sanitize_line(node.name, 40), 14, glyphs) + " ", "strong"),
            (fit(node_cell(node, glyphs, self.model.now()).short, 16, glyphs), mark.ink),
        ]
        return hanging(head, "; ".join(detail for detail in details if detail), width, glyphs)
