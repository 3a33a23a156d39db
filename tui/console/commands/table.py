"""The one list of commands, from which keys, footer, palette and help are made."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from tui.console.commands.base import Command
from tui.console.commands.run import RUN_COMMANDS
from tui.console.commands.steps import STEP_COMMANDS
from tui.console.commands.view import VIEW_COMMANDS

COMMANDS: tuple[Command, ...] = tuple(kind() for kind in (*STEP_COMMANDS, *RUN_COMMANDS, *VIEW_COMMANDS))
BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}


def bindings(commands: Iterable[Command] = COMMANDS) -> list[BindingType]:
    """Every key bound to its command; the id lets a person remap it."""
    return [
        Binding(
            command.keys,
            f"command('{command.id}')",
            command.word,
            show=False,
            id=command.id,
            priority=priority,
        )
        for command in commands
        # Tab would otherwise move the focus through every scrollable part.
        for priority in (command.id in ("panes", "panes-back"),)
    ]


def footer() -> list[Command]:
    """The footer's commands in the table's order."""
    return [command for command in COMMANDS if command.footer]
