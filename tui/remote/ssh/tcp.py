"""TCP connections: from where, to which of several addresses, how often, and what notices a dead peer."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
from pathlib import Path
from time import sleep

from tui.remote.ssh.endpoint import DialPolicy

_FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
_PAUSE_S = 1.0
_SIOCGIFFLAGS, _SIOCGIFADDR, _IFF_UP = 0x8913, 0x8915, 1


class BindError(OSError):
    """There is no such address on this machine; ``str()`` names the keyword."""


def dial(host: str, port: int, policy: DialPolicy, timeout: float) -> socket.socket:
    """A connection to the first address of ``host`` that takes one, ``timeout`` seconds for each.

    Raises OSError: the last one, when none did.
    """
    family = _FAMILIES[policy.family]
    addresses = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    failure = OSError("no address")
    for attempt in range(policy.attempts):
        if attempt:
            sleep(_PAUSE_S)
        for kind, _, _, _, address in addresses:
            sock = socket.socket(kind, socket.SOCK_STREAM)
            try:
                sock.settimeout(timeout)
                _bind(sock, policy, kind)
                sock.connect(address)
            except OSError as error:
                sock.close()
                if not (isinstance(error, BindError) and failure.errno):  # it says less of the node
                    failure = error
            else:
                return sock
    raise failure


def tune(sock: socket.socket, keepalive: float, *, probes: bool) -> None:
    """Do not wait to send; notice a dead peer by itself, with ``probes`` also while nothing is sent."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seconds = max(1, round(keepalive))
    limits = {"TCP_USER_TIMEOUT": round(3000 * keepalive)}
    if probes:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        limits |= {"TCP_KEEPIDLE": seconds, "TCP_KEEPINTVL": seconds, "TCP_KEEPCNT": 3}
    for name, value in limits.items():
        if hasattr(socket, name):  # not on every system; the heartbeat works everywhere
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _bind(sock: socket.socket, policy: DialPolicy, family: int) -> None:
    """Dial from BindAddress, or else from an address of BindInterface."""
    address, interface = policy.bind_address, policy.bind_interface
    said = f"BindAddress {address}" if address else f"BindInterface {interface}"
    try:
        if address:
            found = socket.getaddrinfo(address, 0, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            sock.bind(found[0][4])
        elif interface:
            if not sys.platform.startswith("linux"):
                raise OSError("it is only heeded on Linux")
            sock.bind(_address_of(interface, family))
    except OSError as error:
        raise BindError(f"{said}: {error.strerror or error}") from error


def _address_of(interface: str, family: int) -> tuple[object, ...]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("256s", interface.encode()[:15])
        flags: int = struct.unpack_from("h", fcntl.ioctl(sock, _SIOCGIFFLAGS, request), 16)[0]
        if not flags & _IFF_UP:
            raise OSError("it is down")
        if family == socket.AF_INET:
            return socket.inet_ntoa(fcntl.ioctl(sock, _SIOCGIFADDR, request)[20:24]), 0
    # As ssh(1), one that is neither of the link nor of this machine alone, if there is one.
    lines = [line.split() for line in Path("/proc/net/if_inet6").read_text("ascii").splitlines()]
    own = sorted((line[3] != "00", number) for number, line in enumerate(lines) if line[5] == interface)
    if not own:
        raise OSError("it has no IPv6 address")
    address, index, *_ = lines[own[0][1]]
    return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(address)), 0, 0, int(index, 16)
