"""The events of an attempt: that it begins, how much of its output is on disk, and how it ended."""

from __future__ import annotations

import asyncio

from tui.journal import OutputFile
from tui.model import events as ev
from tui.model.run import Attempt
from tui.remote import JobStatus, Preparation
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext

MARK_EVERY = 2.0
"""Seconds between two events that note how much output is on disk."""


def job_id(run_id: str, context: StepContext, number: int) -> str:
    """The job's name on the node, chosen here: starting it again with the same name starts nothing."""
    return f"{run_id}.{context.node_name}.{context.step_name}.{number}"


def announce(procedure: ProcedureStep, context: StepContext, ground: Preparation | None) -> Attempt:
    """Write down what is about to be started; ``ground`` is what the node has told just before."""
    number = len(context.step.attempts) + 1
    command = procedure.command(context)
    begun = ev.AttemptStarted(
        job_id=job_id(context.run.run_id, context, number) if command else None,
        boot_id=procedure.baseline(context),
        command=procedure.display_command(context),
        output=context.output(number).relative,
        confirmed_by=context.step.confirmed_by,
        last_seen=ground.last if ground is not None else "",
        state_dir=context.config.paths.state if command else "",
    )
    context.say(begun, attempt=number)
    attempt = context.step.open_attempt
    assert attempt is not None
    return attempt


async def mark_output(context: StepContext, attempt: Attempt) -> None:
    """Until cancelled: note from time to time how much output there is."""
    output, noted = context.output(attempt.number), attempt.size
    while True:
        await asyncio.sleep(MARK_EVERY)
        if output.size > noted:
            noted = output.size
            context.say(ev.AttemptOutput(offset=noted), attempt=attempt.number)


def end(
    context: StepContext,
    attempt: Attempt,
    outcome: Outcome,
    output: OutputFile | None = None,
    job: JobStatus | None = None,
) -> Outcome:
    """Write down how it ended; its ``output`` is on the disk before."""
    size = output.size if output is not None else 0
    if output is not None and size:
        output.sync()
    ended = ev.AttemptEnded(
        status=outcome.status,
        exit_code=job.exit_code if job is not None else None,
        size=size,
        sha256=output.sha256() if output is not None and size else "",
        summary=outcome.reason,
        code=outcome.code,
        remedy=outcome.remedy,
        reboot_reason=outcome.reboot_reason,
    )
    context.say(ended, attempt=attempt.number)
    return outcome
