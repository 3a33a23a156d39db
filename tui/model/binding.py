"""What a run is bound to: the cluster file's values as the journal holds them, and how a later file differs.

Values are compared as they are meant, not as they are written: "60s" is "1m", and a default is a value.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from tui.model.change import Change, of_table, table_in
from tui.model.clusterfile import ClusterFile, NodeEntry

Data = dict[str, Any]

NODES = ("cluster", "nodes")


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that another value stands at than the run is bound to. None: nothing stands there."""

    path: tuple[str, ...]
    change: Change
    old: JsonValue
    new: JsonValue

    @property
    def key(self) -> str:
        """As it stands in the file: ``policy.allowed_down``."""
        return ".".join(self.path)


def as_data(config: ClusterFile) -> Data:
    """The file's values, defaults written out, as JSON: ``from_data`` makes the same file of them."""
    return config.model_dump(mode="json", exclude_none=True)


def from_data(data: Data) -> ClusterFile:
    """The file that was bound. Raises ValidationError when this version cannot read it."""
    return ClusterFile.model_validate(data)


def differences(bound: ClusterFile, now: ClusterFile) -> tuple[Difference, ...]:
    """Every key in which the file differs now; nodes that come or go are one, ``cluster.nodes``."""
    both = set(bound.machines) & set(now.machines)
    found = [d for d in _differing(bound, now, ()) if d.path != NODES and d.path[0] != "node"]
    nodes = _nodes(bound, now)
    entries = (
        d
        for name in sorted(both)
        for d in _differing(bound.node.get(name, _NO_ENTRY), now.node.get(name, _NO_ENTRY), ("node", name))
    )
    return (*([nodes] if nodes is not None else []), *found, *entries)


def added(bound: ClusterFile, now: ClusterFile) -> tuple[str, ...]:
    """Cluster Nodes that only the file has."""
    return tuple(name for name in now.nodes if name not in bound.machines)


def gone(bound: ClusterFile, now: ClusterFile) -> tuple[str, ...]:
    """Cluster Nodes of the run that the file does not have any more."""
    return tuple(name for name in bound.nodes if name not in now.nodes)


def rebuilt(
    bound: ClusterFile, now: ClusterFile, wanted: Iterable[Difference]
) -> tuple[ClusterFile, tuple[Difference, ...]]:
    """The bound file with the ``wanted`` differences taken over, and those that were.

    One that does not go together with what stays (a key that needs another, frozen one) is left out.
    """
    config, taken = bound, []
    for difference in wanted:
        data = copy.deepcopy(as_data(config))
        _put(data, difference, config, now)
        try:
            config = from_data(data)
        except ValidationError:
            continue
        taken.append(difference)
    return config, tuple(taken)


_NO_ENTRY = NodeEntry()


def _nodes(bound: ClusterFile, now: ClusterFile) -> Difference | None:
    """Nodes can be added by agreement; who was in the run stays in it, and keeps the place in the order."""
    if bound.nodes == now.nodes:
        return None
    change = Change.AGREED if added(bound, now) else Change.FROZEN
    return Difference(NODES, change, bound.cluster.nodes, now.cluster.nodes)


def _differing(old: BaseModel, new: BaseModel, above: tuple[str, ...]) -> Iterator[Difference]:
    """The keys of two tables of one kind that differ; a table that comes or goes is one difference."""
    for name, field in type(old).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            yield from _differing(before, after, (*above, name))
        elif not isinstance(before, dict):
            table, _ = table_in(field.annotation)
            declared = next((mark for mark in field.metadata if isinstance(mark, Change)), Change.FROZEN)
            yield Difference(
                (*above, name),
                of_table(table) if table is not None else declared,
                old.model_dump(mode="json")[name],
                new.model_dump(mode="json")[name],
            )


def _put(data: Data, difference: Difference, bound: ClusterFile, now: ClusterFile) -> None:
    """Put the new value where the old one stood."""
    value: Any = difference.new
    if difference.path == NODES:
        more = added(bound, now)
        value = ",".join((*bound.nodes, *more))
        entries = as_data(now)["node"]
        data["node"].update({name: entries[name] for name in more if name in entries})
    table: Any = data
    for part in difference.path[:-1]:
        table = table.setdefault(part, {})
    if value is None:
        table.pop(difference.path[-1], None)
    else:
        table[difference.path[-1]] = value
