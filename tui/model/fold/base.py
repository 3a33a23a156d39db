"""The table of handlers, and the ways to change one node or one step of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from tui.model import events as ev
from tui.model.fold.copy import replace
from tui.model.run import Node, Run, Step

P = TypeVar("P", bound=ev.Payload)
N = TypeVar("N", bound=ev.NodePayload)
S = TypeVar("S", bound=ev.StepPayload)
A = TypeVar("A", bound=ev.AttemptPayload)
E = TypeVar("E", bound=ev.Event)
Handler = Callable[[Run, E, P], Run]
Register = Callable[[Handler[E, P]], object]
HANDLERS: dict[type[ev.Payload], Callable[[Run, Any, Any], Run]] = {}
"""Which function folds which event; filled by the modules beside this one."""


class MisfitError(ValueError):
    """An event that cannot have happened in the run as the events before it tell it."""


@overload
def on(kind: type[A]) -> Register[ev.AttemptEvent, A]: ...
@overload
def on(kind: type[S]) -> Register[ev.StepEvent, S]: ...
@overload
def on(kind: type[N]) -> Register[ev.NodeEvent, N]: ...
@overload
def on(kind: type[P]) -> Register[ev.Event, P]: ...
def on(kind: type[ev.Payload]) -> Any:
    """Register the handler of one event type; it is handed events of that type's scope only."""

    def register(handler: Callable[[Run, Any, Any], Run]) -> Callable[[Run, Any, Any], Run]:
        HANDLERS[kind] = handler
        return handler

    return register


def node_of(run: Run, event: ev.NodeEvent) -> Node:
    """The event's node as it stands. Raises MisfitError."""
    node = run.nodes.get(event.node)
    if node is None:
        raise MisfitError(f"{event.node} is not a node of the run")
    return node


def change_node(run: Run, event: ev.NodeEvent, **changes: Any) -> Run:
    """``run`` with its event's node changed; a new progress also takes the event's time."""
    if "progress" in changes:
        changes.setdefault("since", event.time)
    node = replace(node_of(run, event), **changes)
    return replace(run, nodes={**run.nodes, event.node: node})


def change_step(run: Run, event: ev.StepEvent, **changes: Any) -> Run:
    """``run`` with its event's step changed; a new status also takes the event's time."""
    if "status" in changes:
        changes.setdefault("since", event.time)
    step = replace(current_step(run, event), **changes)
    return change_node(run, event, steps={**node_of(run, event).steps, event.step: step})


def spend(run: Run, token: str) -> Run:
    """``run`` with that token spent, and nothing on offer."""
    return replace(run, offer=None, spent_tokens=run.spent_tokens | {token})


def current_step(run: Run, event: ev.StepEvent) -> Step:
    """The event's step as it stands."""
    return node_of(run, event).steps.get(event.step, Step(event.step))
