"""A console without a screen, in a process of its own; its words: CLUSTER_FILE SECONDS [pings].

Prints as JSON what it costs to only ping all nodes, to look at them three times, and to watch them as a run
does; with `pings` only the first.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from pathlib import Path

from tui.model.clusterfile import ClusterFile
from tui.remote import Fleet
from tui.rollout.gate.monitor import Monitor
from tui.rollout.opening.connections import make_fleet
from tui.rollout.opening.file import load_cluster_file


def memory() -> float:
    """Kilobytes of this process in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


async def watch(late: list[float]) -> None:
    """Note by how many milliseconds the event loop is late, a hundred times a second."""
    while True:
        due = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        late.append(1000 * (time.monotonic() - due))


async def rate(seconds: float) -> float:
    """Milliseconds of CPU a second."""
    cpu, begun = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    return 1000 * (time.process_time() - cpu) / (time.monotonic() - begun)


async def main(path: str, seconds: float, *only: str) -> None:
    """All of it, on links that stay."""
    config, found = load_cluster_file(Path(path)), {}
    before = memory()
    cpu = time.process_time()
    async with make_fleet(config, None) as fleet:
        await asyncio.gather(*(fleet.client(node).connected(120) for node in fleet.nodes))
        found["logins"] = 1000 * (time.process_time() - cpu)
        found["pings"] = found["quiet"] = await rate(seconds)
        if not only:
            found |= await looks(fleet, config, seconds)
        readers = sum(type(thread).__name__ == "NodeTransport" for thread in threading.enumerate())
        found |= {"memory": memory() - before, "threads": threading.active_count() - readers}
    sys.stdout.write(json.dumps(found))


async def looks(fleet: Fleet, config: ClusterFile, seconds: float) -> dict[str, float]:
    """Three at all nodes, then as they come."""
    quiet = Monitor(fleet, config, lambda _node, _health, _detail: None)
    quiet.start(by_itself=False)
    walls, late = [], [0.0]
    watching = asyncio.create_task(watch(late))
    for _ in range(3):
        begun = time.monotonic()
        await quiet.look_now()
        walls.append(1000 * (time.monotonic() - begun))
    watching.cancel()
    late.sort()
    found = {"sweep": sorted(walls)[1], "p99": late[int(len(late) * 0.99)], "most": late[-1]}
    await quiet.close()
    seen = asyncio.Event()
    monitor = Monitor(fleet, config, lambda _node, _health, _detail: seen.set())
    monitor.start()
    while not all(monitor.well(node)[0] for node in fleet.nodes):
        seen.clear()
        await seen.wait()
    found["health"] = await rate(seconds)
    await monitor.close()
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:]))
