"""What a command is, and what it may use of the board."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, TypeVar

from textual.screen import Screen

from tui.console.dialogs.base import Dialog
from tui.console.view_model import ViewModel
from tui.model.intents import Intent
from tui.model.run import Node

T = TypeVar("T")


class Board(Protocol):
    """The board as commands see it."""

    model: ViewModel

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
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

    def do(self, what: str) -> str:
        """Something only widgets can do (``search``, ``full`` ...); returns a sentence to say, or nothing."""
        ...

    def leave(self) -> None:
        """End the console; what runs on a node goes on."""
        ...


class Command(ABC):
    """One thing a person can do. The class variables feed keys, footer, palette and help."""

    id: ClassVar[str]
    keys: ClassVar[str]
    """Textual's names, separated by commas; the first one is shown."""
    shown_key: ClassVar[str] = ""
    """How the key is written for people where that differs from its name."""
    word: ClassVar[str]
    sentence: ClassVar[str]
    group: ClassVar[str]
    dangerous: ClassVar[bool] = False
    changes: ClassVar[bool] = False
    """It asks the engine for something, so read-only mode refuses it."""
    asks: ClassVar[bool] = True
    """It opens a dialog: from its key on, keys wait for that and are no commands."""
    footer: ClassVar[int] = 0
    """Place in the footer by importance, 1 first to stay when it is narrow; 0: not in the footer."""

    @property
    def key(self) -> str:
        """The key as people read it."""
        return self.shown_key or self.keys.split(",")[0]

    def label(self, board: Board) -> str:
        """The word for the footer; it may follow the state (pause, resume)."""
        return self.word

    def refusal(self, board: Board) -> str:
        """Why the command cannot be used now, as a sentence; empty when it can."""
        if self.changes and board.model.engine.read_only:
            return f"{self.word}: this console is read-only; it shows the run and changes nothing"
        return self.why_not(board)

    def why_not(self, board: Board) -> str:
        """The command's own reasons to be grey."""
        return ""

    @abstractmethod
    async def run(self, board: Board) -> None:
        """Do it: ask what has to be asked, then submit an intent or change the view."""
