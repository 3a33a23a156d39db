"""What a changed key of the cluster file means for a run that has begun: each key says it where it stands.

A run is bound to what it began with: the file is read again at every resume, and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Change(StrEnum):
    """What is done on resume when a key has another value than the run began with; the strictest last."""

    FREE = "free"
    """Taken, and noted."""
    SAME_MACHINE = "same machine"
    """Taken when the machine that answers is the one of before, by machine id and host key."""
    AGREED = "agreed"
    """Shown as old and new; taken when a person has agreed to it, and the old value stands until then."""
    FROZEN = "frozen"
    """The run goes on with the value that it began with."""


Free = Annotated[T, Change.FREE]
Agreed = Annotated[T, Change.AGREED]
SameMachine = Annotated[T, Change.SAME_MACHINE]
Frozen = Annotated[T, Change.FROZEN]

ANY_NAME = "*"
"""Stands for the names in a table of tables, as in ``node.*.host``."""


def keys(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, Change | None]]:
    """Every key of the file with its class; None for one that declares none."""
    for name, field in model.model_fields.items():
        key = f"{above}{name}"
        table, named = table_in(field.annotation)
        if table is not None:
            yield from keys(table, f"{key}.{ANY_NAME}." if named else f"{key}.")
        else:
            yield key, next((mark for mark in field.metadata if isinstance(mark, Change)), None)


def of_table(model: type[BaseModel]) -> Change:
    """What it means that a whole table comes or goes: what the strictest of its keys says."""
    found = [change for _, change in keys(model) if change is not None]
    return max(found, key=list(Change).index)


def table_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside ``View | None`` or ``dict[str, NodeEntry]``, and whether names lead to it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for inner in getattr(annotation, "__args__", ()):
        if (found := table_in(inner)[0]) is not None:
            return found, getattr(annotation, "__origin__", None) is dict
    return None, False
