"""Keys are exchanged anew while everything goes on: by bytes, by time, and when the server wants it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.remote.conftest import Connect, MakeNode, endpoint
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import Endpoint, resolve
from tui.remote.ssh.endpoint import WirePolicy

pytestmark = needs_sshd


def exchanges(node: OpenSshNode) -> int:
    return node.log.count("SSH2_MSG_KEXINIT received")


@pytest.mark.parametrize("side", ["ours", "the server's"])
async def test_channels_come_and_go_while_keys_are_exchanged(
    make_node: MakeNode, connect: Connect, side: str
) -> None:
    """A channel that is closed in the middle of an exchange once ended the connection."""
    extra = ["RekeyLimit 16K"] if side == "the server's" else []
    node = make_node("px01", "LogLevel DEBUG", *extra)
    target = replace(endpoint(node), wire=WirePolicy(rekey_bytes=0 if extra else 16384))
    async with connect(target) as cluster:
        for _ in range(8):
            runs = [cluster.client.run("head -c 30000 /dev/zero", timeout=60) for _ in range(6)]
            assert [len(done.stdout) for done in await asyncio.gather(*runs)] == [30000] * 6
        assert set(cluster.phases()) == {"connecting", "up"}
    assert exchanges(node) > 20


async def test_keys_are_exchanged_anew_when_their_time_is_over(make_node: MakeNode, connect: Connect) -> None:
    node = make_node("px01", "LogLevel DEBUG")
    async with connect(replace(endpoint(node), wire=WirePolicy(rekey_seconds=1))) as cluster:
        await cluster.client.connected(10)
        await wait_until_async(lambda: exchanges(node) >= 4)
        assert cluster.phases() == ["connecting", "up"]


def test_rekey_limit(node: OpenSshNode) -> None:
    def read(line: str) -> Endpoint:
        path = node.directory / "ssh_config"
        path.write_text(f"Host px01\n  {line}\n")
        return resolve("px01", ssh_config=path)

    for line, limits in (
        ("RekeyLimit default none", (0, 0)),
        ("RekeyLimit 64K", (65536, 0)),
        ("RekeyLimit default 1h", (0, 3600)),
        ("RekeyLimit 1G 5m", (1 << 30, 300)),
    ):
        wire = read(line).wire
        assert (wire.rekey_bytes, wire.rekey_seconds) == limits
