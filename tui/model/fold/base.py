"""The table of handlers, and the ways to change one node or one step of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from tui.model import events as ev
from tui.model.run import Run, Step

P = TypeVar("P", bound=ev.Payload)
Handler = Callable[[Run, ev.Event, Any], Run]
HANDLERS: dict[type[ev.Payload], Handler] = {}
"""Which function folds which event; filled by the modules beside this one."""


def on(kind: type[P]) -> Callable[[Callable[[Run, ev.Event, P], Run]], Callable[[Run, ev.Event, P], Run]]:
    """Register the handler of one event type."""

    def register(handler: Callable[[Run, ev.Event, P], Run]) -> Callable[[Run, ev.Event, P], Run]:
        HANDLERS[kind] = handler
        return handler

    return register


def change_node(run: Run, event: ev.Event, **changes: Any) -> Run:
    """``run`` with its event's node changed; a new progress also takes the event's time."""
    assert event.node is not None
    if "progress" in changes:
        changes.setdefault("since", event.time)
    node = replace(run.nodes[event.node], **changes)
    return replace(run, nodes={**run.nodes, event.node: node})


def change_step(run: Run, event: ev.Event, **changes: Any) -> Run:
    """``run`` with its event's step changed."""
    assert event.node is not None
    assert event.step is not None
    steps = run.nodes[event.node].steps
    step = replace(steps.get(event.step, Step(event.step)), **changes)
    return change_node(run, event, steps={**steps, event.step: step})


def current_step(run: Run, event: ev.Event) -> Step:
    """The event's step as it stands."""
    assert event.node is not None
    assert event.step is not None
    return run.nodes[event.node].steps.get(event.step, Step(event.step))
