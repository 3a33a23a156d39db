"""Where a node is and how it wants to be spoken to: the facts ssh_config gives, resolved."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tui.remote.errors import RemoteError

# A host name can never be taken for an option ("-oProxyCommand=...") nor hold a shell word.
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_.:%\[\]-]{1,253}")
_USER_NAME = re.compile(r"(?!-)[A-Za-z0-9_.@\\+-]{1,64}")


StrictChecking = Literal["yes", "accept-new", "ask", "no"]


@dataclass(frozen=True)
class LoginPolicy:
    """What ssh_config allows of a login.

    ``methods`` in the order they are tried. ``prompts``: how often a wrong password or answer may be
    followed by another. ``batch``: no person is asked anything. ``key_algorithms`` are those a key may sign
    with, None for all, ``rsa_bits`` the least of an RSA key. ``devices`` is what the server is to ask with,
    "" for its own choice. ``barred``: each way in that ssh_config bars, or that only ssh can go, and why.
    """

    methods: tuple[str, ...] = ("publickey", "keyboard-interactive", "password")
    prompts: int = 3
    batch: bool = False
    key_algorithms: tuple[str, ...] | None = None
    rsa_bits: int = 1024
    devices: str = ""
    barred: tuple[tuple[str, str], ...] = ()

    def missed(self, accepted: Collection[str]) -> tuple[str, ...]:
        """Why each way in was not gone that a node accepts beside those that were."""
        return tuple(why for way, why in self.barred if way in accepted)


@dataclass(frozen=True)
class HostKeyPolicy:
    """What ssh_config says of host keys, of one that known_hosts does not list yet above all.

    ``strict`` is StrictHostKeyChecking; ``hashed`` whether names are written hashed (HashKnownHosts).
    ``own_files`` are the user's own known_hosts files: a new key is written to the first. ``command`` is a
    program that prints more lines, and its words. ``revoked`` are files of keys that are never taken,
    ``ca_algorithms`` what a certificate may be signed with (None for all that is safe), ``rsa_bits`` the
    least of an RSA key. ``check_address``: the address of a name may have no other key. ``unheeded``: what
    would have ssh take a key that nobody vouches for.
    """

    strict: StrictChecking = "ask"
    hashed: bool = False
    own_files: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    ca_algorithms: tuple[str, ...] | None = None
    rsa_bits: int = 1024
    check_address: bool = False
    unheeded: tuple[str, ...] = ()


@dataclass(frozen=True)
class WirePolicy:
    """What ssh_config lets be agreed on with a server, the best first; None for whatever is safe.

    ``host_keys_in_order``: whether that order counts more than what known_hosts has. Where ``macs`` is empty,
    only ciphers that need none are left. ``rekey_bytes`` and ``rekey_seconds``: when keys are exchanged anew,
    0 for the usual.
    """

    kex: tuple[str, ...] | None = None
    host_keys: tuple[str, ...] | None = None
    host_keys_in_order: bool = False
    ciphers: tuple[str, ...] | None = None
    macs: tuple[str, ...] | None = None
    rekey_bytes: int = 0
    rekey_seconds: int = 0


@dataclass(frozen=True)
class DialPolicy:
    """From where and how ssh_config wants a node to be dialled; ``probes`` is TCPKeepAlive."""

    family: Literal["any", "inet", "inet6"] = "any"
    bind_address: str = ""
    bind_interface: str = ""
    attempts: int = 1
    probes: bool = True


@dataclass(frozen=True)
class Endpoint:
    """One node, or one jump host on the way to it.

    ``node`` is the name in the cluster file, ``host`` what is dialled. ``proxy_jump`` lists the jump
    hosts from the nearest to the farthest. ``proxy_passes_socket``: the ProxyCommand hands over a connection
    instead of being one. ``connect_timeout`` is in seconds, None for the default. ``jump_name`` is what
    ssh_config calls this jump host; empty for the node itself.
    """

    node: str
    host: str
    port: int = 22
    user: str = "root"
    host_key_alias: str | None = None
    identity_files: tuple[str, ...] = ()
    certificate_files: tuple[str, ...] = ()
    identities_only: bool = False
    identity_agent: str | None = None
    known_hosts: tuple[str, ...] = ()
    proxy_jump: tuple[Endpoint, ...] = ()
    proxy_command: str | None = None
    proxy_passes_socket: bool = False
    connect_timeout: float | None = None
    jump_name: str = ""
    login: LoginPolicy = LoginPolicy()
    host_keys: HostKeyPolicy = HostKeyPolicy()
    wire: WirePolicy = WirePolicy()
    dial: DialPolicy = DialPolicy()

    @property
    def key_name(self) -> str:
        """The name known_hosts has for this endpoint's host key."""
        return self.host_key_alias or self.host

    @property
    def key_port(self) -> int:
        """The port that goes with ``key_name``: an alias stands for the host whatever the port."""
        return 22 if self.host_key_alias else self.port

    @property
    def address(self) -> str:
        """``host`` or ``host:port``, for sentences."""
        return self.host if self.port == 22 else f"{self.host}:{self.port}"

    @property
    def where(self) -> str:
        """The beginning of a sentence: the node, and its jump host if it is about that."""
        if not self.jump_name:
            return f"{self.node} ({self.address})"
        return f"{self.node}: its jump host {self.jump_host}"

    @property
    def jump_host(self) -> str:
        """``gw (10.0.0.1:22)`` of a jump host, "" of a node."""
        known = "" if self.jump_name == self.host else self.jump_name
        return f"{known} ({self.address})" if known else self.address if self.jump_name else ""


def checked_host(node: str, host: str) -> str:
    """``host`` if it can be a host name or address; RemoteError otherwise."""
    return _checked(node, host, _HOST_NAME, "host name")


def checked_user(node: str, user: str) -> str:
    """``user`` if it can be a login name; RemoteError otherwise."""
    return _checked(node, user, _USER_NAME, "login name")


def _checked(node: str, word: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(word):
        sentence = f"{node}: {word!r} is not a {what}; correct it in the cluster file."
        raise RemoteError("config", node, sentence)
    return word


def checked_port(node: str, port: int) -> int:
    """``port`` if it is one; RemoteError otherwise."""
    if not 0 < port < 65536:
        raise RemoteError("config", node, f"{node}: {port} is not a port; use a number from 1 to 65535.")
    return port
