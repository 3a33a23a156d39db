"""What every screen shares: the engine, the events heard so far, the clock and the signs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from tui.console.look.glyphs import UNICODE, Glyphs
from tui.journal.clock import utc_now, wall_now
from tui.model.events import Event, NodeFacts
from tui.model.run import Node, Run
from tui.rollout.interface import Engine

EVENTS_KEPT = 50_000
T = TypeVar("T")
_ALL_BUT_HEALTH = attrgetter(*(field.name for field in fields(Node) if not field.name.startswith("health")))


def alike(before: Node, after: Node) -> bool:
    """Whether nothing but a node's health has changed, as it often does of many at once."""
    return before is after or _ALL_BUT_HEALTH(before) == _ALL_BUT_HEALTH(after)


class ViewModel:
    """The engine as the screens see it; decides nothing."""

    def __init__(
        self,
        engine: Engine,
        *,
        glyphs: Glyphs = UNICODE,
        now: Callable[[], datetime] = utc_now,
        ending: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.engine = engine
        self.glyphs = glyphs
        self.now = now
        """For ages: the clock that events are written by."""
        self.wall = wall_now if now is utc_now else now
        """For what happens at a time of day."""
        past = engine.events()
        self.ending = ending
        """Sentences about what is left behind if the person left now, such as where the report lies."""
        self.events: deque[Event] = deque(past, EVENTS_KEPT)
        self.heard = len(past)
        """Events that ever came, those no longer kept included."""
        self.origins: set[str] = set()
        """Versions that nodes had before the run touched them."""
        self._made: dict[Callable[[Node], object], dict[str, tuple[Node, object]]] = {}
        engine.subscribe(self._hear)
        self._note_origins(engine.state)

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.engine.state

    def each(self, make: Callable[[Node], T]) -> list[T]:
        """What ``make`` makes of every node, whatever its health: anew only where the node has changed."""
        kept: dict[str, tuple[Node, T]] = self._made.setdefault(make, {})  # type: ignore[assignment]
        for name, node in self.run.nodes.items():
            one = kept.get(name)
            if one is None or one[0] is not node:
                kept[name] = node, one[1] if one is not None and alike(one[0], node) else make(node)
        return [kept[name][1] for name in self.run.nodes]

    def _hear(self, event: Event, run: Run) -> None:
        self.events.append(event)
        self.heard += 1
        if event.type == NodeFacts.type:
            self._note_origins(run)

    def _note_origins(self, run: Run) -> None:
        for node in run.nodes.values():
            installed = node.facts.installed if node.facts else None
            if installed and installed != run.target:
                self.origins.add(installed)
