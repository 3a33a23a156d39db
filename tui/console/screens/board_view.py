"""What the view commands do to the board: searching, panes, files, other screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui.console.panes.feed import BITE
from tui.console.panes.pane_slot import PaneSlot
from tui.text.sanitize import sanitize_line

if TYPE_CHECKING:
    from tui.console.screens.board import BoardScreen


def do(board: BoardScreen, what: str) -> str:
    """Carry out a view command; returns a sentence to say, or nothing."""
    return _ACTIONS[what](board)


def _slot(board: BoardScreen) -> PaneSlot:
    """The pane that has the focus, else the one in sight that was last used."""
    for slot in (board.left, board.right):
        if slot.has_focus_within:
            return slot
    return board.shown_slot


def _search(board: BoardScreen) -> str:
    if board.left.has_focus_within or board.right.has_focus_within:
        _slot(board).begin_search()
    else:
        board.nodes.begin_filter()
        board.redraw()
    return ""


def _full(board: BoardScreen) -> str:
    slot = _slot(board)
    board.shown_slot = slot
    board.toggle_class("-full")
    slot.pane.focus()
    board.redraw()
    return "f again shows the whole board" if board.has_class("-full") else ""


def _tab(board: BoardScreen) -> str:
    _slot(board).next_tab()
    return ""


def _panes(step: int) -> Callable[[BoardScreen], str]:
    def go(board: BoardScreen) -> str:
        parts: list[tuple[Widget, PaneSlot | None]] = [
            (board.nodes.grid, None),
            (board.left.pane, board.left),
            (board.right.pane, board.right),
            (board.query_one("#rail"), None),
        ]
        if board.has_class("-full"):
            parts = parts[1:3]
        here = next(
            (i for i, (part, slot) in enumerate(parts) if (slot or part).has_focus_within or part.has_focus),
            -1,
        )
        part, slot = parts[(here + step) % len(parts)]
        if slot is not None:
            board.shown_slot = slot
            slot.display = True
            board.redraw()
        part.focus()
        return ""

    return go


def _working(board: BoardScreen) -> str:
    current = board.model.run.current
    if current is not None:
        board.nodes.filter_by("")
        board.nodes.grid.choose(current)
    return ""


def _write(board: BoardScreen) -> str:
    slot, engine = _slot(board), board.model.engine
    node = board.selected
    attempts = slot.stream
    if node is None or not attempts:
        return "write: this pane has no output yet"
    path = Path(f"{slot.where}.log")
    for count in range(2, 1000):
        if not path.exists():
            break
        path = Path(f"{slot.where}-{count}.log")
    size = 0
    try:
        with path.open("xb") as file:
            for step, number in attempts:
                offset = 0
                while data := engine.output(node.name, step, number, offset, BITE):
                    offset += file.write(data)
                size += offset
    except OSError as error:
        return (
            f"write: {sanitize_line(str(path), 200)} cannot be written: {error.strerror or 'unknown error'}"
        )
    where = sanitize_line(str(Path.cwd()), 200)
    return f"wrote {path.name}: {size:,} bytes as the node printed them, in {where}"


def _copy(board: BoardScreen) -> str:
    text = board.get_selected_text() or _slot(board).pane.text_in_sight()
    if not text:
        return "copy: there is nothing in this pane"
    board.app.copy_to_clipboard(text)
    lines = text.count("\n") + 1
    return f"copied {lines} line{'s' if lines > 1 else ''} to the terminal's clipboard"


def _theme(board: BoardScreen) -> str:
    app = board.app
    app.theme = "rollcall-light" if app.current_theme.dark else "rollcall-dark"
    return ""


def _journal(board: BoardScreen) -> str:
    from tui.console.screens.journal import JournalScreen  # noqa: PLC0415 - loaded when it is first asked for

    board.open(JournalScreen(board.model))
    return ""


def _plan(board: BoardScreen) -> str:
    from tui.console.screens.plan import PlanScreen  # noqa: PLC0415 - as above

    board.open(PlanScreen(board.model))
    return ""


def _checks(board: BoardScreen) -> str:
    from tui.console.screens.checks import ChecksScreen  # noqa: PLC0415 - as above

    board.open(ChecksScreen(board.model))
    return ""


def _summary(board: BoardScreen) -> str:
    from tui.console.screens.summary import SummaryScreen  # noqa: PLC0415 - as above

    board.open(SummaryScreen(board.model, getattr(board.app, "ending", tuple)()))
    return ""


def _help(board: BoardScreen) -> str:
    from tui.console.screens.help import HelpScreen  # noqa: PLC0415 - as above

    board.open(HelpScreen(board.model))
    return ""


_ACTIONS: dict[str, Callable[[BoardScreen], str]] = {
    "search": _search,
    "full": _full,
    "tab": _tab,
    "panes": _panes(1),
    "panes-back": _panes(-1),
    "working": _working,
    "write": _write,
    "copy": _copy,
    "theme": _theme,
    "journal": _journal,
    "plan": _plan,
    "checks": _checks,
    "summary": _summary,
    "help": _help,
}
