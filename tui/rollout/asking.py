"""One question to a node: its link is waited for; its answer tells how it ended, and how old it is."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from tui.expressware.tagged import Answer, read_answer
from tui.remote import RemoteError

if TYPE_CHECKING:
    from tui.remote import Kind, NodeClient

T = TypeVar("T")

TRIES = 3
_PASSING: frozenset[Kind] = frozenset({"lost", "killed", "too-many-sessions"})


async def ask(client: NodeClient, script: str, timeout: float) -> Answer:  # noqa: ASYNC109
    """Run a script that looks (see `looking_script`). Raises RemoteError when there is no answer at all.

    The question counts as asked before a connection is waited for: an answer may be older than it seems,
    never younger.
    """
    asked_at = time.monotonic()
    done = await client.run(script, timeout=timeout)
    return read_answer(done.stdout, exit_code=done.exit_code, asked_at=asked_at)


async def patiently(look: Callable[[], Awaitable[T]]) -> T:
    """What a look gives that changes nothing, at the latest at its third try: asked again when the connection
    breaks under it. Raises what the last one raised.
    """
    for _ in range(TRIES - 1):
        try:
            return await look()
        except RemoteError as error:
            if error.kind not in _PASSING:
                raise
    return await look()


async def connected(client: NodeClient, enough: Callable[[float], bool]) -> None:
    """Wait for the link; when a try has failed, until it has been ``enough`` seconds. Raises RemoteError.

    A try under way is never cut short: a person may be typing a password.
    """
    begun = time.monotonic()
    while (state := client.state).phase != "up":
        failed = state.phase not in ("new", "connecting")
        if state.phase == "refused" or (failed and enough(time.monotonic() - begun)):
            raise RemoteError(state.error_kind or "unreachable", client.node, state.reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.next_change()
