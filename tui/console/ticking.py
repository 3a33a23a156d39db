"""A screen that looks at what is new, ten times a second while something is, and sleeps while nothing can."""

from __future__ import annotations

from abc import abstractmethod

from textual import events, on
from textual.screen import Screen
from textual.timer import Timer
from typing_extensions import override

TICK = 0.1
"""Seconds between two looks, while something is new."""
AWAKE = 5
"""Ticks for which it is looked after whatever happened."""
COVERED_S = 10
"""Seconds between two drawings of clocks under a dialog."""


class TickingScreen(Screen[None]):
    """Calls ``look`` at each tick."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = True
        self._ticks = self._seconds = self._awake = 0
        self._timer: Timer | None = None

    @abstractmethod
    def look(self, *, changed: bool) -> bool:
        """Draw what is new, and everything if something has ``changed``; True: more may come unannounced."""

    @on(events.Mount)
    def _begin_to_tick(self) -> None:
        self._timer = self.set_interval(TICK, self.tick)
        self.set_interval(1.0, self._second)
        self.call_after_refresh(self.tick)

    def _second(self) -> None:
        """Clocks move on."""
        self._seconds += 1
        if self.app.screen is self or self._seconds % COVERED_S == 0:
            self._changed = True
            self.tick()

    def tick(self) -> None:
        """Look; sleep when nothing more can come."""
        self._ticks += 1
        self._awake = max(0, self._awake - 1)
        changed, self._changed = self._changed, False
        if self.look(changed=changed):
            self.wake()
        elif self._timer is not None and not self._awake and not self._changed:
            self._timer.pause()

    def redraw(self) -> None:
        """Draw everything at the next tick."""
        self._changed = True
        self.wake()

    @on(events.ScreenResume)
    @on(events.ScreenSuspend)
    def _moved(self) -> None:
        self.redraw()

    def wake(self) -> None:
        """Something may be new."""
        self._awake = AWAKE
        if self._timer is not None:
            self._timer.resume()

    @override
    def _compositor_refresh(self) -> None:
        """Under a dialog Textual would paint what it has just painted once more, at each message."""
        super()._compositor_refresh()
        self._repaint_required = False
