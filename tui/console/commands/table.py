"""All commands in the order of footer, palette and help."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.console.commands import cancel, nodes, panes, run, screens, steps
from tui.console.commands.base import Board, KeyCommand
from tui.console.widgets.key_bar import KeyHint

COMMANDS: tuple[KeyCommand, ...] = tuple(
    kind() for module in (steps, nodes, cancel, run, panes, screens) for kind in module.COMMANDS
)
BY_ID: dict[str, KeyCommand] = {command.id: command for command in COMMANDS}


def bindings() -> list[BindingType]:
    """Every key bound to its command; the id lets a person remap it."""
    return [
        Binding(c.keys, f"command('{c.id}')", c.word, show=False, id=c.id, priority=c.priority)
        for c in COMMANDS
    ]


def hints(board: Board) -> list[KeyHint]:
    """The footer in the table's order, without what will not be of use any more."""
    return [
        KeyHint(c.id, c.key, c.label(board), not c.refusal(board), c.footer)
        for c in board.commands
        if c.footer and not c.never(board)
    ]
