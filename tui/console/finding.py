"""The help over any screen: what it lists, what it refuses to run from there, and how it runs the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import ModalScreen

from tui.console.commands.table import COMMANDS
from tui.console.look.glyphs import Glyphs
from tui.console.screens.help import HelpScreen, KeyHelp

if TYPE_CHECKING:
    from tui.console.board import BoardScreen


def help_screen(app: App[Any], board: BoardScreen | None, glyphs: Glyphs) -> None:
    """Show it, or leave it where it is shown already."""
    if isinstance(app.screen, HelpScreen):
        app.screen.action_back()
        return
    commands = {command.id: command for command in (board.commands if board is not None else COMMANDS)}
    under = app.screen

    def refuse(name: str) -> str:
        command = commands[name]
        if board is None:
            return f"{command.word}: the run is not open yet"
        if isinstance(under, ModalScreen):
            return f"{command.word}: a question is open below; answer it or press esc there first"
        return command.refusal(board)

    def run(name: str | None) -> None:
        if name is None or board is None:
            return
        if app.screen is not board:  # a document, from which help was called
            app.pop_screen()
        app.call_next(board.action_command, name)

    keys = [KeyHelp(c.id, c.group, c.help_keys, c.word, c.sentence, c.dangerous) for c in commands.values()]
    app.push_screen(HelpScreen(glyphs, keys, refuse), run)
