"""One node, as the rest of Rollcall sees it: awaitable, and without a thread in sight."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path

from tui.remote.errors import NodeRefusalError, RemoteError
from tui.remote.exec.change_result import ChangeResult, Done, Refused, Unknown
from tui.remote.exec.follow import Follower, Sink
from tui.remote.exec.job_protocol import JobStatus, checked_job_id, start_call
from tui.remote.exec.jobs import ANSWER_TIMEOUT_S, NodeJobs
from tui.remote.exec.own_login import OwnLogin
from tui.remote.exec.reboot import new_boot_id
from tui.remote.exec.script_runner import ScriptRunner
from tui.remote.exec.transfer import OnProgress, Transfer
from tui.remote.link.connection import Connection
from tui.remote.link.states import ConnectionState
from tui.remote.link.threads import on_thread, post
from tui.remote.shell.shell import Completed
from tui.remote.ssh.identity import Identity


class NodeClient(NodeJobs):
    """All coroutines belong to the event loop that started the fleet, and raise RemoteError."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.endpoint = connection.endpoint
        """Where the node is reached, and as whom."""
        self._changes = asyncio.Event()
        self._watchers: list[asyncio.Queue[ConnectionState]] = []

    @property
    def state(self) -> ConnectionState:
        """What is known of the connection at this moment."""
        return self._connection.state

    @property
    def identity(self) -> Identity:
        """Who answered at the last login; empty before the first one."""
        return self._connection.identity

    def bind(self, identity: Identity) -> None:
        """From here on, at each new connection, no other machine is let in under this name."""
        self._connection.bind(identity)

    def changed(self, state: ConnectionState) -> None:
        """The state is another one; called on the event loop."""
        self._changes.set()
        self._changes = asyncio.Event()
        for queue in self._watchers:
            queue.put_nowait(state)

    async def next_change(self) -> None:
        """Return when the state has become another one."""
        await self._changes.wait()

    async def states(self) -> AsyncIterator[ConnectionState]:
        """The state now, then each one that follows, also one that is over before anybody could look."""
        seen: asyncio.Queue[ConnectionState] = asyncio.Queue()
        self._watchers.append(seen)
        try:
            yield self.state
            while True:
                yield await seen.get()
        finally:
            self._watchers.remove(seen)

    def reconnect(self) -> None:
        """Try again now, also after a refusal: a person has acted."""
        self._connection.reconnect()

    async def connected(self, timeout: float) -> None:  # noqa: ASYNC109  # the error says more than TimeoutError
        """Return once the link is up; raises why it is not after ``timeout`` seconds, at once if refused."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changes, state = self._changes, self.state
                    if state.phase == "up":
                        return
                    if state.phase == "refused":
                        raise self._connection.not_up()
                    await changes.wait()
        except TimeoutError:
            raise self._connection.not_up() from None

    async def sessions(self, wanted: int, *, timeout: float) -> int:  # noqa: ASYNC109
        """How many sessions, up to ``wanted``, one connection gives beside the status channel's."""
        deadline = time.monotonic() + timeout
        return await on_thread("sessions", lambda: self._connection.sessions(wanted, deadline))

    async def run(self, script: str, *, payload: bytes = b"", timeout: float) -> Completed:  # noqa: ASYNC109
        """Run a short POSIX sh ``script`` once, with ``payload`` on its stdin, byte for byte.

        Waits for the link if it is not up. Raises "timeout" after ``timeout`` seconds and "lost" when
        the link breaks; then it is not known whether the script ran to its end.
        """
        deadline = time.monotonic() + timeout
        runner = ScriptRunner(self._connection)
        return await on_thread("run", lambda: runner.run(script, [payload], deadline), runner.abandon)

    async def start_job_then_disconnect(self, job_id: str, script: str) -> JobStatus:
        """Start ``script`` over a login of its own, and cut that connection once it has started.

        The link itself stays as it is: look at the job through it to see whether jobs survive there.
        """
        question, payload = start_call(self._place, checked_job_id(self.node, job_id), script.encode())
        login, answer = OwnLogin(self._connection), bytearray()
        await on_thread(
            "own-login",
            lambda: login.converse(question, iter([payload]), answer.extend, timeout=ANSWER_TIMEOUT_S),
            login.abandon,
        )
        found = self._statuses(bytes(answer))
        if not found:
            raise RemoteError("job-failed-to-start", self.node, f"{self.node}: the job runner said nothing.")
        return found[-1]

    async def follow(self, job_id: str, sink: Sink, on_detached: Callable[[bool], None]) -> JobStatus:
        """Write the job's output to ``sink`` from ``sink.size`` on; returns its final status once it has
        ended and every byte is written.

        Goes on over new connections for as long as it takes; ``on_detached`` is called, on the event
        loop, with True when the output stops because the link is gone and with False when it goes on.
        Cancelling the awaiting task stops the following, not the job.
        """
        loop = asyncio.get_running_loop()
        follower = Follower(
            self._connection,
            checked_job_id(self.node, job_id),
            sink,
            lambda detached: post(loop, partial(on_detached, detached)),
        )
        return await on_thread("follow", follower.run, follower.abandon)

    async def wait_for_reboot(
        self, old_boot_id: str, *, stop_after: float, on_try: Callable[[str], None]
    ) -> str:
        """Return the node's new boot id, read over a fresh login, once it differs from ``old_boot_id``.

        While this waits, a refused login is tried again (nobody may log in to a node that is starting),
        and silence counts as loss at once. ``on_try`` gets a sentence for every try that failed. Raises
        "no-return" after ``stop_after`` seconds, and at once what no waiting cures, such as
        "changed-host-key". ValueError for an empty ``old_boot_id``: it would make any answer new.
        """
        if not old_boot_id:
            raise ValueError("the boot id before the restart is not known")
        states: asyncio.Queue[ConnectionState] = asyncio.Queue()
        self._watchers.append(states)
        try:
            return await new_boot_id(self._connection, states, old_boot_id, stop_after, on_try)
        finally:
            self._watchers.remove(states)

    async def upload(
        self, path: str, local: Path, on_progress: OnProgress | None = None
    ) -> ChangeResult[str]:
        """Put the local file at ``path`` on the node, whole or not at all; its SHA-256.

        Missing directories are made. Checked by SHA-256; ``on_progress`` gets the bytes sent so far, on
        the event loop. Raises OSError for the local file.
        """
        directory, _, name = path.rpartition("/")
        ended = await self.upload_all(directory or "/", {name: local}, on_progress)
        return Done(ended.value[name]) if isinstance(ended, Done) else ended

    async def upload_all(
        self, directory: str, files: Mapping[str, Path], on_progress: OnProgress | None = None
    ) -> ChangeResult[dict[str, str]]:
        """The same for many files of one ``directory`` at once, by their names there, which may lead into
        directories below it: in one stream, and none is put in its place before all have come.
        """
        transfer = Transfer(self._connection, self._on_loop(on_progress))
        try:
            return Done(
                await on_thread("upload", lambda: transfer.upload(directory, files), transfer.login.abandon)
            )
        except NodeRefusalError as error:
            return Refused(error)
        except RemoteError as error:
            return Unknown(error) if transfer.login.sent else Refused(error)

    async def download(self, path: str, local: Path, on_progress: OnProgress | None = None) -> str:
        """Put the node's file ``path`` at ``local``, whole or not at all; returns its SHA-256."""
        directory, _, name = path.rpartition("/")
        return (await self.download_all(directory or "/", {name: local}, on_progress))[name]

    async def download_all(
        self, directory: str, files: Mapping[str, Path], on_progress: OnProgress | None = None
    ) -> dict[str, str]:
        """The same for many files of one ``directory``, in one stream."""
        transfer = Transfer(self._connection, self._on_loop(on_progress))
        return await on_thread(
            "download", lambda: transfer.download(directory, files), transfer.login.abandon
        )

    def _on_loop(self, on_progress: OnProgress | None) -> OnProgress | None:
        loop = asyncio.get_running_loop()
        return None if on_progress is None else lambda moved: post(loop, partial(on_progress, moved))
