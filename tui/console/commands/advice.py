"""The engine's advice with the keys of this console."""

from __future__ import annotations

import re
from dataclasses import replace

from textual.screen import ModalScreen

from tui.console.commands.base import Board, KeyCommand, key_of
from tui.model import problems
from tui.model.states import RunStatus
from tui.rollout.interface import Advice

_NAMED = ("resume", "rerun", "skip", "cancel")
"""Words of the engine that are commands here."""
_LOOKS = {
    problems.FILES_CHANGED.code: ("files", "the difference"),
    problems.RISKS_OPEN.code: ("checks", "remedy and source"),
}


def advice(board: Board) -> Advice:
    """Why nothing moves, or what moves, and which key does what is advised."""
    run, engine = board.model.run, board.model.engine
    said = engine.advice()
    if isinstance(board.app.screen, ModalScreen):
        return replace(said, next_action="esc puts it away")
    if run.status.final:
        written = "" if engine.read_only else ", writes the report and says where it lies"
        summary, leave = key_of(board, "summary"), key_of(board, "quit")
        return replace(said, next_action=f"{summary} shows what happened; {leave} leaves{written}")
    confirm, pause = _command(board, "confirm"), key_of(board, "pause")
    if run.offer is not None and run.status is RunStatus.RUNNING and not engine.broken:
        again = " again" if board.opening.is_put_away(run) else ""
        return replace(said, next_action=f"{confirm.key} shows it{again}; {pause} pauses the run")
    keyed = replace(said, next_action=_with_keys(board, said.next_action))
    if said.next_action and confirm.label(board) == "decide" and not confirm.refusal(board):
        blocked = run.status is RunStatus.BLOCKED
        name, shows = ("checks", "every check") if blocked else _LOOKS.get(run.code, ("", ""))
        looks = f"{key_of(board, name)} shows {shows}; " if name else ""
        joint = ". " if said.next_action[:1].isupper() else "; "
        return replace(keyed, next_action=f"{looks}{confirm.key} to decide{joint}{keyed.next_action}")
    return keyed


def _with_keys(board: Board, sentence: str) -> str:
    """``resume (p) to go on``: the first mention of each command with its key, where the key works now."""
    for word in _NAMED:
        command = next((each for each in board.commands if each.label(board) == word), None)
        if command is not None and not command.refusal(board):
            sentence = re.sub(rf"\b{word}\b", f"{word} ({command.key})", sentence, count=1)
    return sentence


def _command(board: Board, name: str) -> KeyCommand:
    return next(command for command in board.commands if command.id == name)
