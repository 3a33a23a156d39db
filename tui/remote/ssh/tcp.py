"""TCP connections: from where, to which of several addresses, how often, and what notices a dead peer."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from time import sleep

from tui.remote.ssh.endpoint import DialPolicy

_FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
_PAUSE_S = 1.0


class BindError(OSError):
    """There is no such address on this machine; ``str()`` names the keyword."""


class DialError(Exception):
    """No address took a connection; what the last one did is ``__cause__``."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def dial(host: str, port: int, policy: DialPolicy, timeout: float) -> socket.socket:
    """A connection to the first address of ``host`` that takes one, ``timeout`` seconds for each.

    Raises DialError from the last OSError when none did, and OSError where no address is known.
    """
    family = _FAMILIES[policy.family]
    addresses = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    failure: tuple[str, OSError] | None = None
    for attempt in range(policy.attempts):
        if attempt:
            sleep(_PAUSE_S)
        for kind, _, _, _, address in addresses:
            sock = None
            try:
                sock = socket.socket(kind, socket.SOCK_STREAM)
                sock.settimeout(timeout)
                _bind(sock, policy, kind)
                sock.connect(address)
            except OSError as error:
                if sock is not None:
                    sock.close()
                if failure is None or not isinstance(error, BindError):  # which says less of the node
                    failure = str(address[0]), error
            else:
                return sock
    if failure is None:
        raise OSError("no address")
    raise DialError(failure[0]) from failure[1]


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
            sock.bind(_address_of(interface, family))
    except OSError as error:
        raise BindError(f"{said}: {error.strerror or error}") from error


def _address_of(interface: str, family: int) -> tuple[object, ...]:
    """As ssh(1), one that is neither of the link nor of this machine alone, if there is one."""
    found = [address for name, address in local_addresses(family) if name == interface]
    if not found:
        raise OSError("it is not there, is down, or has no address of that kind")
    return next((address for address in found if not _narrow(str(address[0]))), found[0])


def _narrow(address: str) -> bool:
    return address in ("127.0.0.1", "::1") or ip_address(address).is_link_local


class _Interface(ctypes.Structure):
    """`struct ifaddrs` of getifaddrs(3), which Python does not offer."""


_Interface._fields_ = [
    ("next", ctypes.POINTER(_Interface)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
    ("netmask", ctypes.c_void_p),
    ("other", ctypes.c_void_p),
    ("data", ctypes.c_void_p),
]
_IFF_UP = 1


def local_addresses(family: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Every interface that is up, with each address of that family; an interface may come more than once."""
    libc = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(_Interface)()
    if libc.getifaddrs(ctypes.byref(first)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        here = first
        while here:
            one = here.contents
            if one.address and one.flags & _IFF_UP:
                raw = ctypes.string_at(one.address, 28)
                # BSD begins with a length of one byte
                kind = raw[1] if sys.platform.startswith(("darwin", "freebsd")) else raw[0] | raw[1] << 8
                if kind == family == socket.AF_INET:
                    yield one.name.decode(), (socket.inet_ntoa(raw[4:8]), 0)
                elif kind == family == socket.AF_INET6:
                    scope = int.from_bytes(raw[24:28], sys.byteorder)
                    yield one.name.decode(), (socket.inet_ntop(family, raw[8:24]), 0, 0, scope)
            here = one.next
    finally:
        libc.freeifaddrs(first)
