"""What ran in place of our command: a login shell that lets nobody work, a forced command, no session."""

from __future__ import annotations

import re

from tui.remote.errors import RemoteError
from tui.remote.shell.last_words import last_words
from tui.remote.ssh.endpoint import Endpoint

_NO_SESSION = 254
"""sshd's own exit code where PAM, or /etc/nologin, opens no session."""
SFTP_SERVER_LOST = 11
"""sftp-server's exit code for what is no request of sftp."""

_FORCED = "ForceCommand in its sshd_config, or command= in {user}'s authorized_keys"
_SFTP = (
    "{user} may only use sftp there",
    f"look for {_FORCED}, and take {{user}} out of it, or log in as somebody else",
)
_KNOWN: tuple[tuple[str, tuple[str, str]], ...] = (
    (r"sftp connections only", _SFTP),
    (
        r"account is currently not available",
        ("{user}'s login shell there is nologin", "give {user} a shell there, or log in as somebody else"),
    ),
    (
        r"git shell|fatal: unrecognized command",
        ("{user}'s login shell there is git-shell", "give {user} another shell, or log in as somebody else"),
    ),
    (
        r"(?m)^\S*sh: .*\brestricted\b",
        ("{user}'s login shell there is a restricted one", "give {user} /bin/sh, or log in as somebody else"),
    ),
    (
        r"/bin/sh: no such file",
        ("there is no /bin/sh for {user} there", "look for ChrootDirectory in its sshd_config"),
    ),
    (
        r"password change required|change your password|password has expired",
        ("{user}'s password there has expired", "log in by hand and change it"),
    ),
    (
        r"head: invalid number",
        (
            "something else than /bin/sh read what was sent there",
            "look for a start file of {user}'s login shell that reads its input",
        ),
    ),
)


def foreign(endpoint: Endpoint, code: int, stdout: bytes, stderr: bytes) -> RemoteError:
    """The error for a command that ended without ever being ours."""
    node, user = endpoint.node, endpoint.user
    said = _quote(stdout, stderr)
    if code == _NO_SESSION and said:
        sentence = (
            f"{node}: sshd opened no session for {user}{said}; it is starting or shutting down, or PAM "
            "limits how many may log in."
        )
        return RemoteError("refused", node, sentence)
    everything = (stdout + b"\n" + stderr).decode("utf-8", "replace").lower()
    known = next((words for pattern, words in _KNOWN if re.search(pattern, everything)), None)
    if known is None and code == SFTP_SERVER_LOST and not said:
        known = _SFTP
    what, remedy = known or (
        f"what ran there, and ended with exit code {code}, is not what was asked for",
        f"look for {_FORCED}, and at {{user}}'s login shell and its start files",
    )
    sentence = f"{node}: {what}{said}; {remedy}.".replace("{user}", user)
    return RemoteError("incompatible", node, sentence)


def waiting(endpoint: Endpoint, timeout: float, stdout: bytes, stderr: bytes) -> RemoteError:
    """The error for a command that has not begun within ``timeout`` seconds, though nothing has ended."""
    sentence = (
        f"{endpoint.node}: logged in, but no command runs within {timeout:g} s{_quote(stdout, stderr)}; the "
        "node hangs, or something waits there: a ForceCommand, or a start file of "
        f"{endpoint.user}'s login shell."
    )
    return RemoteError("timeout", endpoint.node, sentence)


def _quote(stdout: bytes, stderr: bytes) -> str:
    said = last_words(stderr, stdout)
    return f" (its last words: {said!r})" if said else ""
