"""What `ssh -G` prints as it was written: ``~``, variables, %-tokens, and several paths on one line."""

from __future__ import annotations

import getpass
import os
import pwd
import re
import shlex
import socket
from collections.abc import Iterable
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.ssh.config.keywords import spelled


def home() -> Path:
    """The home directory as ssh(1) sees it: the account's, whatever HOME says."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return Path.home()


def expanded(path: str | Path) -> Path:
    """A path with ``~`` written out."""
    text = str(path)
    # not Path.expanduser, which raises for a user who is unknown here: that file is just missing
    return home() / text[2:] if text.startswith("~/") else Path(os.path.expanduser(text))


class Expander:
    """``~``, ``${VARIABLE}`` and the %-tokens of ssh_config."""

    def __init__(self, node: str, tokens: dict[str, str]) -> None:
        self._node = node
        local = socket.gethostname()
        own = {"%": "%", "d": str(home()), "u": getpass.getuser(), "i": str(os.getuid()), "l": local}
        self._tokens = {**own, "L": local.partition(".")[0], **tokens}

    def paths(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Each of them written out."""
        return tuple(self.path(text) for text in texts)

    def path(self, text: str) -> str:
        """A path written out; raises RemoteError for a variable that is not set, as ssh does."""
        return str(expanded(self.tokens(re.sub(r"\$\{(\w+)\}", self._variable, text.strip('"')))))

    def agent(self, text: str) -> str | None:
        """IdentityAgent: a path, or ``$VARIABLE`` with one; "none" also where that variable is not set."""
        if text in ("", "none", "SSH_AUTH_SOCK"):
            return text or None
        if text.startswith("$") and not text.startswith("${"):
            return os.environ.get(text[1:]) or "none"
        return self.path(text)

    def tokens(self, text: str) -> str:
        """A text with its %-tokens written out."""
        return re.sub(r"%(.)", self._token, text)

    def command(self, text: str, later: str) -> tuple[str, ...]:
        """KnownHostsCommand's words written out; the tokens in ``later`` stay, as does ``%%``."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise self._error("says KnownHostsCommand ..., which has a quote too many") from error
        whole = re.compile(rf"%[%{later}]|%(.)|\$\{{(\w+)\}}")

        def written(found: re.Match[str]) -> str:
            if found[1] or found[2]:
                value = self._known(found[1]) if found[1] else self._environment(found[2])
                return value.replace("%", "%%")
            return found[0]

        return (*words[:1], *(whole.sub(written, word) for word in words[1:]))

    def _variable(self, found: re.Match[str]) -> str:
        return self._environment(found[1])

    def _environment(self, name: str) -> str:
        if name not in os.environ:
            raise self._error(f"uses ${{{name}}}, which is not set in the environment")
        return os.environ[name]

    def _token(self, found: re.Match[str]) -> str:
        return self._known(found[1])

    def _known(self, token: str) -> str:
        if token not in self._tokens:
            raise self._error(f"uses %{token}, which is not known here; write the value out")
        return self._tokens[token]

    def _error(self, words: str) -> RemoteError:
        return RemoteError("config", self._node, f"{self._node}: ssh_config {words}.")


def files_of(node: str, key: str, line: str) -> list[str]:
    """The files in a line of `ssh -G` that names several, which prints them without the quotes they had.

    A word that cannot begin a path goes on with the one before. Raises RemoteError where it could be both.
    """
    files: list[str] = []
    for word in line.split(" "):
        if not files or word == "none" or word.startswith(("/", "~", "%", "${")):
            files.append(word)
        else:
            files[-1] += f" {word}"
    for file in files:
        begins = file.partition(" ")[0]
        if begins != file and not begins.startswith(("/", "~", "%", "${")):
            sentence = (
                f"{node}: ssh_config says {spelled(key)} {line}, and nobody can tell where one file ends; "
                "write paths that begin with / or ~."
            )
            raise RemoteError("config", node, sentence)
    return [file for file in files if file != "none"]
