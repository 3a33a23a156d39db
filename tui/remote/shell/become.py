"""The ways in which a shell on a node becomes root's: one class for each ``become`` of the cluster file."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Protocol, assert_never

from tui.remote.shell.doas import Doas
from tui.remote.shell.scripts import BOOTSTRAP
from tui.remote.shell.shell import Shell
from tui.remote.shell.su import Su
from tui.remote.shell.sudo import Sudo
from tui.remote.ssh.auth.secrets import SecretStore

if TYPE_CHECKING:
    from tui.model.clusterfile import Become

ROOT_COMMAND = f"exec /bin/sh -c {shlex.quote(BOOTSTRAP)}"


class RootAccess(Protocol):
    """One use of a way to become root: made anew for each shell."""

    @property
    def command(self) -> str:
        """What sshd is asked to run; it must come down to ``BOOTSTRAP``, run by root."""

    def become(self, shell: Shell, timeout: float) -> None:
        """Wait until the shell on the node is root's; raises RemoteError."""


def root_access(become: Become, secrets: SecretStore) -> RootAccess:
    """The way that the cluster file names."""
    match become:
        case "none":
            return LoggedInAsRoot()
        case "sudo":
            return Sudo(secrets)
        case "doas":
            return Doas(secrets)
        case "su":
            return Su(secrets)
        case _ as never:
            assert_never(never)


class LoggedInAsRoot:
    """Nothing to do: the login is root's own. Whether it is shows when the shell says its user number."""

    command = ROOT_COMMAND

    def become(self, shell: Shell, timeout: float) -> None:
        """The shell is ready as it is."""
