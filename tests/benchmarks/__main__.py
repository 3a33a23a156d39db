"""``python -m tests.benchmarks`` prints the figures."""

from __future__ import annotations

import asyncio
import sys

from tests.benchmarks import painting, streaming


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


def main() -> None:
    say = sys.stdout.write
    times = painting.compare()
    (ours, ours_all), (least, least_all) = times["waiting"], times["minimal"]
    say(f"first paint        {ours * 1000:6.0f} ms, smallest app {least * 1000:6.0f} ms")
    say(f"   {ours / least:.2f} x, {(ours - least) * 1000:+.0f} ms\n")
    say(f"start, paint, quit {ours_all * 1000:6.0f} ms, smallest app {least_all * 1000:6.0f} ms\n")
    for what, mean, worst in asyncio.run(frames()):
        say(f"{what:<28}{mean:7.1f} ms a frame, longest {worst:6.1f} ms\n")


if __name__ == "__main__":
    main()
