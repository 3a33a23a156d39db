"""Keys that show another screen over the board, or the same one in other colours."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tui.console.commands.base import Board, ViewCommand

if TYPE_CHECKING:
    from textual.screen import Screen


# Each screen is loaded when it is first asked for.
# ruff: noqa: PLC0415


class _ScreenCommand(ViewCommand):
    """Opens a screen."""

    @abstractmethod
    def screen(self, board: Board) -> Screen[Any]:
        """The screen, made anew."""

    @override
    async def run(self, board: Board) -> None:
        board.open(self.screen(board))


class Journal(_ScreenCommand):
    """Every event."""

    id, keys, word, footer = "journal", "j", "journal", 10
    sentence = "Show every event with its time, who caused it, and what it says."

    @override
    def screen(self, board: Board) -> Screen[Any]:
        from tui.console.screens.journal import JournalScreen

        return JournalScreen(board.model)


class Plan(_ScreenCommand):
    """Every command."""

    id, keys, word, footer = "plan", "l,P", "plan", 11
    sentence = "Show every command for every node, in order."

    @override
    def screen(self, board: Board) -> Screen[Any]:
        from tui.console.screens.plan import PlanScreen

        return PlanScreen(board.model)


class Checks(_ScreenCommand):
    """The preflight."""

    id, keys, word, footer = "checks", "o", "checks", 13
    sentence = "Show the preflight checks: passed, warning or error, what it means and the remedy."

    @override
    def screen(self, board: Board) -> Screen[Any]:
        from tui.console.screens.checks import ChecksScreen

        return ChecksScreen(board.model)


class Summary(_ScreenCommand):
    """What happened."""

    id, keys, word = "summary", "S", "summary"
    sentence = "Show what this run has done so far: counts, exceptions, what is still out of service."

    @override
    def screen(self, board: Board) -> Screen[Any]:
        from tui.console.screens.summary import SummaryScreen

        return SummaryScreen(board.model)


class Theme(ViewCommand):
    """Dark or light."""

    id, keys, word = "theme", "T", "theme"
    sentence = "Change between the dark and the light theme."

    @override
    async def run(self, board: Board) -> None:
        board.app.theme = "rollcall-light" if board.app.current_theme.dark else "rollcall-dark"


class Help(_ScreenCommand):
    """All keys."""

    id, keys, shown_key, word, footer = "help", "question_mark,f1", "?", "help", 1
    sentence = "Show every key and what it does."

    @override
    def screen(self, board: Board) -> Screen[Any]:
        from tui.console.screens.help import HelpScreen, KeyHelp

        return HelpScreen(
            board.model,
            [KeyHelp(c.group, c.help_keys, c.word, c.sentence, c.dangerous) for c in board.commands],
        )


COMMANDS = (Journal, Plan, Checks, Summary, Theme, Help)
