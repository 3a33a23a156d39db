"""The palette: every command of the table, what is possible now first; the others say why they are not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from typing_extensions import override

if TYPE_CHECKING:
    from tui.console.board import BoardScreen
    from tui.console.commands.base import KeyCommand


class BoardCommands(Provider):
    """Asked by Textual's palette, over the board alone."""

    @property
    def _board(self) -> BoardScreen | None:
        board: BoardScreen | None = getattr(self.app, "board", None)
        return board if board is self.screen else None

    def _all(self, board: BoardScreen) -> Iterator[tuple[KeyCommand, str]]:
        """Each command with what stands in its way, those in whose way nothing stands first."""
        found = [(command, command.refusal(board)) for command in board.commands]
        yield from sorted(found, key=lambda item: bool(item[1]))

    @override
    async def discover(self) -> Hits:
        if (board := self._board) is not None:
            for command, refusal in self._all(board):
                name, run = _named(command, board), partial(board.action_command, command.id)
                ink = "$ink-quiet" if refusal else ""
                yield DiscoveryHit(
                    Content.styled(name, ink), run, text=name, help=_help(command, refusal, board)
                )

    @override
    async def search(self, query: str) -> Hits:
        if (board := self._board) is None:
            return
        matcher = self.matcher(query)
        for command, refusal in self._all(board):
            name = _named(command, board)
            if (score := matcher.match(name)) > 0:
                run = partial(board.action_command, command.id)
                shown, told = matcher.highlight(name), _help(command, refusal, board)
                yield Hit(score - 1000.0 if refusal else score, shown, run, name, told)


def _named(command: KeyCommand, board: BoardScreen) -> str:
    return f"{command.label(board)} ({command.key})"


def _help(command: KeyCommand, refusal: str, board: BoardScreen) -> str:
    why = refusal.removeprefix(f"{command.word}: ")
    return board.model.glyphs.plain(f"not now: {why}" if refusal else command.sentence)
