"""One question to a node, and its answer: how it ended, and as old as the question."""

from __future__ import annotations

import time

from tui.expressware.tagged import Answer, read_answer
from tui.remote import NodeClient


async def ask(client: NodeClient, script: str, timeout: float) -> Answer:  # noqa: ASYNC109
    """Run a script that looks (see `looking_script`). Raises RemoteError when there is no answer at all.

    The question counts as asked before a connection is waited for: an answer may be older than it seems,
    never younger.
    """
    asked_at = time.monotonic()
    done = await client.run(script, timeout=timeout)
    return read_answer(done.stdout, exit_code=done.exit_code, asked_at=asked_at)
