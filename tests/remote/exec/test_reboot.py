"""Waiting for a restart: only a changed boot id, read over a fresh login, counts."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.remote.conftest import Connect
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = needs_sshd


async def test_a_restart_with_all_its_stages(node: OpenSshNode, connect: Connect) -> None:
    tries: list[str] = []
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        old = node.boot_id
        waiting = asyncio.create_task(cluster.client.wait_for_reboot(old, stop_after=30, on_try=tries.append))
        # Right after the order it still answers, in the old boot; also over a fresh login.
        await wait_until_async(lambda: any("old boot" in words for words in tries))
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("up") == 2)
        assert not waiting.done()
        node.stop()
        await wait_until_async(lambda: any("refuses" in words for words in tries))
        new = node.new_boot_id()
        node.start()
        assert await waiting == new
        assert cluster.client.state.boot_id == new
        assert (await cluster.client.run("echo back", timeout=60)).stdout == b"back\n"


async def test_a_login_that_is_refused_while_the_node_starts_is_tried_again(
    node: OpenSshNode, connect: Connect
) -> None:
    tries: list[str] = []
    keys = node.authorized_keys.read_text()
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        waiting = asyncio.create_task(
            cluster.client.wait_for_reboot(node.boot_id, stop_after=30, on_try=tries.append)
        )
        node.authorized_keys.write_text("")
        node.stop()
        new = node.new_boot_id()
        node.start()
        await wait_until_async(lambda: any("did not let" in words for words in tries))
        node.authorized_keys.write_text(keys)
        assert await waiting == new
    assert "refused" not in cluster.phases()


async def test_a_node_that_does_not_return(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        node.stop()
        with pytest.raises(RemoteError, match=r"px01 has not come back within 1 s \(.*refuses") as caught:
            await cluster.client.wait_for_reboot(node.boot_id, stop_after=1, on_try=lambda _: None)
        assert caught.value.kind == "no-return"
        # The wait can be taken up again.
        old, new = node.boot_id, node.new_boot_id()
        node.start()
        assert await cluster.client.wait_for_reboot(old, stop_after=20, on_try=lambda _: None) == new


async def test_time_in_which_the_console_slept_does_not_count(node: OpenSshNode, connect: Connect) -> None:
    tries: list[str] = []
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        old, seconds = node.boot_id, 5.0
        waiting = asyncio.create_task(
            cluster.client.wait_for_reboot(old, stop_after=seconds, on_try=tries.append)
        )
        node.stop()
        await wait_until_async(lambda: any("refuses" in words for words in tries))
        time.sleep(seconds)  # noqa: ASYNC251  # the whole loop stands still, as it does when a laptop sleeps
        new = node.new_boot_id()
        node.start()
        assert await waiting == new


async def test_a_node_that_returns_with_another_key_ends_the_wait(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        waiting = asyncio.create_task(
            cluster.client.wait_for_reboot(node.boot_id, stop_after=30, on_try=lambda _: None)
        )
        node.stop()
        for name in ("host_ed25519", "host_ed25519.pub"):
            (node.directory / name).unlink()
        generate_key(node.directory / "host_ed25519")
        node.new_boot_id()
        node.start()
        with pytest.raises(RemoteError) as caught:
            await waiting
    assert caught.value.kind == "changed-host-key"
    assert cluster.client.state.phase == "refused"


async def test_a_boot_id_that_changes_on_a_standing_connection_is_proved_by_a_fresh_one(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node, keepalive=0.3) as cluster:
        await cluster.client.connected(10)
        new = node.new_boot_id()
        await wait_until_async(lambda: cluster.phases().count("up") == 2)
        assert cluster.client.state.boot_id == new
    assert cluster.phases() == ["connecting", "up", "lost", "backoff", "connecting", "up"]


async def test_the_old_boot_id_has_to_be_known(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        with pytest.raises(ValueError, match="before the restart"):
            await cluster.client.wait_for_reboot("", stop_after=1, on_try=lambda _: None)
