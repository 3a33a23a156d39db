"""An app that hands on what a person pressed, each key when it may act, and nothing else that came in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from textual import events, on
from textual.app import App

from tui.console.cursor import CursorApp
from tui.console.hands import TOO_FAST, Hands, room

SLACK_S = 0.005
"""A timer may be early by so much."""
TOO_SOON = "A key came before this could be read: ignored. Press it again"


class Terminal(Protocol):
    """What is written to."""

    @property
    def behind(self) -> bool:
        """It has not drawn all that it was given: what is drawn now would only wait."""
        ...

    @property
    def quick(self) -> bool:
        """It draws a whole screen while nobody notices."""
        ...

    def resized(self) -> None:
        """What it shows is not known any more."""

    def redraw(self, *, asked: bool) -> None:
        """Draw all of it anew."""


def behind(app: App[Any]) -> bool:
    """The terminal has still to draw what it was given."""
    terminal: Terminal | None = getattr(app, "terminal", None)
    return terminal is not None and terminal.behind


def quick(app: App[Any]) -> bool:
    """The terminal draws a whole screen while nobody notices."""
    terminal: Terminal | None = getattr(app, "terminal", None)
    return terminal is None or terminal.quick


def paint_anew(app: App[Any], *, asked: bool = False) -> None:
    """Another program may have written over the screen, and nobody says so."""
    terminal: Terminal | None = getattr(app, "terminal", None)
    if terminal is not None:
        terminal.redraw(asked=asked)


class ListeningApp(CursorApp):
    """A screen with ``deaf_until`` gets no key pressed before; one with ``ignored`` tells of those."""

    def __init__(self, monotonic: Callable[[], float], **options: Any) -> None:
        super().__init__(**options)
        self.monotonic = monotonic
        self.hands = Hands()
        self.terminal: Terminal | None = None
        """Where there is one."""
        self._untold = ""
        """What is to be said as soon as the next screen listens."""

    async def on_event(self, event: events.Event) -> None:
        """Drop keys that were typed before a dialog could have been read, or too fast to be meant.

        Those that were handed to the screen below and come back from there are among them: they would act
        on the dialog now.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._key(event)
        elif not isinstance(event, events.Key | events.Paste) or self._deaf_until <= self._pressed(event):
            await super().on_event(event)
            if isinstance(event, events.InputEvent) and not isinstance(event, events.MouseMove):
                self.stirred()

    @on(events.Resize)
    def _resized(self) -> None:
        if self.terminal is not None:
            self.terminal.resized()

    def stirred(self) -> None:
        """A person did something, and it acts from now on."""

    async def _key(self, key: events.Key) -> None:
        wants, before, pressed = room(self, key), self.hands.ignored, self._pressed(key)
        await self._act(tuple(self.hands.heard(key, pressed, wants)))
        if self.hands.waits_until(key) > float("-inf"):
            self.set_timer(wants.after, partial(self._in_time, key))
        if self.hands.ignored > before:
            self._tell(TOO_FAST)

    async def _in_time(self, key: events.Key) -> None:
        """The key has waited long enough, if the clock says so, too."""
        missing = self.hands.waits_until(key) - self.monotonic()
        if missing > SLACK_S:
            self.set_timer(missing, partial(self._in_time, key))
        else:
            await self.let_go(key)

    async def let_go(self, key: events.Key | None = None) -> None:
        """Nothing has followed a key in time: it may act."""
        await self._act(tuple(self.hands.let_go(key)))

    async def _act(self, keys: Iterable[tuple[events.Key, float]]) -> None:
        for key, pressed in keys:
            if self._deaf_until <= pressed:
                await super().on_event(key)
                self.stirred()
            else:
                self._tell(TOO_SOON)

    def _tell(self, words: str) -> None:
        """Say on the screen in front that keys did nothing, or on the one that is about to open."""
        if self._deaf_until == float("inf"):
            self._untold = words
        elif (say := getattr(self.screen, "ignored", None)) is not None:
            say(words)

    def tell_untold(self) -> None:
        """The screen in front listens from now on."""
        words, self._untold = self._untold, ""
        if words:
            self._tell(words)

    def _pressed(self, event: events.Event) -> float:
        """The moment in which a key was pressed, not the one in which a busy console comes to it."""
        return event.time if self.monotonic is time.monotonic else self.monotonic()

    @property
    def _deaf_until(self) -> float:
        top = self.screen_stack[-1] if self.screen_stack else None
        until: float = getattr(top, "deaf_until", 0.0)
        return until
