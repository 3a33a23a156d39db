"""Servers that give one connection few sessions: everything goes on, over further logins."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect, FileSink, MakeNode
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = needs_sshd

BINARY = os.urandom(3_000_000)
JOB = 'n=0; until [ -e "$R"/go ]; do n=$((n + 1)); echo "line $n"; sleep 0.02; done; exit 3'


def logins(node: OpenSshNode) -> int:
    return len(re.findall("Accepted publickey", node.log))


async def everything_at_once(node: OpenSshNode, cluster: Cluster, sink: FileSink, local: Path) -> None:
    """Status, a job that is followed, commands, an upload and a job that is started over its own login."""
    client, detached = cluster.client, list[bool]()
    await client.start_job("long", JOB)
    following = asyncio.create_task(client.follow("long", sink, detached.append))
    await wait_until_async(lambda: sink.size > 0, what="the job is followed")
    assert node.sysroot is not None
    *commands, digest, cut = await asyncio.gather(
        *(client.run(f"echo {n}; sleep 0.2", timeout=60) for n in range(5)),
        client.upload("/up", local),
        client.start_job_then_disconnect("short", "echo on; exit 4"),
    )
    assert [int(done.stdout) for done in commands] == list(range(5))
    assert digest == hashlib.sha256(BINARY).hexdigest()
    assert cut.state in ("running", "exited")
    assert (await client.job("long")).state == "running"
    before = cluster.client.state.last_seen
    await wait_until_async(lambda: cluster.client.state.last_seen > before, what="it answers pings")
    (node.sysroot / "go").touch()
    status = await following
    output = sink.path.read_text().splitlines()
    assert (status.exit_code, output) == (3, [f"line {n + 1}" for n in range(len(output))])
    assert detached == []
    await wait_until_async(lambda: cluster.client.state.rtt is not None)


@pytest.mark.parametrize(("sessions", "most_logins"), [(1, 7), (2, 6), (3, 5), (10, 3)])
async def test_everything_at_once_and_nothing_is_called_lost(
    make_node: MakeNode, connect: Connect, sink: FileSink, tmp_path: Path, sessions: int, most_logins: int
) -> None:
    node = make_node("px01", f"MaxSessions {sessions}")
    local = tmp_path / "local"
    local.write_bytes(BINARY)
    async with connect(node) as cluster:
        await everything_at_once(node, cluster, sink, local)
        assert cluster.phases() == ["connecting", "up"]
    assert logins(node) <= most_logins, node.log


async def test_a_further_login_is_kept_and_used_again(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01", "MaxSessions 1")
    async with connect(node) as cluster:
        for n in range(10):
            assert (await cluster.client.run(f"echo {n}", timeout=60)).stdout == f"{n}\n".encode()
        assert logins(node) == 2


async def test_who_has_sessions_enough_logs_in_once(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01")
    async with connect(node) as cluster:
        for _ in range(5):
            await asyncio.gather(*(cluster.client.run("true", timeout=60) for _ in range(4)))
        assert await cluster.client.sessions(3, timeout=60) == 3
        assert logins(node) == 1


@pytest.mark.parametrize("sessions", [1, 2, 3, 4])
async def test_how_many_are_left_is_found_without_using_them(
    make_node: MakeNode, connect: Connect, sessions: int
) -> None:
    node = make_node("px01", f"MaxSessions {sessions}")
    async with connect(node) as cluster:
        for _ in range(3):
            assert await cluster.client.sessions(3, timeout=60) == sessions - 1
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"


async def test_a_cut_ends_the_further_logins_too_and_all_goes_on(
    make_node: MakeNode, connect: Connect, sink: FileSink
) -> None:
    node = make_node("px01", "MaxSessions 1")
    detached: list[bool] = []
    async with connect(node) as cluster:
        await cluster.client.start_job("long", JOB)
        following = asyncio.create_task(cluster.client.follow("long", sink, detached.append))
        for cut in range(1, 4):
            size = sink.size
            await wait_until_async(lambda size=size: sink.size > size, what="more output")  # type: ignore[misc]
            node.kill_sessions()
            await wait_until_async(lambda cut=cut: cluster.phases().count("up") == cut + 1)  # type: ignore[misc]
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        status = await following
        await wait_until_async(lambda: len(node.sessions()) <= 4, what="old logins are gone")
    output = sink.path.read_text().splitlines()
    assert (status.exit_code, output) == (3, [f"line {n + 1}" for n in range(len(output))])
    assert detached[:2] == [True, False]


async def test_what_hangs_holds_its_sessions_and_nobody_waits_for_it(
    make_node: MakeNode, connect: Connect
) -> None:
    node = make_node("px01", "MaxSessions 2")
    async with connect(node) as cluster:
        for _ in range(12):
            with pytest.raises(RemoteError) as caught:
                await cluster.client.run('echo $$ >> "$R"/pids; exec sleep 1000', timeout=0.7)
            assert caught.value.kind == "timeout"
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"
        assert node.sysroot is not None
        await cluster.client.run('kill $(cat "$R"/pids); :', timeout=60)
        assert cluster.phases() == ["connecting", "up"]


async def test_where_no_further_login_is_let_in_it_is_named_and_not_tried_again(
    make_node: MakeNode, connect: Connect
) -> None:
    node = make_node("px01", "MaxSessions 1")
    async with connect(node) as cluster:
        await cluster.client.connected(30)
        key = node.authorized_keys.read_text()
        node.authorized_keys.write_text("")
        for _ in range(3):
            with pytest.raises(RemoteError) as caught:
                await cluster.client.run("true", timeout=60)
            assert caught.value.kind == "session-limit"
        assert "raise MaxSessions in its sshd_config" in caught.value.sentence
        assert "Another login for the rest failed, too: px01 (" in caught.value.sentence
        assert cluster.client.state.phase == "up"
        assert len(re.findall("Connection closed by authenticating user|Disconnect", node.log)) <= 1, node.log
        node.authorized_keys.write_text(key)
        cluster.client.reconnect()  # a person has acted
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"


async def test_where_no_further_login_is_let_in_two_sessions_are_shared(
    make_node: MakeNode, connect: Connect, sink: FileSink
) -> None:
    node = make_node("px01", "MaxSessions 2")
    async with connect(node) as cluster:
        await cluster.client.start_job("long", JOB)
        node.authorized_keys.write_text("")
        outcomes = await asyncio.gather(*(cluster.client.run(f"echo {n}", timeout=60) for n in range(6)))
        assert sorted(int(done.stdout) for done in outcomes) == list(range(6))
        following = asyncio.create_task(cluster.client.follow("long", sink, lambda _: None))
        await wait_until_async(lambda: sink.size > 0)
        with pytest.raises(RemoteError, match="MaxSessions") as caught:
            await cluster.client.run("true", timeout=1)
        assert caught.value.kind == "too-many-sessions", "it may be free later"
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        await following
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"
        assert cluster.phases() == ["connecting", "up"]
