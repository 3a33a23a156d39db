"""Whether the key a node showed is the node's: ssh(1)'s verdict on plain keys and on host certificates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, NamedTuple

from tui.remote.errors import Kind, RemoteError
from tui.remote.ssh.algorithms import rsa_bits
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.hostkey.certificate import certificate_flaw
from tui.remote.ssh.hostkey.command import SOURCE, listed_by_command
from tui.remote.ssh.hostkey.known_hosts import Entry, KnownHosts, fingerprint
from tui.remote.ssh.hostkey.revoked import revoking_file

HostKeyVerdict = Literal["ok", "new", "changed", "revoked"]


@dataclass(frozen=True)
class ShownKey:
    """What a server proved to hold: the plain public key and, if it has one, the certificate over it."""

    key_type: str
    blob: bytes
    certificate: bytes | None = None


def verify_host_key(
    endpoint: Endpoint, shown: ShownKey, known: KnownHosts, peer: str = "", now: float | None = None
) -> str:
    """How the key was verified, in words; raises RemoteError unless known_hosts vouches for it.

    As ssh(1): lines for ``[host]:port`` first, then, if they know nothing, lines for the bare name; a
    certificate that does not hold is dropped and its plain key looked up instead. ``peer`` is the address
    that was dialled, "" where the way there is another.
    """
    certificate = _Certificate.of(endpoint, shown, time.time() if now is None else now)
    _refuse_short(endpoint, shown)
    file = revoking_file(endpoint, shown.blob, shown.certificate, certificate.authority)
    if file:
        raise _refusal(endpoint, shown, "revoked", "", f"RevokedHostKeys of ssh_config ({file})")
    name, port = endpoint.key_name, endpoint.key_port
    pair = (shown.blob, shown.certificate)
    entries = known.select(name, port) + listed_by_command(endpoint, "HOSTNAME", name, port, pair)
    how, verdict, flaw = _judge(shown, certificate, entries)
    if verdict == "new" and port != 22:
        bare_how, bare_verdict, _ = _judge(shown, certificate, known.select(name, 22))
        if bare_verdict in ("ok", "revoked"):
            how, verdict = bare_how, bare_verdict
    if verdict != "ok":
        raise _refusal(endpoint, shown, verdict, flaw)
    by_certificate = how.startswith("certificate")
    if endpoint.host_keys.check_address and peer not in ("", endpoint.host) and not by_certificate:
        entries = listed_by_command(endpoint, "ADDRESS", peer, endpoint.port, pair)
        _check_address(endpoint, shown, known.select(peer, endpoint.port) + entries, peer)
    return how


class _Certificate(NamedTuple):
    """Who signed the certificate that was shown, if one was, and why it does not hold; ``plain`` is whether
    the key may do without one.
    """

    authority: bytes = b""
    flaw: str = ""
    plain: bool = True

    @classmethod
    def of(cls, endpoint: Endpoint, shown: ShownKey, now: float) -> _Certificate:
        if shown.certificate is None:
            return cls()
        ways = ("rsa-sha2-512", "rsa-sha2-256") if shown.key_type == "ssh-rsa" else (shown.key_type,)
        allowed = endpoint.wire.host_keys
        plain = allowed is None or not set(allowed).isdisjoint(ways)
        algorithms = endpoint.host_keys.ca_algorithms
        return cls(*certificate_flaw(shown.certificate, endpoint.key_name, now, algorithms), plain)


def _judge(
    shown: ShownKey, certificate: _Certificate, entries: Sequence[Entry]
) -> tuple[str, HostKeyVerdict, str]:
    """(how it was verified, verdict, what is wrong with the certificate if anything)."""
    revoked = {entry.blob for entry in entries if entry.marker == "@revoked"}
    if shown.blob in revoked:
        return "", "revoked", ""
    authority, flaw = certificate.authority, certificate.flaw
    if shown.certificate is not None:
        trusted = {entry.blob for entry in entries if entry.marker == "@cert-authority"}
        if authority in revoked:
            return "", "revoked", ""
        if authority and authority not in trusted:
            flaw = "it is signed by an authority that known_hosts does not list"
        if not flaw:
            return f"certificate of {fingerprint(authority)}", "ok", ""
        if not certificate.plain:
            return "", "new", f"{flaw}, and HostKeyAlgorithms of ssh_config wants one"
    listed = {entry.blob for entry in entries if entry.marker == ""}
    if shown.blob in listed:
        return f"key {fingerprint(shown.blob)}", "ok", ""
    return "", ("changed" if listed else "new"), flaw


def _refuse_short(endpoint: Endpoint, shown: ShownKey) -> None:
    if shown.key_type != "ssh-rsa":
        return
    bits, least = rsa_bits(shown.blob), endpoint.host_keys.rsa_bits
    if bits < least:
        sentence = (
            f"{endpoint.where} shows an RSA key of {bits} bits, and RequiredRSASize of "
            f"ssh_config wants {least}; give it a longer one or an Ed25519 key."
        )
        raise RemoteError("incompatible", endpoint.node, sentence)


def _check_address(endpoint: Endpoint, shown: ShownKey, entries: Sequence[Entry], peer: str) -> None:
    """CheckHostIP: the address that a name stands for may have no other key than the name has."""
    listed = {entry.blob for entry in entries if entry.marker == ""}
    if (listed and shown.blob not in listed) and not ip_address(peer).is_loopback:
        sentence = (
            f"{endpoint.where} shows the key {shown.key_type} {fingerprint(shown.blob)}, "
            f"which is the one of {endpoint.host} but not the one of its address {peer} (CheckHostIP of "
            "ssh_config): the name leads to another machine, or the line of the address is out of date; find "
            "out which, and correct known_hosts by hand."
        )
        raise RemoteError("changed-host-key", endpoint.node, sentence)


def _refusal(
    endpoint: Endpoint, shown: ShownKey, verdict: HostKeyVerdict, flaw: str, revoking: str = ""
) -> RemoteError:
    node, where = endpoint.node, endpoint.where
    key = f"{shown.key_type} {fingerprint(shown.blob)}"
    sources = [*endpoint.known_hosts, *([SOURCE] if endpoint.host_keys.command else [])]
    files = " and ".join(sources) or "known_hosts"
    unheeded = " and ".join(endpoint.host_keys.unheeded)
    heed = f" (where keys are looked up, whatever {unheeded} of ssh_config says)" if unheeded else ""
    if verdict == "revoked":
        kind: Kind = "revoked-host-key"
        sentence = (
            f"{where} shows the key {key}, which {revoking or files} marks as revoked: somebody else may "
            "be answering; give the node another key if it is the node."
        )
    elif verdict == "changed":
        kind = "changed-host-key"
        sentence = (
            f"{where} shows the key {key}, which is not the one in {files}{heed}: it was installed anew or "
            "somebody else is answering; find out which before anything else, and correct the file by hand."
        )
    elif flaw:
        kind = "bad-host-certificate"
        sentence = f"{where} shows a host certificate that does not hold: {flaw}; have it issued anew."
    else:
        kind = "unknown-host-key"
        # A part of one only: what to do depends on who can be asked, see first_contact.py.
        sentence = f"{key}, not in {files}{heed}"
    return RemoteError(kind, node, sentence)
