"""A figure: ours and its peers, turn by turn in one run, so that all meet the same machine."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """``ours`` and ``peer`` give the same unit; without a peer on this machine, ``against`` names it.

    Neighbours that share ``ours`` are measured in one go. ``rounds``: at the most; it takes long.
    """

    what: str
    unit: str
    ours: Measure
    against: str
    peer: Measure | None
    rounds: int = 1000


HEAD = "| figure | Rollcall | peer | ratio min / median / max | load |\n| --- | ---: | --- | ---: | ---: |"


def limit(value: float) -> Measure:
    """A peer that is no program: the most that it may be."""
    return lambda: value


def cpu_of(command: Sequence[str], **environment: str) -> float:
    """Milliseconds of CPU, user and system, of a command and whatever it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def rows(figures: Iterable[Figure], rounds: int) -> Iterator[str]:
    """Rows of a Markdown table, each when it is measured; the load is that of the last minute then."""
    for ours, each in groupby(figures, key=lambda figure: figure.ours):
        group = list(each)
        taken: list[float] = []
        peers: list[list[float]] = [[] for _ in group]
        for _ in range(min(rounds, *(figure.rounds for figure in group))):
            taken.append(ours())
            for figure, times in zip(group, peers, strict=True):
                if figure.peer is not None:
                    times.append(figure.peer())
        for figure, times in zip(group, peers, strict=True):
            yield _row(figure, taken, times)


def _row(figure: Figure, ours: Sequence[float], peer: Sequence[float]) -> str:
    told = f"| {figure.what} | {_said(median(ours))} {figure.unit} | {figure.against}"
    if not peer:
        return f"{told}: not here | | {os.getloadavg()[0]:.1f} |"
    ratios = [mine / max(its, 1e-9) for mine, its in zip(ours, peer, strict=True)]
    spread = f"{min(ratios):.2f} / {median(ratios):.2f} / {max(ratios):.2f}"
    return f"{told}: {_said(median(peer))} {figure.unit} | {spread} | {os.getloadavg()[0]:.1f} |"


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
