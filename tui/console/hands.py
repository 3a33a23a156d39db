"""Tells a person's keys from text that was meant for another window: by how fast they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import App

if TYPE_CHECKING:
    from textual.events import Key

FASTER_S = 0.025
"""Keys closer than this come from no hands: quick ones take 40 ms and more, a program less than 10."""
ALONE_S = 0.12
"""A key that decides has no other this soon before or after it; in words, and held down, it has."""
QUIET_S = 0.3
"""After so long without a key, the next is not part of what came too fast."""
REST_BEFORE_OPENING_S = 0.5
"""Seconds without a key before a dialog opens by itself: what is typed on is meant for the board."""
TOO_FAST = "Keys came faster than hands: ignored. Press one at a time"

_HARMLESS = frozenset(
    "up down left right home end pageup pagedown tab shift+tab backspace delete escape".split()  # noqa: SIM905
)
"""They move, take back or turn away, and may be held down; text has none of them."""


class Room(NamedTuple):
    """Seconds that a key has to have for itself."""

    before: float
    after: float
    any_speed: bool = False
    """A device may type it, as those do that give one-time codes: only the Enter after it is a person's."""


class Hands:
    """The console's one note of what was typed when, on the app's clock."""

    def __init__(self) -> None:
        self.last = float("-inf")
        """When the last key was pressed."""
        self._said = float("-inf")
        """The same, of those that are not harmless."""
        self._fast_until = float("-inf")
        self._kept: tuple[Key, float, float] | None = None
        """A key that waits for what follows it: when it was pressed, and until when it waits."""
        self.ignored = 0
        """How often keys came too fast."""

    def heard(self, key: Key, at: float, room: Room) -> Iterator[tuple[Key, float]]:
        """A key was pressed: gives those that may act now, with when they were pressed."""
        self.last = max(self.last, at)
        if room.any_speed:
            self._said, self._kept = at, None  # an Enter that text follows at once was no person's
            yield key, at
            return
        if not room.after:
            yield from self.let_go()
            yield key, at
            return
        gap, self._said = at - self._said, at
        kept, self._kept = self._kept, None
        if at < self._fast_until or gap < room.before or (kept is not None and at < kept[2]):
            self.ignored += at >= self._fast_until
            self._fast_until = at + QUIET_S
            return
        if kept is not None:
            yield kept[:2]
        self._kept = key, at, at + room.after

    def waits_until(self, key: Key) -> float:
        """Until when it waits for what follows; for ever ago when it does not."""
        return self._kept[2] if self._kept is not None and self._kept[0] is key else float("-inf")

    def let_go(self, key: Key | None = None) -> Iterator[tuple[Key, float]]:
        """Nothing has followed it (or whatever is kept) in time: it may act."""
        kept = self._kept
        if kept is not None and (key is None or key is kept[0]):
            self._kept = None
            yield kept[:2]


def room(app: App[Any], key: Key) -> Room:
    """Text for a line may follow text; what decides stands alone, or at the end of its line."""
    if key.key in _HARMLESS:
        return Room(0.0, 0.0)
    if _is_text(app, key.key, key.character):
        return Room(0.0, 0.0, any_speed=True) if takes_any_speed(app) else Room(FASTER_S, FASTER_S)
    return Room(FASTER_S if _is_text(app, "x", "x") else ALONE_S, ALONE_S)


def takes_any_speed(app: App[Any]) -> bool:
    """Whether a password or a code is asked for: its text decides nothing before its Enter."""
    return bool(app.screen_stack) and bool(getattr(app.screen_stack[-1], "any_speed", False))


def _is_text(app: App[Any], key: str, character: str | None) -> bool:
    takers = (app.focused, app.screen)
    return any(taker is not None and taker.check_consume_key(key, character) for taker in takers)


def hands(app: App[Any]) -> Hands:
    """The app's; a bare app has hands that always rest."""
    found: Hands = getattr(app, "hands", None) or Hands()
    return found
