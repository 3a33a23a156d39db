"""All commands in the order of footer, palette and help."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType

from tui.console.commands import cancel, nodes, panes, run, screens, steps
from tui.console.commands.base import Board, KeyCommand
from tui.console.widgets.key_bar import KeyHint

COMMANDS: tuple[KeyCommand, ...] = tuple(
    kind() for module in (steps, nodes, cancel, run, panes, screens) for kind in module.COMMANDS
)


def with_keys(keys: Mapping[str, str]) -> tuple[KeyCommand, ...]:
    """The commands, some by a person's own keys."""
    commands = tuple(type(command)() for command in COMMANDS)
    for command in commands:
        command.keys = keys.get(command.id, command.keys)
    return commands


def bindings() -> list[BindingType]:
    """Every usual key bound to its command; by the id Textual binds a person's own instead."""
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
