"""The jobs of one node, as the rest of Rollcall sees them: begun, looked at, ended, removed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from tui.remote.errors import Kind, NodeRefusalError, RemoteError
from tui.remote.exec.change_result import ChangeResult, Done, Refused, Unknown
from tui.remote.exec.job_protocol import (
    JobStatus,
    JobTraces,
    Preparation,
    StartTerms,
    checked_job_id,
    parse_answer,
    parse_preparation,
    parse_traces,
    parse_void,
    sha256,
    start_call,
)
from tui.remote.exec.script_runner import ScriptRunner
from tui.remote.link.connection import Connection
from tui.remote.link.threads import on_thread
from tui.remote.shell.scripts import call

ANSWER_TIMEOUT_S = 60.0
"""How long a question that may be asked again over a new connection is kept up."""

_FOR_EARLIER_ONES_TOO: frozenset[Kind] = frozenset({"late", "other-boot"})
"""Refusals that an earlier request with the same terms would meet as well, whenever it arrives."""

Question = tuple[str, bytes]
"""A script for the node, and what it reads on stdin."""

T = TypeVar("T")


class NodeJobs:
    """All coroutines belong to the event loop that started the fleet. They raise RemoteError where only an
    answer is at stake, and return an `ChangeResult` where something on the node is.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._place = connection.options.place
        self.node = connection.endpoint.node
        """The node's name in the cluster file."""

    async def prepare(self, *, patience: float = ANSWER_TIMEOUT_S) -> Preparation:
        """What has to be known before a job that changes the node is begun; makes our places there."""
        answer = await self._answer(self._question("prepare"), patience)
        return parse_preparation(self.node, self._place.path, answer)

    async def start_job(
        self, job_id: str, script: str, *, terms: StartTerms | None = None, patience: float = ANSWER_TIMEOUT_S
    ) -> ChangeResult[JobStatus]:
        """Start ``script`` detached under ``job_id``, unless that job was started before: then its status.

        ``terms`` for a job that changes the node: it then is the only such job there, or refused. Tried again
        over new connections for ``patience`` seconds; whatever happens, the job is started at most once.
        Refused with "bad-job-id" when the id belongs to another script.
        """
        text = script.encode()
        console = self._connection.options.console_id

        def started(answer: bytes) -> JobStatus:
            status = self._last_status(answer)
            if status.script_sha256 != sha256(text):
                sentence = (
                    f"{self.node}: the job {job_id} is there already, with another script; "
                    "nothing was started."
                )
                raise NodeRefusalError("bad-job-id", self.node, sentence)
            return status

        return await self._change(
            lambda: start_call(self._place, checked_job_id(self.node, job_id), text, terms, console),
            patience,
            started,
        )

    async def void_job(
        self, job_id: str, after: str, *, patience: float = ANSWER_TIMEOUT_S
    ) -> ChangeResult[bool]:
        """See to it that a job that has not begun never does: True when ``after`` still was the last to
        begin, False when something has begun since; then nothing was done.
        """
        read = partial(parse_void, self.node, self._place.path)
        return await self._change(lambda: self._question("void", job_id, after), patience, read)

    async def traces(self, job_id: str, *, place: str = "", patience: float = ANSWER_TIMEOUT_S) -> JobTraces:
        """Whatever is left of a job below ``place`` (empty: where jobs are kept now), and its processes."""
        below = self._place._replace(path=place) if place else self._place
        question = call("job", "search", *below, checked_job_id(self.node, job_id))
        answer = await self._answer((question, b""), patience)
        return parse_traces(self.node, below.path, answer)

    async def job(self, job_id: str, *, patience: float = ANSWER_TIMEOUT_S) -> JobStatus:
        """What the node knows of the job."""
        return self._last_status(await self._answer(self._question("status", job_id), patience))

    async def jobs(self, *, patience: float = ANSWER_TIMEOUT_S) -> list[JobStatus]:
        """All jobs that are on the node."""
        return self._statuses(await self._answer(self._question("list"), patience))

    async def cancel(
        self, job_id: str, grace: float, *, patience: float = ANSWER_TIMEOUT_S
    ) -> ChangeResult[JobStatus]:
        """TERM to all that belongs to the job, KILL to what is left of it after ``grace`` seconds."""
        seconds = math.ceil(grace)
        return await self._change(
            lambda: self._question("cancel", job_id, seconds), patience + grace, self._last_status
        )

    async def remove(self, job_id: str, *, patience: float = ANSWER_TIMEOUT_S) -> ChangeResult[None]:
        """Delete what is left of an ended job on the node; refused with "job-busy" while it runs."""
        return await self._change(lambda: self._question("remove", job_id), patience, self._not_refused)

    async def remove_all(self, prefix: str, *, patience: float = ANSWER_TIMEOUT_S) -> ChangeResult[None]:
        """The same for every job whose id begins with ``prefix``, and for the directory when nothing is in it
        then; the first that still runs ends it.
        """
        return await self._change(lambda: self._question("remove-all", prefix), patience, self._not_refused)

    async def clear_place(self, *, patience: float = ANSWER_TIMEOUT_S) -> ChangeResult[None]:
        """Remove the packages and archives that were brought or made, and the directory when nothing else is
        in it. Refused with "unsafe-place" where it does not carry this cluster's mark.
        """
        question = call("place", "clear", *self._place)
        return await self._change(lambda: (question, b""), patience, self._not_refused)

    def _question(self, verb: str, job_id: str | None = None, *words: str | int) -> Question:
        named = () if job_id is None else (checked_job_id(self.node, job_id),)
        return call("job", verb, *self._place, *named, *words), b""

    def _statuses(self, answer: bytes) -> list[JobStatus]:
        return parse_answer(self.node, self._place.path, answer)

    def _last_status(self, answer: bytes) -> JobStatus:
        return self._statuses(answer)[-1]

    def _not_refused(self, answer: bytes) -> None:
        self._statuses(answer)

    async def _answer(self, question: Question, patience: float, runner: ScriptRunner | None = None) -> bytes:
        """What a script answers; asked again while the link breaks, since asking twice does no harm."""
        deadline = time.monotonic() + patience
        asking = runner or ScriptRunner(self._connection)
        script, payload = question

        def once(deadline: float) -> bytes:
            completed = asking.run(script, [payload], deadline)
            if completed.exit_code != 0:
                words = completed.stderr.decode("utf-8", "replace").strip()[-200:]
                sentence = f"{self.node}: the job runner failed ({words or completed.exit_code})."
                raise RemoteError("killed", self.node, sentence)  # of the job itself nothing is known
            return completed.stdout

        return await on_thread("job", lambda: asking.persist(once, deadline), asking.abandon)

    async def _change(
        self, ask: Callable[[], Question], patience: float, read: Callable[[bytes], T]
    ) -> ChangeResult[T]:
        """How a change ended. The node's own word is final, unless an earlier request may still be under way
        to it; then only what holds for that one, too.
        """
        runner = ScriptRunner(self._connection)
        try:
            return Done(read(await self._answer(ask(), patience, runner)))
        except NodeRefusalError as error:
            final = runner.sent < 2 or error.kind in _FOR_EARLIER_ONES_TOO
            return Refused(error) if final else Unknown(error)
        except RemoteError as error:
            return Unknown(error) if runner.sent else Refused(error)
