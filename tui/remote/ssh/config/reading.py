"""What ssh_config says of a name: from `ssh -G`, which takes 4 ms and connects to nothing.

Where there is no ssh, paramiko's reader is asked, but only about files that it reads as ssh does.
"""

from __future__ import annotations

import functools
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tui.remote.errors import RemoteError
from tui.remote.ssh.config.expand import expanded, files_of
from tui.remote.ssh.config.keywords import ALIASES, Values, class_of, spelled

_DEFAULT_FILE = "~/.ssh/config"
# What ssh -G prints on several lines may hold blanks; these are lists on one.
_FILES = frozenset({"userknownhostsfile", "globalknownhostsfile", "revokedhostkeys"})


class Reader(NamedTuple):
    """``read``: what ssh_config says of a name, given some keywords that go before it. ``own``: what ssh says
    by itself, without any file; nothing where there is no ssh.
    """

    read: Callable[[str, dict[str, str]], Values]
    own: Values


def reader(node: str, ssh_config: str | Path | None) -> Reader:
    """For ``ssh_config`` None (or ``~/.ssh/config``) the files that ssh(1) reads by default are read."""
    default = ssh_config is None or expanded(ssh_config) == expanded(_DEFAULT_FILE)
    path = None if default else expanded(str(ssh_config))
    if path is not None and not path.is_file():
        raise RemoteError(
            "config", node, f"{node}: the ssh_config {path} does not exist; correct it under [ssh]."
        )
    ssh = shutil.which("ssh")
    if ssh is None:
        return Reader(lambda name, given: _read_without_ssh(node, path, name, given), {})
    return Reader(
        lambda name, given: _facts(node, _ask_ssh(node, ssh, path, name, given)), _facts(node, _own(ssh))
    )


@functools.lru_cache(maxsize=4)
def _own(ssh: str) -> str:
    return _ask_ssh("ssh", ssh, Path("/dev/null"), "localhost", {})


def _ask_ssh(node: str, ssh: str, path: Path | None, name: str, given: dict[str, str]) -> str:
    words = [ssh, "-G", *(["-F", str(path)] if path else [])]
    words += [f"-o{key}={value}" for key, value in given.items()]
    try:
        done = subprocess.run(
            [*words, "--", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # a path may be any bytes
            timeout=10,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RemoteError(
            "config", node, f"{node}: `ssh -G {name}` does not come back; look at ssh_config."
        ) from error
    if done.returncode != 0:
        raise RemoteError("config", node, f"{node}: ssh_config: {' '.join(done.stderr.split())}.")
    return done.stdout


def _facts(node: str, text: str) -> Values:
    facts: Values = {}
    for line in text.split("\n"):
        key, _, value = line.partition(" ")
        if key := _canonical(key):
            facts.setdefault(key, []).extend(files_of(node, key, value) if key in _FILES else [value])
    return facts


def _canonical(key: str) -> str:
    return ALIASES.get(key.lower(), key.lower())


# What paramiko would misread: it passes over Include, takes Match criteria that it does not know for true,
# and sees only the first CertificateFile.
_MISREAD = re.compile(
    r"^[ \t]*(include\b.*"
    r"|match\b.*\b(?:tagged|localnetwork|version|command|sessiontype)\b.*"
    r"|certificatefile\b.*(?=(?:\n.*)*\n[ \t]*certificatefile\b))$",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"""^(\s*[A-Za-z][^"#\n]*?)\s+#.*$""", re.M)


def _read_without_ssh(node: str, path: Path | None, name: str, given: dict[str, str]) -> Values:
    from paramiko import SSHConfig, config  # noqa: PLC0415  # loads paramiko
    from paramiko.ssh_exception import ConfigParseError  # noqa: PLC0415

    if vars(config)["invoke"] is None:  # held back by tui/__init__.py; `Match exec` needs it
        sys.modules.pop("invoke", None)
        vars(config)["invoke"] = importlib.import_module("invoke")
    files = [path] if path else [expanded(_DEFAULT_FILE), Path("/etc/ssh/ssh_config")]
    text = "".join(f"{key} {value}\n" for key, value in given.items())
    for file in files:
        if not file.is_file():
            continue
        part = file.read_text("utf-8", "replace")
        if "\0" in part:
            raise RemoteError("config", node, f"{node}: {file} holds a NUL; it is damaged, restore it.")
        if found := _MISREAD.search(part):
            raise _unread(node, f"{file} has {found[1].strip()!r}")
        text += _COMMENT.sub(r"\1", part) + "\nHost *\n"  # a comment after a value is no part of it
    try:
        found_facts = SSHConfig.from_text(text).lookup(name)
    except ConfigParseError as error:
        raise RemoteError("config", node, f"{node}: ssh_config: {error}.") from error
    facts: Values = {}
    for key, value in found_facts.items():
        if value is not None:  # "ProxyCommand none"
            values = [value] if isinstance(value, str) else list(value)
            known = _canonical(key)
            if _needs_ssh(known, values[0]):
                raise _unread(node, f"ssh_config says {spelled(known)} {values[0]}")
            if known in _FILES:
                values = [file for line in values for file in files_of(node, known, " ".join(line.split()))]
            facts.setdefault(known, []).extend(values)
    return facts


def _needs_ssh(key: str, value: str) -> bool:
    """Whether ssh would work something out that cannot be worked out here."""
    if class_of(key) is None:
        return True
    if key == "connecttimeout":
        return not re.fullmatch("[0-9]{1,9}|none", value)
    if key == "rekeylimit":
        return not re.fullmatch("[0-9]{1,18}( [0-9]{1,9})?", value)
    # "+name" and the like start from ssh's own list, which is not known
    return key.endswith(("ciphers", "macs", "algorithms")) and re.search(r"^[-+^]|[*?!]", value) is not None


def _unread(node: str, what: str) -> RemoteError:
    return RemoteError("config", node, f"{node}: {what}; install the OpenSSH client to have it read.")
