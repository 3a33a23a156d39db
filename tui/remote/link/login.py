"""One login on one node: the transport, the status channel on it, and shells for whoever needs one."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.remote.errors import RemoteError
from tui.remote.link.status_channel import StatusChannel
from tui.remote.options import Options
from tui.remote.shell.become import root_access
from tui.remote.shell.shell import Shell
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import session_limit

if TYPE_CHECKING:
    from tui.remote.ssh.connect import Connector
    from tui.remote.ssh.transport import NodeTransport


@dataclass(frozen=True)
class Access:
    """What every login of a cluster shares. ``connector`` is called late: it loads paramiko."""

    options: Options
    secrets: SecretStore
    connector: Callable[[], Connector]


class Login:
    """Made by ``log_in``; its boot id never changes, a changed one ends it."""

    def __init__(self, endpoint: Endpoint, access: Access, transport: NodeTransport) -> None:
        self.endpoint = endpoint
        self._access = access
        self._transport = transport
        self._shells: weakref.WeakSet[Shell] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._used = False

    @property
    def alive(self) -> bool:
        """False once the connection is known to be gone."""
        return self._transport.is_active()

    @property
    def host_key(self) -> str:
        """Type and fingerprint of the host's key."""
        return self._transport.proven_key

    def shell(self) -> Shell:
        """A root shell on a channel of its own; raises RemoteError."""
        options = self._access.options
        root = root_access(options.become, self._access.secrets)
        timeout = options.channel_timeout if self._used else options.login_timeout
        shell = Shell(self.endpoint, self._transport, root.command, timeout)
        try:
            root.become(shell, options.login_timeout)
        except BaseException:
            shell.close()
            raise
        with self._lock:
            self._used = True
            self._shells.add(shell)
        return shell

    @property
    def idle(self) -> bool:
        """Nothing but the status channel is open: a session that is refused now is refused for good."""
        with self._lock:
            return sum(1 for shell in self._shells if not shell.channel.closed) <= 1

    def close(self) -> None:
        """Drop the connection; every shell on it ends."""
        self._access.connector().release(self._transport)


def log_in(endpoint: Endpoint, access: Access) -> Login:
    """A fresh login; raises RemoteError. Blocks for up to the connect, handshake and login times."""
    return Login(endpoint, access, access.connector().connect(endpoint))


def log_in_as_root(endpoint: Endpoint, access: Access) -> tuple[Login, StatusChannel]:
    """A fresh login with its status channel answering, as root; raises RemoteError."""
    login = log_in(endpoint, access)
    try:
        status = StatusChannel(endpoint, login.shell())
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
