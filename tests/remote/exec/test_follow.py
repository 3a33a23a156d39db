"""Following a job: every byte once, over cuts, over crashes of this side, to the very end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect, FileSink
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import overdue, wait_until_async
from tui.remote import RemoteError

pytestmark = needs_sshd

# 25,000 lines in bursts, slow enough to be cut in between, fast enough for a test.
CHATTY = """
echo ran >> "$R"/ran
i=0
while [ "$i" -lt 25000 ]; do
  printf '%06d the quick brown fox \\303\\245\\303\\246\\303\\270 \\377 %s\\n' "$i" "$((i * i))"
  i=$((i + 1))
  if [ "$((i % 1000))" -eq 0 ]; then sleep 0.04; fi
done
exit 7
"""
EXPECTED = b"".join(
    b"%06d the quick brown fox \xc3\xa5\xc3\xa6\xc3\xb8 \xff %d\n" % (i, i * i) for i in range(25000)
)

FOLLOWER = """
import asyncio, sys
from pathlib import Path
from tests.remote.conftest import FileSink
from tui.remote import Fleet, Options, resolve

async def main(config: str, output: str) -> None:
    async with Fleet([resolve("px01", ssh_config=config)], Options()) as fleet:
        await fleet.client("px01").follow("j", FileSink(Path(output)), lambda detached: None)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_long_output_over_many_cuts_is_exact_and_the_job_ran_once(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    detached: list[bool] = []
    async with connect(node) as cluster:
        await cluster.client.start_job("j", CHATTY)
        following = asyncio.create_task(cluster.client.follow("j", sink, detached.append))
        for part in range(1, 6):
            await wait_until_async(larger(sink.path, part * len(EXPECTED) // 7))
            node.kill_sessions()
        status = await following
    assert (status.state, status.exit_code, status.size) == ("exited", 7, len(EXPECTED))
    assert sink.path.read_bytes() == EXPECTED
    assert node.sysroot is not None
    assert (node.sysroot / "ran").read_text() == "ran\n"
    assert detached == [True, False] * (len(detached) // 2)
    assert 1 <= len(detached) // 2 <= 5


async def test_another_process_goes_on_where_a_killed_one_stopped(
    node: OpenSshNode, connect: Connect, tmp_path: Path
) -> None:
    output = tmp_path / "output.log"
    output.touch()
    async with connect(node) as cluster:
        await cluster.client.start_job("j", CHATTY)
    for part in range(1, 4):
        process = start_follower(node, output)
        await wait_until_async(larger(output, part * len(EXPECTED) // 5))
        process.kill()
        process.wait()
    sink = FileSink(output)
    async with connect(node) as cluster:
        status = await cluster.client.follow("j", sink, lambda _: None)
    sink.close()
    assert status.exit_code == 7
    assert output.read_bytes() == EXPECTED
    assert node.sysroot is not None
    assert (node.sysroot / "ran").read_text() == "ran\n"


async def test_a_job_that_leaves_a_daemon_behind_ends_when_it_ends(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    script = 'sleep 60 & echo $! > "$R"/daemon; echo done'
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        before = time.monotonic()
        status = await cluster.client.follow("j", sink, lambda _: None)
        assert not overdue(before, 10)
    assert node.sysroot is not None
    os.kill(int((node.sysroot / "daemon").read_text()), signal.SIGTERM)
    assert (status.state, status.exit_code) == ("exited", 0)
    assert sink.path.read_text() == "done\n"


async def test_a_line_is_here_as_soon_as_it_is_there(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    script = 'for n in 1 2 3; do echo $n; until [ -e "$R"/go$n ]; do sleep 0.01; done; done'
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        following = asyncio.create_task(cluster.client.follow("j", sink, lambda _: None))
        assert node.sysroot is not None
        for n in (1, 2, 3):
            await wait_until_async(larger(sink.path, 2 * n - 1), 5, f"line {n}")
            (node.sysroot / f"go{n}").touch()
        await following


async def test_a_job_that_was_removed_is_no_job(node: OpenSshNode, connect: Connect, sink: FileSink) -> None:
    async with connect(node) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.follow("never", sink, lambda _: None)
    assert caught.value.kind == "job-gone"


async def test_cancelling_the_follower_leaves_the_job_and_no_tail_behind(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", 'echo one; until [ -e "$R"/go ]; do sleep 0.05; done; echo two')
        following = asyncio.create_task(cluster.client.follow("j", sink, lambda _: None))
        await wait_until_async(lambda: sink.size == 4)
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        await wait_until_async(lambda: not tails_of(node), 5, "the tail on the node ends")
        assert (await cluster.client.job("j")).state == "running"
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        await cluster.client.follow("j", sink, lambda _: None)
    assert sink.path.read_text() == "one\ntwo\n"


async def test_a_sink_that_cannot_write_ends_the_following(node: OpenSshNode, connect: Connect) -> None:
    class FullDisk:
        size = 0

        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        def sync(self) -> None:
            raise AssertionError("nothing was written")

    async with connect(node) as cluster:
        await cluster.client.start_job("j", "echo one")
        with pytest.raises(OSError, match="No space left"):
            await cluster.client.follow("j", FullDisk(), lambda _: None)
        assert cluster.client.state.phase == "up"


async def test_following_waits_through_a_node_that_is_down(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    detached: list[bool] = []
    async with connect(node) as cluster:
        await cluster.client.start_job("j", 'echo one; until [ -e "$R"/go ]; do sleep 0.05; done; echo two')
        following = asyncio.create_task(cluster.client.follow("j", sink, detached.append))
        await wait_until_async(lambda: sink.size == 4)
        node.stop()
        await wait_until_async(lambda: detached == [True])
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        await wait_until_async(lambda: refused_tries(cluster) >= 2)
        node.start()
        status = await following
    assert status.exit_code == 0
    assert detached == [True, False]
    assert sink.path.read_text() == "one\ntwo\n"


def larger(path: Path, size: int) -> Callable[[], bool]:
    """Whether the file has grown beyond ``size``."""
    return lambda: path.stat().st_size > size


def start_follower(node: OpenSshNode, output: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", FOLLOWER, str(node.ssh_config), str(output)])


def refused_tries(cluster: Cluster) -> int:
    return sum(state.phase == "backoff" and state.error_kind == "refused" for state in cluster.states)


def tails_of(node: OpenSshNode) -> list[int]:
    """The processes on the node that follow a job's output."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0] == b"tail" and str(node.sysroot).encode() in b" ".join(words):
                found.append(int(entry.name))
    return found
