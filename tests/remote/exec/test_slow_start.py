"""A node on which starting a job takes long, or fails: told as not started, it is never started later."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, FileSink
from tests.remote.exec.test_jobs import ended, job_dir
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = needs_sshd

SCRIPT = 'echo ran >> "$R"/ran'
QUICK = "exec /bin/sleep 0.001\n"
"""The node's patience with a supervisor, without its seconds."""


def program(root: Path, name: str, text: str) -> None:
    """A program of the node's own, in the place of the real one."""
    path = root / "usr/bin" / name
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


async def test_a_supervisor_that_waits_for_the_disk_is_waited_for(
    node: OpenSshNode, connect: Connect
) -> None:
    """Its first word takes longer to sync than anybody has patience: a disk that is busy, after a build."""
    root = node.sysroot
    assert root is not None
    program(root, "sleep", f'echo >> "$ROLLCALL_SYSROOT"/slept\n{QUICK}')
    slow = 'case $* in *started.tmp*) until [ -e "$ROLLCALL_SYSROOT"/go ]; do /bin/sleep 0.05; done ;; esac\n'
    program(root, "sync", f'{slow}exec /bin/sync "$@"\n')
    async with connect(node) as cluster:
        start = asyncio.create_task(cluster.client.start_job("j", SCRIPT))

        def out_of_patience() -> bool:
            slept = root / "slept"
            return slept.exists() and slept.read_text().count("\n") >= 250

        await wait_until_async(out_of_patience, 60, "the node has waited for its supervisor")
        await asyncio.wait({start}, timeout=1.0)  # what is wrong ends here
        (root / "go").touch()
        assert (await start).state in ("running", "exited")
        assert (await ended(cluster, "j")).exit_code == 0
    assert (root / "ran").read_text() == "ran\n"


async def test_a_supervisor_that_comes_after_the_refusal_starts_nothing(
    node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    """Whoever was told that it did not start may order the step again, under another name."""
    root = node.sysroot
    assert root is not None
    program(root, "sleep", QUICK)
    program(root, "setsid", "echo out of processes >&2\nexit 1\n")
    async with connect(node) as cluster:
        with pytest.raises(RemoteError, match="did not start: out of processes") as caught:
            await cluster.client.start_job("j", SCRIPT)
        assert caught.value.kind == "job-failed-to-start"
        (root / "usr/bin/setsid").unlink()
        directory = job_dir(node, "j")
        late = ["/bin/sh", str(directory / "supervise"), str(directory), "setsid"]
        surroundings = {**os.environ, "ROLLCALL_SYSROOT": str(root)}
        supervisor = await asyncio.create_subprocess_exec(*late, env=surroundings)
        assert await asyncio.wait_for(supervisor.wait(), 60) == 0
        status = await asyncio.wait_for(cluster.client.follow("j", sink, lambda _detached: None), 60)
        assert (status.state, status.cancelled, status.exit_code) == ("claimed", True, None)
        await cluster.client.remove("j")
    assert not (root / "ran").exists()
