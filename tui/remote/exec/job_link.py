"""The jobs of one node, as the rest of Rollcall sees them: begun, looked at, ended, removed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from tui.remote.errors import Kind, NodeRefusalError, RemoteError
from tui.remote.exec.command import Command
from tui.remote.exec.ended import Done, Ended, Refused, Unknown
from tui.remote.exec.jobs import (
    Ground,
    JobStatus,
    Terms,
    Traces,
    cancel_call,
    checked_job_id,
    list_call,
    parse_answer,
    parse_ground,
    parse_traces,
    parse_void,
    prepare_call,
    remove_call,
    search_call,
    sha256,
    start_call,
    status_call,
    void_call,
)
from tui.remote.link.connection import Connection
from tui.remote.link.threads import on_thread
from tui.remote.options import Place
from tui.remote.shell.scripts import call

PATIENCE = 60.0
"""Seconds for which a question that may be asked again over a new connection is kept up."""

_FOR_EARLIER_ONES_TOO: frozenset[Kind] = frozenset({"late", "other-boot"})
"""Refusals that an earlier request with the same terms would meet as well, whenever it arrives."""

T = TypeVar("T")


class JobLink:
    """All coroutines belong to the event loop that started the fleet. They raise RemoteError where only an
    answer is at stake, and return an `Ended` where something on the node is.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def node(self) -> str:
        """The node's name in the cluster file."""
        return self._connection.endpoint.node

    async def prepare(self, *, patience: float = PATIENCE) -> Ground:
        """What has to be known before a job that changes the node is begun; makes our places there."""
        answer = await self._answer(prepare_call(self._place), [], patience)
        return parse_ground(self.node, self._place.path, answer)

    async def start_job(
        self, job_id: str, script: str, *, terms: Terms | None = None, patience: float = PATIENCE
    ) -> Ended[JobStatus]:
        """Start ``script`` detached under ``job_id``, unless that job was started before: then its status.

        ``terms`` for a job that changes the node: it then is the only such job there, or refused. Tried again
        over new connections for ``patience`` seconds; whatever happens, the job is started at most once.
        Refused with "bad-job-id" when the id belongs to another script.
        """
        text = script.encode()
        console = self._connection.options.console_id

        async def start(command: Command) -> JobStatus:
            question, payload = start_call(
                self._place, checked_job_id(self.node, job_id), text, terms, console
            )
            status = self._statuses(await self._answer(question, [payload], patience, command))[-1]
            if status.script_sha256 != sha256(text):
                sentence = (
                    f"{self.node}: the job {job_id} is there already, with another script; "
                    "nothing was started."
                )
                raise NodeRefusalError("bad-job-id", self.node, sentence)
            return status

        return await self._ended(start)

    async def void_job(self, job_id: str, after: str, *, patience: float = PATIENCE) -> Ended[bool]:
        """See to it that a job that has not begun never does: True when ``after`` still was the last to
        begin, False when something has begun since; then nothing was done.
        """

        async def void(command: Command) -> bool:
            question = void_call(self._place, checked_job_id(self.node, job_id), after)
            answer = await self._answer(question, [], patience, command)
            return parse_void(self.node, self._place.path, answer)

        return await self._ended(void)

    async def traces(self, job_id: str, *, place: str = "", patience: float = PATIENCE) -> Traces:
        """Whatever is left of a job below ``place`` (empty: where jobs are kept now), and its processes."""
        below = self._place._replace(path=place) if place else self._place
        answer = await self._answer(search_call(below, checked_job_id(self.node, job_id)), [], patience)
        return parse_traces(self.node, below.path, answer)

    async def job(self, job_id: str, *, patience: float = PATIENCE) -> JobStatus:
        """What the node knows of the job."""
        question = status_call(self._place, checked_job_id(self.node, job_id))
        return self._statuses(await self._answer(question, [], patience))[-1]

    async def jobs(self, *, patience: float = PATIENCE) -> list[JobStatus]:
        """All jobs that are on the node."""
        return self._statuses(await self._answer(list_call(self._place), [], patience))

    async def cancel(self, job_id: str, grace: float, *, patience: float = PATIENCE) -> Ended[JobStatus]:
        """TERM to all that belongs to the job, KILL to what is left of it after ``grace`` seconds."""

        async def cancel(command: Command) -> JobStatus:
            question = cancel_call(self._place, checked_job_id(self.node, job_id), grace)
            return self._statuses(await self._answer(question, [], patience + grace, command))[-1]

        return await self._ended(cancel)

    async def remove(self, job_id: str, *, patience: float = PATIENCE) -> Ended[None]:
        """Delete what is left of an ended job on the node; refused with "job-busy" while it runs."""

        async def remove(command: Command) -> None:
            question = remove_call(self._place, checked_job_id(self.node, job_id))
            self._statuses(await self._answer(question, [], patience, command))

        return await self._ended(remove)

    async def clear_place(self, *, patience: float = PATIENCE) -> Ended[None]:
        """Remove the packages and archives that were brought or made, and the directory when nothing else is
        in it. Refused with "unsafe-place" where it does not carry this cluster's mark.
        """
        return await self._tidy("clear", patience)

    async def leave_place(self, *, patience: float = PATIENCE) -> Ended[None]:
        """Remove the directory when nothing is in it."""
        return await self._tidy("leave", patience)

    async def _tidy(self, verb: str, patience: float) -> Ended[None]:
        async def tidy(command: Command) -> None:
            self._statuses(await self._answer(call("place", verb, *self._place), [], patience, command))

        return await self._ended(tidy)

    @property
    def _place(self) -> Place:
        return self._connection.options.place

    def _statuses(self, answer: bytes) -> list[JobStatus]:
        return parse_answer(self.node, self._place.path, answer)

    async def _answer(
        self, question: str, payload: Iterable[bytes], patience: float, command: Command | None = None
    ) -> bytes:
        """What a script answers; asked again while the link breaks, since asking twice does no harm."""
        deadline = time.monotonic() + patience
        asking = command or Command(self._connection)

        def once(deadline: float) -> bytes:
            completed = asking.run(question, payload, deadline)
            if completed.exit_code != 0:
                words = completed.stderr.decode("utf-8", "replace").strip()[-200:]
                sentence = f"{self.node}: the job runner failed ({words or completed.exit_code})."
                raise RemoteError("killed", self.node, sentence)  # of the job itself nothing is known
            return completed.stdout

        return await on_thread("job", lambda: asking.persist(once, deadline), asking.abandon)

    async def _ended(self, change: Callable[[Command], Awaitable[T]]) -> Ended[T]:
        """How a change ended. The node's own word is final, unless an earlier request may still be under way
        to it; then only what holds for that one, too.
        """
        command = Command(self._connection)
        try:
            return Done(await change(command))
        except NodeRefusalError as error:
            final = command.sent < 2 or error.kind in _FOR_EARLIER_ONES_TOO
            return Refused(error) if final else Unknown(error)
        except RemoteError as error:
            return Unknown(error) if command.sent else Refused(error)
