"""Exceptions of sockets and paramiko, told as RemoteErrors."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING

from tui.remote.errors import RemoteError
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.tcp import BindError, DialError
from tui.text.sanitize import sanitize_line

if TYPE_CHECKING:
    import paramiko


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


def proxy_failure(endpoint: Endpoint, words: str) -> RemoteError:
    """A ProxyCommand that led nowhere; ``words`` are what it said."""
    sentence = f"{endpoint.where}: its ProxyCommand made no connection ({words}); check ssh_config."
    return RemoteError("proxy", endpoint.node, sentence)


def dial_failure(endpoint: Endpoint, error: Exception) -> RemoteError:
    """Why no TCP connection came about."""
    node, where = endpoint.node, endpoint.where
    if isinstance(error, DialError) and isinstance(error.__cause__, Exception):
        where = where if error.address == endpoint.host else f"{where} at {error.address}"
        error = error.__cause__
    if isinstance(error, BindError):
        sentence = f"{where} cannot be dialled as ssh_config wants ({error}); correct it, or bring that up."
        return RemoteError("unreachable", node, sentence)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        family = endpoint.dial.family
        if family != "any":
            sentence = (
                f"{node}: no address of AddressFamily {family} (ssh_config) is known for {endpoint.host!r}; "
                "check the name, DNS or /etc/hosts, or allow the other family."
            )
            return RemoteError("unknown-host", node, sentence)
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


def no_version(endpoint: Endpoint, said: str) -> RemoteError:
    """Somebody took the connection, and is no SSH server, or none that speaks with us now."""
    node, where = endpoint.node, endpoint.where
    words = f' ("{sanitize_line(said, 200)}")' if said else ""
    if "MaxStartups" in said:
        why = f"drops connections{words}: too many log in at once; raise MaxStartups in its sshd_config"
    elif "Not allowed at this time" in said:
        why = f"shuts this machine out for a while{words}, after failed logins: its PerSourcePenalties"
    else:
        why = (
            f"took the connection but no SSH server answers{words}: it is overloaded (MaxStartups), "
            "starting, or not sshd"
        )
    return RemoteError("no-banner", node, f"{where} {why}.")


def lost(endpoint: Endpoint, error: BaseException | None) -> RemoteError:
    """The connection ended while it was in use."""
    detail = "" if error is None or not str(error) or isinstance(error, EOFError) else f" ({error})"
    return RemoteError("lost", endpoint.node, f"{endpoint.node}: the connection was lost{detail}.")


def session_limit(refused: RemoteError) -> RemoteError:
    """A refused session when no other is in use that could end: waiting changes nothing."""
    return RemoteError("session-limit", refused.node, refused.sentence)


def channel_failure(endpoint: Endpoint, transport: paramiko.Transport, error: Exception) -> RemoteError:
    """Why a command could not be started on a connection that stood."""
    import paramiko  # noqa: PLC0415  # loaded already

    if isinstance(error, paramiko.ChannelException):
        sentence = (
            f"{endpoint.node} allows no further session on one connection ({error.text}); "
            "raise MaxSessions in its sshd_config to at least 4."
        )
        return RemoteError("too-many-sessions", endpoint.node, sentence)
    transport.join(0.2)  # paramiko closes the channels of a lost connection before it says that it is lost
    active = transport.is_active()
    if active and "Channel closed" in str(error):
        sentence = (
            f"{endpoint.node}: its server starts no command for {endpoint.user}: it allows none, or can make "
            "no process; look at its log, and at the limits of the account (nproc)."
        )
        return RemoteError("refused", endpoint.node, sentence)
    if active and ("Timeout" in str(error) or isinstance(error, TimeoutError)):
        sentence = f"{endpoint.node}: sshd did not start a command in time; the node hangs or is overloaded."
        return RemoteError("timeout", endpoint.node, sentence)
    return lost(endpoint, error)
