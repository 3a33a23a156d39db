"""Keys for the parts of the board: its nodes and its panes of output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.console.commands.base import Board, ViewCommand
from tui.journal.follow import CHUNK_SIZE
from tui.text.sanitize import sanitize_line

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.console.panes.pane_slot import PaneSlot


class Search(ViewCommand):
    """Search the pane, or filter the nodes."""

    id, keys, word, footer = "search", "slash", "search", 8
    sentence = "Search in the pane that has the focus; from the nodes, filter them by name or state."

    @override
    async def run(self, board: Board) -> None:
        if board.slot.has_focus_within:
            board.slot.begin_search()
        else:
            board.nodes.begin_search()
            board.redraw()


class Full(ViewCommand):
    """One pane over the whole screen."""

    id, keys, word, footer = "full", "f", "full", 9
    sentence = "Give a pane the whole screen, and back."

    @override
    async def run(self, board: Board) -> None:
        board.shown_slot = board.slot
        board.full = not board.full
        board.shown_slot.pane.focus()
        board.redraw()
        if board.full:
            board.say(f"{self.key} again shows the whole board", well=True)


class Tab(ViewCommand):
    """Show the pane's other output."""

    id, keys, word = "tab", "t", "tab"
    beside_pane = True
    sentence = "Show the pane's next tab: SIA or build; dis_services, applications or reboot."

    @override
    async def run(self, board: Board) -> None:
        board.slot.next_tab()


class Panes(ViewCommand):
    """Go from part to part."""

    id, keys, word, footer = "panes", "tab", "panes", 12
    sentence = "Go to the next part of the board: nodes, SIA, dis_services, steps."
    priority = True  # Textual's own tab stops at every part that can scroll
    step = 1

    @override
    async def run(self, board: Board) -> None:
        parts: list[tuple[Widget, PaneSlot | None]] = [(slot.pane, slot) for slot in board.slots]
        if not board.full:
            parts = [(board.nodes.grid, None), *parts, (board.rail, None)]
        at = next((i for i, (part, slot) in enumerate(parts) if (slot or part).has_focus_within), -1)
        part, slot = parts[(at + self.step) % len(parts)]
        if slot is not None:
            board.shown_slot = slot
            slot.display = True
            board.redraw()
        part.focus()


class PanesBack(Panes):
    """Go from part to part, backwards."""

    id, keys, word, footer = "panes-back", "shift+tab", "panes back", 0
    sentence = "Go to the part of the board before this one."
    step = -1


class Working(ViewCommand):
    """Back to the node in work."""

    id, keys, word = "working", "full_stop", "working"
    sentence = "Put the cursor back on the node that is being worked on."

    @override
    def why_not(self, board: Board) -> str:
        return "working: no node is being worked on" if board.model.run.current is None else ""

    @override
    async def run(self, board: Board) -> None:
        board.nodes.turn_to(board.model.run.current)


class Write(ViewCommand):
    """Write a pane to a file."""

    id, keys, word = "write", "w", "write"
    beside_pane = True
    sentence = "Write all the output of the pane to a file in the directory where Rollcall was started."

    @override
    async def run(self, board: Board) -> None:
        slot, node = board.slot, board.selected
        if node is None or not slot.stream:
            board.say("write: this pane has no output yet")
            return
        names = [Path(f"{slot.where}.log"), *(Path(f"{slot.where}-{n}.log") for n in range(2, 1000))]
        path = next((path for path in names if not path.exists()), names[-1])
        size = 0
        try:
            with path.open("xb") as file:
                for step, number in slot.stream:
                    offset = 0
                    while data := board.model.engine.output(node.name, step, number, offset, CHUNK_SIZE):
                        offset += file.write(data)
                    size += offset
        except OSError as error:
            why = error.strerror or "unknown error"
            board.say(f"write: {sanitize_line(str(path), 200)} cannot be written: {why}")
            return
        where = sanitize_line(str(Path.cwd()), 200)
        board.say(f"wrote {path.name}: {size:,} bytes as the node printed them, in {where}", well=True)


class Copy(ViewCommand):
    """Copy to the clipboard."""

    id, keys, word = "copy", "y", "copy"
    beside_pane = True
    sentence = "Copy what the mouse marked, or else the lines in sight, to the terminal's clipboard."

    @override
    async def run(self, board: Board) -> None:
        text = board.get_selected_text() or board.slot.pane.text_in_sight()
        if not text:
            board.say("copy: there is nothing in this pane")
            return
        board.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        board.say(f"copied {lines} line{'s' if lines > 1 else ''} to the terminal's clipboard", well=True)


COMMANDS = (Search, Full, Tab, Panes, PanesBack, Working, Write, Copy)
