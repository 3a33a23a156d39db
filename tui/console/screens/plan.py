"""Every command for every node, in order, before anything runs."""

from __future__ import annotations

from itertools import groupby

from typing_extensions import override

from tui.console.screens.document import DocumentScreen
from tui.console.view.lines import hanging, heading, line
from tui.console.view_model import ViewModel
from tui.text.sanitize import sanitize_line
from tui.text.terminal import Line


class PlanScreen(DocumentScreen):
    """Node by node: step, exact command, note."""

    def __init__(self, model: ViewModel) -> None:
        super().__init__(model)
        target = model.run.target or model.engine.config.target.version
        self.title = f"Plan to {sanitize_line(target, 40)}"

    @override
    def lines(self, width: int) -> list[Line]:
        glyphs = self.model.glyphs
        found: list[Line] = []
        for node, commands in groupby(self.model.engine.plan(), key=lambda planned: planned.node):
            found += heading(sanitize_line(node, 64))
            for planned in commands:
                command = sanitize_line(planned.command) or "nothing is run on the node"
                found += hanging(
                    [f"  {planned.step.words:<22}"],
                    command,
                    width,
                    glyphs,
                    "" if planned.command else "quiet",
                )
                if planned.note:
                    found += hanging([" " * 24], sanitize_line(planned.note), width, glyphs, "quiet")
        return found[1:] or [
            line(("There is no plan yet: it is made when the preflight has passed.", "quiet"))
        ]
