"""Exceptions of sockets and paramiko, told as RemoteErrors."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING

from tui.remote.errors import RemoteError
from tui.remote.ssh.endpoint import Endpoint

if TYPE_CHECKING:
    from tui.remote.ssh.transport import NodeTransport


def connection_errors() -> tuple[type[Exception], ...]:
    """What paramiko raises on a connection that breaks, or on one whose other end speaks nonsense.

    It parses what a peer sends without checks of its own, so the parser's errors are the peer's.
    """
    import paramiko  # noqa: PLC0415  # loaded already when a connection can fail
    from cryptography import exceptions as crypto  # noqa: PLC0415  # loaded with it

    broken = (paramiko.SSHException, EOFError, OSError)
    nonsense = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error)
    forged = (crypto.InvalidSignature, crypto.InvalidTag, crypto.InvalidKey, crypto.UnsupportedAlgorithm)
    return (*broken, *nonsense, *forged)


def dial_failure(endpoint: Endpoint, error: Exception) -> RemoteError:
    """Why no TCP connection came about."""
    node, where = endpoint.node, f"{endpoint.node} ({endpoint.address})"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        sentence = f"{node}: no address is known for {endpoint.host!r}; check the name, DNS or /etc/hosts."
        return RemoteError("unknown-host", node, sentence)
    if isinstance(error, TimeoutError):
        sentence = f"{where} does not answer: it is down, or a firewall drops the connection."
        return RemoteError("timeout", node, sentence)
    if isinstance(error, ConnectionRefusedError):
        return RemoteError(
            "refused", node, f"{where} refuses the connection: it is up, but its sshd does not run."
        )
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return RemoteError(
            "unreachable", node, f"{where} cannot be reached: no route, or it does not answer ARP."
        )
    return RemoteError("unreachable", node, f"{where} cannot be reached: {error}.")


def handshake_failure(endpoint: Endpoint, transport: NodeTransport, error: Exception | None) -> RemoteError:
    """Why the server did not agree to speak with us."""
    import paramiko  # noqa: PLC0415  # loaded already when a handshake can fail

    node, where = endpoint.node, f"{endpoint.node} ({endpoint.address})"
    text = str(error or "")
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        for what, word in (
            ("key exchange", "kex"),
            ("host key", "host key"),
            ("cipher", "cipher"),
            ("MAC", "mac"),
        ):
            if word in text and transport.peer_offer:
                offer = ", ".join(transport.peer_offer[what])
                sentence = (
                    f"{where} offers only {offer} for its {what}, none of which is safe to use; "
                    "update its OpenSSH (7.2 or newer) or correct its sshd_config."
                )
                return RemoteError("incompatible", node, sentence)
        return RemoteError("incompatible", node, f"{where} speaks another protocol: {text}.")
    if transport.proxy is not None and not transport.remote_version:
        words = transport.proxy.last_words()
        sentence = f"{where}: its ProxyCommand made no connection ({words}); check ssh_config."
        return RemoteError("proxy", node, sentence)
    if not transport.remote_version or "protocol version" in text:
        sentence = (
            f"{where} took the connection but no SSH server answers: it is overloaded, starting, or not sshd."
        )
        return RemoteError("no-banner", node, sentence)
    if error is None or isinstance(error, EOFError):
        return RemoteError("lost", node, f"{where} broke off while the connection was being set up.")
    return RemoteError("lost", node, f"{where}: the connection could not be set up: {text}.")


def lost(endpoint: Endpoint, error: BaseException | None) -> RemoteError:
    """The connection ended while it was in use."""
    detail = "" if error is None or not str(error) or isinstance(error, EOFError) else f" ({error})"
    return RemoteError("lost", endpoint.node, f"{endpoint.node}: the connection was lost{detail}.")


def _no_further(node: str, text: str) -> str:
    return (
        f"{node} allows no further session on one connection ({text}); raise MaxSessions in its sshd_config "
        "to at least 4."
    )


def session_limit(refused: RemoteError) -> RemoteError:
    """A refused session when no other is in use that could end: waiting changes nothing."""
    return RemoteError("session-limit", refused.node, refused.sentence)


def channel_failure(endpoint: Endpoint, active: bool, error: Exception) -> RemoteError:
    """Why a command could not be started on a connection that stood."""
    import paramiko  # noqa: PLC0415  # loaded already

    if isinstance(error, paramiko.ChannelException):
        return RemoteError("too-many-sessions", endpoint.node, _no_further(endpoint.node, error.text))
    if active and ("Timeout" in str(error) or isinstance(error, TimeoutError)):
        sentence = f"{endpoint.node}: sshd did not start a command in time; the node hangs or is overloaded."
        return RemoteError("timeout", endpoint.node, sentence)
    return lost(endpoint, error)
