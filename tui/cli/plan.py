"""``rollcall plan``: every command for every node; nothing is run, nothing is connected to."""

from __future__ import annotations

import json

from tui.model.clusterfile import ClusterFile
from tui.plain.terminal import Terminal
from tui.rollout.plan import markdown, planned_commands


def say_plan(config: ClusterFile, source: str, terminal: Terminal, manner: str) -> int:
    """Print the plan as ``lines``, ``json`` or ``markdown``; always 0."""
    if manner == "markdown":
        terminal.document(markdown(config, source))
        return 0
    for line in planned_commands(config):
        if manner == "json":
            data = {"node": line.node, "step": line.step.value, "command": line.command, "note": line.note}
            terminal.raw(json.dumps(data, separators=(",", ":")).encode())
        else:
            note = f"   ({line.note})" if line.note else ""
            terminal.line(f"{line.node:<12} {line.step.words:<22} {line.command}{note}")
    return 0
