"""The board: nodes, the steps of one of them, its output, and a line that says why."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen

from tui.console.commands.table import BY_ID, bindings
from tui.console.dialogs.base import Dialog
from tui.console.panes.pane_slot import SERVICES_TABS, SIA_TABS, PaneSlot
from tui.console.screens import board_paint, board_view
from tui.console.view_model import ViewModel
from tui.console.widgets.key_bar import KeyBar
from tui.console.widgets.node_box import NodeBox
from tui.console.widgets.node_grid import NodeGrid
from tui.console.widgets.plain import Plain
from tui.model.intents import Intent
from tui.model.run import Node, Run

T = TypeVar("T")
TICK = 0.1
"""Seconds between two looks at what is new: the only timer of the board."""
DEAF_AFTER_VOID = 0.8
"""Seconds without keys after a dialog closed by itself, or did not open: as long as it takes to see that."""
SAID_FOR = 80
"""Ticks for which an answer stays in the status line."""


class BoardScreen(Screen[None]):
    """Composes the board and is what commands know as their board."""

    CSS_PATH = "board.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = "#grid"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as the base class declares it
        (0, "-narrow"),
        (120, "-wide"),
        (144, "-wider"),
    ]

    def __init__(self, model: ViewModel) -> None:
        super().__init__()
        self.model = model
        self.nodes = NodeBox(model, id="nodes")
        self.left = PaneSlot(model, SIA_TABS, id="sia")
        self.right = PaneSlot(model, SERVICES_TABS, id="services")
        self.shown_slot = self.left
        """The pane in sight where there is room for one."""
        self.said, self.said_well = "", False
        """An answer for the status line, and whether it tells of something done rather than refused."""
        self._said_ticks = 0
        self.deaf_until = 0.0
        """Until this moment of the app's clock, keys are dropped: while a dialog is about to open, too."""
        self._deaf_after = 0.0
        """The same, for when the command under way has ended."""
        self._followed: str | None = None
        """The node in work that the cursor last went to."""
        self._changed = True
        self._ticks = 0
        self._busy = False
        self._ended = False

    def compose(self) -> ComposeResult:
        """The parts, in order."""
        with Vertical(id="board"):
            yield Plain(id="header")
            yield self.nodes
            with Horizontal(id="work"):
                with VerticalScroll(id="rail", classes="box"):
                    yield Plain(id="steps")
                yield self.left
                yield self.right
            yield Plain(id="status")
            yield KeyBar(id="keys")
        yield Plain(id="small")

    def on_mount(self) -> None:
        """Finish what needs the parts to be there."""
        self.model.watch(self._heard)
        self.set_interval(TICK, self.tick)
        self.call_after_refresh(self.tick)

    def _heard(self, run: Run) -> None:
        self._changed = True

    def tick(self) -> None:
        """Read output for the panes in sight, and redraw what changed; clocks once a second."""
        self._ticks += 1
        if self._said_ticks:
            self._said_ticks -= 1
            if not self._said_ticks:
                self.said, self._changed = "", True
        if self._hidden():
            return
        if self._changed or self._ticks % 10 == 0:
            self._changed = False
            board_paint.paint(self)
            self._go_to_work()
            self._show_the_end()
        for slot in (self.left, self.right):
            if slot.display:
                slot.tick(self.selected)

    def _go_to_work(self) -> None:
        """Go along from node to node in work, unless the person has turned to another one."""
        current = self.model.run.current
        if current is None or current == self._followed:
            return
        if self._followed is None or self.nodes.grid.chosen == self._followed:
            self.nodes.grid.choose(current)
        self._followed = current

    def _hidden(self) -> bool:
        """True while another full screen covers the board; under a dialog it stays alive."""
        stack = self.app.screen_stack
        above = stack[stack.index(self) + 1 :] if self in stack else []
        return any(not screen.is_modal for screen in above)

    def _show_the_end(self) -> None:
        if self.model.run.status.final and not self._ended:
            self._ended = True
            board_view.do(self, "summary")

    def redraw(self) -> None:
        """Draw everything at the next tick."""
        self._changed = True

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
        nodes = self.model.run.nodes
        name = self.nodes.grid.chosen
        return nodes.get(name) if name else next(iter(nodes.values()), None)

    def say(self, sentence: str, *, well: bool = False) -> None:
        """Put a sentence into the status line for a while; ``well`` when it refuses nothing."""
        self.said, self.said_well, self._said_ticks = sentence, well, SAID_FOR
        board_paint.paint_status(self)

    def submit(self, intent: Intent) -> bool:
        """Hand an intent to the engine and say its answer."""
        reply = self.model.engine.submit(intent)
        if reply.sentence:
            self.say(reply.sentence, well=reply.accepted)
        elif self.said:
            self.say("")
        self.redraw()
        return reply.accepted

    async def ask(self, dialog: Dialog[T]) -> T | None:
        """Show a dialog and wait for its answer."""
        dialog.glyphs = self.model.glyphs
        stop = self.model.watch(dialog.state_changed)
        try:
            answer = await self.app.push_screen_wait(dialog)
        finally:
            stop()
        # An answer may have been on its way while the ground shifted.
        if dialog.closed_because or (answer is not None and dialog.void_now(self.model.run)):
            self.say(dialog.closed_because)
            # The key that was meant for the dialog must not become a command.
            self._deaf_after = dialog.clock() + DEAF_AFTER_VOID
            return None
        return answer

    def open(self, screen: Screen[Any]) -> None:
        """Show another screen over the board."""
        self.app.push_screen(screen)

    def do(self, what: str) -> str:
        """Something only widgets can do; returns a sentence to say, or nothing."""
        return board_view.do(self, what)

    def leave(self) -> None:
        """End the console."""
        self.app.exit(0)

    def action_command(self, name: str) -> None:
        """Run a command, or say why it is grey."""
        command = BY_ID[name]
        if self._busy:
            return
        if reason := command.refusal(self):
            self.say(reason)
            if command.asks:  # what follows was meant for a dialog that does not open
                self.deaf_until = self._clock() + DEAF_AFTER_VOID
        else:
            self.said, self._said_ticks = "", 0
            # From this very key on: what is typed ahead of a dialog is never a command.
            self._busy, self._deaf_after = True, 0.0
            self.deaf_until = float("inf") if command.asks else self.deaf_until
            # A worker, because commands wait for dialogs; of the screen, because dialogs come and go.
            self.run_worker(self._run(name), group="command")

    async def _run(self, name: str) -> None:
        try:
            await BY_ID[name].run(self)
        finally:
            self._busy, self.deaf_until = False, self._deaf_after

    def _clock(self) -> float:
        """The app's clock, in seconds."""
        clock: Callable[[], float] = getattr(self.app, "monotonic", time.monotonic)
        return clock()

    @on(KeyBar.Pressed)
    def _key_clicked(self, event: KeyBar.Pressed) -> None:
        self.action_command(event.command)

    @on(NodeGrid.Chosen)
    def _node_chosen(self) -> None:
        board_paint.paint_rail(self)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out anew for the new size."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        board_paint.paint(self)
