"""Asking a node until it answers: lost connections are waited out, and refusals while a job may run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tui.model import problems
from tui.model.failures import PASSING
from tui.model.states import StepStatus
from tui.remote import FINAL_KINDS, JobStatus, RemoteError
from tui.rollout.execution.attachment import Attachment
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed

T = TypeVar("T")

ANSWER_TIMEOUT_S = 15.0
"""Seconds that a question about a job is asked again before the step is shown as detached because of it."""

PASSING_KINDS: frozenset[str] = PASSING | {"too-many-sessions", "killed"}
"""Failures of the connection, or of a node that goes down: it will say more when it answers again."""


class LateError(Exception):
    """The connection broke, and stands again: whatever was true before has to be looked at anew."""


async def until_answered(
    attachment: Attachment, ask: Callable[[], Awaitable[T]], *, at_once: bool = False
) -> T | Outcome:
    """Ask until there is an answer. Any refusal that another try cannot change is an outcome, but not while a
    job may run on a node that does not let us in.

    ``at_once``: no answer after such a wait will do. Then LateError is raised when the node is back.
    """
    while True:
        try:
            answer = await ask()
        except RemoteError as error:
            if error.kind in PASSING_KINDS:
                attachment.no_answer(error.sentence)
            elif error.kind in FINAL_KINDS and attachment.may_run:
                await attachment.wait_until_fixed(error)
            else:
                return failed(problems.of(error.kind), error.sentence, problems.CONNECTION_REMEDY)
        else:
            attachment.answered()
            return answer
        await reconnect(attachment)
        if at_once:
            raise LateError


async def reconnect(attachment: Attachment) -> None:
    """Wait until the link is up again, however long that takes; a person can cancel or leave."""
    context = attachment.context
    await asyncio.sleep(context.monitor.every)  # a node that is going down may still look up
    while True:
        try:
            await context.client.connected(60.0)
        except RemoteError as error:
            if error.kind in FINAL_KINDS:
                return
            await asyncio.sleep(context.monitor.every)
        except TimeoutError:
            continue
        else:
            return


def cut_short(procedure: ProcedureStep, context: StepContext, job: JobStatus) -> Outcome | None:
    """What the node says of a job that did not end by itself; None when it did."""
    node = context.node_name
    if job.cancelled:
        code, remedy = problems.CANCELED.code, problems.CANCELED.remedy
        return Outcome(StepStatus.CANCELED, f"{node}: canceled as asked", code, remedy)
    if job.state == "lost":
        reason = f"{node}: the job disappeared without an exit code (killed from outside?)"
        return failed(problems.JOB_LOST, reason)
    went_down = job.state == "rebooted" or (job.term and job.exit_code != 0)
    if went_down and not procedure.outlives_reboot:
        return failed(problems.LOST_BY_REBOOT, f"{node} rebooted in the middle of the step")
    return None
