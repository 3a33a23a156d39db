"""Which of one's keys ssh_config lets be used: PubkeyAcceptedAlgorithms and RequiredRSASize."""

from __future__ import annotations

import paramiko

from tui.remote.ssh.algorithms import CERTIFICATE, rsa_bits
from tui.remote.ssh.endpoint import LoginPolicy

_RSA = ("rsa-sha2-512", "rsa-sha2-256")


def forbidden(key: paramiko.PKey, policy: LoginPolicy) -> str:
    """Why a key must not be used to log in; "" if it may. With a certificate, that is what counts."""
    certificate = key.public_blob
    name: str = certificate.key_type if certificate is not None else key.get_name()
    kind = name.removesuffix(CERTIFICATE)
    if kind == "ssh-rsa":
        bits = rsa_bits(key.asbytes())
        if bits < policy.rsa_bits:
            return f"an RSA key of {bits} bits is too short (RequiredRSASize {policy.rsa_bits} of ssh_config)"
    allowed = policy.key_algorithms
    if allowed is None:
        return ""
    # An RSA key signs in whichever way the server likes of those that are offered; all of them have to do.
    ways = [way for way in _RSA if {way, way + CERTIFICATE} & set(allowed)] if kind == "ssh-rsa" else [kind]
    if ways and all(way + name[len(kind) :] in allowed for way in ways):
        return ""
    return f"{name} is not among the PubkeyAcceptedAlgorithms of ssh_config"
