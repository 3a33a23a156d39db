"""Whether the key a node showed is the node's: ssh(1)'s verdict on plain keys and on host certificates."""

from __future__ import annotations

import base64
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tui.remote.errors import Kind, RemoteError
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.hostkey.known_hosts import Entry, KnownHosts, fingerprint

HostKeyVerdict = Literal["ok", "new", "changed", "revoked"]


@dataclass(frozen=True)
class ShownKey:
    """What a server proved to hold: the plain public key and, if it has one, the certificate over it."""

    key_type: str
    blob: bytes
    certificate: bytes | None = None


def verify_host_key(endpoint: Endpoint, shown: ShownKey, known: KnownHosts, now: float | None = None) -> str:
    """How the key was verified, in words; raises RemoteError unless known_hosts vouches for it.

    As ssh(1): lines for ``[host]:port`` first, then, if they know nothing, lines for the bare name; a
    certificate that does not hold is dropped and its plain key looked up instead.
    """
    now = time.time() if now is None else now
    name, port = endpoint.key_name, endpoint.key_port
    entries = known.select(name, port)
    how, verdict, flaw = _judge(shown, entries, name, now)
    if verdict == "new" and port != 22:
        bare_how, bare_verdict, _ = _judge(shown, known.select(name, 22), name, now)
        if bare_verdict in ("ok", "revoked"):
            how, verdict = bare_how, bare_verdict
    if verdict == "ok":
        return how
    raise _refusal(endpoint, shown, verdict, flaw)


def _judge(
    shown: ShownKey, entries: Sequence[Entry], name: str, now: float
) -> tuple[str, HostKeyVerdict, str]:
    """(how it was verified, verdict, what is wrong with the certificate if anything)."""
    revoked = {entry.blob for entry in entries if entry.marker == "@revoked"}
    if shown.blob in revoked:
        return "", "revoked", ""
    flaw = ""
    if shown.certificate is not None:
        trusted = {entry.blob for entry in entries if entry.marker == "@cert-authority"}
        authority, flaw = _certificate_flaw(shown.certificate, name, now)
        if authority in revoked:
            return "", "revoked", ""
        if authority not in trusted:
            flaw = "it is signed by an authority that known_hosts does not list"
        if not flaw:
            return f"certificate of {fingerprint(authority)}", "ok", ""
    listed = {entry.blob for entry in entries if entry.marker == ""}
    if shown.blob in listed:
        return f"key {fingerprint(shown.blob)}", "ok", ""
    return "", ("changed" if listed else "new"), flaw


def _certificate_flaw(certificate: bytes, name: str, now: float) -> tuple[bytes, str]:
    """The public key that signed ``certificate``, and why the certificate does not hold ("" if it does)."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415  # late, with paramiko
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    length = int.from_bytes(certificate[:4], "big")
    line = certificate[4 : 4 + length] + b" " + base64.b64encode(certificate)
    try:
        cert = serialization.load_ssh_public_identity(line)
        if not isinstance(cert, serialization.SSHCertificate):
            return b"", "it is not a certificate"
        signer = cert.signature_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        authority = base64.b64decode(signer.split()[1])
        cert.verify_cert_signature()
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return b"", "its signature is not valid"
    principals = [principal.decode("utf-8", "replace") for principal in cert.valid_principals]
    if cert.type is not serialization.SSHCertificateType.HOST:
        return authority, "it is not a host certificate"
    # To the letter, and never for anybody: versions of ssh(1) differ on patterns and on an empty list.
    if name.lower() not in principals:
        return authority, f"it is made out to {', '.join(principals) or 'nobody'}"
    if not cert.valid_after <= now < cert.valid_before:
        return authority, "it is not valid now"
    if cert.critical_options:
        return authority, "it has a condition that nobody knows"
    return authority, ""


def _refusal(endpoint: Endpoint, shown: ShownKey, verdict: HostKeyVerdict, flaw: str) -> RemoteError:
    node, where = endpoint.node, f"{endpoint.node} ({endpoint.address})"
    key = f"{shown.key_type} {fingerprint(shown.blob)}"
    files = " and ".join(endpoint.known_hosts) or "known_hosts"
    if verdict == "revoked":
        kind: Kind = "revoked-host-key"
        sentence = (
            f"{where} shows the key {key}, which {files} marks as revoked: somebody else may be answering."
        )
    elif verdict == "changed":
        kind = "changed-host-key"
        sentence = (
            f"{where} shows the key {key}, which is not the one in {files}: it was installed anew or "
            "somebody else is answering; find out which before anything else, and correct the file by hand."
        )
    elif flaw:
        kind = "bad-host-certificate"
        sentence = f"{where} shows a host certificate that does not hold: {flaw}; have it issued anew."
    else:
        kind = "unknown-host-key"
        sentence = (
            f"{where} shows the key {key}, which is not in {files}; compare it with `ssh-keygen -lf` on the "
            f"node's own console, then accept it with: {_accept_command(endpoint, shown)}"
        )
    return RemoteError(kind, node, sentence)


def _accept_command(endpoint: Endpoint, shown: ShownKey) -> str:
    if endpoint.host_key_alias or endpoint.proxy_jump or endpoint.proxy_command:
        return f"ssh {shlex.quote(endpoint.node)} true"
    short = {"ssh-rsa": "rsa", "ssh-ed25519": "ed25519"}.get(shown.key_type, "ecdsa")
    words = [
        "ssh-keyscan",
        "-t",
        short,
        *(["-p", str(endpoint.port)] if endpoint.port != 22 else []),
        endpoint.host,
    ]
    target = endpoint.known_hosts[0] if endpoint.known_hosts else "~/.ssh/known_hosts"
    return f"{shlex.join(words)} >> {shlex.quote(target)}"
