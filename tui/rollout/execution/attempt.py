"""One attempt of a step, from the event that announces it to the verdict: started once, followed to the end.

A lost connection is not a failure: the step is *detached* until the node answers again, and then the node
says what became of the job. Only answers that another try cannot change end the attempt, and not while a job
may run on a node that does not let us in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import assert_never

from tui.journal import OutputFile
from tui.model import events as ev
from tui.model import problems
from tui.model.run import Attempt
from tui.model.states import StepStatus
from tui.remote import FINAL_KINDS, Done, JobStatus, Preparation, Refused, RemoteError, Unknown
from tui.rollout.decisions import next_action
from tui.rollout.execution import start_evidence
from tui.rollout.execution.attachment import Attachment, attachment
from tui.rollout.execution.attempt_events import announce, end, mark_output
from tui.rollout.execution.until_answered import (
    ANSWER_TIMEOUT_S,
    PASSING_KINDS,
    LateError,
    cut_short,
    reconnect,
    until_answered,
)
from tui.rollout.gate.monitor import FRESH_FOR
from tui.rollout.procedure.left_out import tell_node, told_on_node
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed

_SOMETHING_ELSE_BEGAN: frozenset[str] = frozenset({"other-boot", "overtaken", "began-before"})
"""Refusals of a start after which only a look tells what became of the job."""


class Attempts:
    """Begins attempts, and takes up those that an earlier console began."""

    def __init__(self, person_needed: asyncio.Event, opens: Callable[[str], bool]) -> None:
        """``person_needed`` is set while an attempt waits for a person; ``opens`` asks a node's gate."""
        self._person_needed = person_needed
        self._opens = opens

    async def begin(self, procedure: ProcedureStep, context: StepContext) -> Outcome | None:
        """Announce and start an attempt of a confirmed step, and see it to its end."""
        async with attachment(context, self._person_needed, watched=procedure.waits_for_job) as attached:
            return await self._begin(procedure, attached)

    async def take_up(self, procedure: ProcedureStep, context: StepContext) -> Outcome | None:
        """Go on with an attempt that was begun before; None when it turns out not to have been started."""
        async with attachment(context, self._person_needed, watched=procedure.waits_for_job) as attached:
            return await self._take_up(procedure, attached)

    async def _begin(self, procedure: ProcedureStep, attached: Attachment) -> Outcome | None:
        context = attached.context
        try:
            refused = await until_answered(
                attached, lambda: procedure.before(context), at_once=procedure.gated
            )
            has_job = procedure.command(context) is not None
            ground = start_evidence.seen(context) if has_job else None
            if refused is None and has_job and ground is None:
                asked = await until_answered(
                    attached,
                    lambda: context.client.prepare(patience=ANSWER_TIMEOUT_S),
                    at_once=procedure.gated,
                )
                refused, ground = (asked, None) if isinstance(asked, Outcome) else (None, asked)
            elif refused is None and procedure.gated and not has_job:
                # a person takes it out by hand: no job tells the node
                refused = await until_answered(attached, lambda: tell_node(context), at_once=True)
        except LateError:
            return None  # confirmed as before: the gate is asked anew
        if refused is not None:
            context.say(refused.as_state)
            return refused
        if next_action.next_action(context.run) != next_action.Begin(context.node_name, context.step_name):
            return None  # a person has paused, skipped or held meanwhile: nothing was started
        if procedure.gated and not self._opens(context.node_name):
            return None  # it has closed meanwhile
        attempt = context.step.open_attempt
        if attempt is not None and attempt.begun.boot_id not in ("", procedure.boot_seen(context)):
            # the node will not hear of it any more
            never = f"never started; {context.node_name} has rebooted since"
            end(context, attempt, Outcome(StepStatus.CANCELED, never))
            attempt = None
        if attempt is None:
            attempt = announce(procedure, context, ground)
        else:  # announced before, and never begun, as the node has shown
            context.say(ev.StepState(status=StepStatus.RUNNING))
        command = procedure.command(context) if attempt.begun.job_id else None
        if command is None or ground is None:
            return await self._see_through(procedure, attached, attempt, None)
        return await self._start(procedure, attached, attempt, told_on_node(context) + command.script, ground)

    async def _start(
        self,
        procedure: ProcedureStep,
        attached: Attachment,
        attempt: Attempt,
        script: str,
        ground: Preparation,
    ) -> Outcome | None:
        """Once; whatever comes of it but a clear answer is looked at anew, never taken for an end."""
        context, name = attached.context, attempt.begun.job_id
        assert name is not None
        patience = FRESH_FOR if procedure.gated else ANSWER_TIMEOUT_S
        under = start_evidence.terms(attempt, ground, patience)
        ended = await context.client.start_job(name, script, terms=under, patience=patience)
        match ended:
            case Done(job):
                attached.answered()
                return await self._see_through(procedure, attached, attempt, job)
            case Unknown(error):
                attached.no_answer(error.sentence)
                await reconnect(attached)
                return await self._take_up(procedure, attached)
            case Refused(error) if error.kind in PASSING_KINDS | FINAL_KINDS:
                attached.no_answer(error.sentence)
                await reconnect(attached)
                return await self._take_up(procedure, attached)
            case Refused(error) if error.kind in _SOMETHING_ELSE_BEGAN:
                return await self._take_up(procedure, attached)
            case Refused(error) if error.kind == "late":
                context.say(ev.StepState(status=StepStatus.CONFIRMED, reason=error.sentence))
                return None
            case Refused(error):
                again = failed(problems.of(error.kind), error.sentence, problems.CONNECTION_REMEDY)
                return end(context, attempt, again)
            case _ as never:
                assert_never(never)

    async def call_off(self, context: StepContext, why: str) -> bool:
        """End the open attempt, if there is one, as never begun, once the node has shown that and seen to it
        that it never will. False where it cannot: then the attempt is under way, and is looked for.
        """
        attempt = context.step.open_attempt
        if attempt is None:
            return True
        if not await self._never_begins(context, attempt):
            reason = f"{why}, but the job may have begun: it is looked for"
            context.say(ev.StepState(status=StepStatus.RUNNING, reason=reason))
            return False
        end(context, attempt, Outcome(StepStatus.CANCELED, f"never started; {why}"))
        return True

    async def _never_begins(self, context: StepContext, attempt: Attempt) -> bool:
        name, seen = attempt.begun.job_id, attempt.begun.last_seen
        if name is None:
            return True
        if not seen:
            return False
        ended = await context.client.void_job(name, seen, patience=ANSWER_TIMEOUT_S)
        match ended:
            case Done(never):
                return never
            case Refused() | Unknown():
                return False
            case _ as nothing:
                assert_never(nothing)

    async def _take_up(self, procedure: ProcedureStep, attached: Attachment) -> Outcome | None:
        context, attempt = attached.context, attached.context.step.open_attempt
        assert attempt is not None
        if attempt.begun.job_id is None:
            if procedure.waits_for_job:
                stopped = "the console stopped while it was reading"
                end(context, attempt, Outcome(StepStatus.CANCELED, stopped))
                again = "read again after the console was restarted"
                context.say(ev.StepState(status=StepStatus.PENDING, reason=again))
                return None
            return await self._see_through(procedure, attached, attempt, None)
        name = attempt.begun.job_id
        while self._open(context, attempt):
            found = await until_answered(
                attached, lambda: context.client.job(name, patience=ANSWER_TIMEOUT_S)
            )
            if not isinstance(found, Outcome):
                if found.state not in ("none", "claimed") or found.ended:
                    return await self._see_through(procedure, attached, attempt, found)
                if found.boot_id not in (None, attempt.begun.boot_id) and not procedure.waits_for_job:
                    # the boot id tells its end
                    return await self._see_through(procedure, attached, attempt, None)
            kept = context.output(attempt.number).size
            why = start_evidence.doubt(attempt, found, kept, context.config.paths.state)
            if why is None:
                heard = f"{context.node_name} has not begun it"
                context.say(ev.StepState(status=StepStatus.CONFIRMED, reason=f"confirmed, but {heard}"))
                return None
            found_there = await start_evidence.evidence(context.client, attempt)
            words = f"{context.node_name}: whether {context.step_name.words} was begun is not known: {why}"
            await attached.doubtful(f"{words} ({found_there})")
        return None  # a person has said what became of it

    def _open(self, context: StepContext, attempt: Attempt) -> bool:
        still = context.step.open_attempt
        return still is not None and still.number == attempt.number

    async def _see_through(
        self, procedure: ProcedureStep, attached: Attachment, attempt: Attempt, job: JobStatus | None
    ) -> Outcome | None:
        context = attached.context
        output = context.output(attempt.number)
        if job is not None and procedure.waits_for_job:
            followed = await self._follow(attached, attempt, job, output)
            if isinstance(followed, Outcome):  # the job may still run: it is looked for, never given up
                return await self._take_up(procedure, attached)
            job = followed
            if (cut := cut_short(procedure, context, job)) is not None:
                return end(context, attempt, cut, output, job)
        if context.step.status is not StepStatus.VERIFYING and procedure.command(context) is not None:
            attached.verifying()
        if job is None or procedure.waits_for_job:
            outcome = await until_answered(attached, lambda: procedure.after(context, job))
            return end(context, attempt, outcome, output, job)
        words = asyncio.ensure_future(context.client.follow(job.job_id, output, lambda _detached: None))
        try:
            outcome = await until_answered(attached, lambda: procedure.after(context, job))
            with contextlib.suppress(RemoteError, TimeoutError):  # nice to have, no more
                async with asyncio.timeout(10 if outcome.status is not StepStatus.TIMED_OUT else 1):
                    job = await words
        finally:
            words.cancel()
            await asyncio.gather(words, return_exceptions=True)
        return end(context, attempt, outcome, output, job)

    async def _follow(
        self, attached: Attachment, attempt: Attempt, job: JobStatus, output: OutputFile
    ) -> JobStatus | Outcome:
        """Follow the job to its end over any number of reconnects."""
        node = attached.context.client
        marker = asyncio.create_task(mark_output(attached.context, attempt))
        try:
            return await until_answered(attached, lambda: node.follow(job.job_id, output, attached.output))
        finally:
            marker.cancel()
