"""State as a pure fold over events: live, resumed, watched, replayed and reported runs all use this one.

Each handler takes the run so far and one event and gives the run after it; nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable

from tui.model import events as ev
from tui.model.fold import nodes, runs, steps
from tui.model.fold.base import HANDLERS
from tui.model.fold.copy import replace
from tui.model.run import Run


def fold(events: Iterable[ev.Event]) -> Run:
    """The run that these events describe, from the first one on."""
    run = Run()
    for event in events:
        run = apply(run, event)
    return run


def apply(run: Run, event: ev.Event) -> Run:
    """The run after one more event. Event types without a handler change only ``seq``.

    Raises ValueError or KeyError for an event that does not fit those before it.
    """
    payload = event.payload
    handler = HANDLERS.get(type(payload))
    after = handler(run, event.scoped(), payload) if handler else run
    if after is run:
        return replace(run, seq=event.seq)
    object.__setattr__(after, "seq", event.seq)  # just made, and in nobody else's hands yet
    return after


__all__ = ["apply", "fold", "nodes", "runs", "steps"]
