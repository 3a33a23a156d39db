"""``plan``: every command of the update, for people, for programs, or as a runbook. Asks no node."""

from __future__ import annotations

from tui.model.clusterfile import ClusterFile
from tui.plain.terminal import Terminal
from tui.rollout.plan import plan_lines, planned_commands
from tui.rollout.runbook.complete import complete
from tui.rollout.runbook.drawn import markdown, section_data
from tui.rollout.runbook.rolling import rolling


def say_plan(config: ClusterFile, source: str, terminal: Terminal, manner: str, *, whole: bool) -> int:
    """Print the plan as ``lines``, ``json`` or ``markdown``; always 0. ``whole``: the complete update's."""
    book = complete(config, source) if whole else rolling(config, source)
    if manner == "markdown" or (whole and manner == "lines"):
        terminal.document(markdown(book))
    elif manner == "lines":
        for words in plan_lines(config):
            terminal.line(words)
    else:
        for line in () if whole else planned_commands(config):
            data = {"node": line.node, "step": line.step.value, "command": line.command, "note": line.note}
            terminal.data(data)
        for section in book.sections:
            terminal.data(section_data(section))
    return 0
