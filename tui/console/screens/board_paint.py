"""Draws the run onto the board's parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content

from tui.console.commands.table import BY_ID, footer
from tui.console.view.header import header
from tui.console.view.marks import node_mark
from tui.console.view.rail import rail
from tui.console.view.status import status
from tui.console.widgets.key_bar import KeyBar, KeyHint
from tui.console.widgets.plain import Plain
from tui.model.states import RunStatus
from tui.text.sanitize import sanitize_line

if TYPE_CHECKING:
    from tui.console.screens.board import BoardScreen

MIN_WIDTH, MIN_HEIGHT = 80, 24


def paint(board: BoardScreen) -> None:
    """Draw everything but the output."""
    width, height = board.size
    small = width < MIN_WIDTH or height < MIN_HEIGHT
    board.set_class(small, "-small")
    if small:
        words = f"Rollcall needs {MIN_WIDTH} columns and {MIN_HEIGHT} rows; "
        words += f"this terminal has {width} and {height}.\nMake it larger; the run goes on meanwhile."
        board.query_one("#small", Plain).show(Content.styled(words, "$ink-warn"))
        return
    board.query_one("#header", Plain).show(header(board.model, width), layout=False)
    board.nodes.draw(max(3, (height - 14) // 3))
    paint_slots(board)
    paint_rail(board)
    paint_status(board)
    paint_keys(board)


def paint_slots(board: BoardScreen) -> None:
    """Follow the selected node's step from tab to tab, and show one pane or two."""
    node = board.selected
    step = node.current_step if node else None
    if node is not None:
        for slot in (board.left, board.right):
            if slot.follow_step(node.name, step.name if step else None):
                board.shown_slot = slot
    one = board.has_class("-narrow") or board.has_class("-full")
    for slot in (board.left, board.right):
        slot.display = not one or slot is board.shown_slot


def paint_rail(board: BoardScreen) -> None:
    """Draw the selected node's steps."""
    node = board.selected
    box = board.query_one("#rail")
    if node is None:
        return
    mark = node_mark(node, board.model.glyphs)
    box.border_title = Content.assemble(
        (sanitize_line(node.name, 24), "bold $ink-strong"),
        (f" {board.model.glyphs.dot} ", "$ink-quiet"),
        (mark.word, f"$ink-{mark.ink}"),
    )
    width = max(20, box.scrollable_content_region.width)
    board.query_one("#steps", Plain).show(rail(board.model, node, width))


def paint_status(board: BoardScreen) -> None:
    """Draw the line that says why."""
    advice = board.model.engine.advice()
    decide = BY_ID["confirm"]
    if advice.next_action and decide.label(board) == "decide" and not decide.refusal(board):
        checks = "o shows every check; " if board.model.run.status is RunStatus.BLOCKED else ""
        advice = replace(advice, next_action=f"{checks}enter to decide; {advice.next_action}")
    elif board.model.run.status.final:
        written = "" if board.model.engine.read_only else ", writes the report and says where it lies"
        advice = replace(advice, next_action=f"S shows what happened; q leaves{written}")
    width, height = board.size
    most = 3 if height >= 30 else 2
    shown = status(advice, board.said, width, board.model.glyphs, well=board.said_well, most=most)
    board.query_one("#status", Plain).show(shown)


def paint_keys(board: BoardScreen) -> None:
    """Draw the footer, greying what would be refused."""
    hints = [
        KeyHint(command.id, command.key, command.label(board), not command.refusal(board), command.footer)
        for command in footer()
    ]
    board.query_one("#keys", KeyBar).draw(hints, board.size.width)
