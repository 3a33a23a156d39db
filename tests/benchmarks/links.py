"""One link to a real sshd: how fast output comes in, a login, a dead link noticed; beside `ssh`."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.remote.conftest import Cluster, FileSink, endpoint, make_sysroot, quick
from tests.rigs.openssh import OpenSshNode, no_sshd

SEEN = 'BEGIN { for (i = 0; i < %d; i++) { print "  install", i, "/usr/src/dis/part.o"; fflush() } }'
ALIVE = ("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3")


@contextmanager
def node() -> Iterator[OpenSshNode]:
    """A node that nobody has logged in to."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        made = OpenSshNode(place / "rig", "px01", make_sysroot(place / "root"))
        made.start()
        try:
            yield made
        finally:
            made.stop()


def ssh(there: OpenSshNode, *words: str) -> list[str]:
    """What an operator would type."""
    return ["ssh", "-n", "-F", str(there.ssh_config), *words]


def with_link(work: Callable[[OpenSshNode, Cluster], Awaitable[float]]) -> float:
    """What ``work`` measures on a link that is up."""

    async def connected(there: OpenSshNode) -> float:
        cluster = Cluster([endpoint(there)], quick(keepalive=5.0))
        async with cluster.fleet:
            await cluster.client.connected(30)
            return await work(there, cluster)

    with node() as there:
        return asyncio.run(connected(there))


async def _followed(there: OpenSshNode, cluster: Cluster, lines: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        sink = FileSink(Path(name) / "output")
        begun = time.monotonic()
        await cluster.client.start_job("job", f"awk '{SEEN % lines}'")
        await cluster.client.follow("job", sink, lambda _: None)
        took = time.monotonic() - begun
        sink.close()
    return 1000 * took


def _streamed(lines: int) -> float:
    with node() as there, tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        subprocess.run(ssh(there, "px01", f"awk '{SEEN % lines}'"), check=True, stdout=output)
        return 1000 * (time.monotonic() - begun)


def _login() -> float:
    async def measure() -> float:
        cluster = Cluster([where], quick())
        begun = time.monotonic()
        async with cluster.fleet:
            await cluster.client.connected(30)
            return 1000 * (time.monotonic() - begun)

    with node() as there:
        where = endpoint(there)
        return asyncio.run(measure())


def _login_of_ssh() -> float:
    with node() as there:
        begun = time.monotonic()
        subprocess.run(ssh(there, "px01", "true"), check=True)
        return 1000 * (time.monotonic() - begun)


async def _noticed(there: OpenSshNode, cluster: Cluster) -> float:
    there.freeze_sessions()
    begun = time.monotonic()
    while cluster.client.state.phase == "up":
        await cluster.client.next_change()
    there.resume_sessions()
    return time.monotonic() - begun


def _noticed_by_ssh() -> float:
    with node() as there:
        command = ssh(there, *ALIVE, "px01", "echo up; sleep 600")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            there.freeze_sessions()
            begun = time.monotonic()
            process.wait()
            there.resume_sessions()
            return time.monotonic() - begun


def figures(lines: int, *, dead: bool) -> tuple[Figure, ...]:
    """Of an output of so many lines; ``dead``: of a link that falls silent, too, which takes a while."""
    if no_sshd():
        return ()
    stream = f"{lines:,} lines, written one by one, until the last is saved"
    return (
        Figure(
            stream,
            "ms",
            lambda: with_link(lambda there, cluster: _followed(there, cluster, lines)),
            "`ssh` into a file",
            lambda: _streamed(lines),
        ),
        Figure("login, cold", "ms", _login, "`ssh` with `true`", _login_of_ssh),
        *(
            [
                Figure(
                    "a dead link is noticed",
                    "s",
                    lambda: with_link(_noticed),
                    "`ssh`, ServerAliveInterval 5, CountMax 3",
                    _noticed_by_ssh,
                    rounds=3,
                )
            ]
            if dead
            else []
        ),
    )
