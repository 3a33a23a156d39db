"""The ways in which a shell on a node becomes root's: one class for each ``become`` of the cluster file."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, assert_never

from tui.remote.shell.doas import Doas
from tui.remote.shell.scripts import BOOTSTRAP
from tui.remote.shell.shell import Shell
from tui.remote.shell.su import Su
from tui.remote.shell.sudo import Sudo
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint

if TYPE_CHECKING:
    from tui.model.clusterfile import Become

ROOT_COMMAND = f"exec /bin/sh -c {shlex.quote(BOOTSTRAP)}"


class RootAccess(Protocol):
    """One use of a way to become root: made anew for each shell."""

    @property
    def command(self) -> str:
        """What sshd is asked to run; it must come down to ``BOOTSTRAP``, run by root."""

    def begin(self, endpoint: Endpoint) -> None:
        """Before the command is run; raises RemoteError where it would lead nowhere."""

    def become(self, shell: Shell, timeout: float, tell: Callable[[str], None]) -> None:
        """Wait until the shell is root's; raises RemoteError. ``tell`` hears what for."""


def root_access(become: Become, book: Passwords) -> RootAccess:
    """The way that the cluster file names."""
    match become:
        case "none":
            return LoggedInAsRoot()
        case "sudo":
            return Sudo(book)
        case "doas":
            return Doas(book)
        case "su":
            return Su(book)
        case _ as never:
            assert_never(never)


class LoggedInAsRoot:
    """Nothing to do: the login is root's own. Whether it is shows when the shell says its user number."""

    command = ROOT_COMMAND

    def begin(self, endpoint: Endpoint) -> None:
        """Nothing stands against it."""

    def become(self, shell: Shell, timeout: float, tell: Callable[[str], None]) -> None:
        """The shell is ready as it is."""
