"""The algorithms that are spoken here, and sentences for those that are not.

paramiko offers more than these: no CBC, no SHA-1 and no MD5, whatever a server or ssh_config asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

CERTIFICATE = "-cert-v01@openssh.com"
"""What the name of an algorithm ends with where a certificate goes with the key."""

PLAIN_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
CERTIFICATES = tuple(f"{name}{CERTIFICATE}" for name in PLAIN_HOST_KEYS)

AEAD = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
"""Ciphers that need no MAC beside them."""
# AES-GCM first: half the CPU of ctr + hmac, and out of Terrapin's reach.
CIPHERS = (*AEAD, "aes128-ctr", "aes192-ctr", "aes256-ctr")
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
KEX = (
    "mlkem768x25519-sha256",
    # The RFC 8731 name of what paramiko knows only as @libssh.org; a hardened server may list just that one.
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
)


class Kind(NamedTuple):
    """One thing that is agreed on: in words, as ssh_config's keyword, and what of it is spoken here."""

    words: str
    keyword: str
    spoken: tuple[str, ...]


What = Literal["kex", "host key", "cipher", "mac"]
KINDS: dict[What, Kind] = {
    "kex": Kind("key exchange", "KexAlgorithms", KEX),
    "host key": Kind("host key", "HostKeyAlgorithms", (*CERTIFICATES, *PLAIN_HOST_KEYS)),
    "cipher": Kind("cipher", "Ciphers", CIPHERS),
    "mac": Kind("MAC", "MACs", MACS),
}

_BROKEN = re.compile(r"sha1|md5|-cbc|3des|arcfour|blowfish|cast128|ripemd|ssh-dss|^ssh-rsa|^none$")

_MOST_SHOWN = 10


def flaws(names: Iterable[str]) -> str:
    """Why none of these can be used, each said only of those of which it is true."""
    listed = list(names)
    broken = [name for name in listed if _BROKEN.search(name)]
    strange = [name for name in listed if name not in broken]
    words = []
    if strange:
        words.append(f"{_listed(strange)} cannot be spoken here")
    if broken:
        words.append(f"{_listed(broken)} {'is' if len(broken) == 1 else 'are'} not safe to use")
    return " and ".join(words)


def no_agreement(what: What, offered: Sequence[str], allowed: Sequence[str] | None, keyword: str = "") -> str:
    """Why nothing that a server offers can be agreed on, and what to do. ``allowed`` is ssh_config's list,
    ``keyword`` the one that narrows it where that is another than usual.
    """
    kind = KINDS[what]
    offer = f"offers only {_listed(offered)} for its {kind.words}"
    if allowed is not None and any(name in kind.spoken for name in offered):
        return (
            f"{offer}, which {keyword or kind.keyword} of your ssh_config does not allow; allow one of them "
            f"there, or one of {_listed(allowed)} in its sshd_config"
        )
    if all(_BROKEN.search(name) for name in offered):
        done = f"update its OpenSSH (7.2 or newer) or correct {kind.keyword} of its sshd_config"
        return f"{offer}, none of which is safe to use; {done}"
    wanted = _listed(name for name in kind.spoken if CERTIFICATE not in name)
    return f"{offer}: {flaws(offered)}; let {kind.keyword} of its sshd_config allow one of {wanted} too"


def _listed(names: Iterable[str]) -> str:
    """Names of a peer's, or of a file's: no more of them than can be read, and nothing that is no name."""
    shown = [name if re.fullmatch("[!-~]{1,80}", name) else "(not a name)" for name in names]
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    return ", ".join(shown[:_MOST_SHOWN]) + more if shown else "nothing"


def rsa_bits(blob: bytes) -> int:
    """The length of an RSA key, from its public half as it travels: type, exponent, modulus."""
    numbers = []
    while len(blob) >= 4:
        end = 4 + int.from_bytes(blob[:4], "big")
        numbers.append(int.from_bytes(blob[4:end], "big"))
        blob = blob[end:]
    return numbers[2].bit_length() if len(numbers) > 2 else 0
