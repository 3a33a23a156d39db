"""What a link tells of its states to those who follow them."""

from __future__ import annotations

import asyncio
import contextlib

from tests.remote.conftest import Connect
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until, wait_until_async

pytestmark = needs_sshd


async def test_a_break_that_is_over_before_anybody_looked_is_told(
    node: OpenSshNode, connect: Connect
) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(30)
        seen: list[str] = []

        async def follow() -> None:
            async for state in cluster.client.states():
                seen.append(state.phase)

        following = asyncio.create_task(follow())
        await wait_until_async(lambda: seen, what="the state now")
        before = node.sessions()
        node.kill_sessions()
        # held up, as on a busy machine: the loop goes on when the node is reached again
        wait_until(lambda: set(node.sessions()) - set(before), what="another connection")
        await wait_until_async(lambda: len(seen) > 2 and seen[-1] == "up", what=f"up again: {seen}")
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    assert "up" in seen[:1]
    assert {"lost", "backoff"} & set(seen[1:])
