"""A reboot that the node refused: known by words and exit code of the order, and by a boot that goes on."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from tui.model import problems
from tui.remote import RemoteError
from tui.rollout.procedure.step import Outcome, StepContext, failed
from tui.text.sanitize import brief
from tui.text.terminal import plain

if TYPE_CHECKING:
    from tui.remote import JobStatus

AFTER_FAILURE, AFTER_WORDS = 5.0, 20.0
"""Seconds that a node still answers in its old boot after an order that failed, or only sounds refused."""

TAIL = 4096
_REFUSAL = re.compile(
    r"fail|refus|denied|inhibit|not permitted|authentication (?:is )?required|must be root|please retry", re.I
)


async def refusal(context: StepContext, old_boot_id: str) -> Outcome:
    """Return once the node has surely refused to reboot; until then this waits, for ever if it has not.

    Neither an exit code nor a word alone is believed: a shutdown may end the order itself, and what is held
    up for a moment goes through after all. So the node has to go on answering, in the boot that was to end.
    """
    attempt = context.step.open_attempt
    job_id = attempt.begun.job_id if attempt is not None else None
    loop = asyncio.get_running_loop()
    since: float | None = None
    while True:
        await asyncio.sleep(max(0.2, min(context.monitor.every, 1.0)))
        found = await _order(context, job_id, old_boot_id) if job_id is not None else None
        said = plain(context.printed(TAIL)) if found is not None else ""
        limit = _limit(found, said)
        if found is None or limit is None:
            since = None
            continue
        since = since if since is not None else loop.time()
        if loop.time() - since >= min(limit, context.config.policy.restart_timeout / 4):
            return _refused(context, found, said)


async def _order(context: StepContext, job_id: str, old_boot_id: str) -> JobStatus | None:
    """How the order stands, while the node answers in its old boot and has not begun to go down."""
    try:
        found = await context.client.job(job_id)
    except (RemoteError, TimeoutError):
        return None
    same_boot = found.boot_id == old_boot_id
    return found if found.state == "exited" and same_boot and not found.term and not found.cancelled else None


def _limit(found: JobStatus | None, said: str) -> float | None:
    """Seconds after which the order counts as refused; None when nothing speaks for that."""
    if found is None or found.exit_code is None:
        return None
    if found.exit_code != 0:
        return AFTER_FAILURE
    return AFTER_WORDS if _REFUSAL.search(said) else None


def _refused(context: StepContext, found: JobStatus, said: str) -> Outcome:
    lines = [" ".join(line.split()) for line in said.split("\n") if line.strip()]
    words = brief("; ".join(lines[-3:])) or "it said nothing"
    return failed(
        problems.REBOOT_REFUSED,
        f"{context.node_name} refused to reboot and goes on in the same boot "
        f"(`reboot` ended with exit code {found.exit_code}: {words})",
    )
