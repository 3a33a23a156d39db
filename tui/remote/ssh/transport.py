"""paramiko's Transport, made to fit: quick to notice, quick to close, and free of what old servers need.

`paramiko.Transport` rather than `SSHClient`: the latter sets no TCP_NODELAY (an exec takes 47 ms instead of
3.4 ms) and cannot read the markers and patterns of known_hosts. Import this module late: it loads paramiko.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar

import paramiko
from paramiko.common import MSG_CHANNEL_REQUEST
from paramiko.packet import Packetizer

from tui.remote.ssh.algorithms import AEAD, CIPHERS, KEX, MACS, What
from tui.remote.ssh.endpoint import WirePolicy
from tui.remote.ssh.failures import connection_errors
from tui.remote.ssh.proxy import ProxyCommand

# paramiko prints tracebacks of refused handshakes through logging's last resort; they are our RemoteErrors.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_stock: Any = paramiko.Transport  # its tables are not in the type stubs
_LIBSSH_CURVE = "curve25519-sha256@libssh.org"
_NO_KEX = ("kex-strict-", "ext-info-")  # signals that travel in the list of key exchanges
_OF_CHANNELS = 80  # the first message number that is no part of handshake or login
_REPLY_TIMEOUT_S = 15.0
_MOST_LINES = 1024 + 1


class _Packetizer(Packetizer):
    _rekey_every = 0
    _rekey_at = 0.0

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.said: deque[str] = deque(maxlen=3)
        """The last lines before the server's version."""

    def readline(self, timeout: float) -> str:
        """The server's version. As many lines may come before it as ssh allows; paramiko stops earlier, and
        at one that is no text.
        """
        end = time.monotonic() + timeout
        for _ in range(_MOST_LINES):
            try:
                line = str(super().readline(max(0.0, end - time.monotonic())))
            except UnicodeDecodeError:
                continue
            if line.startswith("SSH-"):
                return line
            self.said.append(line)
        raise paramiko.SSHException(f"{_MOST_LINES} lines and no version")

    def limit(self, size: int, seconds: int) -> None:
        """Exchange keys anew after so many bytes one way, and with the first packet after so many seconds."""
        self.REKEY_BYTES = min(size or Packetizer.REKEY_BYTES, Packetizer.REKEY_BYTES)
        self._rekey_every = seconds

    def set_outbound_cipher(self, *words: Any, **more: Any) -> None:
        """Keys were exchanged just now."""
        super().set_outbound_cipher(*words, **more)
        self._rekey_at = time.monotonic() + self._rekey_every

    def need_rekey(self) -> bool:
        """Whether bytes or time are over."""
        if self._rekey_every and self._rekey_at and time.monotonic() >= self._rekey_at:
            self._trigger_rekey()  # type: ignore[attr-defined]  # not in the stubs
        return bool(super().need_rekey())

    def start_handshake(self, timeout: float) -> None:
        """No timer: it is a thread that holds up the end of the program; who connects keeps the time."""


def _heed_exit_signal(channel: paramiko.Channel, message: paramiko.Message) -> None:
    """Note by which signal a command ended, which paramiko passes over; all else is its own business."""
    begin = message.packet.tell()
    if message.get_text() == "exit-signal":
        message.get_boolean()
        channel.exit_signal = message.get_text()  # type: ignore[attr-defined]  # read by exit_signal()
    message.packet.seek(begin)
    stock: Any = channel
    stock._handle_request(message)


def exit_signal(channel: paramiko.Channel) -> str:
    """The name of the signal that ended the command, without SIG; "" if none is known of."""
    return str(getattr(channel, "exit_signal", ""))


class NodeTransport(paramiko.Transport):
    """A client transport that offers exactly what it should and closes at once."""

    # Wake once a second instead of ten times: 1.5 % instead of 8 % of a core at 256 idle nodes.
    _active_check_timeout = 1.0
    _kex_info: ClassVar = {**_stock._kex_info, "curve25519-sha256": _stock._kex_info[_LIBSSH_CURVE]}

    _channel_handler_table: ClassVar = {
        **_stock._channel_handler_table,
        MSG_CHANNEL_REQUEST: _heed_exit_signal,
    }

    def __init__(self, sock: Any, host_key_algorithms: Sequence[str], wire: WirePolicy) -> None:
        super().__init__(sock, packetizer_class=_Packetizer)
        packetizer: Any = self.packetizer
        packetizer.limit(wire.rekey_bytes, wire.rekey_seconds)
        self._host_key_algorithms = tuple(host_key_algorithms)
        self._preferred_ciphers = wire.ciphers or CIPHERS
        self._preferred_macs = wire.macs or MACS
        self._preferred_kex = tuple(name for name in wire.kex or KEX if name in self._kex_info)
        self._answers: list[Any] = []
        self.peer_offer: dict[What, list[str]] = {}
        self.proxy: ProxyCommand | None = None
        self.binding: tuple[bytes, bytes, bytes] | None = None
        """The host's key, the session that it began, and the host's signature over that."""
        self.goodbye = ""
        """The reason that the server gave for ending the connection."""
        self.proven_key = ""
        """Type and fingerprint of the host's key, once known_hosts has vouched for it."""
        # Rekeying stops all senders until it is done; the heartbeat must not hang for paramiko's 30 s.
        self.clear_to_send_timeout = 5.0

    @property
    def said_first(self) -> str:
        """What the server said before its version, or in place of it."""
        packetizer: Any = self.packetizer
        return " ".join(packetizer.said)

    @property
    def preferred_keys(self) -> Sequence[str]:
        """Exactly these, in this order: stock paramiko puts certificates last, where they never win."""
        return self._host_key_algorithms

    def _really_parse_kex_init(self, m: Any, ignore_first_byte: bool = False) -> dict[str, Any]:
        parsed: dict[str, Any] = _stock._really_parse_kex_init(self, m, ignore_first_byte)
        if not ignore_first_byte:  # the peer's, not the copy of our own
            self.peer_offer = {
                "kex": [name for name in parsed["kex_algo_list"] if not name.startswith(_NO_KEX)],
                "host key": list(parsed["server_key_algo_list"]),
                "cipher": list(parsed["server_encrypt_algo_list"]),
                "mac": list(parsed["server_mac_algo_list"]),
            }
            for way in ("client", "server"):
                ciphers = parsed[f"{way}_encrypt_algo_list"]
                if next((name for name in self.preferred_ciphers if name in ciphers), "") in AEAD:
                    # ssh agrees on no MAC then, paramiko wants one all the same; it is not used
                    parsed[f"{way}_mac_algo_list"] = list(self.preferred_macs)
        return parsed

    def _verify_key(self, host_key: bytes, sig: bytes) -> None:
        _stock._verify_key(self, host_key, sig)
        if self.binding is None:  # a later exchange of keys leaves the session what it is
            self.binding = bytes(host_key), bytes(self.H or b""), bytes(sig)

    def _parse_debug(self, m: paramiko.Message) -> None:
        """What a server says of its own work: nobody reads it, and paramiko escapes it letter by letter."""

    def _parse_disconnect(self, m: paramiko.Message) -> None:
        m.get_int()
        self.goodbye = m.get_text()

    def _send_user_message(self, data: Any) -> None:
        if threading.current_thread() is self:
            self._send_message(data)
        else:
            _stock._send_user_message(self, data)

    def _send_message(self, data: Any) -> None:
        """What the reader answers while keys are exchanged is for later: paramiko has it wait for the end of
        the exchange, which nobody but the reader itself can bring about, and the connection is given up.
        """
        reader = threading.current_thread() is self
        if reader and not self.clear_to_send.is_set() and data.asbytes()[0] >= _OF_CHANNELS:
            self._answers.append(data)
        else:
            _stock._send_message(self, data)

    def _parse_newkeys(self, m: Any) -> None:
        _stock._parse_newkeys(self, m)
        answers, self._answers = self._answers, []
        for answer in answers:
            self._send_message(answer)

    def run(self) -> None:
        """Read until the end; saying goodbye may fail when the way there, a jump host, is gone already."""
        with contextlib.suppress(*connection_errors()):  # whatever matters is in saved_exception by then
            super().run()

    def close(self) -> None:
        """Close now: shutdown() wakes the reader and tells the peer, instead of after the next wake-up."""
        gone = (OSError, EOFError, paramiko.SSHException)  # the way there, a jump host, may be gone already
        with contextlib.suppress(*gone):
            self.sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(*gone):
            super().close()
        with contextlib.suppress(*gone):
            self.sock.close()
        if self.proxy is not None:
            self.proxy.close()


class _LimitedEvent(threading.Event):
    """An event whose wait() gives up: paramiko waits for the reply to an exec without a limit."""

    def wait(self, timeout: float | None = None) -> bool:
        if not super().wait(_REPLY_TIMEOUT_S if timeout is None else timeout):
            raise TimeoutError("no reply to the exec request")
        return True


def open_exec_channel(transport: paramiko.Transport, command: str, timeout: float) -> paramiko.Channel:
    """A session channel with ``command`` running on it; raises paramiko's errors, TimeoutError, EOFError."""
    channel = transport.open_session(timeout=timeout)
    try:
        channel.event = _LimitedEvent()
        channel.exec_command(command)
    except BaseException:
        channel.close()
        raise
    return channel
