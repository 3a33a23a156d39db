"""Whether a step that is under way is attached to its node, said at once: the link decides, not the job.

A silent or broken connection makes the step *detached* until the node answers again. A refused one is a
person's to fix: while a job may run on the node the attempt stays open, the run pauses, nothing is started.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tui.model import events as ev
from tui.model import problems
from tui.model.states import RunStatus, StepStatus
from tui.remote import RemoteError
from tui.rollout.gate.monitor import BROKEN
from tui.rollout.procedure.step import StepContext

GOES_ON = "the job goes on by itself on the node"
FIX = "fix what it names, then resume: the step is taken up where it is, and nothing is started again"


class Attachment:
    """One attempt of a step and its link; every change of it is one event."""

    def __init__(self, context: StepContext, person_needed: asyncio.Event) -> None:
        """``person_needed`` is set when only a person can go on."""
        self.context = context
        self._person_needed = person_needed
        self._before = StepStatus.RUNNING
        self._unanswered = False
        self._refused_before = False

    async def watch(self) -> None:
        """Follow the link until cancelled."""
        async for state in self.context.client.states():
            if state.phase in BROKEN:
                self.detached(state.reason)
            elif state.phase == "up" and not self._unanswered:
                self.attachment()

    def output(self, stopped: bool) -> None:
        """The job's output has stopped because its channel is gone, or it goes on."""
        self._unanswered = stopped
        if stopped:
            self.detached(f"connection lost; {GOES_ON}")
        else:
            self.attachment()

    def no_answer(self, why: str) -> None:
        """A question was not answered: an open link alone does not mean attached from now on."""
        self._unanswered = True
        self.detached(why)

    def answered(self) -> None:
        """The node has answered a question; the link may have broken since."""
        self._refused_before = False
        self._unanswered = False
        if self.context.client.state.phase == "up":
            self.attachment()

    def detached(self, why: str) -> None:
        """Say it, once for each reason that a person can do something about."""
        step, client = self.context.step, self.context.client.state
        if step.open_attempt is None or not step.status.active:
            return
        code = str(client.error_kind) if client.phase == "refused" else problems.DETACHED.code
        changed = step.status is not StepStatus.DETACHED or step.code != code
        if step.status is not StepStatus.DETACHED:
            self._before = step.status
        if changed:
            reason = client.reason if client.phase == "refused" else why
            self.context.say(ev.StepState(status=StepStatus.DETACHED, code=code, reason=reason))
        refused = client.phase == "refused" and self.may_run
        if refused and (changed or not self.context.run.status.paused):
            self._pause(code, client.reason)

    def attachment(self) -> None:
        """Say that the step goes on."""
        step = self.context.step
        if step.open_attempt is not None and step.status is StepStatus.DETACHED:
            self._person_needed.clear()
            self.context.say(ev.StepState(status=self._before, reason="re-attached"))

    async def doubtful(self, why: str) -> None:
        """Whether the job was begun is not known: a person has to say, or to ask for another look."""
        self._unanswered = True
        step = self.context.step
        if step.status is not StepStatus.DETACHED:
            self._before = step.status
        unknown = problems.START_UNKNOWN
        self.context.say(ev.StepState(status=StepStatus.DETACHED, code=unknown.code, reason=why))
        self._pause(unknown.code, why, unknown.remedy)
        every = self.context.monitor.every
        while self.context.run.status is RunStatus.PAUSED_ON_ERROR:  # noqa: ASYNC110  # rare, and a person's pace
            await asyncio.sleep(every)
        self._person_needed.clear()

    def verifying(self) -> None:
        """The job is done; what it did is looked at next."""
        self._before = StepStatus.VERIFYING
        if self.context.step.status is StepStatus.RUNNING:
            self.context.say(ev.StepState(status=StepStatus.VERIFYING))

    @property
    def may_run(self) -> bool:
        """A job of this attempt may run on the node: then no refusal ends it."""
        attempt = self.context.step.open_attempt
        return attempt is not None and attempt.begun.job_id is not None

    async def wait_until_fixed(self, error: RemoteError) -> None:
        """Wait for a person to fix what the node refuses us for, and to resume, which dials anew.

        A link that is not refused has been dialled anew since; an error that comes again is not the link's.
        """
        client, every = self.context.client, self.context.monitor.every
        await asyncio.sleep(every)  # whoever asked may know of a refusal before the link says so
        if client.state.phase == "up" and self._refused_before:
            self._pause(error.kind, error.sentence)
            while self.context.run.status is RunStatus.PAUSED_ON_ERROR:  # noqa: ASYNC110  # rare, and a person's pace
                await asyncio.sleep(every)
        self._refused_before = True
        while client.state.phase == "refused":
            self.detached(client.state.reason)
            await client.next_change()

    def _pause(self, code: str, why: str, remedy: str = FIX) -> None:
        self.context.run_context.set_status(RunStatus.PAUSED_ON_ERROR, problems.of(code), why, remedy)
        self._person_needed.set()


@contextlib.asynccontextmanager
async def attachment(
    context: StepContext, person_needed: asyncio.Event, *, watched: bool
) -> AsyncIterator[Attachment]:
    """Keep the step's status in line with its link; not ``watched`` where the link has to go down."""
    attachment = Attachment(context, person_needed)
    watcher = asyncio.create_task(attachment.watch()) if watched else None
    try:
        yield attachment
    finally:
        if watcher is not None:
            watcher.cancel()
