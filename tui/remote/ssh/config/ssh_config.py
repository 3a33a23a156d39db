"""From a node's name to its endpoint: what ssh_config says, as ssh(1) itself reads it."""

from __future__ import annotations

import getpass
import re
from dataclasses import replace
from pathlib import Path

from tui.remote.errors import RemoteError
from tui.remote.ssh.config.expand import Expander
from tui.remote.ssh.config.facts import Facts
from tui.remote.ssh.config.policy import dial_policy, host_key_policy, login_policy
from tui.remote.ssh.config.reading import Reader, reader
from tui.remote.ssh.config.wire import wire_policy
from tui.remote.ssh.endpoint import Endpoint, checked_host, checked_port, checked_user

_DEFAULT_IDENTITIES = ("~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519")
_DEFAULT_KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")
_MOST_JUMPS = 8
_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?P<host>\[[^]]+\]|[^:@]+)(?::(?P<port>[0-9]{1,5}))?/?")


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
    resolver = _Resolver(node, reader(node, ssh_config), known_hosts)
    return resolver.endpoint(node, host, port, user, _MOST_JUMPS)


class _Resolver:
    """A node, and the jump hosts on the way to it: all errors are told under the node's name."""

    def __init__(self, node: str, read: Reader, known_hosts: str | Path | None) -> None:
        self._node = node
        self._reader = read
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
        wanted = {"HostName": host, "Port": str(port) if port else None, "User": user}
        given = {key: value for key, value in wanted.items() if value}
        said = self._reader.read(checked_host(node, name), given)
        facts = Facts(node, name, said, self._reader.own, hop=jumps_left < _MOST_JUMPS)
        facts.refuse_what_is_not_kept()
        target = checked_host(node, host or facts.one("hostname", name))
        port = checked_port(node, port or facts.number("port", 22))
        login = user or checked_user(node, facts.one("user") or getpass.getuser())
        alias = facts.one("hostkeyalias") or None
        expand = Expander(node, {"h": target, "n": name, "p": str(port), "r": login, "k": alias or name})
        own_files = said.get("userknownhostsfile", [_DEFAULT_KNOWN_HOSTS[0]])
        own_files = [str(self._known_hosts)] if self._known_hosts else own_files
        files = [*own_files, *said.get("globalknownhostsfile", [_DEFAULT_KNOWN_HOSTS[1]])]
        return Endpoint(
            node=node,
            host=target,
            port=port,
            user=login,
            host_key_alias=alias,
            identity_files=expand.paths(said.get("identityfile", _DEFAULT_IDENTITIES)),
            certificate_files=expand.paths(said.get("certificatefile", [])),
            identities_only=facts.yes("identitiesonly"),
            identity_agent=expand.agent(said.get("identityagent", [""])[0]),
            known_hosts=expand.paths(files),
            proxy_jump=self._jumps(facts.one("proxyjump"), jumps_left),
            proxy_command=expand.tokens(facts.one("proxycommand")) or None,
            proxy_passes_socket=facts.yes("proxyusefdpass"),
            connect_timeout=facts.number("connecttimeout", 0) or None,
            login=login_policy(facts),
            wire=wire_policy(facts),
            dial=dial_policy(facts),
            host_keys=host_key_policy(facts, expand, own_files),
        )

    def _jumps(self, chain: str, left: int) -> tuple[Endpoint, ...]:
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
            hops += [*before, replace(endpoint, proxy_jump=(), jump_name=match["host"].strip("[]"))]
        return tuple(hops)
