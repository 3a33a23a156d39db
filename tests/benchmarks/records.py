"""A long journal: read and folded, and reported, beside the mere ``json.loads`` of its lines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from tests.benchmarks.commands import ROLLCALL
from tests.benchmarks.figure import Figure, cpu_of
from tests.journal.helpers import CREATED
from tui.journal.chain import Head, data_of, digest, encode
from tui.journal.files import EVENTS, HEAD
from tui.journal.fit import read_fitting
from tui.journal.tail import Tail
from tui.model.events import Event, GateSample, NodeHealth, Payload
from tui.model.states import Health
from tui.report import read_report


def write(directory: Path, count: int) -> None:
    """A run of 64 nodes in which health comes and goes, and the gate is asked."""
    names = tuple(f"px{number:03}" for number in range(1, 65))
    created = CREATED.model_copy(update={"nodes": names})
    told: list[Payload] = [
        NodeHealth(health=Health.DEGRADED, detail="not running: SISCI"),
        GateSample.model_validate({"moment": "confirm", "open": True, "reasons": (), "oldest_age": 0.2}),
        NodeHealth(health=Health.ACTIVE, detail="all services running"),
    ]
    begun, last, lines = datetime(2026, 11, 22, 17, 15, tzinfo=UTC), digest(b""), []
    turn = cycle((node, payload) for node in names for payload in told)
    for seq in range(count):
        node, payload = next(turn) if seq else (None, created)
        event = Event(
            seq=seq,
            time=begun + timedelta(seconds=seq),
            type=payload.type,
            node=node,
            actor="engine",
            data=data_of(payload),
            prev=last,
        )
        lines.append(encode(event))
        last = digest(lines[-1])
    directory.mkdir(parents=True)
    (directory / EVENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    (directory / HEAD).write_bytes(Head(count - 1, last).encode())


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def figures(directory: Path, count: int) -> tuple[Figure, ...]:
    """Of a journal of ``count`` events."""
    write(directory, count)

    def peer() -> float:
        lines = (directory / EVENTS).read_bytes().splitlines()
        return _cpu(lambda: [json.loads(line) for line in lines])

    def read() -> float:
        return _cpu(lambda: read_fitting(Tail(directory)))

    def report() -> float:
        return _cpu(lambda: read_report(directory))

    def listed() -> float:
        return cpu_of((*ROLLCALL, "runs", "--state-dir", str(directory.parents[2])))

    listed()  # the first time it is read
    return (
        Figure(
            f"{count:,} events: `rollcall runs`, CPU",
            "ms",
            listed,
            "`rollcall --help`",
            lambda: cpu_of((*ROLLCALL, "--help")),
        ),
        Figure(f"{count:,} events: read and fold, CPU", "ms", read, "`json.loads` of them", peer),
        Figure(f"{count:,} events: report, CPU", "ms", report, "`json.loads` of them", peer),
    )
