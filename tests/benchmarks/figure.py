"""A figure: ours and a peer's, turn by turn in one run, so that both meet the same machine."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """``ours`` and ``peer`` give the same unit; without a peer on this machine, ``lacking`` names it."""

    what: str
    unit: str
    ours: Measure
    against: str
    peer: Measure | None


def cpu_of(command: Sequence[str], **environment: str) -> float:
    """Milliseconds of CPU, user and system, of a command and whatever it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def rows(figures: Iterable[Figure], rounds: int) -> Iterator[str]:
    """A Markdown table, row by row as it is measured."""
    yield "| figure | Rollcall | peer | ratio min / median / max |"
    yield "| --- | ---: | --- | ---: |"
    for figure in figures:
        if figure.peer is None:
            yield f"| {figure.what} | | {figure.against}: not here | |"
            continue
        pairs = [(figure.ours(), figure.peer()) for _ in range(rounds)]
        ratios = [ours / max(peer, 1e-9) for ours, peer in pairs]
        ours, peer = (median(each) for each in zip(*pairs, strict=True))
        spread = f"{min(ratios):.2f} / {median(ratios):.2f} / {max(ratios):.2f}"
        told = f"{ours:.0f} {figure.unit} | {figure.against}: {peer:.0f} {figure.unit}"
        yield f"| {figure.what} | {told} | {spread} |"


def machine() -> str:
    """What it was measured on."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {load}"
