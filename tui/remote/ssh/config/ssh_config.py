"""From a node's name to its endpoint: what ssh_config says, as ssh(1) itself reads it.

`ssh -G` is asked (4 ms, connects to nothing). Where there is no ssh, paramiko's reader is, but only about
files that it reads as ssh does.
"""

from __future__ import annotations

import getpass
import os
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.ssh.config.policy import Facts, host_key_policy, login_policy, one
from tui.remote.ssh.endpoint import Endpoint, checked_host, checked_port, checked_user

Reader = Callable[[str, dict[str, str]], Facts]
"""What ssh_config says of a name, given some keywords that go before it."""

_DEFAULT_FILE = "~/.ssh/config"
_DEFAULT_IDENTITIES = ("~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519")
_DEFAULT_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")
_MOST_JUMPS = 8
_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?P<host>\[[^]]+\]|[^:@]+)(?::(?P<port>[0-9]{1,5}))?/?")
# Lists of files on one line; what ssh -G prints on several lines may hold blanks.
_SPLIT = frozenset({"userknownhostsfile", "globalknownhostsfile"})


def resolve(
    node: str,
    *,
    host: str | None = None,
    port: int | None = None,
    user: str | None = None,
    ssh_config: str | Path | None = None,
    known_hosts: str | Path | None = None,
) -> Endpoint:
    """The endpoint of ``node``; what is given here goes before what ssh_config says.

    ``ssh_config`` None (or ``~/.ssh/config``) means the files ssh(1) reads by default, any other path
    that file alone. ``known_hosts`` takes the place of the user's file. Raises RemoteError "config".
    """
    resolver = _Resolver(node, _reader(node, ssh_config), known_hosts)
    return resolver.endpoint(node, host, port, user, _MOST_JUMPS)


class _Resolver:
    """A node, and the jump hosts on the way to it: all errors are told under the node's name."""

    def __init__(self, node: str, read: Reader, known_hosts: str | Path | None) -> None:
        self._node = node
        self._read = read
        self._known_hosts = known_hosts

    def endpoint(
        self, name: str, host: str | None, port: int | None, user: str | None, jumps_left: int
    ) -> Endpoint:
        """What ssh_config says of ``name``, where nothing else is given."""
        node = self._node
        if user is not None:
            checked_user(node, user)
        if port is not None:
            checked_port(node, port)
        if host is not None:
            checked_host(node, host)
        given = {"HostName": host, "Port": str(port) if port else None, "User": user}
        facts = self._read(checked_host(node, name), {key: value for key, value in given.items() if value})
        target = checked_host(node, host or one(facts, "hostname") or name)
        number = checked_port(node, port or _number(node, one(facts, "port") or "22"))
        login = user or checked_user(node, one(facts, "user") or getpass.getuser())
        alias = one(facts, "hostkeyalias")
        expand = _Expander(node, {"h": target, "n": name, "p": str(number), "r": login, "k": alias or name})
        own_files = facts.get("userknownhostsfile", [_DEFAULT_KNOWN_HOSTS[0]])
        own_files = [str(self._known_hosts)] if self._known_hosts else own_files
        files = [*own_files, *facts.get("globalknownhostsfile", [_DEFAULT_KNOWN_HOSTS[1]])]
        agent = one(facts, "identityagent")
        command = one(facts, "proxycommand")
        return Endpoint(
            node=node,
            host=target,
            port=number,
            user=login,
            host_key_alias=alias,
            identity_files=expand.paths(facts.get("identityfile", _DEFAULT_IDENTITIES)),
            certificate_files=expand.paths(facts.get("certificatefile", [])),
            identities_only=one(facts, "identitiesonly") == "yes",
            identity_agent=agent if agent in (None, "none", "SSH_AUTH_SOCK") else expand.path(str(agent)),
            known_hosts=expand.paths(path for path in files if path != "none"),
            proxy_jump=self._jumps(one(facts, "proxyjump"), jumps_left),
            proxy_command=expand.tokens(command) if command else None,
            connect_timeout=_seconds(one(facts, "connecttimeout")),
            login=login_policy(facts),
            host_keys=host_key_policy(facts, expand.paths(path for path in own_files if path != "none")),
        )

    def _jumps(self, chain: str | None, left: int) -> tuple[Endpoint, ...]:
        """The hops of ``[user@]host[:port],...``, resolved as nodes are; the first may have its own."""
        if not chain:
            return ()
        node = self._node
        if left == 0:
            raise RemoteError("config", node, f"{node}: its ProxyJump leads in a circle; correct ssh_config.")
        hops: list[Endpoint] = []
        for hop in chain.split(","):
            match = _HOP.fullmatch(hop)
            if match is None:
                raise RemoteError("config", node, f"{node}: ProxyJump {hop!r} is not [user@]host[:port].")
            number = int(match["port"]) if match["port"] else None
            endpoint = self.endpoint(match["host"].strip("[]"), None, number, match["user"], left - 1)
            before = endpoint.proxy_jump if not hops else ()
            hops += [*before, replace(endpoint, proxy_jump=())]
        return tuple(hops)


def _reader(node: str, ssh_config: str | Path | None) -> Reader:
    default = ssh_config is None or _expanded(ssh_config) == _expanded(_DEFAULT_FILE)
    path = None if default else _expanded(str(ssh_config))
    if path is not None and not path.is_file():
        raise RemoteError(
            "config", node, f"{node}: the ssh_config {path} does not exist; correct it under [ssh]."
        )
    ssh = shutil.which("ssh")
    if ssh is None:
        return lambda name, given: _read_without_ssh(node, path, name, given)
    return lambda name, given: _ask_ssh(node, ssh, path, name, given)


def _ask_ssh(node: str, ssh: str, path: Path | None, name: str, given: dict[str, str]) -> Facts:
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
    facts: Facts = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        facts.setdefault(key, []).extend(value.split() if key in _SPLIT else [value])
    return facts


# What paramiko would misread: it passes over Include, takes Match criteria that it does not know for true,
# and sees only the first CertificateFile.
_MISREAD = re.compile(
    r"^[ \t]*(include\b.*"
    r"|match\b.*\b(?:tagged|localnetwork|version|command|sessiontype)\b.*"
    r"|certificatefile\b.*(?=(?:\n.*)*\n[ \t]*certificatefile\b))$",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"""^(\s*[A-Za-z][^"#\n]*?)\s+#.*$""", re.M)


def _read_without_ssh(node: str, path: Path | None, name: str, given: dict[str, str]) -> Facts:
    from paramiko import SSHConfig  # noqa: PLC0415  # loads paramiko
    from paramiko.ssh_exception import ConfigParseError  # noqa: PLC0415

    files = [path] if path else [_expanded(_DEFAULT_FILE), Path("/etc/ssh/ssh_config")]
    text = "".join(f"{key} {value}\n" for key, value in given.items())
    for file in files:
        if not file.is_file():
            continue
        part = file.read_text("utf-8", "replace")
        if "\0" in part:
            raise RemoteError("config", node, f"{node}: {file} holds a NUL; it is damaged, restore it.")
        if found := _MISREAD.search(part):
            sentence = f"{node}: {file} has {found[1].strip()!r}; install the OpenSSH client to have it read."
            raise RemoteError("config", node, sentence)
        text += _COMMENT.sub(r"\1", part) + "\nHost *\n"  # a comment after a value is no part of it
    try:
        found_facts = SSHConfig.from_text(text).lookup(name)
    except ConfigParseError as error:
        raise RemoteError("config", node, f"{node}: ssh_config: {error}.") from error
    facts: Facts = {}
    for key, value in found_facts.items():
        if value is not None:  # "ProxyCommand none"
            values = [value] if isinstance(value, str) else list(value)
            facts[key] = [word for entry in values for word in (entry.split() if key in _SPLIT else [entry])]
    return facts


def _seconds(text: str | None) -> float | None:
    """A time limit; 0 means none."""
    return (float(text) or None) if text and re.fullmatch("[0-9]{1,9}", text) else None


def _number(node: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text):
        raise RemoteError("config", node, f"{node}: {text!r} is not a port; correct ssh_config.")
    return int(text)


def _home() -> Path:
    """The home directory as ssh(1) sees it: the account's, whatever HOME says."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return Path.home()


def _expanded(path: str | Path) -> Path:
    text = str(path)
    # not Path.expanduser, which raises for a user who is unknown here: that file is just missing
    return _home() / text[2:] if text.startswith("~/") else Path(os.path.expanduser(text))


class _Expander:
    """``~``, ``${VARIABLE}`` and the %-tokens of ssh_config, which `ssh -G` prints as they were written."""

    def __init__(self, node: str, tokens: dict[str, str]) -> None:
        self._node = node
        local = socket.gethostname()
        home = str(_home())
        own = {"%": "%", "d": home, "u": getpass.getuser(), "i": str(os.getuid()), "l": local}
        self._tokens = {**own, "L": local.partition(".")[0], **tokens}

    def paths(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.path(text) for text in texts)

    def path(self, text: str) -> str:
        with_variables = re.sub(r"\$\{(\w+)\}", lambda found: os.environ.get(found[1], ""), text.strip('"'))
        return str(_expanded(self.tokens(with_variables)))

    def tokens(self, text: str) -> str:
        return re.sub(r"%(.)", self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        if found[1] not in self._tokens:
            sentence = (
                f"{self._node}: ssh_config uses %{found[1]}, which is not known here; write the value out."
            )
            raise RemoteError("config", self._node, sentence)
        return self._tokens[found[1]]
