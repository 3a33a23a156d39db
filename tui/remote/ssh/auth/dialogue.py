"""The messages of a login (RFC 4252, 4256), one request after the other, on the thread that logs in.

Stands where paramiko has its own handler, which cannot ask whether a key would do before it is used, says
nothing of what is still accepted after a failure, and lets a person type on the thread that reads from the
node, so that nobody notices when that has hung up.
"""

from __future__ import annotations

import queue
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import paramiko

from tui.remote.ssh.auth.wire import Reader, string
from tui.remote.ssh.transport import NodeTransport

_SERVICE_REQUEST, _SERVICE_ACCEPT = 5, 6
_REQUEST, _FAILURE, _SUCCESS, _BANNER, _QUESTION, _ANSWER = 50, 51, 52, 53, 60, 61
_SERVICE = b"ssh-connection"
_LOOK_EVERY_S = 0.5
# Longer than any login that is only a matter of keys and networks.
_WORTH_TELLING_S = 5.0


class HungUpError(Exception):
    """The node ended the connection; the text is what it gave as its reason, which may be nothing."""


class NoAnswerError(Exception):
    """The node has not answered in time, though the connection stands."""


@dataclass(frozen=True)
class Verdict:
    """What the node says to a proof. ``partial``: it was right, and one of ``methods`` is wanted besides."""

    accepted: bool = False
    partial: bool = False
    methods: tuple[str, ...] = ()


class Dialogue:
    """A login of ``user`` over ``transport``, one request at a time.

    ``patience`` is how long the node may take for an answer, in seconds; ``tell`` hears when it takes long.
    All methods raise HungUpError and NoAnswerError, and ValueError for an answer that is none.
    """

    def __init__(
        self, transport: NodeTransport, user: str, patience: float, tell: Callable[[str], None]
    ) -> None:
        self.user = user
        self._transport = cast(Any, transport)  # its senders are not in the type stubs
        self._patience = patience
        self._tell = tell
        self._answers: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        self._authenticated = False
        self.banner: bytes | None = None
        self._transport.auth_handler = self
        self._send(_SERVICE_REQUEST, string(b"ssh-userauth"))
        self._expect(_SERVICE_ACCEPT)

    # -- what the login asks for -----------------------------------------------------------------------

    def prove(self, method: str, rest: bytes = b"") -> Verdict | Reader:
        """Offer a proof; gives the verdict, or the question (message 60) that the node has first."""
        self._send(_REQUEST, self.begin(method) + rest)
        return self._verdict()

    def reply(self, answers: Sequence[bytes]) -> Verdict | Reader:
        """Answer the node's questions."""
        self._send(_ANSWER, struct.pack(">I", len(answers)) + b"".join(map(string, answers)))
        return self._verdict()

    def begin(self, method: str) -> bytes:
        """What every request of that method begins with."""
        return string(self.user.encode()) + string(_SERVICE) + string(method.encode())

    def to_sign(self, request: bytes) -> bytes:
        """What a key has to sign so that ``request`` is good on this connection alone."""
        return string(self._transport.session_id) + bytes([_REQUEST]) + request

    @property
    def signature_algorithms(self) -> frozenset[str] | None:
        """What the node takes, if it has said so."""
        told = self._transport.server_extensions.get("server-sig-algs")
        return frozenset(told.decode("ascii", "replace").split(",")) if told else None

    @property
    def binding(self) -> tuple[bytes, bytes, bytes] | None:
        """What proves to whom this connection leads: the host's key, the session, its signature over that."""
        return cast("tuple[bytes, bytes, bytes] | None", self._transport.binding)

    @property
    def alive(self) -> bool:
        """False once the connection is gone."""
        return bool(self._transport.is_active())

    # -- what paramiko asks of a handler ---------------------------------------------------------------

    @property
    def _handler_table(self) -> dict[int, Callable[[paramiko.Message], None]]:
        return {
            _BANNER: self._take_banner,
            **{kind: self._keeper(kind) for kind in (_SERVICE_ACCEPT, _FAILURE, _QUESTION)},
            _SUCCESS: self._succeed,
        }

    def is_authenticated(self) -> bool:
        """Whether the node has let us in."""
        return self._authenticated

    def get_username(self) -> str:
        """Who logs in."""
        return self.user

    def abort(self) -> None:
        """The connection has ended: whoever waits for an answer need not."""
        self._answers.put(None)

    # -- how ---------------------------------------------------------------------------------------------

    def _keeper(self, kind: int) -> Callable[[paramiko.Message], None]:
        return lambda message: self._answers.put((kind, message.get_remainder()))

    def _take_banner(self, message: paramiko.Message) -> None:
        self.banner = message.get_binary()

    def _succeed(self, message: paramiko.Message) -> None:
        # On the thread that reads: what comes next may be compressed, and is for the channels.
        self._authenticated = True
        self._transport._auth_trigger()
        self._answers.put((_SUCCESS, b""))

    def _send(self, kind: int, payload: bytes) -> None:
        message = paramiko.Message()
        message.add_bytes(bytes([kind]) + payload)
        try:
            self._transport._send_user_message(message)
        except (OSError, EOFError, paramiko.SSHException):
            raise HungUpError(self._transport.goodbye) from None

    def _verdict(self) -> Verdict | Reader:
        kind, body = self._next()
        if kind == _SUCCESS:
            return Verdict(accepted=True)
        fields = Reader(body)
        if kind == _QUESTION:
            return fields
        if kind != _FAILURE:
            raise ValueError(f"message {kind} is not an answer to a login")
        methods = tuple(fields.text().split(","))
        return Verdict(partial=bool(fields.byte()), methods=methods)

    def _expect(self, wanted: int) -> None:
        kind, _ = self._next()
        if kind != wanted:
            raise ValueError(f"message {kind} in place of {wanted}")

    def _next(self) -> tuple[int, bytes]:
        begun = time.monotonic()
        told = False
        while True:
            try:
                answer = self._answers.get(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                answer = None
            if answer is not None:
                return answer
            if not self.alive and self._answers.empty():
                raise HungUpError(self._transport.goodbye)
            waited = time.monotonic() - begun
            if waited > self._patience:
                raise NoAnswerError
            if waited > _WORTH_TELLING_S and not told:
                told = True
                self._tell("it has not judged the login yet (a second factor may be on its way)")
