"""Quitting: fast whatever state the nodes are in, and nothing left behind here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time

import pytest

from tests.remote.conftest import Cluster, Connect, FileSink, MakeNode, endpoint, quick
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import overdue, patience, wait_until_async
from tui.remote import RemoteError

pytestmark = needs_sshd

CONSOLE = """
import asyncio, sys, time
from tui.remote import Fleet, Options, resolve

async def main(config: str) -> None:
    fleet = Fleet([resolve("px01", ssh_config=config)], Options())
    await fleet.start()
    await fleet.client("px01").connected(10)
    await fleet.client("px01").run("true", timeout=5)
    print("up", flush=True)
    sys.stdin.readline()
    await fleet.close()

asyncio.run(main(sys.argv[1]))
"""


def ours() -> set[str]:
    """The threads of this package that are alive."""
    return {
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith("rollcall") or type(thread).__name__ == "NodeTransport"
    }


async def seconds_to_close(cluster: Cluster) -> float:
    before = time.monotonic()
    await cluster.fleet.close()
    return time.monotonic() - before


async def test_closing_a_healthy_fleet_leaves_no_thread_and_no_session(
    make_node: MakeNode, connect: Connect, sink: FileSink
) -> None:
    nodes = [make_node(f"px0{n}") for n in range(1, 4)]
    async with connect(*nodes) as cluster:
        await asyncio.gather(*(cluster.fleet.client(name).connected(10) for name in cluster.fleet.nodes))
        cluster.fleet.watch("sleep 5", 1, lambda _: None)
        await cluster.client.start_job("j", "echo on; sleep 1000")
        following = asyncio.create_task(cluster.client.follow("j", sink, lambda _: None))
        await wait_until_async(lambda: sink.size > 0)
        assert await seconds_to_close(cluster) < 0.5
        with pytest.raises(RemoteError) as caught:
            await following
        assert caught.value.kind == "closed"
        await wait_until_async(lambda: not ours(), 3, f"threads end: {ours()}")
        await wait_until_async(lambda: not any(node.sessions() for node in nodes), 5)
    async with connect(nodes[0]) as cluster:
        assert (await cluster.client.job("j")).state == "running"  # jobs go on
        await cluster.client.cancel("j", 1)


async def test_closing_with_a_frozen_node(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node, keepalive=1) as cluster:
        await cluster.client.connected(10)
        running = asyncio.create_task(cluster.client.run("cat", payload=bytes(50_000_000), timeout=60))
        node.freeze_sessions()
        await wait_until_async(lambda: cluster.client.state.phase == "silent", 10)
        assert await seconds_to_close(cluster) < 1.0
        with pytest.raises(RemoteError):
            await running
        await wait_until_async(lambda: not ours(), 3, "threads end")


async def test_closing_while_the_handshake_hangs(node: OpenSshNode, connect: Connect) -> None:
    node.freeze_server()
    async with connect(node) as cluster:
        await wait_until_async(lambda: cluster.client.state.phase == "connecting")
        assert await seconds_to_close(cluster) < 1.0
        await wait_until_async(lambda: not ours(), 3, "threads end")
    node.resume_server()


async def test_closing_while_a_node_is_down(node: OpenSshNode, connect: Connect) -> None:
    node.stop()
    async with connect(node) as cluster:
        waiting = asyncio.create_task(cluster.client.run("true", timeout=60))
        await wait_until_async(lambda: "backoff" in cluster.phases())
        assert await seconds_to_close(cluster) < 1.0
        with pytest.raises(RemoteError) as caught:
            await waiting
        assert caught.value.kind == "closed"


async def test_a_fleet_that_was_never_started_can_be_closed(node: OpenSshNode) -> None:
    cluster = Cluster([endpoint(node)], quick())
    assert await seconds_to_close(cluster) < 0.5
    await wait_until_async(lambda: not ours(), 3, "threads end")


@pytest.mark.parametrize("frozen", [False, True])
def test_the_program_ends_at_once(node: OpenSshNode, frozen: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CONSOLE, str(node.ssh_config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    if frozen:
        node.freeze_sessions()
    before = time.monotonic()
    _, words = process.communicate(b"quit\n", timeout=10 * patience())
    assert not overdue(before, 2.0)
    assert (process.returncode, words) == (0, b"")
