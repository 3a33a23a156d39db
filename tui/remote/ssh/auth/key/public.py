"""Public keys and certificates: read from files, and taken apart as far as a login has to know them."""

from __future__ import annotations

import base64
import binascii
import os
import stat

from tui.remote.ssh.algorithms import CERTIFICATE
from tui.remote.ssh.auth.wire import Reader, key_type, string

# How many fields a public key of each type has after its name; a certificate has them after a nonce.
_FIELDS = {
    "ssh-ed25519": 1,
    "ssh-rsa": 2,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
_USER = 1
_LONGEST_LINE = 1 << 16


def is_certificate(blob: bytes) -> bool:
    """Whether it is a certificate, not a plain key."""
    return key_type(blob).endswith(CERTIFICATE)


def is_user_certificate(blob: bytes) -> bool:
    """Whether it is a certificate for logging in; those of hosts are not offered, as by ssh(1)."""
    if not is_certificate(blob):
        return False
    fields = Reader(blob)
    try:
        kind = plain_type(fields.text())
        fields.string()
        for _ in range(_FIELDS[kind]):
            fields.string()
        fields.take(8)  # its number
        return fields.number() == _USER
    except (ValueError, KeyError):
        return False


def plain_type(kind: str) -> str:
    """The type of the key that a certificate of this type is for; of a plain key, its own."""
    if not kind.endswith(CERTIFICATE):
        return kind
    plain = kind.removesuffix(CERTIFICATE)
    return f"{plain}@openssh.com" if plain.startswith("sk-") else plain


def certified_key(blob: bytes) -> bytes:
    """The plain public key inside a certificate; b"" if it cannot be found."""
    fields = Reader(blob)
    try:
        kind = plain_type(fields.text())
        fields.string()
        return string(kind.encode()) + b"".join(string(fields.string()) for _ in range(_FIELDS[kind]))
    except (ValueError, KeyError):
        return b""


def read_public(path: str) -> bytes | None:
    """The public key or certificate in ``path`` itself, or else in ``path``.pub; None if there is none."""
    for name in (path, f"{path}.pub"):
        try:
            words = _read_line(name).split(None, 2)
            blob = base64.b64decode(words[1], validate=True)
        except (OSError, ValueError, IndexError, binascii.Error):
            continue
        if words[0] == key_type(blob).encode():
            return blob
    return None


def _read_line(path: str) -> bytes:
    """Never waits for the other end of a pipe. Raises OSError, or ValueError for a NUL in the name."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is not a file")
        return os.read(descriptor, _LONGEST_LINE)
    finally:
        os.close(descriptor)
