"""Every command for every node before anything runs; and the same as a person does it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from tui.console.screens.document import RunScreen
from tui.console.view.lines import hanging, heading, line
from tui.console.view_model import ViewModel
from tui.model.nodeset import folded
from tui.rollout.plan import alike
from tui.rollout.runbook.complete import complete
from tui.rollout.runbook.drawn import heading as terminal_of
from tui.rollout.runbook.model import Box, Section
from tui.rollout.runbook.rolling import rolling
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line


class PlanScreen(RunScreen):
    """Node by node: step, exact command, note. Nodes that have the same planned stand there once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "by_hand", "By hand", show=False),
        Binding("c", "complete", "Complete", show=False),
    ]

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model)
        self._by_hand = False
        self._complete = False
        """By hand, and all nodes at once."""
        self.title = self._titled()

    def _titled(self) -> str:
        target = self.model.run.target or self.model.engine.config.target.version
        words = "Complete update by hand" if self._complete else "By hand" if self._by_hand else "Plan"
        return f"{words} to {sanitize_line(target, 40)}"

    @override
    def hints(self) -> str:
        hand = "what Rollcall runs" if self._by_hand else "by hand"
        complete = "node by node" if self._complete else "complete update"
        return f"b {hand} · c {complete} · {super().hints()}"

    def action_by_hand(self) -> None:
        """Turn between what Rollcall runs and what a person would type."""
        self._by_hand, self._complete = not self._by_hand, False
        self._turn()

    def action_complete(self) -> None:
        """Turn between the rolling update by hand and the manual's complete one, of all nodes at once."""
        self._by_hand, self._complete = True, not self._complete
        self._turn()

    def _turn(self) -> None:
        self.title = self._titled()
        self.show_frame()
        self.renew()
        self.pane.scroll_to(y=0, animate=False, immediate=True)

    @override
    def lines(self, width: int) -> list[Line]:
        found = list(self._runbook(width) if self._by_hand else self._planned(width))
        return found[1:] or [
            line(("There is no plan yet: it is made when the preflight has passed.", "quiet"))
        ]

    def _planned(self, width: int) -> Iterator[Line]:
        glyphs = self.model.glyphs
        for names, commands in alike(self.model.engine.plan()):
            yield from heading(sanitize_line(names[0], 64))
            for planned in commands:
                command = sanitize_line(planned.command) or "nothing is run on the node"
                ink = "" if planned.command else "quiet"
                yield from hanging([f"  {planned.step.words:<22}"], command, width, glyphs, ink)
                if planned.note:
                    yield from hanging([" " * 24], sanitize_line(planned.note), width, glyphs, "quiet")
            if names[1:]:
                yield from heading(f"{sanitize_line(folded(names[1:]))}: as {sanitize_line(names[0], 64)}")

    def _runbook(self, width: int) -> Iterator[Line]:
        source = self.model.run.cluster_file or "the cluster file"
        made, option = (complete, "--complete") if self._complete else (rolling, "--markdown")
        book = made(self.model.engine.config, source)
        for paragraph in (f"rollcall plan {option} prints this with boxes to tick.", *book.head):
            yield Line("")
            yield from hanging([], sanitize_line(paragraph), width, self.model.glyphs, "quiet")
        first: dict[str, Section] = {}
        for (alike_to, _), group in groupby(book.sections, key=lambda section: _kind(section, first)):
            sections = tuple(group)
            if alike_to is None:
                for section in sections:
                    yield from heading(sanitize_line(section.title))
                    yield from self._section(section, width)
                continue
            names = folded(section.node or "" for section in sections)
            yield from heading(
                f"{sanitize_line(names)}: as {sanitize_line(alike_to)}, each with its own name and login"
            )

    def _section(self, section: Section, width: int) -> Iterator[Line]:
        glyphs = self.model.glyphs
        if section.note:
            yield from hanging(["  "], sanitize_line(section.note), width, glyphs)
        for part in section.parts:
            yield line((f"  {sanitize_line(terminal_of(part.where, part.title))}", "strong"))
            for box in part.boxes:
                yield from self._ticked(box, width)

    def _ticked(self, box: Box, width: int) -> Iterator[Line]:
        glyphs = self.model.glyphs
        sees = f" ({box.sees})" if box.sees else ""
        yield from hanging(["  - "], sanitize_line(f"{box.words}{sees}"), width, glyphs)
        if box.command:
            yield from hanging(["      "], sanitize_line(box.command), width, glyphs, "accent")
        for otherwise in box.otherwise:
            yield from hanging(["      "], sanitize_line(f"If {otherwise.when}"), width, glyphs, "quiet")
            if otherwise.command:
                yield from hanging(["        "], sanitize_line(otherwise.command), width, glyphs, "accent")


def _kind(section: Section, first: dict[str, Section]) -> tuple[str | None, str]:
    """The machine whose section has the same words, if one came before; and which words those are."""
    like = first.setdefault(section.alike, section) if section.alike else section
    return (like.node if like is not section else None), section.alike
