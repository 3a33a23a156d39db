"""The one way of a fact: event to disk, then into the state, then to whoever listens."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tui.journal.errors import JournalError
from tui.model.actors import ENGINE
from tui.model.events import Event, NodeHealth, Payload
from tui.model.fold import apply, fold
from tui.model.run import Run
from tui.model.steps import StepName
from tui.rollout.interface import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.journal import Journal

_log = logging.getLogger(__name__)
_LOGGED = ("status", "code", "job_id", "exit_code", "open", "reasons", "check", "verdict")
"""What of an event goes to the log besides its place: words that are Rollcall's own."""


class EventPublisher:
    """Holds the journal and its fold. ``publish`` is the only way in which state changes."""

    def __init__(self, journal: Journal, failed: Callable[[str], None] = lambda _why: None) -> None:
        """``failed`` is told why what was seen could not be written."""
        self.journal = journal
        self._failed = failed
        self._lost: JournalError | None = None
        """Why something that was seen is not in the journal: then nothing that comes after it may be."""
        self._state: Run = fold(journal.events)
        self._seen: dict[str, NodeHealth] = {}
        """Node to what was seen of it and is not written yet."""
        self.changed = asyncio.Event()
        """Set by each publication: whoever waits for something looks again."""
        self.listeners = Listeners()

    @property
    def state(self) -> Run:
        """The run as it stands, with all that was seen of its nodes."""
        self._write_seen()
        return self._state

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, with all that was seen."""
        self._write_seen()
        return tuple(self.journal.events)

    @property
    def written(self) -> Run:
        """The run as the journal has it: for what no look at a node changes."""
        return self._state

    def see(self, node: str, health: NodeHealth) -> None:
        """Publish a node's health where it has changed, together with all that comes in at the same moment:
        when a switch goes, a thousand nodes change at once, and each write waits for the disk.

        Nobody finds the state without it, and nothing is written before it: whoever looks has it written.
        """
        if node in self._seen:
            self._write_seen()
        known = self._state.nodes.get(node)
        if known is None or (known.health, known.health_detail) == (health.health, health.detail):
            return
        if not self._seen:
            asyncio.get_running_loop().call_soon(self._write_seen)
        self._seen[node] = health

    def _write_seen(self) -> None:
        if not self._seen:
            return
        seen, self._seen = self._seen, {}
        try:
            events = self.journal.append_all(seen.items(), actor=ENGINE)
        except JournalError as error:
            self._lost = error
            self._failed(str(error))
            return
        self._tell(events)

    def close(self) -> None:
        """Write what was seen, and let go of the journal."""
        self._write_seen()
        self.journal.close()

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
        self._write_seen()
        if self._lost is not None:
            raise self._lost
        self._tell([self.journal.append(payload, actor=actor, node=node, step=step, attempt=attempt)])

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            if _log.isEnabledFor(logging.INFO):
                said = {key: event.data[key] for key in _LOGGED if key in event.data}
                place = event.node, event.step, event.attempt
                _log.info("%d %s %s %s %s by %s %s", event.seq, event.type, *place, event.actor, said)
            self._state = apply(self._state, event)
        self.changed.set()
        for event in events:
            self.listeners.tell(event, self._state)
