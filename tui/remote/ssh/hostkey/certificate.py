"""Host certificates: whether one holds for a name, as ssh(1) sees it."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tui.remote.ssh.algorithms import PLAIN_HOST_KEYS


def certificate_flaw(
    certificate: bytes, name: str, now: float, algorithms: Sequence[str] | None
) -> tuple[bytes, str]:
    """The public key that signed ``certificate``, and why the certificate does not hold ("" if it does).

    ``algorithms`` are CASignatureAlgorithms, None for all that are safe: SHA-1 never is.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415  # late, with paramiko
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    line = first_string(certificate) + b" " + base64.b64encode(certificate)
    try:
        cert = serialization.load_ssh_public_identity(line)
        if not isinstance(cert, serialization.SSHCertificate):
            return b"", "it is not a certificate"
        signer = cert.signature_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        authority = base64.b64decode(signer.split()[1])
        way = _signed_with(certificate, authority)
        cert.verify_cert_signature()
    except UnsupportedAlgorithm:
        return b"", "it is signed in a way that cannot be checked here"
    except (ValueError, InvalidSignature):
        return b"", "its signature is not valid"
    if way not in PLAIN_HOST_KEYS:
        return (
            authority,
            f"it is signed with {way}, which is not safe, whatever CASignatureAlgorithms of ssh_config says",
        )
    if algorithms is not None and way not in algorithms:
        return authority, f"it is signed with {way}, which CASignatureAlgorithms of ssh_config does not allow"
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


def _signed_with(certificate: bytes, authority: bytes) -> str:
    """The algorithm of a certificate's signature, which comes last, after the key that signed."""
    before = len(authority).to_bytes(4, "big") + authority
    signature = certificate[certificate.rindex(before) + len(before) :]
    return first_string(first_string(signature)).decode("ascii", "replace")


def first_string(data: bytes) -> bytes:
    """The first of what travels as strings with their lengths; a key's type, if it is a key."""
    return data[4 : 4 + int.from_bytes(data[:4], "big")]
