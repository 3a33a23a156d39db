"""Which of one's keys ssh_config lets be used, and how: PubkeyAcceptedAlgorithms and RequiredRSASize."""

from __future__ import annotations

from collections.abc import Collection

from tui.remote.ssh.algorithms import CERTIFICATE, rsa_bits
from tui.remote.ssh.auth.key.public import certified_key, is_certificate, plain_type
from tui.remote.ssh.auth.key.signing import RSA_HASHES
from tui.remote.ssh.auth.wire import key_type
from tui.remote.ssh.endpoint import LoginPolicy


class ForbiddenError(Exception):
    """Why a key must not be used to log in, in a few words."""


def signature_algorithm(public: bytes, policy: LoginPolicy, taken: Collection[str] | None) -> str:
    """With what the key or certificate ``public`` signs, the name that ssh(1) would choose.

    ``taken`` is what the node takes, None if it did not say. Only RSA keys have a choice. Raises
    ForbiddenError.
    """
    name = key_type(public)
    if plain_type(name) == "ssh-rsa":
        bits = rsa_bits(certified_key(public) if is_certificate(public) else public)
        if bits < policy.rsa_bits:
            limit = f"RequiredRSASize {policy.rsa_bits} of ssh_config"
            raise ForbiddenError(f"an RSA key of {bits} bits is too short ({limit})")
        ways = [way + name.removeprefix("ssh-rsa") for way in RSA_HASHES]
    else:
        ways = [name]
    allowed = policy.key_algorithms
    if allowed is not None:
        ways = [way for way in allowed if way in ways]
    if not ways:
        raise ForbiddenError(f"{name} is not among the PubkeyAcceptedAlgorithms of ssh_config")
    if plain_type(name) == "ssh-rsa" and taken is not None:
        ways = [way for way in ways if way.removesuffix(CERTIFICATE) in taken]
    if not ways:
        raise ForbiddenError("the node takes no signature of an RSA key that is safe")
    return ways[0]
