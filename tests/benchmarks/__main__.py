"""``python -m tests.benchmarks [--short] [PART...]`` prints the figures; short: that they can be made."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.benchmarks import (
    checking,
    commands,
    crowd,
    links,
    many,
    outputs,
    painting,
    records,
    terminal,
    update,
)
from tests.benchmarks.figure import HEAD, Figure, machine, rows
from tests.rigs.openssh import no_sshd
from tui.rehearsal import Plan, Rehearsal

Figures = tuple[Figure, ...]


@contextmanager
def cluster(nodes: int, face: str = "paramiko") -> Iterator[Rehearsal]:
    """A running rehearsal of so many nodes."""
    names = tuple(f"px{number:02}" for number in range(1, nodes + 1))
    with tempfile.TemporaryDirectory() as place:
        rehearsal = Rehearsal.create(Path(place) / "rehearsal", Plan(nodes=names, face=face))
        rehearsal.start()
        try:
            yield rehearsal
        finally:
            rehearsal.stop()


@contextmanager
def journals(short: bool) -> Iterator[Figures]:
    """A long journal, read in all the ways."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "runs" / "px" / "20261122-171500-0000"
        yield records.figures(run, 2_000 if short else 100_000)


@contextmanager
def status(short: bool) -> Iterator[Figures]:
    """One look at a whole cluster."""
    with cluster(2 if short else 24) as rehearsal:
        yield commands.status(rehearsal)


@contextmanager
def checked(short: bool) -> Iterator[Figures]:
    """One check of a whole cluster, on real sshd where there is one."""
    with cluster(2 if short else 16, "paramiko" if no_sshd() else "openssh") as rehearsal:
        yield checking.figures(rehearsal)


@contextmanager
def printed(short: bool) -> Iterator[Figures]:
    """A step that has printed much."""
    with tempfile.TemporaryDirectory() as place:
        yield outputs.figures(Path(place), 2_000_000 if short else 2_000_000_000)


@contextmanager
def alone(figures: Figures) -> Iterator[Figures]:
    """Those that need nothing around them."""
    yield figures


PARTS: dict[str, Callable[[bool], AbstractContextManager[Figures]]] = {
    "plan": lambda short: alone((commands.plan(),)),
    "records": journals,
    "status": status,
    "many": many.figures,
    "check": checked,
    "outputs": printed,
    "links": lambda short: alone(links.figures(2_000 if short else 1_000_000, dead=not short)),
    "paint": lambda short: alone(painting.figures()),
    "crowd": lambda short: alone(crowd.figures()),
    "terminal": lambda short: alone(terminal.figures(1.0 if short else 5.0, 2 if short else 30)),
    "update": lambda short: alone(update.figures(1 if short else 8)),
}
"""What can be measured by itself, in this order."""


def main() -> None:
    """The parts that are named, or all."""
    words = [word for word in sys.argv[1:] if word != "--short"]
    short = len(words) < len(sys.argv) - 1
    if unknown := [word for word in words if word not in PARTS]:
        raise SystemExit(f"There is no {unknown[0]}; there are {', '.join(PARTS)}.")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each command of ours compiles all that it loads
    say(HEAD)
    for part in words or PARTS:
        with PARTS[part](short) as figures:
            for row in rows(figures, rounds=1 if short else 3):
                say(row)
    say(f"\n{machine()}.")


def say(line: str) -> None:
    """As soon as it is there."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
