"""Jobs on a node with a real systemd: what a job started lives on, and a cancel leaves nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, FileSink
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.systemd import SystemdNode, needs_systemd
from tests.rigs.waiting import wait_until

pytestmark = [needs_sshd, needs_systemd]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[SystemdNode]:
    with SystemdNode(tmp_path / "machine") as made:
        yield made


@pytest.fixture
def node(machine: SystemdNode, tmp_path: Path) -> Iterator[OpenSshNode]:
    """Its sshd, with no sysroot: every file is the machine's own."""
    node = OpenSshNode(tmp_path / "machine/rig", "px01", wrapper=machine.wrapper)
    node.start()
    yield node
    node.stop()


def sleepers(machine: SystemdNode, seconds: int) -> int:
    """How many processes of the machine sleep for so long."""
    return machine.run("ps", "ax", "-o", "args").stdout.splitlines().count(f"sleep {seconds}")


async def test_what_a_job_started_the_plain_way_lives_on(
    machine: SystemdNode, node: OpenSshNode, connect: Connect, sink: FileSink
) -> None:
    async with connect(node) as cluster:
        await cluster.client.start_job("j", "setsid sleep 4711 & sleep 0.2; exit 0")
        status = await cluster.client.follow("j", sink, lambda _detached: None)
        assert (status.state, status.exit_code) == ("exited", 0)
        assert "systemd" in machine.run("cat", "/var/lib/rollcall/jobs/j/started").stdout
        # the unit has gone, and with it whatever systemd would have ended
        wait_until(lambda: not machine.run("systemctl", "list-units", "-q", "rollcall-job-*").stdout)
        assert sleepers(machine, 4711) == 1, "systemd has killed the daemon with the job's unit"
        held = machine.run("sh", "-c", "ls -l /proc/[0-9]*/fd | grep -c -e jobs/j/lock -e node.lock")
        assert held.stdout.strip() == "0", "the daemon holds a lock of ours"
        # once the job has its exit code, a cancel that comes late takes nothing along
        late = await cluster.client.cancel("j", 1)
        assert (late.state, late.exit_code) == ("exited", 0)
        assert sleepers(machine, 4711) == 1


async def test_a_cancel_ends_all_that_the_job_has_started(
    machine: SystemdNode, node: OpenSshNode, connect: Connect
) -> None:
    script = (
        "setsid sleep 4712 & setsid env -i /bin/sleep 4713 & sleep 4714 & : > /tmp/began; wait; sleep 4715"
    )
    async with connect(node) as cluster:
        await cluster.client.start_job("j", script)
        wait_until(lambda: all(machine.run("pgrep", "-f", f"sleep {n}$").stdout for n in (4712, 4713, 4714)))
        status = await cluster.client.cancel("j", 1)
        assert (status.state, status.cancelled) == ("exited", True)
    assert not machine.run("pgrep", "-f", "sleep 471[2-5]").stdout
