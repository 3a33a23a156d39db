"""What all dialogs share: a frame, keys that are dropped at first, an end when their question is stale."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer

from tui.console.dialogs.stale import StaleCheck
from tui.console.look.glyphs import UNICODE, Glyphs
from tui.console.widgets.key_bar import key_at, press
from tui.console.widgets.plain import Plain
from tui.model.events import Event
from tui.model.run import Run

T = TypeVar("T")
DEAF_SECONDS = 0.3
"""Keys typed in this time after a dialog opened were meant for what stood there before."""

SAID_FOR_S = 4.0


def tell_untold(app: App[Any]) -> None:
    """Have the app say which keys came too soon; a bare app drops none."""
    tell: Callable[[], None] | None = getattr(app, "tell_untold", None)
    if tell is not None:
        tell()


def clock(app: App[Any]) -> float:
    """The moment on the app's clock, by which keys are dropped."""
    read: Callable[[], float] = getattr(app, "monotonic", time.monotonic)
    return read()


class Dialog(ModalScreen[T], Generic[T]):
    """A question. ``dismiss(None)`` always means: nothing was decided."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", show=False)]
    glyphs: Glyphs = UNICODE

    def __init__(self, title: str, *, hint: str = "", stale: StaleCheck | None = None) -> None:
        """``title`` and ``hint`` are safe text; ``stale`` says why the question no longer stands."""
        super().__init__()
        self._title, self._hint, self._stale = title, hint, stale
        self.deaf_until = float("inf")
        """Until this moment of the app's clock, keys are dropped."""
        self.closed_because = ""
        """Why the question became stale, as a sentence."""
        self._ended = False
        self._saying: Timer | None = None

    @on(events.Mount)
    def _begin(self) -> None:
        self.call_after_refresh(self._listen)
        self.query_one("#dialog").border_title = Content(self.glyphs.plain(self._title))
        self._show_hint()

    def _show_hint(self) -> None:
        frame = self.query_one("#dialog")
        frame.border_subtitle = Content(self.glyphs.plain(self._hint)) if self._hint else None

    @on(events.Click)
    def _hint_clicked(self, event: events.Click) -> None:
        """A click on a hint in the frame presses its key."""
        frame = self.query_one("#dialog").region
        if event.screen_offset.y == frame.bottom - 1:
            column = event.screen_offset.x - (frame.right - 3 - len(self._hint))
            if (key := key_at(self._hint, column)) is not None:
                press(self.app, key)

    def _listen(self) -> None:
        """The person sees the question from now on; what was typed before was not meant for it."""
        self.deaf_until = clock(self.app) + DEAF_SECONDS
        tell_untold(self.app)

    def ignored(self, words: str) -> None:
        """Say for a while, in the place of the hint, that a key did nothing."""
        self.query_one("#dialog").border_subtitle = Content(words)
        if self._saying is not None:
            self._saying.stop()
        self._saying = self.set_timer(SAID_FOR_S, self._show_hint)

    @property
    def room(self) -> int:
        """Columns for text inside the frame."""
        widest = 100 if "-wide" in self.query_one("#dialog").classes else 76
        return min(widest, self.app.size.width) - 6

    def state_changed(self, _event: Event, run: Run) -> None:
        """Close without an answer when the question no longer stands: a stale yes must do nothing."""
        if not self._ended and self.is_stale(run):
            self.dismiss(None)

    def is_stale(self, run: Run) -> bool:
        """Whether the question no longer stands; ``closed_because`` then says why."""
        self.closed_because = self._stale(run) if self._stale is not None else ""
        return bool(self.closed_because)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """End with an answer; the first one counts, whatever keys are still on their way."""
        if self._ended:
            return AwaitComplete()
        self._ended = True
        return super().dismiss(result)

    def action_back(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Frame(VerticalScroll):
    """The dialog's box."""

    can_focus = False

    def __init__(self, *parts: Plain, wide: bool = False) -> None:
        super().__init__(*parts, id="dialog", classes="-wide" if wide else "")
