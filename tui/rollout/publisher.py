"""The one way of a fact: event to disk, then into the state, then to whoever listens."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tui.model.actors import ENGINE
from tui.model.events import Payload
from tui.model.fold import apply, fold
from tui.model.run import Run
from tui.model.steps import StepName
from tui.rollout.interface import Listeners

if TYPE_CHECKING:
    from tui.journal import Journal

_log = logging.getLogger(__name__)
_LOGGED = ("status", "code", "job_id", "exit_code", "open", "reasons", "check", "verdict")
"""What of an event goes to the log besides its place: words that are Rollcall's own."""


class EventPublisher:
    """Holds the journal and its fold. ``publish`` is the only way in which state changes."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.state: Run = fold(journal.events)
        self.changed = asyncio.Event()
        """Set by each publication: whoever waits for something looks again."""
        self.listeners = Listeners()

    def publish(
        self,
        payload: Payload,
        *,
        node: str | None = None,
        step: StepName | None = None,
        attempt: int | None = None,
        actor: str = ENGINE,
    ) -> None:
        """Write an event, fold it, tell the listeners. Raises JournalError when it cannot be written."""
        event = self.journal.append(payload, actor=actor, node=node, step=step, attempt=attempt)
        if _log.isEnabledFor(logging.INFO):
            said = {key: event.data[key] for key in _LOGGED if key in event.data}
            _log.info("%d %s %s %s %s by %s %s", event.seq, event.type, node, step, attempt, actor, said)
        self.state = apply(self.state, event)
        self.changed.set()
        self.listeners.tell(event, self.state)
