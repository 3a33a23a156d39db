"""One login on one node: the transport, the status channel on it, and shells for whoever needs one."""

from __future__ import annotations

import contextlib
import random
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from tui.remote.errors import RemoteError
from tui.remote.link.status_channel import StatusChannel
from tui.remote.options import Options
from tui.remote.shell.become import root_access
from tui.remote.shell.shell import Shell
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import channel_failure, connection_errors, session_limit
from tui.remote.ssh.identity import Identity, refuse_others

if TYPE_CHECKING:
    from paramiko import Channel

    from tui.remote.ssh.connect import Connector
    from tui.remote.ssh.transport import NodeTransport

T = TypeVar("T")

_SESSION_END_TIMEOUT_S = 0.5  # what sshd may take to let go of a session that has ended here


def _nobody(_: str) -> None:
    """Hears nothing."""


@dataclass(frozen=True)
class Access:
    """What every login of a cluster shares. ``connector`` is called late: it loads paramiko."""

    options: Options
    secrets: SecretStore
    connector: Callable[[], Connector]

    @cached_property
    def root_passwords(self) -> Passwords:
        """What is known of the passwords with which one becomes root."""
        return Passwords(self.secrets)


class Login:
    """Made by ``log_in``; its boot id never changes, a changed one ends it."""

    def __init__(self, endpoint: Endpoint, access: Access, transport: NodeTransport) -> None:
        self.endpoint = endpoint
        self._access = access
        self._transport = transport
        self._shells: weakref.WeakSet[Shell] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._used = False
        self._most: tuple[int, RemoteError] | None = None
        """The sessions that were open when the server gave no more, and what it said."""

    @property
    def alive(self) -> bool:
        """False once the connection is known to be gone."""
        return self._transport.is_active()

    @property
    def machines(self) -> tuple[str, ...]:
        """Every name of the cluster file."""
        return self._access.options.machines

    @property
    def host_key(self) -> str:
        """Type and fingerprint of the host's key."""
        return self._transport.proven_key

    @property
    def sessions(self) -> int:
        """How many are open, the status channel's among them."""
        with self._lock:
            return sum(1 for shell in self._shells if not shell.channel.closed)

    def shell(self, tell: Callable[[str], None] = _nobody) -> Shell:
        """A root shell on a channel of its own; raises RemoteError, "too-many-sessions" for a login that has
        given all that its server gives one connection.
        """
        options = self._access.options
        root = root_access(options.become, self._access.root_passwords)
        root.begin(self.endpoint)
        shell = self._session(root.command)
        try:
            root.become(shell, options.login_timeout, tell)
        except BaseException:
            shell.close()
            raise
        return shell

    def _session(self, command: str) -> Shell:
        options = self._access.options
        timeout = options.channel_timeout if self._used else options.login_timeout
        if self._most is not None and self.sessions >= self._most[0]:
            raise RemoteError(*self._most[1].args)
        try:
            shell = _soon(lambda: Shell(self.endpoint, self._transport, command, timeout))
        except RemoteError as error:
            if error.kind == "too-many-sessions":
                self._most = (self.sessions, error)
            if error.kind == "lost" and not self._used:
                raise _turned_out(self.endpoint, error) from error
            raise
        with self._lock:
            self._used = True
            self._shells.add(shell)
        return shell

    def room(self, wanted: int) -> int:
        """How many sessions more, up to ``wanted``, the server gives now; none of them is used."""
        with contextlib.ExitStack() as opened:
            for found in range(wanted):
                try:
                    opened.callback(_soon(self._bare_session).close)
                except RemoteError as error:
                    if error.kind != "too-many-sessions":
                        raise
                    return found
        return wanted

    def _bare_session(self) -> Channel:
        try:
            return self._transport.open_session(timeout=self._access.options.channel_timeout)
        except connection_errors() as error:
            raise channel_failure(self.endpoint, self._transport, error) from error

    def close(self) -> None:
        """Drop the connection; every shell on it ends."""
        self._access.connector().release(self._transport)


def _turned_out(endpoint: Endpoint, error: RemoteError) -> RemoteError:
    """The connection ended before the first command: as a rule, sshd let the user in for something else."""
    sentence = (
        f"{error.sentence.removesuffix('.')} right after the login, before any command: it is shutting down, "
        f"or {endpoint.user} may not run one (PermitRootLogin forced-commands-only in its sshd_config)."
    )
    return RemoteError("lost", endpoint.node, sentence)


def identified(login: Login, status: StatusChannel, bound: Identity | None) -> Identity:
    """Who answers, before anybody may ask it for anything. Raises RemoteError for another machine."""
    seen = replace(status.identity, host_key=login.host_key)
    try:
        refuse_others(login.endpoint.node, login.machines, seen, bound)
    except RemoteError:
        login.close()
        raise
    return seen


def _soon(open_session: Callable[[], T]) -> T:
    """One that is refused may be free in a moment: sshd takes a while to let go of one that has ended."""
    give_up = time.monotonic() + _SESSION_END_TIMEOUT_S
    while True:
        try:
            return open_session()
        except RemoteError as error:
            if error.kind != "too-many-sessions" or time.monotonic() > give_up:
                raise
            time.sleep(_SESSION_END_TIMEOUT_S / 10)


def log_in(endpoint: Endpoint, access: Access, tell: Callable[[str], None] = _nobody) -> Login:
    """A fresh login; raises RemoteError. Blocks for up to the connect, handshake and login times, and while
    a person is asked. ``tell`` hears what it waits for.
    """
    return Login(endpoint, access, access.connector().connect(endpoint, tell))


def log_in_besides(endpoint: Endpoint, access: Access) -> Login:
    """A login besides one that stands: a server that drops connections just now is asked again."""
    for pause in (0.5, 1.0, 2.0):
        try:
            return log_in(endpoint, access)
        except RemoteError as error:
            if error.kind != "no-banner":
                raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # only spreads the load
    return log_in(endpoint, access)


def log_in_as_root(
    endpoint: Endpoint, access: Access, tell: Callable[[str], None] = _nobody
) -> tuple[Login, StatusChannel]:
    """A fresh login with its status channel answering, as root; raises RemoteError."""
    login = log_in(endpoint, access, tell)
    try:
        status = StatusChannel(endpoint, login.shell(tell))
        uid = status.begin(access.options.login_timeout)
        if uid != "0" and access.options.require_root:
            sentence = (
                f"{endpoint.node}: logged in as {endpoint.user}, who is not root there; "
                'set user = "root", or become = "sudo", "doas" or "su", under [ssh].'
            )
            raise RemoteError("no-root", endpoint.node, sentence)
    except BaseException as error:
        login.close()
        if isinstance(error, RemoteError) and error.kind == "too-many-sessions":
            raise session_limit(error) from error  # refused on a fresh login: it has no session to give
        raise
    return login, status
