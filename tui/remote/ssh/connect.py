"""From an endpoint to an authenticated transport: sockets, jump hosts, handshake, host key, login.

Import this module late: it loads paramiko.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import paramiko

from tui.remote.errors import RemoteError
from tui.remote.options import Options
from tui.remote.ssh.algorithms import no_agreement
from tui.remote.ssh.auth.authenticate import authenticate
from tui.remote.ssh.auth.key.ring import KeyRing
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.failures import connection_errors, dial_failure, no_version, proxy_failure
from tui.remote.ssh.hostkey.command import listed_by_command
from tui.remote.ssh.hostkey.files import KnownHostsFiles
from tui.remote.ssh.hostkey.first_contact import FirstContact
from tui.remote.ssh.hostkey.known_hosts import KnownHosts, fingerprint, offered_algorithms
from tui.remote.ssh.hostkey.verify import ShownKey
from tui.remote.ssh.proxy import ProxyCommand
from tui.remote.ssh.tcp import DialError, dial, tune
from tui.remote.ssh.transport import NodeTransport

Tell = Callable[[str], None]

_log = logging.getLogger(__name__)


class Connector:
    """Makes connections for all nodes of a cluster, from any thread.

    Key files, known_hosts and connections to jump hosts are loaded or made once and shared.
    """

    def __init__(self, options: Options, secrets: SecretStore) -> None:
        self._options = options
        self._secrets = secrets
        self._keys = KeyRing(secrets)
        self._passwords = Passwords(secrets)
        self._known_hosts = KnownHostsFiles()
        self._contact = FirstContact(secrets)
        self._guard = threading.Lock()
        self._open: set[NodeTransport] = set()
        self._closed = False
        self._gateways: dict[tuple[Endpoint, ...], NodeTransport] = {}
        self._gateway_locks: dict[tuple[Endpoint, ...], threading.Lock] = {}

    def connect(self, endpoint: Endpoint, tell: Tell = lambda _: None) -> NodeTransport:
        """An authenticated transport to ``endpoint``; raises RemoteError. The caller releases it.

        ``tell`` hears, in a sentence, what the login waits for when that takes its time.
        """
        _log.debug("%s: dials %s port %d as %s", endpoint.node, endpoint.host, endpoint.port, endpoint.user)
        transport, asked = self._meet(endpoint, tell)
        while asked and not transport.is_active():  # sshd waits 120 s, and a person may compare for longer
            self.release(transport)
            transport, asked = self._meet(endpoint, tell)
        try:
            authenticate(transport, endpoint, self._keys, self._passwords, self._options, tell)
        except BaseException:
            self.release(transport)
            raise
        return transport

    def release(self, transport: NodeTransport) -> None:
        """Close a transport that ``connect`` gave out."""
        with self._guard:
            self._open.discard(transport)
        transport.close()

    def close(self) -> None:
        """Close everything, also what is still being set up.

        Gateways first: what goes through them then fails at once instead of trying to say goodbye.
        """
        with self._guard:
            self._closed = True
            gateways = list(self._gateways.values())
            others = list(self._open.difference(gateways))
            self._open.clear()
        for transport in gateways + others:
            transport.close()

    def _dial(self, endpoint: Endpoint, tell: Tell) -> tuple[Any, ProxyCommand | None]:
        """A connected socket, or a channel that passes for one, and the process behind it if there is one."""
        timeout = endpoint.connect_timeout or self._options.connect_timeout
        if endpoint.proxy_command:
            proxy = ProxyCommand(endpoint.proxy_command)
            if endpoint.proxy_passes_socket:
                self._take_over(endpoint, proxy, timeout)
            return proxy.socket, proxy
        if endpoint.proxy_jump:
            return self._through_gateway(endpoint, tell), None
        try:
            sock = dial(endpoint.host, endpoint.port, endpoint.dial, timeout)
            tune(sock, self._options.keepalive, probes=endpoint.dial.probes)
            return sock, None
        except (DialError, OSError, UnicodeError) as error:
            raise dial_failure(endpoint, error) from error

    def _take_over(self, endpoint: Endpoint, proxy: ProxyCommand, timeout: float) -> None:
        """Have the connection that a ProxyCommand made for us and ends with (ProxyUseFdpass)."""
        try:
            proxy.take_over(timeout)
        except OSError as error:
            failure = proxy_failure(endpoint, proxy.last_words())
            proxy.close()
            raise failure from error
        with contextlib.suppress(OSError):  # it may be no TCP connection
            tune(proxy.socket, self._options.keepalive, probes=endpoint.dial.probes)

    def _through_gateway(self, endpoint: Endpoint, tell: Tell) -> paramiko.Channel:
        *before, last = endpoint.proxy_jump
        gateway = self._gateway(endpoint.node, (*before, last), tell)
        try:
            return gateway.open_channel(
                "direct-tcpip",
                (endpoint.host, endpoint.port),
                ("127.0.0.1", 0),
                timeout=self._options.channel_timeout,
            )
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = (
                "does not let connections through"
                if "rohibited" in str(error)
                else f"cannot reach it: {error}"
            )
            sentence = (
                f"{endpoint.where}: the jump host {last.address} {why}; check "
                "AllowTcpForwarding and PermitOpen there, or use a ProxyCommand."
            )
            raise RemoteError("proxy", endpoint.node, sentence) from error

    def _gateway(self, node: str, chain: tuple[Endpoint, ...], tell: Tell) -> NodeTransport:
        """The one connection to the last of these jump hosts, which all nodes behind it share."""
        key = tuple(replace(hop, node="") for hop in chain)  # whichever node is behind it
        with self._guard:
            lock = self._gateway_locks.setdefault(key, threading.Lock())
        with lock:
            known = self._gateways.get(key)
            if known is not None and known.is_active():
                return known
            *before, last = chain
            # A fault of the jump host is told under the name of the node that needs it.
            gateway = self.connect(
                replace(
                    last,
                    node=node,
                    jump_name=last.jump_name or last.host,
                    proxy_jump=(*before, *last.proxy_jump),
                ),
                tell,
            )
            if known is not None:
                self.release(known)
            self._gateways[key] = gateway
            return gateway

    def _meet(self, endpoint: Endpoint, tell: Tell) -> tuple[NodeTransport, bool]:
        """A transport whose host key is the node's, and whether a person was asked about it."""
        known = self._known(endpoint)
        offer = _offer(endpoint, known)
        transport, shown, peer = self._shake_hands(endpoint, offer, *self._dial(endpoint, tell))
        try:
            asked = self._contact.settle(endpoint, shown, lambda: self._known(endpoint), peer, tell)
        except BaseException:
            self.release(transport)
            raise
        transport.proven_key = f"{shown.key_type} {fingerprint(shown.blob)}"
        return transport, asked

    def _known(self, endpoint: Endpoint) -> KnownHosts:
        return self._known_hosts.load(endpoint.node, endpoint.known_hosts)

    def _shake_hands(
        self, endpoint: Endpoint, offer: list[str], sock: Any, proxy: ProxyCommand | None
    ) -> tuple[NodeTransport, ShownKey, str]:
        """Key exchange over a fresh socket; the key that was shown, and the address that was dialled."""
        transport = NodeTransport(sock, offer, endpoint.wire)
        transport.proxy = proxy
        limit = max(self._options.handshake_timeout, endpoint.connect_timeout or 0)
        transport.banner_timeout = limit
        transport.channel_timeout = self._options.channel_timeout
        with self._guard:
            closed = self._closed
            self._open.add(transport)
        try:
            if closed:
                raise RemoteError(
                    "closed", endpoint.node, f"{endpoint.node}: the connection was closed here."
                )
            transport.start_client(timeout=limit)
            if not transport.initial_kex_done:
                raise _handshake_failure(endpoint, transport, TimeoutError("no answer in time"))
            shown = _shown_key(transport)
            direct = not endpoint.proxy_command and not endpoint.proxy_jump
            peer = sock.getpeername()[0] if direct else ""
        except connection_errors() as error:
            failure = _handshake_failure(endpoint, transport, error)
            self.release(transport)
            raise failure from error
        except BaseException:
            self.release(transport)
            raise
        return transport, shown, peer


def _offer(endpoint: Endpoint, known: KnownHosts) -> list[str]:
    """The host-key algorithms to offer."""
    entries = known.select(endpoint.key_name, endpoint.key_port)
    if endpoint.key_port != 22:
        entries += known.select(endpoint.key_name, 22)
    if not endpoint.wire.host_keys_in_order:
        entries += listed_by_command(endpoint, "ORDER", endpoint.key_name, endpoint.key_port)
    return offered_algorithms(entries, endpoint.wire)


def _shown_key(transport: NodeTransport) -> ShownKey:
    key = transport.get_remote_server_key()
    certificate = getattr(key, "public_blob", None)
    return ShownKey(
        # ECDSA and RSA name the algorithm, known_hosts the type; the type is in the key itself.
        key_type=paramiko.Message(key.asbytes()).get_text(),
        blob=key.asbytes(),
        certificate=certificate.key_blob if certificate is not None else None,
    )


def _handshake_failure(endpoint: Endpoint, transport: NodeTransport, error: Exception | None) -> RemoteError:
    """Why the server did not agree to speak with us."""
    node, where = endpoint.node, endpoint.where
    text = str(error or "")
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        wire = endpoint.wire
        lists = {"kex": wire.kex, "host key": wire.host_keys, "cipher": wire.ciphers, "mac": wire.macs}
        for what, offered in transport.peer_offer.items():
            if what in text:  # so paramiko names what it could not agree on
                keyword = "MACs" if what == "cipher" and wire.macs == () else ""
                sentence = f"{where} {no_agreement(what, offered, lists[what], keyword)}."
                return RemoteError("incompatible", node, sentence)
        return RemoteError("incompatible", node, f"{where} speaks another protocol: {text}.")
    if transport.proxy is not None and not transport.remote_version:
        return proxy_failure(endpoint, transport.proxy.last_words())
    if not transport.remote_version or "protocol version" in text:
        return no_version(endpoint, transport.said_first)
    if error is None or isinstance(error, EOFError):
        return RemoteError("lost", node, f"{where} broke off while the connection was being set up.")
    return RemoteError("lost", node, f"{where}: the connection could not be set up: {text}.")
