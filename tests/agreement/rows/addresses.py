"""Where a connection goes, and from where."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from tests.agreement.place import Place
from tests.agreement.row import Row
from tests.agreement.world import FAR


def on(*addresses: str, name: str = "both.example") -> Callable[[Place], None]:
    """px01 listens on these, and is known by this name."""

    def prepare(place: Place) -> None:
        place.node.extra += [f"ListenAddress {address}" for address in addresses]
        place.known = [f"[{name}]:<port> <key>"]
        place.config = f"HostName {name}\n{place.config}"

    return prepare


_FAMILIES = ("127.0.0.1", "::1")


def _silent(place: Place) -> None:
    """A port whose queue is full: packets to it are dropped."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    place.listeners.append(listener)
    for _ in range(2):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
        place.listeners.append(waiting)
    place.config += f"\nPort {listener.getsockname()[1]}"


def _saying(words: bytes | None) -> Callable[[Place], None]:
    """Something else answers, and says this to each; None: nothing, and holds the connection."""

    def prepare(place: Place) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        place.listeners.append(listener)

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                place.listeners.append(connection)
                if words is not None:
                    connection.sendall(words)
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        place.config += f"\nPort {listener.getsockname()[1]}"

    return prepare


def _far(place: Place) -> None:
    place.node.host = FAR
    place.known = ["[far.example]:<port> <key>"]


_CANONICAL = "CanonicalizeHostname yes\nCanonicalDomains cluster.example example"

ROWS = (
    Row("AddressFamily any, both are there", prepare=on(*_FAMILIES)),
    Row("AddressFamily inet", "AddressFamily inet", prepare=on(*_FAMILIES)),
    Row("AddressFamily inet6", "AddressFamily inet6", prepare=on(*_FAMILIES)),
    Row("AddressFamily inet6, an IPv4 address", "AddressFamily inet6", names="AddressFamily"),
    Row(
        "AddressFamily inet, the server has IPv6 alone",
        "AddressFamily inet",
        prepare=on("::1"),
        names="both.example",
    ),
    Row("the server has IPv4 alone", prepare=on("127.0.0.1")),
    Row("the server has IPv6 alone", prepare=on("::1", name="six.example")),
    Row("HostName ::1", prepare=on("::1", name="::1")),
    Row("BindAddress 127.0.0.2", "BindAddress 127.0.0.2"),
    Row("BindAddress by name", "BindAddress localhost"),
    Row("BindAddress that is not ours", "BindAddress 10.99.99.99", names="BindAddress"),
    Row("BindAddress of the other family", "BindAddress ::1", names="BindAddress"),
    Row("BindInterface lo", "BindInterface lo"),
    Row("BindInterface that is not there", "BindInterface none0", names="BindInterface"),
    Row(
        "BindAddress to a jump host",
        "ProxyJump gw\nHost gw\nBindAddress 127.0.0.2\nHost px01",
        prepare=lambda place: (place.server("gw"), None)[1],
    ),
    Row("Port where nobody listens", "Port 1", names="127.0.0.1:1"),
    Row("HostName that nobody knows", "HostName unheard-of.example", names="unheard-of.example"),
    Row("HostName by name, known by it", "HostName far.example", prepare=_far),
    Row("HostName in capitals", "HostName FAR.Example", prepare=_far),
    Row(
        "HostName %h.example",
        "Host far\nHostName %h.example\nPort <port>\nUser root\nHost px01",
        prepare=_far,
        target="far",
    ),
    Row(
        "CanonicalizeHostname yes",
        f"Host far\n{_CANONICAL}\nPort <port>\nUser root\nHost px01",
        prepare=_far,
        target="far",
    ),
    Row(
        "CanonicalizeHostname and Match canonical",
        f"Host far\n{_CANONICAL}\nMatch canonical host far.example\nPort <port>\nUser root\nHost px01",
        prepare=_far,
        target="far",
    ),
    Row(
        "CanonicalizeHostname, and Match final",
        f"{_CANONICAL}\nMatch final host 127.0.0.1\nPubkeyAuthentication no\nHost px01",
        names="PubkeyAuthentication",
    ),
    Row(
        "CanonicalizeFallbackLocal no",
        f"Host away\n{_CANONICAL}\nCanonicalizeFallbackLocal no\nHost px01",
        target="away",
        names="away",
    ),
    Row("Match canonical without CanonicalizeHostname", "Match canonical\nPort 1\nHost px01"),
    Row("ConnectTimeout at a silent port", "ConnectTimeout 1", prepare=_silent, names="127.0.0.1"),
    Row(
        "ConnectTimeout, a server that says nothing",
        "ConnectTimeout 1",
        prepare=_saying(None),
        names="127.0.0.1",
    ),
    Row("a server that hangs up at once", prepare=_saying(b""), names="127.0.0.1"),
    Row("a server that speaks HTTP", prepare=_saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), names="127.0.0.1"),
    Row(
        "a server that hangs up after its banner",
        prepare=_saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
        names="127.0.0.1",
    ),
    Row("a server of protocol 1", prepare=_saying(b"SSH-1.5-old\r\n"), names="127.0.0.1"),
    Row("ConnectionAttempts 3", "ConnectionAttempts 3"),
    Row("TCPKeepAlive no and IPQoS", "TCPKeepAlive no\nIPQoS lowdelay throughput"),
    Row("ServerAliveInterval", "ServerAliveInterval 1\nServerAliveCountMax 2"),
    Row(
        "host, port and user from the cluster file",
        "HostName unheard-of.example\nPort 1\nUser nobody-here",
        given={"HostName": "127.0.0.1", "Port": "<port>", "User": "root"},
    ),
    Row(
        "known_hosts from the cluster file",
        "UserKnownHostsFile <ssh>/empty",
        given={"UserKnownHostsFile": "<ssh>/known_hosts"},
    ),
)
