"""Keys that show another screen over the board, or the same one in other colours."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override

from tui.console.commands.base import Board, ViewCommand
from tui.console.screens.checks import ChecksScreen
from tui.console.screens.document import DocumentScreen
from tui.console.screens.files import FilesScreen
from tui.console.screens.help import HelpScreen, KeyHelp
from tui.console.screens.journal import JournalScreen
from tui.console.screens.plan import PlanScreen
from tui.console.screens.summary import SummaryScreen


class ScreenCommand(ViewCommand):
    """Shows a screen made of the view model alone."""

    screen: ClassVar[type[DocumentScreen]]

    @override
    async def run(self, board: Board) -> None:
        board.open(self.screen(board.model))


class Journal(ScreenCommand):
    """Every event."""

    id, keys, word, footer = "journal", "j", "journal", 10
    sentence = "Show every event with its time, who caused it, and what it says."
    screen = JournalScreen


class Plan(ScreenCommand):
    """Every command."""

    id, keys, word, footer = "plan", "l,P", "plan", 11
    sentence = "Show every command for every node, in order."
    screen = PlanScreen


class Checks(ScreenCommand):
    """The preflight."""

    id, keys, word, footer = "checks", "o", "checks", 13
    sentence = "Show the preflight checks: passed, warning or error, what it means and the remedy."
    screen = ChecksScreen


class Files(ScreenCommand):
    """The watched files."""

    id, keys, word = "files", "d", "files"
    sentence = "Show the files that are watched on the nodes, and line by line how they differ from before."
    screen = FilesScreen


class Summary(ScreenCommand):
    """What happened."""

    id, keys, word = "summary", "S", "summary"
    sentence = "Show what this run has done so far: counts, exceptions, what is still out of service."
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

    id, keys, shown_key, word, footer = "help", "question_mark,f1", "?", "help", 1
    sentence = "Show every key and what it does."

    @override
    async def run(self, board: Board) -> None:
        keys = [KeyHelp(c.group, c.help_keys, c.word, c.sentence, c.dangerous) for c in board.commands]
        board.open(HelpScreen(board.model, keys))


COMMANDS = (Journal, Plan, Checks, Files, Summary, Theme, Help)
