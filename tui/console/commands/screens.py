"""Keys that show another screen over the board, or the same one in other colours."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from tui.console.commands.base import Board, ViewCommand
from tui.console.screens.checks import ChecksScreen
from tui.console.screens.document import RunScreen
from tui.console.screens.files import FilesScreen
from tui.console.screens.journal import JournalScreen
from tui.console.screens.plan import PlanScreen
from tui.console.screens.summary import SummaryScreen


class ScreenCommand(ViewCommand):
    """Shows a screen made of the view model alone."""

    screen: ClassVar[type[RunScreen]]

    @override
    async def run(self, board: Board) -> None:
        board.open(self.screen(board.model))


class Journal(ScreenCommand):
    """Every event."""

    id, keys, footer = "journal", "j", 10
    screen = JournalScreen


class Plan(ScreenCommand):
    """Every command."""

    id, keys, footer = "plan", "l,P", 11
    screen = PlanScreen


class Checks(ScreenCommand):
    """The preflight."""

    id, keys, footer = "checks", "o", 13
    screen = ChecksScreen


class Files(ScreenCommand):
    """The watched files."""

    id, keys = "files", "d"
    screen = FilesScreen


class Summary(ScreenCommand):
    """What happened."""

    id, keys = "summary", "S"
    screen = SummaryScreen


class Theme(ViewCommand):
    """Dark or light."""

    id, keys, word = "theme", "T", "theme"
    sentence = "Change between the dark and the light theme."

    @override
    async def run(self, board: Board) -> None:
        board.app.theme = "rollcall-light" if board.app.current_theme.dark else "rollcall-dark"


class Help(ViewCommand):
    """All keys."""

    id, keys, footer = "help", "question_mark,f1", 1

    @override
    async def run(self, board: Board) -> None:
        await board.app.run_action("help")


COMMANDS = (Journal, Plan, Checks, Files, Summary, Theme, Help)
