"""``python -m tests.benchmarks.soak [MINUTES]``: does a console grow in ten hours of an operator's night?

A run over 16 nodes on real sshd where there is one, looked at twenty times as often: connections break, pages
are opened and left, and a step that fails waits for a person. Memory, threads and open files are told once a
minute.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from statistics import median

from tests.benchmarks.soak_child import FASTER
from tests.console.glass import Glass
from tests.rigs.openssh import no_sshd
from tui.rehearsal import Plan, Rehearsal

KEYS = cycle(
    (b"?", b"\x1b", b"j", b"\x1b", b"l", b"\x1b", b"o", b"\x1b", b"\t", b"\x1b[C", b"\x1b[B", b"r", b"y")
)
EVERY = 2.0
"""Seconds between two keys."""
CUT_EVERY = 10
"""Keys between two broken connections."""


def counted(pid: int) -> tuple[float, int, int]:
    """(MiB in memory, threads, open files)."""
    proc = Path(f"/proc/{pid}")
    pages = int((proc / "statm").read_text().split()[1])
    return pages * 4096 / 2**20, len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir()))


def plan() -> Plan:
    """A cluster whose ninth node does not come up: there the run waits for a person, all night."""
    return Plan(
        nodes=tuple(f"px{number:02}" for number in range(1, 17)),
        management="pxmgmt",
        update_management="no",
        pace=20.0,
        face="paramiko" if no_sshd() else "openssh",
        faults={"px09": ("start-fails",)},
    )


def soak(place: Path, minutes: float) -> list[tuple[float, int, int]]:
    """One sample a minute."""
    rehearsal = Rehearsal.create(place / "cluster", plan())
    rehearsal.start()
    words = ("run", str(rehearsal.cluster_file), "--state-dir", str(place / "state"), "--pause", "none")
    child = ("-m", "tests.benchmarks.soak_child", *words)
    chance = random.Random(1)
    samples: list[tuple[float, int, int]] = []
    try:
        with Glass(*child, errors=place / "errors") as glass:
            glass.shows(b"px16")
            begun = time.monotonic()
            for pressed, key in enumerate(KEYS):
                if len(samples) >= minutes:
                    break
                glass.press(key)
                if pressed % CUT_EVERY == 0:
                    rehearsal.node(chance.choice(rehearsal.nodes)).cut()
                glass.read_for(EVERY)
                assert not glass.ended(), glass.seen[-4096:].decode("utf-8", "replace")
                if time.monotonic() - begun >= 60 * (len(samples) + 1):
                    samples.append(counted(glass.process.pid))
                    tell(
                        len(samples), *samples[-1], written=sum(each.stat().st_size for each in files(place))
                    )
                    glass.seen = glass.seen[-4096:]
            glass.press_until(b"\x1b", lambda: "Nodes 16" in glass.screen.text)
            sys.stdout.write(f"\n{glass.screen.text}\n")
    finally:
        rehearsal.destroy()
    return samples


def files(place: Path) -> list[Path]:
    """What the console has written."""
    return [each for each in (place / "state").rglob("*") if each.is_file()]


def tell(minute: int, memory: float, threads: int, open_files: int, *, written: int) -> None:
    """A line of the table."""
    grown = f"{memory:6.1f} MiB  {threads:3} threads  {open_files:3} files  {written:9,} B written"
    sys.stdout.write(f"{minute:4} min  {grown}\n")
    sys.stdout.flush()


def main() -> None:
    """Half an hour, or so many minutes."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory() as name:
        samples = soak(Path(name), minutes)
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter], samples[-quarter:]
    for index, what in enumerate(("MiB in memory", "threads", "open files")):
        then, now = (median(sample[index] for sample in part) for part in (second, last))
        sys.stdout.write(f"{what}: {then:.1f} in the second quarter, {now:.1f} in the last\n")
    hours = minutes * FASTER / 60
    sys.stdout.write(f"{minutes:g} minutes, pings and looks {FASTER} times as often: {hours:.1f} hours\n")


if __name__ == "__main__":
    main()
