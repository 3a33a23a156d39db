"""``python -m tests.benchmarks [--short]`` prints the figures; ``--short``: that they can be made."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import commands, painting, records, streaming, terminal, update
from tests.benchmarks.figure import machine, rows
from tui.rehearsal import Plan, Rehearsal


async def frames() -> list[tuple[str, float, float]]:
    """(what, mean CPU milliseconds a frame, longest frame)."""
    found = []
    measured = (
        ("nothing new", streaming.output(0)),
        ("10 lines a tick", streaming.output(10)),
        ("100 lines a tick", streaming.output(100)),
        ("1,000 lines a tick", streaming.output(1000)),
        ("1,000 lines a tick, hidden", streaming.hidden_output(1000)),
        ("8 nodes, one changes", streaming.cluster(8)),
        ("256 nodes, one changes", streaming.cluster(256)),
        ("1,024 nodes, one changes", streaming.cluster(1024)),
    )
    for what, work in measured:
        mean, worst = await work
        found.append((what, mean * 1000, worst * 1000))
    return found


def console() -> None:
    """What the console costs."""
    say = sys.stdout.write
    times = painting.compare()
    (ours, ours_all), (least, least_all) = times["waiting"], times["minimal"]
    say(f"first paint        {ours * 1000:6.0f} ms, smallest app {least * 1000:6.0f} ms")
    say(f"   {ours / least:.2f} x, {(ours - least) * 1000:+.0f} ms\n")
    say(f"start, paint, quit {ours_all * 1000:6.0f} ms, smallest app {least_all * 1000:6.0f} ms\n")
    for what, mean, worst in asyncio.run(frames()):
        say(f"{what:<28}{mean:7.1f} ms a frame, longest {worst:6.1f} ms\n")


def table(*, short: bool) -> None:
    """Figures beside peers, as Markdown; each row as soon as it is there."""
    events, nodes, updated, rounds = (2_000, 2, 1, 1) if short else (100_000, 24, 8, 5)
    names = tuple(f"px{number:02}" for number in range(1, nodes + 1))
    with tempfile.TemporaryDirectory() as place:
        rehearsal = Rehearsal.create(Path(place) / "rehearsal", Plan(nodes=names))
        rehearsal.start()
        try:
            figures = (
                commands.plan(),
                *records.figures(Path(place) / "runs" / "px" / "20261122-171500-0000", events),
                *commands.status(rehearsal),
                *terminal.figures(1.0 if short else 10.0, 2 if short else 30),
                *update.figures(updated),
            )
            for row in rows(figures, rounds):
                sys.stdout.write(f"{row}\n")
                sys.stdout.flush()
        finally:
            rehearsal.stop()
    sys.stdout.write(f"\n{machine()}; {rounds} rounds, ours and the peer's turn by turn.\n")


def main() -> None:
    """All of it, or the short form."""
    short = "--short" in sys.argv[1:]
    table(short=short)
    if not short:
        console()


if __name__ == "__main__":
    main()
