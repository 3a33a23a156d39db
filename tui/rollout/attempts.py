"""One attempt of a step, from the event that announces it to the verdict: started once, followed to the end.

A lost connection is not a failure: the step is *detached* until the node answers again, and then the node
says what became of the job. Only answers that another try cannot change end the attempt, and not while a job
may run on a node that does not let us in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from tui.journal import OutputFile
from tui.model import events as ev
from tui.model.failures import PASSING
from tui.model.run import Attempt
from tui.model.states import StepStatus
from tui.remote import FINAL_KINDS, JobStatus, RemoteError
from tui.rollout import decide
from tui.rollout.attachment import Attachment, attachment
from tui.rollout.core import Core
from tui.rollout.monitor import FRESH_FOR
from tui.rollout.steps.base import Outcome, StepKind, Work, failed

T = TypeVar("T")

MARK_EVERY = 2.0
"""Seconds between two events that note how much output is on disk."""

PATIENCE = 15.0
"""Seconds that a question about a job is asked again before the step is shown as detached because of it."""

PASSING_KINDS: frozenset[str] = PASSING | {"too-many-sessions", "killed"}
"""Failures of the connection, or of a node that goes down: it will say more when it answers again."""


def job_id(run_id: str, work: Work, number: int) -> str:
    """The job's name on the node, chosen here: starting it again with the same name starts nothing."""
    return f"{run_id}.{work.node_name}.{work.step_name}.{number}"


class _LateError(Exception):
    """The connection broke, and stands again: whatever was true before has to be looked at anew."""


class Attempts:
    """Begins attempts, and takes up those that an earlier console began."""

    def __init__(self, core: Core, person_needed: asyncio.Event, opens: Callable[[str], bool]) -> None:
        """``person_needed`` is set while an attempt waits for a person; ``opens`` asks a node's gate."""
        self._core = core
        self._person_needed = person_needed
        self._opens = opens

    async def begin(self, kind: StepKind, work: Work) -> Outcome | None:
        """Announce and start an attempt of a confirmed step, and see it to its end."""
        async with attachment(self._core, work, self._person_needed, watched=kind.follows) as link:
            return await self._begin(kind, work, link)

    async def take_up(self, kind: StepKind, work: Work) -> Outcome | None:
        """Go on with an attempt that was begun before; None when it turns out not to have been started."""
        async with attachment(self._core, work, self._person_needed, watched=kind.follows) as link:
            return await self._take_up(kind, work, link)

    async def _begin(self, kind: StepKind, work: Work, link: Attachment) -> Outcome | None:
        try:
            refused = await self._settle(link, lambda: kind.before(work), at_once=kind.gated)
        except _LateError:
            return None  # confirmed as before: the gate is asked anew
        if refused is not None:
            work.say(refused.as_state)
            return refused
        if decide.next_action(self._core.state) != decide.Begin(work.node_name, work.step_name):
            return None  # a person has paused, skipped or held meanwhile: nothing was started
        if kind.gated and not self._opens(work.node_name):
            return None  # it has closed meanwhile
        attempt = work.step.open_attempt
        if attempt is not None and attempt.begun.boot_id not in ("", kind.boot_seen(work)):
            never = f"never started; {work.node_name} has rebooted since"  # and will not hear of it any more
            self._end(work, attempt, Outcome(StepStatus.CANCELED, never), None)
            attempt = None
        if attempt is None:
            attempt = self._announce(kind, work)
        else:  # announced before, and the node never heard of it
            work.say(ev.StepState(status=StepStatus.RUNNING))
        command = kind.command(work) if attempt.begun.job_id else None
        job = None
        if attempt.begun.job_id is not None and command is not None:
            name, script = attempt.begun.job_id, command.script
            patience = FRESH_FOR if kind.gated else PATIENCE
            start = partial(work.link.start_job, name, script, patience=patience)
            try:
                started = await self._settle(link, start, at_once=kind.gated)
            except _LateError:  # if the node never heard of it, what the gate saw is too old by now
                return await self._take_up(kind, work, link)
            if isinstance(started, Outcome):
                return self._end(work, attempt, started, None)
            job = started
        return await self._see_through(kind, link, attempt, job)

    async def _take_up(self, kind: StepKind, work: Work, link: Attachment) -> Outcome | None:
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
            return await self._see_through(kind, link, attempt, None)
        name = attempt.begun.job_id
        found = await self._settle(link, lambda: work.link.job(name, patience=PATIENCE))
        if isinstance(found, Outcome):
            return self._end(work, attempt, found, None)
        if found.state in ("none", "claimed") and not found.ended:
            return await self._not_begun(kind, link, attempt, found)
        return await self._see_through(kind, link, attempt, found)

    async def _not_begun(
        self, kind: StepKind, link: Attachment, attempt: Attempt, found: JobStatus
    ) -> Outcome | None:
        """Begun when the gate is still open; not again where the node may only have forgotten the job."""
        work, node = link.work, link.work.node_name
        rebooted = found.boot_id is not None and found.boot_id != attempt.begun.boot_id
        if rebooted and not kind.follows:
            return await self._see_through(kind, link, attempt, None)  # the boot id tells what came of it
        output = self._core.journal.output(node, work.step_name, attempt.number)
        if found.state == "none" and (rebooted or output.size):
            reason = f"{node} knows nothing of the job, which may have been begun there before"
            gone = failed("job-gone", reason, "look at the node for what it has done, then rerun the step")
            return self._end(work, attempt, gone, output)
        heard = "never heard of it" if found.state == "none" else "has not begun it"
        work.say(ev.StepState(status=StepStatus.CONFIRMED, reason=f"confirmed, but the node {heard}"))
        return None

    def _announce(self, kind: StepKind, work: Work) -> Attempt:
        number = len(work.step.attempts) + 1
        command = kind.command(work)
        output = self._core.journal.output(work.node_name, work.step_name, number)
        begun = ev.AttemptStarted(
            job_id=job_id(self._core.state.run_id, work, number) if command else None,
            boot_id=kind.baseline(work),
            command=kind.shown(work),
            output=output.relative,
            confirmed_by=work.step.confirmed_by,
        )
        self._core.publish(begun, node=work.node_name, step=work.step_name, attempt=number)
        attempt = work.step.open_attempt
        assert attempt is not None
        return attempt

    async def _see_through(
        self, kind: StepKind, link: Attachment, attempt: Attempt, job: JobStatus | None
    ) -> Outcome | None:
        work = link.work
        output = self._core.journal.output(work.node_name, work.step_name, attempt.number)
        if job is not None and kind.follows:
            followed = await self._follow(link, attempt, job, output)
            if isinstance(followed, Outcome):
                return self._end(work, attempt, followed, output)
            job = followed
            cut = _cut_short(kind, work, job)
            if cut is not None:
                return self._end(work, attempt, cut, output, job)
        if work.step.status is not StepStatus.VERIFYING and kind.command(work) is not None:
            link.verifying()
        outcome = await self._settle(link, lambda: kind.after(work, job))
        if job is not None and not kind.follows and outcome.status is StepStatus.SUCCEEDED:
            with contextlib.suppress(RemoteError, TimeoutError):  # its few words are nice to have, no more
                async with asyncio.timeout(10):
                    job = await work.link.follow(job.job_id, output, lambda _detached: None)
        return self._end(work, attempt, outcome, output, job)

    async def _follow(
        self, link: Attachment, attempt: Attempt, job: JobStatus, output: OutputFile
    ) -> JobStatus | Outcome:
        """Follow the job to its end over any number of reconnects."""
        node = link.work.link
        marker = asyncio.create_task(self._mark(link.work, attempt, output))
        try:
            return await self._settle(link, lambda: node.follow(job.job_id, output, link.output))
        finally:
            marker.cancel()

    async def _mark(self, work: Work, attempt: Attempt, output: OutputFile) -> None:
        noted = attempt.size
        while True:
            await asyncio.sleep(MARK_EVERY)
            if output.size > noted:
                noted = output.size
                self._core.publish(
                    ev.AttemptOutput(offset=noted),
                    node=work.node_name,
                    step=work.step_name,
                    attempt=attempt.number,
                )

    async def _settle(
        self, link: Attachment, ask: Callable[[], Awaitable[T]], *, at_once: bool = False
    ) -> T | Outcome:
        """Ask until there is an answer: a lost connection is waited out, and so is a refusal while a job may
        run on the node; any other refusal is an outcome.

        ``at_once``: no answer after such a wait will do. Then _LateError is raised when the node is back.
        """
        while True:
            try:
                answer = await ask()
            except RemoteError as error:
                if error.kind in PASSING_KINDS:
                    link.no_answer(error.sentence)
                elif error.kind in FINAL_KINDS and link.may_run:
                    await link.mended(error)
                else:
                    return failed(error.kind, error.sentence, "mend what it names, then rerun the step")
            else:
                link.answered()
                return answer
            await self._reconnect(link)
            if at_once:
                raise _LateError

    async def _reconnect(self, link: Attachment) -> None:
        """Wait until the link is up again, however long that takes; a person can cancel or leave."""
        work = link.work
        await asyncio.sleep(work.monitor.every)  # a node that is going down may still look up
        while True:
            try:
                await work.link.connected(60.0)
            except RemoteError as error:
                if error.kind in FINAL_KINDS:
                    return
                await asyncio.sleep(work.monitor.every)
            except TimeoutError:
                continue
            else:
                return

    def _end(
        self,
        work: Work,
        attempt: Attempt,
        outcome: Outcome,
        output: OutputFile | None,
        job: JobStatus | None = None,
    ) -> Outcome:
        size = output.size if output is not None else 0
        if output is not None and size:
            output.sync()
        self._core.publish(
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


def _cut_short(kind: StepKind, work: Work, job: JobStatus) -> Outcome | None:
    """What the node says of a job that did not end by itself; None when it did."""
    node = work.node_name
    if job.cancelled:
        return Outcome(
            StepStatus.CANCELED, f"{node}: canceled as asked", "canceled", "rerun the step, or skip the node"
        )
    if job.state == "lost":
        reason = f"{node}: the job disappeared without an exit code (killed from outside?)"
        return failed("job-lost", reason, "look at the node, then rerun the step")
    went_down = job.state == "rebooted" or (job.term and job.exit_code != 0)
    if went_down and not kind.outlives_reboot:
        return failed(
            "lost-by-reboot", f"{node} rebooted in the middle of the step", "look at the node, then rerun"
        )
    return None
