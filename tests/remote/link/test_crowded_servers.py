"""Servers that take few logins at a time, talk before they do, or shut us out for a while."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect, MakeNode, endpoint
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import Endpoint

pytestmark = needs_sshd


@contextlib.contextmanager
def before(node: OpenSshNode | None, said: bytes) -> Iterator[int]:
    """A port where these bytes come first, and then the node's own (None: the end)."""
    with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as opened:

        def carry(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client = opened.enter_context(server.accept()[0])
                    client.sendall(said)
                    if node is None:
                        client.shutdown(socket.SHUT_WR)
                        continue
                    behind = opened.enter_context(socket.create_connection((node.host, node.port)))
                    for pair in ((client, behind), (behind, client)):
                        threading.Thread(target=carry, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


async def first_failure(cluster: Cluster) -> tuple[str, str | None]:
    """What is said of the first try, after which there is another one."""
    await wait_until_async(lambda: cluster.phases().count("connecting") >= 2, 20, "it is tried again")
    assert "refused" not in cluster.phases()
    state = next(state for state in cluster.states if state.phase == "backoff")
    return state.reason, state.error_kind


async def test_a_full_server_is_named_and_tried_again(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01", "MaxStartups 1:100:1")
    with socket.create_connection((node.host, node.port)):  # it takes the one place
        async with connect(node) as cluster:
            reason, kind = await first_failure(cluster)
            assert kind == "no-banner"
            assert 'drops connections ("Exceeded MaxStartups")' in reason
            assert "raise MaxStartups in its sshd_config" in reason
    async with connect(node) as cluster:
        await cluster.client.connected(30)


async def test_a_login_besides_waits_for_a_place(
    make_node: MakeNode, connect: Connect, tmp_path: Path
) -> None:
    node = make_node("px01", "MaxStartups 1:100:1")
    local = tmp_path / "local"
    local.write_bytes(b"x" * 1000)
    async with connect(node) as cluster:
        await cluster.client.connected(30)
        with socket.create_connection((node.host, node.port)):
            uploading = asyncio.create_task(cluster.client.upload("/up", local))
            await wait_until_async(lambda: "past MaxStartups" in node.log or "Startups" in node.log)
        await uploading
    assert node.sysroot is not None
    assert (node.sysroot / "up").read_bytes() == b"x" * 1000


async def test_many_links_to_one_server_that_takes_few_at_a_time(
    make_node: MakeNode, connect: Connect
) -> None:
    node = make_node("px01", "MaxStartups 2:100:2")
    where = [replace(endpoint(node), node=f"px{n:02}") for n in range(1, 13)]
    async with connect(*where) as cluster:
        await asyncio.gather(*(cluster.fleet.client(name).connected(60) for name in cluster.fleet.nodes))
    assert "refused" not in cluster.phases()


async def test_many_links_through_one_jump_host_that_takes_one_at_a_time(
    make_node: MakeNode, connect: Connect
) -> None:
    jump = make_node("jump", "MaxStartups 1:100:1")
    nodes = [make_node(f"px{n:02}") for n in range(1, 11)]
    where = [replace(endpoint(node), proxy_jump=(endpoint(jump),)) for node in nodes]
    async with connect(*where) as cluster:
        await asyncio.gather(*(cluster.fleet.client(name).connected(60) for name in cluster.fleet.nodes))
        assert cluster.phases().count("up") == len(nodes)
    assert set(cluster.phases()) == {"connecting", "up"}
    assert jump.log.count("Accepted publickey") == 1


async def test_who_is_shut_out_for_a_while_is_told_why(connect: Connect) -> None:
    """As OpenSSH 9.8 and newer say it; Debian 12 has none."""
    with before(None, b"Not allowed at this time\r\n") as port:
        async with connect(Endpoint("px01", "127.0.0.1", port)) as cluster:
            reason, kind = await first_failure(cluster)
    assert kind == "no-banner"
    assert 'shuts this machine out for a while ("Not allowed at this time")' in reason
    assert "PerSourcePenalties" in reason


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"SSH-2.0-x\r\n", "broke off while the connection was being set up"),
        (b"220 mail\x1b[31m.example.org ESMTP\r\n", 'no SSH server answers ("220 mail.example.org ESMTP")'),
        (b"\0\xff\xfe" * 1000 + b"\n", "no SSH server answers"),
        (b"", "no SSH server answers: it is overloaded (MaxStartups), starting, or not sshd"),
    ],
    ids=["version", "mail", "garbage", "nothing"],
)
async def test_a_server_that_closes_early(connect: Connect, said: bytes, words: str) -> None:
    with before(None, said) as port:
        async with connect(Endpoint("px01", "127.0.0.1", port)) as cluster:
            reason, kind = await first_failure(cluster)
    assert words in reason
    assert "\x1b" not in reason
    assert kind in ("no-banner", "lost")


@pytest.mark.parametrize("lines", [1, 1024])
async def test_lines_before_the_version_do_no_harm(node: OpenSshNode, connect: Connect, lines: int) -> None:
    """ssh takes as many; paramiko would stop at a hundred, and at what is no text."""
    said = b"".join(b"\x1b[2J\xff line %d\r\n" % n for n in range(lines))
    with before(node, said) as port:
        where = replace(endpoint(node), port=port, host_key_alias=f"[{node.host}]:{node.port}")
        async with connect(where) as cluster:
            await cluster.client.connected(30)


async def test_lines_without_end_are_no_version(connect: Connect) -> None:
    with before(None, b"line\n" * 3000) as port:
        async with connect(Endpoint("px01", "127.0.0.1", port)) as cluster:
            reason, _ = await first_failure(cluster)
    assert "no SSH server answers" in reason


async def test_a_banner_of_64_kb_with_escapes_does_no_harm(
    make_node: MakeNode, connect: Connect, tmp_path: Path
) -> None:
    banner = tmp_path / "banner"
    banner.write_bytes(b"\x1b[2J\x1b]0;owned\x07 \xff\xfe Password: \r\n" * 1700)
    node = make_node("px01", f"Banner {banner}")
    async with connect(node) as cluster:
        assert (await cluster.client.run("echo on", timeout=60)).stdout == b"on\n"
    assert cluster.phases() == ["connecting", "up"]
