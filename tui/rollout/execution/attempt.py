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
from tui.rollout.execution.until_answered import (
    PASSING_KINDS,
    PATIENCE,
    LateError,
    cut_short,
    reconnect,
    settle,
)
from tui.rollout.gate.monitor import FRESH_FOR
from tui.rollout.procedure.left_out import tell_node, told_on_node
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed
from tui.rollout.publisher import EventPublisher

MARK_EVERY = 2.0
"""Seconds between two events that note how much output is on disk."""


def job_id(run_id: str, work: StepContext, number: int) -> str:
    """The job's name on the node, chosen here: starting it again with the same name starts nothing."""
    return f"{run_id}.{work.node_name}.{work.step_name}.{number}"


_SOMETHING_ELSE_BEGAN: frozenset[str] = frozenset({"other-boot", "overtaken", "began-before"})
"""Refusals of a start after which only a look tells what became of the job."""


class Attempts:
    """Begins attempts, and takes up those that an earlier console began."""

    def __init__(
        self, publisher: EventPublisher, person_needed: asyncio.Event, opens: Callable[[str], bool]
    ) -> None:
        """``person_needed`` is set while an attempt waits for a person; ``opens`` asks a node's gate."""
        self._publisher = publisher
        self._person_needed = person_needed
        self._opens = opens

    async def begin(self, kind: ProcedureStep, work: StepContext) -> Outcome | None:
        """Announce and start an attempt of a confirmed step, and see it to its end."""
        async with attachment(self._publisher, work, self._person_needed, watched=kind.follows) as client:
            return await self._begin(kind, work, client)

    async def take_up(self, kind: ProcedureStep, work: StepContext) -> Outcome | None:
        """Go on with an attempt that was begun before; None when it turns out not to have been started."""
        async with attachment(self._publisher, work, self._person_needed, watched=kind.follows) as client:
            return await self._take_up(kind, work, client)

    async def _begin(self, kind: ProcedureStep, work: StepContext, client: Attachment) -> Outcome | None:
        try:
            refused = await settle(client, lambda: kind.before(work), at_once=kind.gated)
            has_job = kind.command(work) is not None
            ground = start_evidence.seen(work) if has_job else None
            if refused is None and has_job and ground is None:
                asked = await settle(
                    client, lambda: work.client.prepare(patience=PATIENCE), at_once=kind.gated
                )
                refused, ground = (asked, None) if isinstance(asked, Outcome) else (None, asked)
            elif (
                refused is None and kind.gated and not has_job
            ):  # a person takes it out by hand: no job tells the node
                refused = await settle(client, lambda: tell_node(work), at_once=True)
        except LateError:
            return None  # confirmed as before: the gate is asked anew
        if refused is not None:
            work.say(refused.as_state)
            return refused
        if next_action.next_action(self._publisher.state) != next_action.Begin(
            work.node_name, work.step_name
        ):
            return None  # a person has paused, skipped or held meanwhile: nothing was started
        if kind.gated and not self._opens(work.node_name):
            return None  # it has closed meanwhile
        attempt = work.step.open_attempt
        if attempt is not None and attempt.begun.boot_id not in ("", kind.boot_seen(work)):
            never = f"never started; {work.node_name} has rebooted since"  # and will not hear of it any more
            self._end(work, attempt, Outcome(StepStatus.CANCELED, never), None)
            attempt = None
        if attempt is None:
            attempt = self._announce(kind, work, ground)
        else:  # announced before, and never begun, as the node has shown
            work.say(ev.StepState(status=StepStatus.RUNNING))
        command = kind.command(work) if attempt.begun.job_id else None
        if command is None or ground is None:
            return await self._see_through(kind, client, attempt, None)
        return await self._start(kind, client, attempt, told_on_node(work) + command.script, ground)

    async def _start(
        self, kind: ProcedureStep, client: Attachment, attempt: Attempt, script: str, ground: Preparation
    ) -> Outcome | None:
        """Once; whatever comes of it but a clear answer is looked at anew, never taken for an end."""
        work, name = client.work, attempt.begun.job_id
        assert name is not None
        patience = FRESH_FOR if kind.gated else PATIENCE
        under = start_evidence.terms(attempt, ground, patience)
        ended = await work.client.start_job(name, script, terms=under, patience=patience)
        match ended:
            case Done(job):
                client.answered()
                return await self._see_through(kind, client, attempt, job)
            case Unknown(error):
                client.no_answer(error.sentence)
                await reconnect(client)
                return await self._take_up(kind, work, client)
            case Refused(error) if error.kind in PASSING_KINDS | FINAL_KINDS:
                client.no_answer(error.sentence)
                await reconnect(client)
                return await self._take_up(kind, work, client)
            case Refused(error) if error.kind in _SOMETHING_ELSE_BEGAN:
                return await self._take_up(kind, work, client)
            case Refused(error) if error.kind == "late":
                work.say(ev.StepState(status=StepStatus.CONFIRMED, reason=error.sentence))
                return None
            case Refused(error):
                again = failed(problems.of(error.kind), error.sentence, problems.CONNECTION_REMEDY)
                return self._end(work, attempt, again, None)
            case _ as never:
                assert_never(never)

    async def call_off(self, work: StepContext, why: str) -> bool:
        """End the open attempt, if there is one, as never begun, once the node has shown that and seen to it
        that it never will. False where it cannot: then the attempt is under way, and is looked for.
        """
        attempt = work.step.open_attempt
        if attempt is None:
            return True
        if not await self._never_begins(work, attempt):
            reason = f"{why}, but the job may have begun: it is looked for"
            work.say(ev.StepState(status=StepStatus.RUNNING, reason=reason))
            return False
        self._end(work, attempt, Outcome(StepStatus.CANCELED, f"never started; {why}"), None)
        return True

    async def _never_begins(self, work: StepContext, attempt: Attempt) -> bool:
        name, seen = attempt.begun.job_id, attempt.begun.last_seen
        if name is None:
            return True
        if not seen:
            return False
        ended = await work.client.void_job(name, seen, patience=PATIENCE)
        match ended:
            case Done(never):
                return never
            case Refused() | Unknown():
                return False
            case _ as nothing:
                assert_never(nothing)

    async def _take_up(self, kind: ProcedureStep, work: StepContext, client: Attachment) -> Outcome | None:
        attempt = work.step.open_attempt
        assert attempt is not None
        if attempt.begun.job_id is None:
            if kind.follows:
                self._end(
                    work,
                    attempt,
                    Outcome(StepStatus.CANCELED, "the console stopped while it was reading"),
                    None,
                )
                work.say(
                    ev.StepState(
                        status=StepStatus.PENDING, reason="read again after the console was restarted"
                    )
                )
                return None
            return await self._see_through(kind, client, attempt, None)
        name = attempt.begun.job_id
        while self._open(work, attempt):
            found = await settle(client, lambda: work.client.job(name, patience=PATIENCE))
            if not isinstance(found, Outcome):
                if found.state not in ("none", "claimed") or found.ended:
                    return await self._see_through(kind, client, attempt, found)
                if found.boot_id not in (None, attempt.begun.boot_id) and not kind.follows:
                    return await self._see_through(kind, client, attempt, None)  # the boot id tells its end
            kept = self._publisher.journal.output(work.node_name, work.step_name, attempt.number).size
            why = start_evidence.doubt(attempt, found, kept, work.config.paths.state)
            if why is None:
                heard = f"{work.node_name} has not begun it"
                work.say(ev.StepState(status=StepStatus.CONFIRMED, reason=f"confirmed, but {heard}"))
                return None
            found_there = await start_evidence.evidence(work.client, attempt)
            words = f"{work.node_name}: whether {work.step_name.words} was begun is not known: {why}"
            await client.doubtful(f"{words} ({found_there})")
        return None  # a person has said what became of it

    def _open(self, work: StepContext, attempt: Attempt) -> bool:
        still = work.step.open_attempt
        return still is not None and still.number == attempt.number

    def _announce(self, kind: ProcedureStep, work: StepContext, ground: Preparation | None) -> Attempt:
        number = len(work.step.attempts) + 1
        command = kind.command(work)
        output = self._publisher.journal.output(work.node_name, work.step_name, number)
        begun = ev.AttemptStarted(
            job_id=job_id(self._publisher.state.run_id, work, number) if command else None,
            boot_id=kind.baseline(work),
            command=kind.display_command(work),
            output=output.relative,
            confirmed_by=work.step.confirmed_by,
            last_seen=ground.last if ground is not None else "",
            state_dir=work.config.paths.state if command else "",
        )
        self._publisher.publish(begun, node=work.node_name, step=work.step_name, attempt=number)
        attempt = work.step.open_attempt
        assert attempt is not None
        return attempt

    async def _see_through(
        self, kind: ProcedureStep, client: Attachment, attempt: Attempt, job: JobStatus | None
    ) -> Outcome | None:
        work = client.work
        output = self._publisher.journal.output(work.node_name, work.step_name, attempt.number)
        if job is not None and kind.follows:
            followed = await self._follow(client, attempt, job, output)
            if isinstance(followed, Outcome):  # the job may still run: it is looked for, never given up
                return await self._take_up(kind, work, client)
            job = followed
            cut = cut_short(kind, work, job)
            if cut is not None:
                return self._end(work, attempt, cut, output, job)
        if work.step.status is not StepStatus.VERIFYING and kind.command(work) is not None:
            client.verifying()
        if job is None or kind.follows:
            outcome = await settle(client, lambda: kind.after(work, job))
            return self._end(work, attempt, outcome, output, job)
        words = asyncio.ensure_future(work.client.follow(job.job_id, output, lambda _detached: None))
        try:
            outcome = await settle(client, lambda: kind.after(work, job))
            with contextlib.suppress(RemoteError, TimeoutError):  # nice to have, no more
                async with asyncio.timeout(10 if outcome.status is not StepStatus.TIMED_OUT else 1):
                    job = await words
        finally:
            words.cancel()
            await asyncio.gather(words, return_exceptions=True)
        return self._end(work, attempt, outcome, output, job)

    async def _follow(
        self, client: Attachment, attempt: Attempt, job: JobStatus, output: OutputFile
    ) -> JobStatus | Outcome:
        """Follow the job to its end over any number of reconnects."""
        node = client.work.client
        marker = asyncio.create_task(self._mark(client.work, attempt, output))
        try:
            return await settle(client, lambda: node.follow(job.job_id, output, client.output))
        finally:
            marker.cancel()

    async def _mark(self, work: StepContext, attempt: Attempt, output: OutputFile) -> None:
        noted = attempt.size
        while True:
            await asyncio.sleep(MARK_EVERY)
            if output.size > noted:
                noted = output.size
                self._publisher.publish(
                    ev.AttemptOutput(offset=noted),
                    node=work.node_name,
                    step=work.step_name,
                    attempt=attempt.number,
                )

    def _end(
        self,
        work: StepContext,
        attempt: Attempt,
        outcome: Outcome,
        output: OutputFile | None,
        job: JobStatus | None = None,
    ) -> Outcome:
        size = output.size if output is not None else 0
        if output is not None and size:
            output.sync()
        self._publisher.publish(
            ev.AttemptEnded(
                status=outcome.status,
                exit_code=job.exit_code if job is not None else None,
                size=size,
                sha256=output.sha256() if output is not None and size else "",
                summary=outcome.reason,
                code=outcome.code,
                remedy=outcome.remedy,
                reboot_reason=outcome.reboot_reason,
            ),
            node=work.node_name,
            step=work.step_name,
            attempt=attempt.number,
        )
        return outcome
