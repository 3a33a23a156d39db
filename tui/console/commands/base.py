"""What a key does: one class each, from which keys, footer, palette and help are made; and its board."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from textual.app import App
from textual.screen import Screen

from tui.console.dialogs.base import Dialog
from tui.console.look.keys import shown
from tui.console.panes.pane_slot import PaneSlot
from tui.console.view_model import ViewModel
from tui.console.widgets.node_box import NodeBox
from tui.console.widgets.step_rail import StepRail
from tui.model.intents import Intent
from tui.model.run import Node
from tui.text.commands import COMMANDS

if TYPE_CHECKING:
    from tui.console.commands.opening import SelfOpening

T = TypeVar("T")


class Board(Protocol):
    """What a command reads, asks, hands in and moves; ``BoardScreen`` is the one that implements it."""

    model: ViewModel
    commands: tuple[KeyCommand, ...]
    """Every one, in the order of the help."""
    nodes: NodeBox
    slots: tuple[PaneSlot, ...]
    rail: StepRail
    shown_slot: PaneSlot
    """The pane in sight where there is room for one."""
    full: bool
    """One pane has the whole screen."""
    opening: SelfOpening
    """When the confirm opens by itself."""

    @property
    def app(self) -> App[Any]:
        """For the theme and the clipboard."""
        ...

    @property
    def busy(self) -> bool:
        """A command is under way: its dialog is open, or it is between two dialogs."""
        ...

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
        ...

    @property
    def slot(self) -> PaneSlot:
        """The pane that has the focus, else the one in sight that was last used."""
        ...

    def get_selected_text(self) -> str | None:
        """What the mouse marked."""
        ...

    def redraw(self) -> None:
        """Draw everything at the next tick."""
        ...

    def say(self, sentence: str, *, well: bool = False) -> None:
        """Put a sentence into the status line for a while; ``well`` when it refuses nothing."""
        ...

    def submit(self, intent: Intent) -> bool:
        """Hand an intent to the engine and say its answer; True when it was taken."""
        ...

    async def ask(self, dialog: Dialog[T]) -> T | None:
        """Show a dialog and wait for its answer; None when it was closed without one."""
        ...

    def open(self, screen: Screen[Any]) -> None:
        """Show another screen over the board."""
        ...

    def leave(self) -> None:
        """End the console; what runs on a node goes on."""
        ...


def key_of(board: Board, name: str) -> str:
    """The key of the command with this id, for sentences."""
    return next(command.key for command in board.commands if command.id == name)


class KeyCommand(ABC):
    """One thing a person can do. It is in use once its module's ``COMMANDS`` names it."""

    id: ClassVar[str]
    keys: str
    """Textual's names, separated by commas; the first one is shown. A person may have given it others."""
    word: ClassVar[str]
    """Like ``sentence``, taken from the words of both front ends where those have the id."""
    sentence: ClassVar[str]
    group: ClassVar[str]
    """Its heading in the help."""
    dangerous: ClassVar[bool] = False
    changes: ClassVar[bool] = False
    """It asks the engine for something, so read-only mode refuses it."""
    outlives_run: ClassVar[bool] = True
    """It can be used when the run is over."""
    asks: ClassVar[bool] = True
    """It opens a dialog: from its key on, keys wait for that and are no commands."""
    priority: ClassVar[bool] = False
    """The key works whatever has the focus."""
    footer: ClassVar[int] = 0
    """Its importance in the footer, 1 stays longest when that is narrow; 0: not in the footer."""

    beside_pane: ClassVar[bool] = False
    """Its key stands beside the titles of the panes of output."""

    def __init_subclass__(cls) -> None:
        if (shared := COMMANDS.get(cls.__dict__.get("id", ""))) is not None:
            cls.word, cls.sentence = shared

    @property
    def key(self) -> str:
        """The key as people read it."""
        return shown(self.keys.split(",")[0])

    @property
    def help_keys(self) -> str:
        """All its keys, but for the one by which terminals interrupt."""
        return ", ".join(shown(key) for key in self.keys.split(",") if key != "ctrl+c")

    def label(self, board: Board) -> str:
        """The word for the footer; it may follow the state (pause, resume)."""
        return self.word

    def refusal(self, board: Board) -> str:
        """Why the command cannot be used now, as a sentence; empty when it can."""
        return self.never(board) or self.why_not(board)

    def never(self, board: Board) -> str:
        """Why it will not be of use here any more, whatever comes."""
        if self.changes and board.model.engine.read_only:
            return f"{self.word}: this console is read-only; it shows the run and changes nothing"
        if not self.outlives_run and board.model.run.status.final:
            return f"{self.word}: this run is over"
        return ""

    def why_not(self, board: Board) -> str:
        """The command's own reasons to be grey."""
        return ""

    @abstractmethod
    async def run(self, board: Board) -> None:
        """Do it: ask what has to be asked, then submit an intent or change the view."""


class RunCommand(KeyCommand):
    """Asks the engine for something: the base of an action key."""

    group = "The run"
    changes = True


class ViewCommand(KeyCommand):
    """Changes only what is seen: the base of a view key."""

    group = "What is shown"
    asks = False
