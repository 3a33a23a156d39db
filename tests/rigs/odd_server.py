"""A server that asks in ways in which sshd cannot be made to: several questions at once, none, or nonsense.

It is paramiko's, so it shows only how the client takes what it is sent; everything that a real sshd can say
is tried with a real one.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED
from paramiko.server import InteractiveQuery

from tests.rigs.openssh import generate_key
from tui.remote import Endpoint

Say = Callable[[Any, Sequence[str] | None], "int | InteractiveQuery"]
"""What comes after the answers so far (None: the login begins): questions, or AUTH_SUCCESSFUL and the like.

The first argument is the transport, for what paramiko would not send.
"""


def questions(title: str, instructions: str, *prompts: tuple[str, bool]) -> InteractiveQuery:
    """One round; each prompt with whether what is typed is shown."""
    return InteractiveQuery(title, instructions, *prompts)


class OddServer(paramiko.ServerInterface):
    """Listens on a free port of loopback until it is stopped. ``password`` and ``key`` are hooks as well."""

    def __init__(self, place: Path, methods: str, say: Say) -> None:
        self.methods, self.say = methods, say
        self.answers: list[list[str]] = []
        generate_key(place / "odd_host")
        self._key = paramiko.Ed25519Key.from_private_key_file(str(place / "odd_host"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        port = self._listener.getsockname()[1]
        words = " ".join((place / "odd_host.pub").read_text().split()[:2])
        (place / "odd_known_hosts").write_text(f"[127.0.0.1]:{port} {words}\n")
        self.endpoint = Endpoint(
            "px01",
            "127.0.0.1",
            port,
            "op",
            known_hosts=(str(place / "odd_known_hosts"),),
            identity_agent="none",
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(self._key)
                self._transports.append(transport)
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=self)

    def get_allowed_auths(self, username: str) -> str:
        return self.methods

    def check_auth_password(self, username: str, password: str) -> int:
        self.answers.append([password])
        return int(self._said(None))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return int(self._said(None))

    def _said(self, answers: Sequence[str] | None) -> Any:
        return self.say(self._transports[-1], answers)

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        return self._said(None)  # type: ignore[no-any-return]

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        self.answers.append(responses)
        return self._said(responses)  # type: ignore[no-any-return]


def send(transport: Any, kind: int, payload: bytes) -> int:
    """A message of the test's own; what comes after it is a refusal."""
    message = paramiko.Message()
    message.add_bytes(bytes([kind]) + payload)
    transport._send_message(message)
    return AUTH_FAILED
