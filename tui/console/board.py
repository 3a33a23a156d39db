"""The board: nodes, the steps of one of them, its output, and a line that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from typing_extensions import override

from tui.console.commands.advice import advice
from tui.console.commands.base import KeyCommand
from tui.console.commands.opening import SelfOpening
from tui.console.commands.table import COMMANDS, bindings, hints
from tui.console.dialogs.base import Dialog, clock, tell_untold
from tui.console.listening import behind, paint_anew, quick
from tui.console.panes.pane_slot import SERVICES_TABS, SIA_TABS, PaneSlot
from tui.console.screens.summary import SummaryScreen
from tui.console.ticking import TickingScreen
from tui.console.view.header import MIN_HEIGHT, MIN_WIDTH, header, too_small
from tui.console.view.progress import progress
from tui.console.view.tonight import nothing_begun
from tui.console.view_model import ViewModel
from tui.console.widgets.brief import Brief
from tui.console.widgets.key_bar import KeyBar
from tui.console.widgets.node_box import NodeBox
from tui.console.widgets.node_grid import NodeGrid
from tui.console.widgets.plain import Plain
from tui.console.widgets.status_line import StatusLine
from tui.console.widgets.step_rail import StepRail
from tui.model.events import Event
from tui.model.intents import Intent
from tui.model.run import Node, Run
from tui.rollout.interface import Advice

T = TypeVar("T")
DEAF_AFTER_STALE = 0.8
"""Seconds without keys after a dialog closed by itself, or did not open: as long as it takes to see that."""


class BoardScreen(TickingScreen):
    """Composes the board and is what commands know as their board."""

    CSS_PATH = "board.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = "#grid"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as the base class declares it
        (0, "-narrow"),
        (120, "-wide"),
        (144, "-wider"),
    ]

    def __init__(self, model: ViewModel, commands: tuple[KeyCommand, ...] = COMMANDS) -> None:
        super().__init__()
        self.model = model
        self.nodes = NodeBox(model, id="nodes")
        self.left = PaneSlot(model, SIA_TABS, id="sia")
        self.right = PaneSlot(model, SERVICES_TABS, id="services")
        self.slots: tuple[PaneSlot, ...] = (self.left, self.right)
        self.shown_slot = self.left
        self.brief = Brief(model, id="brief")
        self.rail = StepRail(model, id="rail")
        self.status = StatusLine(model.glyphs, id="status")
        self.commands, self._by_id = commands, {command.id: command for command in commands}
        self.opening = SelfOpening()
        self.deaf_until = 0.0
        """Until this moment of the app's clock, keys are dropped: while a dialog is about to open, too."""
        self._deaf_after = 0.0  # the same, for when the command under way has ended
        self._followed: str | None = None  # the node in work that the cursor last went to
        self._busy = False
        self._ended = False

    @override
    def compose(self) -> ComposeResult:
        with Vertical(id="board"):
            yield Plain(id="header")
            yield Plain(id="progress")
            yield self.nodes
            with Horizontal(id="work"):
                yield self.rail
                yield self.left
                yield self.right
                yield self.brief
            yield self.status
            yield KeyBar(id="keys")
        yield Plain(id="small")

    @on(events.Mount)
    def _begin(self) -> None:
        self.model.engine.subscribe(self._heard)

    def _heard(self, _event: Event, _run: Run) -> None:
        self.redraw()

    @override
    def look(self, *, changed: bool) -> bool:
        changed |= self.status.tick(changed)
        if self._hidden():
            return False  # all is drawn when it is seen again
        if changed:
            self._paint()
            self._go_to_work()
            self._show_the_end()
        late = behind(self.app)
        reading = [late or slot.tick(self.selected) for slot in self.slots if slot.display]
        self._open_by_itself()
        node, waits = self.model.run.working, self.app.screen is self and self.opening.wanted(self.model)
        works = node is not None and node.active_step is not None
        return any(reading) or works or waits or bool(self.status.said)

    def _open_by_itself(self) -> None:
        free = self.app.screen is self and not self._busy and not self.has_class("-small")
        if free and self.opening.due(self.model, self.app):
            self._start(self._by_id["confirm"])

    @on(events.Resize)
    def _resized(self) -> None:
        self.redraw()  # under a dialog the parts have their new sizes only then
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        """Draw everything but the output."""
        width, height = self.size
        small = width < MIN_WIDTH or height < MIN_HEIGHT
        self.set_class(small, "-small")
        if small:
            self.query_one("#small", Plain).show(too_small(width, height))
            return
        said = advice(self)
        self.query_one("#header", Plain).show(header(self.model, said, width), rows=True)
        self.query_one("#progress", Plain).show(progress(self.model, width), rows=True)
        self.nodes.draw(max(3, (height - 14) // 3))
        self._paint_slots(said)
        self._paint_rail()
        self._paint_status(said)
        self.query_one("#keys", KeyBar).draw(hints(self) if self.app.screen is self else [], width)

    def _paint_slots(self, said: Advice) -> None:
        """Follow the selected node's step from tab to tab, and show one pane or two, or what lies ahead."""
        node = self.selected
        step = node.current_step if node else None
        if node is not None:
            for slot in self.slots:
                if slot.follow_step(node.name, step.name if step else None):
                    self.shown_slot = slot
        keys = [(command.key, command.word) for command in self.commands if command.beside_pane]
        one = self.has_class("-narrow") or self.full
        self.brief.display = brief = nothing_begun(self.model.run) and not self.full
        if brief:
            self.brief.draw(said, {command.id: command.key for command in self.commands})
        for slot in self.slots:
            slot.display = not brief and (not one or slot is self.shown_slot)
            slot.name_keys(keys)

    @on(NodeGrid.Chosen)
    def _paint_rail(self) -> None:
        if (node := self.selected) is not None:
            self.rail.draw(node)

    def _paint_status(self, said: Advice | None = None) -> None:
        self.status.draw(said or advice(self), self.size.width, 3 if self.size.height >= 30 else 2)

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
            self.open(SummaryScreen(self.model))

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
        nodes = self.model.run.nodes
        name = self.nodes.grid.chosen
        return nodes.get(name) if name else next(iter(nodes.values()), None)

    @property
    def slot(self) -> PaneSlot:
        """The pane that has the focus, else the one that was last used."""
        return next((slot for slot in self.slots if slot.has_focus_within), self.shown_slot)

    @property
    def full(self) -> bool:
        """One pane has the whole screen."""
        return self.has_class("-full")

    @full.setter
    def full(self, full: bool) -> None:
        self.set_class(full, "-full")

    def say(self, sentence: str, *, well: bool = False, still: Callable[[], bool] = lambda: True) -> None:
        """Tell this for a while, as long as it is ``still`` true; ``well`` when it refuses nothing."""
        self.status.say(sentence, well=well, still=still)
        self._paint_status()

    def ignored(self, words: str) -> None:
        """Say that a key did nothing, behind the sentence that stands: that may be why."""
        self.status.add(words)
        self.redraw()

    def submit(self, intent: Intent) -> bool:
        """Hand an intent to the engine and say its answer."""
        reply = self.model.engine.submit(intent)
        if reply.sentence:
            before = self._situation
            still = (lambda: True) if reply.accepted else (lambda: self._situation == before)
            self.say(reply.sentence, well=reply.accepted, still=still)
        elif self.status.said:
            self.say("")
        self.redraw()
        return reply.accepted

    @property
    def _situation(self) -> tuple[object, ...]:
        """What a refusal of the engine was about."""
        run = self.model.run
        return run.status, run.code, run.current, run.offer, run.next_step, run.gate

    @property
    def busy(self) -> bool:
        """A command is under way: it may be between two dialogs."""
        return self._busy

    async def ask(self, dialog: Dialog[T]) -> T | None:
        """Show a dialog and wait for its answer."""
        dialog.glyphs = self.model.glyphs
        dialog.set_class(not quick(self.app), "-slow")
        self.redraw()
        paint_anew(self.app)  # what is decided by is drawn whole
        stop = self.model.engine.subscribe(dialog.state_changed)
        try:
            answer = await self.app.push_screen_wait(dialog)
        finally:
            stop()
        # An answer may have been on its way while the ground shifted.
        if dialog.closed_because or (answer is not None and dialog.is_stale(self.model.run)):
            self.say(dialog.closed_because)  # and the key that was meant for it must not become a command
            self._deaf_after = clock(self.app) + DEAF_AFTER_STALE
            return None
        return answer

    def open(self, screen: Screen[Any]) -> None:
        """Show another screen over the board."""
        self.app.push_screen(screen)

    def leave(self) -> None:
        """End the console."""
        self.app.exit(0)

    def action_command(self, name: str) -> None:
        """Run a command, or say why it is grey."""
        command = self._by_id[name]
        if self._busy:
            self.ignored(f"{command.word}: the key before it is not done yet; press it again")
        elif reason := command.refusal(self):
            self.say(reason, still=lambda: command.refusal(self) == reason)
            if command.asks:  # what follows was meant for a dialog that does not open
                self.deaf_until = clock(self.app) + DEAF_AFTER_STALE
        else:
            self.status.say("")
            self._start(command)

    def _start(self, command: KeyCommand) -> None:
        self._busy, self._deaf_after = True, 0.0
        if command.asks:  # from this very key on, what is typed ahead of a dialog is never a command
            self.deaf_until = float("inf")
        # A worker, because commands wait for dialogs; of the screen, because dialogs come and go.
        self.run_worker(self._run(command), group="command")
        self._paint_status()

    async def _run(self, command: KeyCommand) -> None:
        try:
            await command.run(self)
        finally:
            self._busy, self.deaf_until = False, self._deaf_after
            tell_untold(self.app)
            self.redraw()

    @on(KeyBar.Pressed)
    def _key_clicked(self, event: KeyBar.Pressed) -> None:
        self.action_command(event.command)
