"""Following a job's output to its end, whatever the connection does: the local size says where to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tui.remote.errors import RemoteError
from tui.remote.exec.job_protocol import JobStatus, parse_answer
from tui.remote.exec.script_runner import CUT_KINDS, ScriptRunner
from tui.remote.link.connection import Connection
from tui.remote.options import Place
from tui.remote.shell.scripts import call


class Sink(Protocol):
    """Where a job's output goes. All of it is used on the follower's thread."""

    @property
    def size(self) -> int:
        """The bytes that are here already: the place to go on from."""

    def write(self, data: bytes, /) -> object:
        """Append. An OSError ends the following."""

    def sync(self) -> None:
        """Make what was written survive a power cut; called before the job's end is reported."""


class Follower:
    """One job's output into one sink; ``run`` blocks until the job has ended and the sink has every byte."""

    def __init__(
        self, connection: Connection, job_id: str, sink: Sink, on_detached: Callable[[bool], None]
    ) -> None:
        self._runner = ScriptRunner(connection)
        self._connection = connection
        self._job_id = job_id
        self._sink = sink
        self._on_detached = on_detached
        self._detached = False

    def abandon(self) -> None:
        """Stop following; the job goes on."""
        self._runner.abandon()

    def run(self) -> JobStatus:
        """The final status. Raises RemoteError "job-gone" when the node knows no such job, "closed" when
        stopped, and what the sink raises.
        """
        node, place = self._connection.endpoint.node, self._connection.options.place
        while True:
            status = self._once(node, place)
            if status is not None and status.state == "none":
                raise RemoteError("job-gone", node, f"{node}: there is no job {self._job_id} any more.")
            if status is not None and status.ended and self._sink.size >= status.size:
                self._sink.sync()
                return status
            self._runner.stop.wait(0.1)

    def _once(self, node: str, place: Place) -> JobStatus | None:
        """One connection's worth; None when it was cut before the node gave its verdict."""
        try:
            # Patient: a refused link is a person's to fix, and the job goes on meanwhile.
            shell = self._runner.open_shell(None, patient=True, on_wait=lambda: self._report(detached=True))
            self._report(detached=False)
            script = call("job", "follow", *place, self._job_id, self._sink.size)
            _, stderr = shell.converse(script, iter(()), self._take, keep_open=True)
        except RemoteError as error:
            if error.kind not in CUT_KINDS | {"timeout"} or self._runner.stop.is_set():
                raise
            self._report(detached=True)
            return None
        statuses = parse_answer(node, place.path, stderr)
        return statuses[-1] if statuses else None

    def _take(self, data: bytes) -> None:
        self._connection.heard()
        self._sink.write(data)

    def _report(self, *, detached: bool) -> None:
        if detached != self._detached:
            self._detached = detached
            self._on_detached(detached)
