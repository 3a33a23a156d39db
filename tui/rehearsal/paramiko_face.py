"""The SSH server of a machine inside the server process: the real protocol, and a real /bin/sh per exec."""

from __future__ import annotations

import contextlib
import hmac
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_CONNECT_FAILED,
    OPEN_SUCCEEDED,
)

from tui.rehearsal import faults, keys, sandbox
from tui.rehearsal.command import Command
from tui.rehearsal.layout import Layout, MachineFiles

USER = "root"
PEERS = "127.0.0.1 50000 127.0.0.1 22"
"""Client and server, as sshd tells them: address and port of each."""


class ParamikoFace:
    """Listens on a port that it holds for its whole life, so that a machine that is off answers "refused"."""

    def __init__(self, layout: Layout, files: MachineFiles, reserved: socket.socket) -> None:
        self._files = files
        self._socket = reserved
        self._client_key = keys.public_line(layout.client_key).split()[1]
        self._lock = threading.Lock()
        self._accepting = False
        self._transports: set[ServerTransport] = set()

    def listen(self) -> None:
        """Take connections from now on."""
        key = paramiko.Ed25519Key.from_private_key_file(str(self._files.host_key))
        with self._lock:
            self._accepting = True
        self._socket.listen(64)
        threading.Thread(target=self._accept, args=(key,), daemon=True).start()

    def refuse(self) -> None:
        """Take no new connections and start no new commands."""
        with self._lock:
            self._accepting = False
        # On Linux this ends listening and wakes accept(), but the port stays ours.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Drop every connection."""
        with self._lock:
            transports, self._transports = self._transports, set()
        for transport in transports:
            transport.close()

    def connections(self) -> int:
        """How many connections there are."""
        with self._lock:
            self._transports = {transport for transport in self._transports if transport.is_active()}
            return len(self._transports)

    def spawn(self, command: bytes, terminal: int | None = None) -> subprocess.Popen[bytes] | None:
        """Start a command as sshd does, or return None when the machine is going down.

        Empty: a person's shell. `terminal` is the machine's end of a terminal to run it on.
        """
        files = self._files
        told = {"SSH_CONNECTION": PEERS, "SSH_ORIGINAL_COMMAND": os.fsdecode(command)}
        environ = sandbox.environment(files) | told
        program = ["/bin/sh", str(files.control / "login")]
        pipes: tuple[int, int, int] = (subprocess.PIPE,) * 3
        if terminal is not None:
            program, pipes = ["setsid", "--ctty", *program], (terminal,) * 3
        with self._lock:
            if not self._accepting:
                return None
            return subprocess.Popen(
                program,
                cwd=files.sysroot / "root",
                env=environ,
                stdin=pipes[0],
                stdout=pipes[1],
                stderr=pipes[2],
                start_new_session=terminal is None,
            )

    @property
    def sessions(self) -> int:
        """How many of them one connection is given."""
        return faults.sessions(self._files.control)

    def allows(self, user: str, key: paramiko.PKey) -> bool:
        """Whether this is the one key of the rehearsal and its one user."""
        return user == USER and hmac.compare_digest(key.get_base64(), self._client_key)

    def _accept(self, key: paramiko.PKey) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            # Without it an answer waits for the client's delayed acknowledgement, 40 ms each.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = ServerTransport(connection)
            transport.add_server_key(key)
            with self._lock:
                if not self._accepting:
                    transport.close()
                    return
                self._transports.add(transport)
            # with an event it returns at once; the transport's own thread does the rest
            transport.start_server(event=threading.Event(), server=Session(self, transport))
            self.connections()


class ServerTransport(paramiko.Transport):
    """A transport that hangs up at once and lets a command begin only when its client knows of it."""

    # Transports look ten times a second whether they are still wanted; close() below wakes them anyway.
    _active_check_timeout = 1.0
    begin: Callable[[], None] | None = None

    def close(self) -> None:
        """Hang up; without the shutdown the peer would learn of it when the reading thread next wakes."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        super().close()

    @property
    def sessions(self) -> int:
        """How many are open."""
        stock: Any = self  # its table is not in the type stubs
        return len(stock._channels)

    def take(self, channel: paramiko.Channel) -> None:
        """Take this very channel off the list of opened ones.

        accept() would take the oldest, and let it die if its own command has not begun: nobody else holds it.
        """
        with self.lock, contextlib.suppress(ValueError):
            self.server_accepts.remove(channel)

    def _send_user_message(self, data: paramiko.Message) -> None:
        # The reply to an exec request leaves after check_channel_exec_request has returned. A command begun
        # there could close its channel before the reply, and the client would take it for a refusal.
        super()._send_user_message(data)  # type: ignore[misc]
        if self.begin is not None and threading.current_thread() is self:
            begin, self.begin = self.begin, None
            threading.Thread(target=begin, daemon=True).start()


class Session(paramiko.ServerInterface):
    """What a client may do: log in with the key, run commands."""

    def __init__(self, face: ParamikoFace, transport: ServerTransport) -> None:
        self._face = face
        self._transport = transport
        self._terminals: dict[int, tuple[int, int]] = {}
        """Rows and columns of the terminals that were asked for, by channel."""

    def get_allowed_auths(self, username: str) -> str:
        """Only keys."""
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Accept the rehearsal's own key for root."""
        return AUTH_SUCCESSFUL if self._face.allows(username, key) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Sessions, as many as the machine gives, and nothing else."""
        if kind != "session":
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        return (
            OPEN_SUCCEEDED if self._transport.sessions < self._face.sessions else OPEN_FAILED_CONNECT_FAILED
        )

    def check_channel_pty_request(
        self,
        channel: paramiko.Channel,
        term: bytes,
        width: int,
        height: int,
        pixelwidth: int,
        pixelheight: int,
        modes: bytes,
    ) -> bool:
        """A terminal for whoever wants one."""
        self._terminals[channel.chanid] = (height, width)
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        """A person logs in."""
        return self.check_channel_exec_request(channel, b"")

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        """Run the command once the reply is on its way."""
        transport = channel.get_transport()
        assert isinstance(transport, ServerTransport)
        size = self._terminals.pop(channel.chanid, None)
        transport.take(channel)
        transport.begin = Command(self._face.spawn, channel, command, size).run
        return True
