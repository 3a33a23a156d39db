"""One script on one channel: sending the script and what it reads, taking what it prints.

Blocking; used on this package's own threads.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.remote.errors import RemoteError
from tui.remote.shell.foreign import foreign
from tui.remote.shell.last_words import KEPT_BYTES, quoting
from tui.remote.shell.scripts import framed, new_mark
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import channel_failure, connection_errors, lost

if TYPE_CHECKING:
    import paramiko

    from tui.remote.ssh.transport import NodeTransport

_CHUNK_SIZE = 256 * 1024
_MOST_CHUNKS = 8
_PACKET_SIZE = 32 * 1024  # no more than this is sent at once
# What a command left running in the background may keep its outputs open; nobody waits for that.
_AFTER_EXIT_TIMEOUT_S = 0.5


@dataclass(frozen=True)
class Completed:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Wake(threading.Event):
    """Set when a channel has something to take; only its reader clears it."""

    def clear(self) -> None:
        """paramiko clears the event of an emptied buffer, which the other buffer may have set: not heeded."""

    def taken(self) -> None:
        """The reader is about to look at everything."""
        super().clear()


class Outputs:
    """stdout and stderr of a channel: no thread for each, and no deadlock from reading only one."""

    def __init__(self, endpoint: Endpoint, channel: paramiko.Channel, wake: threading.Event) -> None:
        self._endpoint = endpoint
        self._channel = channel
        self.stdout = bytearray()
        self.stderr = bytearray()
        channel.in_buffer.set_event(wake)
        channel.in_stderr_buffer.set_event(wake)

    def pump(self) -> bool:
        """Move what has arrived into ``stdout`` and ``stderr``; True if there was anything.

        Raises RemoteError: taking something asks the node for more, which fails on a link that is gone. What
        was taken is lost then, and nothing after it may be used.
        """
        before = len(self.stdout) + len(self.stderr)
        for _ in range(_MOST_CHUNKS):  # not until nothing is left: a fast node would never let us go
            try:
                printed = self._channel.recv(_CHUNK_SIZE) if self._channel.recv_ready() else b""
                said = self._channel.recv_stderr(_CHUNK_SIZE) if self._channel.recv_stderr_ready() else b""
            except connection_errors() as error:
                raise lost(self._endpoint, error) from error
            self.stdout += printed
            self.stderr += said
            if max(len(printed), len(said)) < _CHUNK_SIZE:
                break
        return len(self.stdout) + len(self.stderr) > before

    @property
    def ended(self) -> bool:
        """Nothing more will arrive (call ``pump`` once more after it turned True)."""
        return bool(self._channel.eof_received or self._channel.closed)


class Shell:
    """A POSIX shell on the node that waits for its one script. Raises RemoteError in all methods."""

    def __init__(self, endpoint: Endpoint, transport: NodeTransport, command: str, timeout: float) -> None:
        from tui.remote.ssh.transport import open_exec_channel  # noqa: PLC0415  # loads paramiko

        self.endpoint = endpoint
        self._transport = transport
        try:
            self.channel = open_exec_channel(transport, command, timeout)
        except connection_errors() as error:
            raise channel_failure(endpoint, transport, error) from error
        self.channel.settimeout(0.0)  # sending never blocks; all waiting is done on the wake
        self._wake = Wake()
        self.outputs = Outputs(endpoint, self.channel, self._wake)

    def close(self) -> None:
        """Hang up. The node's shell sees the end of its input."""
        with contextlib.suppress(*connection_errors()):  # whatever is wrong with it, it is given up
            self.channel.close()
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Until something arrived, the channel ended, or ``seconds`` have passed."""
        self._wake.wait(seconds)
        self._wake.taken()

    def send_some(self, data: memoryview | bytes) -> int:
        """Send as much of ``data`` as the node takes now; 0 if its window is full or nobody reads."""
        try:
            return self.channel.send(bytes(data[:_PACKET_SIZE]))
        except TimeoutError:
            return 0
        except connection_errors() as error:
            if self.channel.closed:
                return 0  # how it ended is told by the exit code
            raise lost(self.endpoint, error) from error

    def exit_code(self) -> int:
        """The exit code of an ended channel; RemoteError when the link, or a signal, ended it."""
        self.channel.status_event.wait(_AFTER_EXIT_TIMEOUT_S)  # it may come after the end of the outputs
        code = self.channel.exit_status
        if code >= 0:
            return code
        # paramiko closes the channels of a lost connection a moment before it says that it is lost.
        self._transport.join(0.2)
        if self._transport.is_active():
            from tui.remote.ssh.transport import exit_signal  # noqa: PLC0415  # loads paramiko

            how = exit_signal(self.channel)
            sentence = (
                f"{self.endpoint.node}: the command was ended {f'by SIG{how}' if how else 'without a word'}."
            )
            raise RemoteError("killed", self.endpoint.node, sentence)
        raise lost(self.endpoint, self._transport.saved_exception)

    def converse(
        self,
        script: str,
        source: Iterator[bytes],
        on_stdout: Callable[[bytes], None],
        *,
        deadline: float | None = None,
        idle: float | None = None,
        keep_open: bool = False,
    ) -> tuple[int, bytes]:
        """Run ``script`` with ``source`` on its stdin; returns (exit code, stderr).

        ``on_stdout`` gets the script's own output in order. ``deadline`` is on the monotonic clock,
        ``idle`` the seconds without any progress after which the node counts as hung. ``keep_open``
        leaves stdin open after ``source``, so that the script can tell that we are still there.
        """
        mark = new_mark()
        talk = _Conversation(self, mark, on_stdout)
        limits = _Limits(deadline, idle)
        pending = memoryview(framed(script, mark))
        blocks: Iterator[bytes] | None = iter(source)
        try:
            while True:
                moved = talk.take()
                sent = self.send_some(pending) if pending and not self.outputs.ended else 0
                pending = pending[sent:]
                if not pending and blocks is not None:
                    pending, blocks = self._next_block(blocks, keep_open)
                now = time.monotonic()
                if not (moved or sent) and talk.over(now):
                    return talk.finish()
                limits.check(self.endpoint, now, moved or sent > 0, talk.words)
                if not (moved or sent):
                    # A full window opens without a wake, so look again soon.
                    talk.wait(0.02 if pending else 0.5)
        except BaseException:
            self.close()
            raise

    def _next_block(
        self, blocks: Iterator[bytes], keep_open: bool
    ) -> tuple[memoryview, Iterator[bytes] | None]:
        for block in blocks:
            if block:
                return memoryview(block), blocks
        if not keep_open:
            with contextlib.suppress(*connection_errors()):  # the next look at the link says so
                self.channel.shutdown_write()
        return memoryview(b""), None


@dataclass
class _Limits:
    """How long a conversation may last, and how long it may stand still."""

    deadline: float | None
    idle: float | None
    progress: float = field(default_factory=time.monotonic)

    def check(self, endpoint: Endpoint, now: float, moved: bool, words: str) -> None:
        if moved:
            self.progress = now
        too_late = self.deadline is not None and now > self.deadline
        if too_late or (self.idle is not None and now - self.progress > self.idle):
            sentence = (
                f"{endpoint.node}: the command did not end in time; it may still run on the node{words}."
            )
            raise RemoteError("timeout", endpoint.node, sentence)


class _Conversation:
    """What one script prints: everything after its mark, on both outputs."""

    def __init__(self, shell: Shell, mark: str, on_stdout: Callable[[bytes], None]) -> None:
        self._shell = shell
        self._line = f"{mark}\n".encode()
        self._on_stdout = on_stdout
        self._begun = False
        self._exited_at: float | None = None

    def take(self) -> bool:
        """Hand on what has arrived; True if there was anything."""
        outputs = self._shell.outputs
        moved = outputs.pump()
        if not self._begun:
            _noise, mark, rest = bytes(outputs.stdout).partition(self._line)
            if not mark:
                del outputs.stdout[: -KEPT_BYTES - len(self._line)]
                return moved
            self._begun = True
            outputs.stdout[:] = rest
        if outputs.stdout:
            block = bytes(outputs.stdout)
            outputs.stdout.clear()
            self._on_stdout(block)
        return moved

    def over(self, now: float) -> bool:
        """The shell has ended, and its outputs too or something else has held them open for some time."""
        if not self._shell.channel.status_event.is_set():
            return False
        if self._shell.outputs.ended:
            return not self.take()
        self._exited_at = self._exited_at or now
        return now - self._exited_at > _AFTER_EXIT_TIMEOUT_S

    def wait(self, seconds: float) -> None:
        """Until something happens: more output, or, when there can be no more, the exit status."""
        if self._shell.outputs.ended:
            self._shell.channel.status_event.wait(seconds)
        else:
            self._shell.wait(min(seconds, _AFTER_EXIT_TIMEOUT_S))

    @property
    def words(self) -> str:
        """The end of a sentence: what the node printed instead of beginning; empty once it has begun."""
        outputs = self._shell.outputs
        return "" if self._begun else quoting(bytes(outputs.stdout), bytes(outputs.stderr))

    def _never_begun(self, code: int, stderr: bytes) -> RemoteError:
        """Something else than our script ran there, or nothing at all."""
        told = foreign(self._shell.endpoint, code, bytes(self._shell.outputs.stdout), stderr)
        return RemoteError("killed", told.node, told.sentence)

    def finish(self) -> tuple[int, bytes]:
        try:
            code = self._shell.exit_code()
            noise, mark, stderr = bytes(self._shell.outputs.stderr).partition(self._line)
            if not self._begun:
                raise self._never_begun(code, noise)
            return code, stderr if mark else noise
        finally:
            self._shell.close()
