"""The ways in which a shell on a node becomes root's: one class for each ``become`` of the cluster file."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Protocol, assert_never

from tui.remote.errors import RemoteError
from tui.remote.shell.last_words import last_words, quoting
from tui.remote.shell.scripts import BOOTSTRAP, new_mark
from tui.remote.shell.shell import Shell
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint

if TYPE_CHECKING:
    from tui.model.clusterfile import Become

ROOT_COMMAND = f"exec /bin/sh -c {shlex.quote(BOOTSTRAP)}"

# sudo clears the environment; the one variable that matters goes along as an argument.
_SUDO = 'exec sudo -S -p "$1" -- /bin/sh -c "$2" sh "$ROLLCALL_SYSROOT" "$3"'
_AS_ROOT = 'if [ -n "$1" ]; then export ROLLCALL_SYSROOT="$1"; fi; echo "$2"; ' + BOOTSTRAP


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
        case _ as never:
            assert_never(never)


class LoggedInAsRoot:
    """Nothing to do: the login is root's own. Whether it is shows when the shell says its user number."""

    command = ROOT_COMMAND

    def become(self, shell: Shell, timeout: float) -> None:
        """The shell is ready as it is."""


class Sudo:
    """No PTY, and the password only after sudo's prompt, a word made up for this one use, was seen; the
    script only after the root shell said that it is ready. So where no password is needed none is sent,
    and it can never become a line of the script.
    """

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        # Two words: sudo repeats the command, but not the prompt, when it refuses.
        self._prompt, self._ready = new_mark(), new_mark()
        words = (_SUDO, "sh", self._prompt, _AS_ROOT, self._ready)
        self.command = f"exec /bin/sh -c {shlex.join(words)}"

    def become(self, shell: Shell, timeout: float) -> None:
        """Answer sudo's prompt until the root shell is ready."""
        endpoint = shell.endpoint
        prompt, ready = self._prompt.encode(), f"{self._ready}\n".encode()
        asked = 0
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            ended = shell.outputs.ended
            shell.outputs.pump()
            _, found, rest = bytes(shell.outputs.stdout).partition(ready)
            if found:
                shell.outputs.stdout[:] = rest
                return
            if shell.outputs.stderr.count(prompt) > asked:
                asked += 1
                self._answer(shell, asked)
                deadline = time.monotonic() + timeout
            elif ended:
                words = bytes(shell.outputs.stderr).replace(prompt, b"")
                raise _refused(endpoint, words.strip() or bytes(shell.outputs.stdout), asked > 0)
            shell.wait(0.2)
        said = quoting(bytes(shell.outputs.stderr).replace(prompt, b""), bytes(shell.outputs.stdout))
        sentence = f"{endpoint.node}: sudo gave no root shell within {timeout:g} s{said}."
        raise RemoteError("timeout", endpoint.node, sentence)

    def _answer(self, shell: Shell, asked: int) -> None:
        endpoint = shell.endpoint
        kind = ("sudo", endpoint.user)
        if asked > 1:
            self._secrets.reject(kind)
            raise _wrong(endpoint)
        password = self._secrets.get(kind, f"sudo password of {endpoint.user} on the nodes: ")
        if password is None:
            raise _needed(endpoint)
        shell.send_some(password.encode() + b"\n")


def _wrong(endpoint: Endpoint) -> RemoteError:
    sentence = f"{endpoint.node}: sudo refused the password of {endpoint.user}; check it and connect again."
    return RemoteError("wrong-password", endpoint.node, sentence)


def _needed(endpoint: Endpoint) -> RemoteError:
    sentence = (
        f"{endpoint.node}: sudo wants the password of {endpoint.user} and there is none to give; run where a "
        "person can type it, or allow the user NOPASSWD in sudoers."
    )
    return RemoteError("need-password", endpoint.node, sentence)


def _refused(endpoint: Endpoint, words: bytes, asked: bool) -> RemoteError:
    """sudo's own last words, told apart."""
    node, user = endpoint.node, endpoint.user
    text = " ".join(words.decode("utf-8", "replace").split())
    if "password is required" in text:
        return _needed(endpoint)
    if "a tty" in text or "a terminal is required" in text:
        sentence = f"{node}: sudo there insists on a terminal; remove requiretty for {user} from its sudoers."
        return RemoteError("tty-required", node, sentence)
    if "not allowed" in text or "not in the sudoers" in text or "may not run sudo" in text:
        sentence = (
            f"{node}: {user} may not become root with sudo; add the user to sudoers, or log in as root."
        )
        return RemoteError("not-allowed", node, sentence)
    if "not found" in text:
        sentence = f'{node}: there is no sudo; install it, or set user = "root" and become = "none".'
        return RemoteError("tool-missing", node, sentence)
    if asked:
        return _wrong(endpoint)
    sentence = f"{node}: sudo gave no root shell: {last_words(words) or 'it said nothing'}."
    return RemoteError("no-root", node, sentence)
