"""The same looks by asyncssh, for a Python that has it; its words: SSH_CONFIG SCRIPT SECONDS NODE...

Prints as JSON what `watching.py` prints; where that pings, this runs `true`.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import asyncssh

PING_EVERY_S = 1.25


async def main(config: str, script: str, seconds: float, nodes: list[str]) -> None:
    """Connect to all, run the script on all at once three times, then something small now and then."""
    gate = asyncio.Semaphore(8)

    async def connect(node: str) -> asyncssh.SSHClientConnection:
        async with gate:
            return await asyncssh.connect(node, config=[config], kex_algs=["curve25519-sha256"])

    links = await asyncio.gather(*map(connect, nodes))
    walls, late = [], [0.0]
    watching = asyncio.create_task(watch(late))
    for _ in range(3):
        begun = time.monotonic()
        done = await asyncio.gather(*(link.run("sh -s", input=script) for link in links))
        walls.append(time.monotonic() - begun)
        assert all("@end" in str(each.stdout) for each in done)
    watching.cancel()
    cpu, begun = time.process_time(), time.monotonic()
    while time.monotonic() - begun < seconds:
        next_at = time.monotonic() + PING_EVERY_S
        await asyncio.gather(*(link.run("true") for link in links))
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))
    rate = 1000 * (time.process_time() - cpu) / (time.monotonic() - begun)
    late.sort()
    found = {"sweep": 1000 * sorted(walls)[1], "p99": late[int(len(late) * 0.99)], "most": late[-1]}
    sys.stdout.write(json.dumps({**found, "pings": rate}))
    for link in links:
        link.abort()


async def watch(late: list[float]) -> None:
    """Note by how many milliseconds the event loop is late, a hundred times a second."""
    while True:
        due = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        late.append(1000 * (time.monotonic() - due))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]).read_text(), float(sys.argv[3]), sys.argv[4:]))
