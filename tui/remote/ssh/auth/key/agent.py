"""ssh-agent's protocol, as far as a login needs it: what keys it holds, and a signature with one of them.

Every answer is waited for only so long and read only so far: the program behind the socket may hang, be
locked, or not be an agent at all. Signatures are passed on as they are, so security keys work, too.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from tui.remote.ssh.auth.wire import Reader, string

_LIST, _LISTED, _SIGN, _SIGNED, _EXTENSION = 11, 12, 13, 14, 27
_LONGEST = 256 * 1024
_MOST_KEYS = 2048
_LIST_TIMEOUT_S = 10.0
# A person may have to touch a token or to confirm; sshd hangs up after 120 s.
_SIGN_TIMEOUT_S = 100.0
_WORTH_TELLING_S = 3.0
_SHA2_256, _SHA2_512 = 2, 4


class AgentError(Exception):
    """What the agent did wrong, in a few words that say where it listens. ``hung``: it did nothing."""

    hung = False


@dataclass(frozen=True)
class AgentKey:
    """A public key or certificate that the agent can sign for."""

    blob: bytes
    comment: str


class Agent:
    """A connection to the agent at ``path``. Raises AgentError. ``tell`` hears when it takes its time."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        self.path = path
        self._tell = tell
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_LIST_TIMEOUT_S)
            self._socket.connect(path)
        except (OSError, ValueError) as error:
            self.close()
            why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise AgentError(f"no agent answers at {path} ({why})") from None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def bind(self, host_key: bytes, session: bytes, signature: bytes) -> None:
        """Tell it to whom we speak, so that it lets us use keys that are for this host alone (ssh-add -h).
        Not every agent can be told.
        """
        words = b"session-bind@openssh.com", host_key, session, signature
        request = bytes([_EXTENSION]) + b"".join(map(string, words)) + b"\0"  # not forwarded
        self._answer(request, _LIST_TIMEOUT_S)

    def keys(self) -> list[AgentKey]:
        """What it holds, in its own order; nothing while it is locked."""
        answer = self._ask(bytes([_LIST]), _LISTED, "does not tell its keys", _LIST_TIMEOUT_S)
        try:
            number = answer.number()
            if number > _MOST_KEYS:
                raise ValueError("too many keys")
            return [AgentKey(answer.string(), answer.text()) for _ in range(number)]
        except ValueError:
            raise AgentError(f"what listens at {self.path} is no ssh-agent: it answers nonsense") from None

    def sign(self, blob: bytes, data: bytes, algorithm: str) -> bytes:
        """The signature with the key ``blob``, in whatever form its type has."""
        flags = _SHA2_512 if "sha2-512" in algorithm else _SHA2_256 if "rsa-sha2-256" in algorithm else 0
        request = bytes([_SIGN]) + string(blob) + string(data) + flags.to_bytes(4, "big")
        refusal = "refuses to sign (it is locked, or a confirmation or a touch was denied)"
        answer = self._ask(request, _SIGNED, refusal, _SIGN_TIMEOUT_S)
        try:
            return answer.string()
        except ValueError:
            raise AgentError(f"the agent at {self.path} gives no whole signature") from None

    def _ask(self, request: bytes, expected: int, refusal: str, timeout: float) -> Reader:
        answer = self._answer(request, timeout)
        if answer.byte() != expected:
            raise AgentError(f"the agent at {self.path} {refusal}")
        return answer

    def _answer(self, request: bytes, timeout: float) -> Reader:
        deadline = time.monotonic() + timeout
        try:
            self._socket.settimeout(timeout)
            self._socket.sendall(string(request))
            length = int.from_bytes(self._receive(4, deadline), "big")
            if not 0 < length <= _LONGEST:
                raise AgentError(f"what listens at {self.path} is no ssh-agent: it answers nonsense")
            return Reader(self._receive(length, deadline))
        except TimeoutError:
            self.close()  # an answer that comes later would be taken for the next one's
            fault = AgentError(f"the agent at {self.path} does not answer (waited {timeout:g} s)")
            fault.hung = True
            raise fault from None
        except OSError:
            raise AgentError(f"the agent at {self.path} hung up") from None

    def _receive(self, length: int, deadline: float) -> bytes:
        received = b""
        told = False
        while len(received) < length:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left if told else min(left, _WORTH_TELLING_S))
            try:
                chunk = self._socket.recv(length - len(received))
            except TimeoutError:
                if told:
                    raise
                told = True
                self._tell("ssh-agent has not answered yet (it may want a touch or a confirmation)")
                continue
            if not chunk:
                raise ConnectionError
            received += chunk
        return received
