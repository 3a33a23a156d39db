"""Ways to a node that are not direct: jump hosts and proxy commands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.remote.conftest import Connect, MakeNode, endpoint
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import Endpoint, RemoteError

pytestmark = needs_sshd


def behind(node: OpenSshNode, *hops: OpenSshNode) -> Endpoint:
    jumps = tuple(replace(endpoint(hop), node=node.name) for hop in hops)
    return replace(endpoint(node), proxy_jump=jumps)


async def test_nodes_behind_a_jump_host_share_one_connection_to_it(
    make_node: MakeNode, connect: Connect
) -> None:
    gateway, one, two = make_node("gw"), make_node("px01"), make_node("px02")
    async with connect(behind(one, gateway), behind(two, gateway)) as cluster:
        for name in ("px01", "px02"):
            assert (await cluster.fleet.client(name).run("echo in", timeout=10)).stdout == b"in\n"
        assert gateway.log.count("Accepted publickey") == 1
        # When the gateway's connection goes, both nodes are dialled anew, over a new one.
        gateway.kill_sessions()
        await wait_until_async(lambda: [s.phase for s in cluster.states].count("up") == 4)
        for name in ("px01", "px02"):
            assert (await cluster.fleet.client(name).run("echo in", timeout=10)).stdout == b"in\n"


async def test_two_jumps(make_node: MakeNode, connect: Connect) -> None:
    first, second, node = make_node("gw1"), make_node("gw2"), make_node("px01")
    async with connect(behind(node, first, second)) as cluster:
        assert (await cluster.client.run('echo "$R"', timeout=60)).stdout.decode().strip() == str(
            node.sysroot
        )
    assert "Accepted publickey" in first.log
    assert "Accepted publickey" in second.log


async def test_the_keys_of_gateway_and_node_are_both_checked(make_node: MakeNode, connect: Connect) -> None:
    gateway, node = make_node("gw"), make_node("px01")
    lines = node.known_hosts.read_text().splitlines(keepends=True)
    for left_out in (0, 1):
        node.known_hosts.write_text(lines[1 - left_out])
        async with connect(behind(node, gateway)) as cluster:
            with pytest.raises(RemoteError) as caught:
                await cluster.client.connected(10)
        assert caught.value.kind == "unknown-host-key"
        assert (gateway, node)[left_out].known_as.rpartition(":")[2] in str(caught.value)


async def test_a_gateway_that_lets_nothing_through_says_so(make_node: MakeNode, connect: Connect) -> None:
    gateway, node = make_node("gw", "AllowTcpForwarding no"), make_node("px01")
    async with connect(behind(node, gateway)) as cluster:
        await wait_until_async(lambda: "backoff" in cluster.phases())
        assert cluster.client.state.error_kind == "proxy"
        assert "AllowTcpForwarding" in cluster.client.state.reason


async def test_a_node_that_is_down_behind_a_gateway(make_node: MakeNode, connect: Connect) -> None:
    gateway, node = make_node("gw"), make_node("px01")
    node.stop()
    async with connect(behind(node, gateway)) as cluster:
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 2)
        assert "jump host" in cluster.client.state.reason
        node.start()
        await cluster.client.connected(10)
    assert gateway.log.count("Accepted publickey") == 1


async def test_a_frozen_node_behind_a_gateway_is_noticed(make_node: MakeNode, connect: Connect) -> None:
    gateway, node = make_node("gw"), make_node("px01")
    async with connect(behind(node, gateway), keepalive=0.3) as cluster:
        await cluster.client.connected(10)
        node.freeze_sessions()
        await wait_until_async(lambda: "lost" in cluster.phases())


async def test_a_proxy_command(node: OpenSshNode, connect: Connect) -> None:
    command = f"ssh -F {node.ssh_config} -W 127.0.0.1:{node.port} px01"
    async with connect(replace(endpoint(node), proxy_command=command), keepalive=0.5) as cluster:
        assert (await cluster.client.run("echo in", timeout=60)).stdout == b"in\n"
        node.kill_sessions()  # both its own and the one of the command
        await wait_until_async(lambda: cluster.phases().count("up") == 2)
        assert (await cluster.client.run("echo in", timeout=60)).stdout == b"in\n"


async def test_a_proxy_command_that_fails(node: OpenSshNode, connect: Connect) -> None:
    async with connect(replace(endpoint(node), proxy_command="echo no way >&2; exit 1")) as cluster:
        await wait_until_async(lambda: "backoff" in cluster.phases())
        assert cluster.client.state.error_kind == "proxy"
        assert "no way" in cluster.client.state.reason
