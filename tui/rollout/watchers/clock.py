"""Writes down when the clock of this machine is set during a run: times in the journal follow another one."""

from __future__ import annotations

import asyncio

from tui.journal.clock import CLOCK, SteadyClock
from tui.model import events as ev
from tui.rollout.publisher import EventPublisher

LOOK_EVERY = 5.0
WORTH_TELLING = 30.0
"""Seconds; a time server's small corrections change nothing."""


async def watch_clock(publisher: EventPublisher, clock: SteadyClock = CLOCK) -> None:
    """Look until cancelled; each jump is told once."""
    told = clock.jumped()
    while True:
        await asyncio.sleep(LOOK_EVERY)
        off = clock.jumped()
        if abs(off - told) > WORTH_TELLING:
            way = "forward" if off > told else "back"
            set_by = f"the clock of this machine was set {way} by {abs(off - told):.0f} s"
            words = f"{set_by}; times in this journal go on as before it, windows follow the new time"
            publisher.publish(ev.NoteAdded(text=words))
            told = off
