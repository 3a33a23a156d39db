"""A run whose cluster file is changed while no console is there: the changes, made from the schema.

Nothing here knows the keys: whoever adds one gets its cases, or is told that no other value for it is known.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tests.faults.scripted_engine import ACTOR, ScriptedRun
from tui.journal import Journal, RunRecord, read_events
from tui.model import events as ev
from tui.model.binding import as_data, differences, from_data
from tui.model.change import Change, keys
from tui.model.clusterfile import ClusterFile
from tui.model.fold import fold
from tui.model.states import PauseMode
from tui.rollout.opening.binding import resumed_terms
from tui.rollout.opening.found import Found
from tui.rollout.opening.recording import resumed_journal as journal_of
from tui.rollout.options import RunOptions

NODES = ("n1", "n2", "n3")
NEW_NODE = "n4"

POOL: tuple[Any, ...] = (
    2, True, False, "61s", "23:58", "00:01", "last", "always", "none", "n9", "other", "/opt/other",
    "Europe/Oslo", NODES[1], "never", "DX", "sudo", "cd" * 32, ["5.18.*"], ["dis_admin"], ["other"],
    r"count (\d+)",
)  # fmt: skip
"""Values for keys whose type is not known here; what a key accepts is tried out."""


@dataclass(frozen=True)
class Case:
    """One way in which the file differs when the run is taken up."""

    name: str
    file: ClusterFile | None
    change: Change | None
    """What the model says of the key; None where the file cannot be read at all."""
    path: tuple[str, ...] = ()


def cases(begun: ClusterFile) -> Iterator[Case]:
    """Every key changed, tables taken away, nodes gone and added, and no file at all."""
    for key, change in keys(ClusterFile):
        for node in NODES[:2] if "*" in key else ("",):
            path = tuple(key.replace("*", node).split("."))
            if path != ("cluster", "nodes"):
                yield Case(".".join(path), _with_another(begun, path), change, path)
    data = as_data(begun)
    for table, change in ((("view",), Change.FROZEN), (("policy", "window"), Change.FREE)):
        yield Case(f"without {'.'.join(table)}", from_data(_without(data, table)), change, table)
    for name, nodes in (
        ("n1 gone", NODES[1:]),
        ("n2 gone", (NODES[0], NODES[2])),
        ("only n3 left", NODES[2:]),
    ):
        yield Case(name, _with_nodes(begun, nodes), Change.FROZEN, ("cluster", "nodes"))
    yield Case("n4 added", _with_nodes(begun, (*NODES, NEW_NODE)), Change.AGREED, ("cluster", "nodes"))
    yield Case("n4 for n1", _with_nodes(begun, (*NODES[1:], NEW_NODE)), Change.AGREED, ("cluster", "nodes"))
    yield Case("no file", None, None)


class ChangedRun(ScriptedRun):
    """A run that its consoles take up by the file as it is then, as the session does."""

    def __init__(self) -> None:
        everything = (*NODES, NEW_NODE)
        super().__init__(everything, allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP)
        self.begun = self.config
        self._stop(leaves=True)
        journal = Journal.open(self._place / "run")
        journal.append(ev.RunBound(file=as_data(self.begun)), actor=ACTOR)
        self._start(journal)

    def _file(self, config: ClusterFile) -> ClusterFile:
        data = as_data(config)
        data["cluster"]["nodes"] = ",".join(NODES)
        data["policy"]["window"] = {"start": "00:00", "end": "23:59", "zone": "UTC"}
        return from_data(data)

    def taken_up_with(self, file: ClusterFile | None, agrees: bool | None) -> None:
        """This console dies, the file is another one, and the next console takes the run up.

        ``agrees`` None: nobody is there who could. Raises OpeningError then, if somebody is needed.
        """
        self._stop(leaves=False)
        directory = self._place / "run"
        run = fold(read_events(directory / "events.jsonl"))
        record = RunRecord("r", "c", directory, run)
        found = Found(
            Path("/c.toml"), file, "" if file is not None else "/c.toml: there is no such file.", record
        )

        async def agree(_cluster: str, _changes: tuple[str, ...]) -> bool:
            return bool(agrees)

        try:
            terms = self.loop.complete(resumed_terms(run, found, None if agrees is None else agree))
        except BaseException:
            self._start(Journal.open(directory))
            raise
        self.config = terms.config
        self.referee.allowed = terms.config.policy.allowed_down
        options = RunOptions(state_dir=self._place, front_end="test")
        self._start(journal_of(record, terms, {}, options))

    def drive(self, turns: int) -> None:
        """A sensible operator goes on, as far as scripted nodes go: their management node does nothing."""
        for _ in range(turns):
            self.idle()
            best = next((found.node for found in self.engine.candidates() if found.eligible), None)
            if self.run.status.final or self.run.current == "m" or best == "m":
                return
            self.go_on()


def value_at(config: ClusterFile, path: tuple[str, ...]) -> Any:
    """What stands there; None when nothing does."""
    value: Any = as_data(config)
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def begun_file() -> ClusterFile:
    """The file that every case changes."""
    run = ChangedRun()
    try:
        return run.begun
    finally:
        run.close()


def _with_another(begun: ClusterFile, path: tuple[str, ...]) -> ClusterFile:
    """The file with another value at the key, whatever the key accepts."""
    old = value_at(begun, path)
    for value in (*_like(old), *POOL):
        data = copy.deepcopy(as_data(begun))
        table = data
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
        try:
            file = from_data(data)
        except ValidationError:
            continue
        if any(d.path == path for d in differences(begun, file)):
            return file
    raise AssertionError(f"no other value for {'.'.join(path)} is known: add one to POOL")


def _like(old: Any) -> tuple[Any, ...]:
    """Values near the old one, which the scripted nodes still understand."""
    if isinstance(old, list) and old:
        return ([f"{old[0]} again"], [])
    if isinstance(old, bool):
        return (not old,)
    if isinstance(old, int):
        return (old + 1,)
    return (f"{old}2",) if isinstance(old, str) else ()


def _with_nodes(begun: ClusterFile, nodes: tuple[str, ...]) -> ClusterFile:
    data = copy.deepcopy(as_data(begun))
    data["cluster"]["nodes"] = ",".join(nodes)
    return from_data(data)


def _without(data: dict[str, Any], table: tuple[str, ...]) -> dict[str, Any]:
    data = json.loads(json.dumps(data))
    inner = data
    for part in table[:-1]:
        inner = inner[part]
    del inner[table[-1]]
    return data
