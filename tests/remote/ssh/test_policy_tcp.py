"""From where and how a node is dialled: as ssh does, seen by the server."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.remote.conftest import MakeNode, endpoint
from tests.remote.ssh.oracle import both
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tui.remote import RemoteError
from tui.remote.options import Options
from tui.remote.ssh import tcp
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector
from tui.remote.ssh.endpoint import DialPolicy
from tui.remote.ssh.failures import dial_failure
from tui.remote.ssh.tcp import BindError, DialError, dial, tune

pytestmark = needs_sshd


def dialled_from(node: OpenSshNode) -> list[str]:
    """The addresses that the connections came from: ssh's, then ours."""
    return re.findall(r"Connection from (\S+)", node.log)


@contextlib.contextmanager
def refused(cause: type[OSError]) -> Iterator[None]:
    with pytest.raises(DialError) as caught:
        yield
    assert isinstance(caught.value.__cause__, cause)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("AddressFamily inet", "127.0.0.1"),
        ("BindAddress 127.0.0.5", "127.0.0.5"),
        ("BindInterface lo", "127.0.0.1"),
        ("BindInterface nosuch0\n  BindAddress 127.0.0.6", "127.0.0.6"),
    ],
)
def test_a_node_is_dialled_from_where_ssh_config_wants(node: OpenSshNode, line: str, source: str) -> None:
    assert both(node, line) == ""
    assert dialled_from(node) == [source, source]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("AddressFamily inet6", "no address of AddressFamily inet6 (ssh_config) is known for '127.0.0.1'"),
        ("BindAddress 192.0.2.1", "as ssh_config wants (BindAddress 192.0.2.1: Cannot assign"),
        ("BindAddress ::1", "as ssh_config wants (BindAddress ::1: "),
        ("BindInterface nosuch0", "as ssh_config wants (BindInterface nosuch0: it is not there"),
    ],
)
def test_where_that_cannot_be_it_is_not_dialled_otherwise(node: OpenSshNode, line: str, words: str) -> None:
    assert words in both(node, line)
    assert dialled_from(node) == []


def test_an_address_of_ip_version_6(make_node: MakeNode) -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("needs IPv6")
    node = make_node("px01", "ListenAddress ::1", start=False)
    node.host = "::1"
    node.known_hosts.write_text(f"[::1]:{node.port} {' '.join(node.host_key)}\n")
    node.ssh_config.write_text(node.ssh_config.read_text().replace("127.0.0.1", "::1"))
    node.start()
    for line in ("AddressFamily inet6", "BindInterface lo"):
        assert both(node, line) == ""
    assert dialled_from(node) == ["::1"] * 4
    assert "AddressFamily inet (ssh_config)" in both(node, "AddressFamily inet")


def test_an_interface_lends_the_address_that_others_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ("lo", ("127.0.0.1", 0)) in tcp.local_addresses(socket.AF_INET)
    own = ["127.0.0.1", "198.18.0.1", "198.18.0.2"]
    monkeypatch.setattr(tcp, "local_addresses", lambda _: [("lo", (address, 0)) for address in own])
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        with refused(BindError):  # no machine has that address
            dial("127.0.0.1", server.getsockname()[1], DialPolicy(bind_interface="lo"), 5)
        own.remove("198.18.0.1")
        own.remove("198.18.0.2")
        with refused(ConnectionRefusedError):
            dial("127.0.0.1", server.getsockname()[1], DialPolicy(bind_interface="lo"), 5)


def test_every_address_of_a_name_is_tried(node: OpenSshNode, monkeypatch: pytest.MonkeyPatch) -> None:
    def several(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", node.port)) for last in (2, 1)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    with dial("px01", node.port, DialPolicy(), 5) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"


def test_the_address_that_was_dialled_is_named(node: OpenSshNode) -> None:
    node.stop()
    error = socket.gaierror(socket.EAI_NONAME, "no")
    assert "at 127.0.0.1" not in dial_failure(endpoint(node), error).sentence
    with pytest.raises(DialError) as caught:
        dial("localhost", node.port, DialPolicy(family="inet"), 5)
    sentence = dial_failure(replace(endpoint(node), host="localhost"), caught.value).sentence
    assert sentence.startswith(f"px01 (localhost:{node.port}) at 127.0.0.1 refuses the connection")


def test_it_is_dialled_as_often_as_ssh_config_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                server.listen()

        monkeypatch.setattr(tcp, "sleep", pause)
        with refused(ConnectionRefusedError):
            dial("127.0.0.1", port, DialPolicy(attempts=2), 5)
        dial("127.0.0.1", port, DialPolicy(attempts=3), 5).close()
    assert pauses == [1.0, 1.0]


def test_a_refusal_says_more_than_an_address_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def both_kinds(host: str, port: int, family: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        v4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        v6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
        if host == "127.0.0.1" and family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_FAMILY, "no")
        return [v4, v6] if host == "px01" else [v4]

    monkeypatch.setattr(socket, "getaddrinfo", both_kinds)
    with refused(ConnectionRefusedError):
        dial("px01", 9, DialPolicy(bind_address="127.0.0.1"), 5)
    with refused(BindError):
        dial("px01", 9, DialPolicy(bind_interface="nosuch0"), 5)


@pytest.mark.parametrize("probes", [True, False])
def test_keepalive_is_left_to_ssh_config(*, probes: bool) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sock,
    ):
        tune(sock, 5.0, probes=probes)
        assert bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)) is probes
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


HAND_OVER = (
    'import socket; made = socket.create_connection(("%h", %p));'
    'socket.send_fds(socket.socket(fileno=1), [b"x"], [made.fileno()])'
)


def test_a_proxy_command_that_hands_its_connection_over(node: OpenSshNode) -> None:
    command = f"ProxyCommand {sys.executable} -c '{HAND_OVER}'"
    assert both(node, command, "ProxyUseFdpass yes") == ""
    assert node.log.count("Accepted publickey") == 2


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sh -c 'echo no way >&2; exit 1'", "its ProxyCommand made no connection (no way)"),
        ("sh -c 'echo SSH-2.0-x'", "its ProxyCommand made no connection (it said nothing)"),
    ],
)
def test_a_proxy_command_that_hands_nothing_over(node: OpenSshNode, command: str, words: str) -> None:
    assert words in both(node, f"ProxyCommand {command}", "ProxyUseFdpass yes")


def test_a_proxy_command_that_does_not_come_back(node: OpenSshNode) -> None:
    target = replace(endpoint(node), proxy_command="sleep 60", proxy_passes_socket=True, connect_timeout=0.2)
    connector = Connector(Options(), SecretStore(None))
    with pytest.raises(RemoteError, match="its ProxyCommand made no connection"):
        connector.connect(target)
    connector.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("paramiko")]
