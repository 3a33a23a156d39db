"""A private key's file: what ssh(1) reads, read as it does, and what it does not, told in a few words."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from tui.remote.ssh.auth.key import container
from tui.remote.ssh.auth.key.container import Container, WrongPassphraseError
from tui.remote.ssh.auth.key.signing import SigningKey, signing_key
from tui.remote.ssh.auth.wire import key_type

_LARGEST = 1 << 20
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
_PUBLIC = re.compile(rb"(ssh-|ecdsa-sha2-|sk-)[^ ]+ AAAA")
_ELSE = (
    (b"PuTTY-User-Key-File", "is PuTTY's: convert it with `puttygen {0} -O private-openssh -o NEW`"),
    (b"---- BEGIN SSH2 PUBLIC KEY", "is a public key (RFC 4716): name the private one"),
    (b"---- BEGIN SSH2 ENCRYPTED", "is ssh.com's: convert it with `ssh-keygen -i -f {0}`"),
    (b"-----BEGIN CERTIFICATE", "is an X.509 certificate: name the private key"),
    (b"SSH PRIVATE KEY FILE FORMAT 1.1", "is of SSH 1, which nobody speaks any more: make a new key"),
    (b"-----BEGIN ", "is not a private key, or not all of one"),
    (b"\0", "is not a key: it holds binary data"),
)
_SECURITY_KEY = "{0} is a security key's: load it into ssh-agent with `ssh-add {0}`"
_DSA = "{0} is a DSA key, which no OpenSSH of today takes: make a new one with `ssh-keygen -t ed25519`"
_BY_AGENT = "{0} is {1}: load it into ssh-agent with `ssh-add {0}`"


class UnusableError(Exception):
    """Why a key cannot be used, in a few words that name it."""


@dataclass(frozen=True, repr=False)
class KeyFile:
    """A file with a private key in it, as it is."""

    path: str
    data: bytes
    inside: Container | None

    @property
    def public(self) -> bytes | None:
        """The public half where it is there in clear: in OpenSSH's own format."""
        return self.inside.public if self.inside else None

    @property
    def encrypted(self) -> bool:
        """Whether it has a passphrase."""
        return self.inside.encrypted if self.inside else b"ENCRYPTED" in self.data

    def unlock(self, passphrase: str = "") -> SigningKey:
        """The key. Raises WrongPassphraseError only for a wrong passphrase, UnusableError for all else."""
        secret = passphrase.encode("utf-8", "surrogateescape")
        try:
            if self.inside is not None:
                return signing_key(serialization.load_ssh_private_key(self.inside.decrypted(secret), None))
            return self._unlock_pem(secret)
        except UnsupportedAlgorithm:
            kind = "of a kind that is not known here"
            raise UnusableError(_BY_AGENT.format(self.path, kind)) from None
        except ValueError as error:
            raise UnusableError(f"{self.path} is not a usable key: {error}") from None

    def _unlock_pem(self, secret: bytes) -> SigningKey:
        if self.encrypted and not secret:
            raise WrongPassphraseError
        try:
            return signing_key(serialization.load_pem_private_key(self.data, secret or None))
        except ValueError as error:
            if "nknown" in str(error) and self.encrypted:  # "Unknown cipher", "Unknown key encryption ..."
                kind = "encrypted with a cipher that is not known here"
                raise UnusableError(_BY_AGENT.format(self.path, kind)) from None
            if self.encrypted:  # what a wrong one makes of it has bad padding, or seldom no sense
                raise WrongPassphraseError from None
            raise ValueError("it is damaged, or of a kind that SSH has no name for") from None


def public_in_clear(path: str) -> bytes | None:
    """The public half that a private key's file shows whoever may read it; None if it does not."""
    try:
        data = _read(path, private=False)
        return container.parse(data).public if container.BEGIN in data else None
    except (FileNotFoundError, UnusableError, ValueError):
        return None


def read_key_file(path: str) -> KeyFile:
    """Raises UnusableError; FileNotFoundError as such, since ssh(1) passes over a key that is not there."""
    data = _read(path)
    pem = _PEM.search(data)
    if pem is None:
        for mark, words in _ELSE:
            if mark in data[:4096]:
                raise UnusableError(f"{path} {words.format(path)}")
        if _PUBLIC.match(data):
            raise UnusableError(f"{path} is a public key, and no agent holds its private half")
        what = "is empty" if not data.strip() else "is not a key of any format that is known here"
        raise UnusableError(f"{path} {what}")
    try:
        if container.BEGIN not in pem[0]:
            if pem[1] == b"DSA ":
                raise UnusableError(_DSA.format(path))
            _check_body(pem[0])
            return KeyFile(path, pem[0] + b"\n", None)
        inside = container.parse(data)
    except ValueError as error:
        raise UnusableError(f"{path} is not a usable key: {error}") from None
    kind = key_type(inside.public)
    if kind.startswith("sk-"):
        raise UnusableError(_SECURITY_KEY.format(path))
    if kind == "ssh-dss":
        raise UnusableError(_DSA.format(path))
    return KeyFile(path, data, inside)


def _read(path: str, *, private: bool = True) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # the latter: a NUL in the name
        raise UnusableError(f"{path!r} cannot be read ({_why(error)})") from None
    try:
        _check_file(path, os.fstat(descriptor), private)
        chunks = []
        while chunk := os.read(descriptor, _LARGEST):
            chunks.append(chunk)
        return b"".join(chunks)
    except OSError as error:
        raise UnusableError(f"{path} cannot be read ({_why(error)})") from None
    finally:
        os.close(descriptor)


def _check_file(path: str, facts: os.stat_result, private: bool) -> None:
    if not stat.S_ISREG(facts.st_mode):
        what = "a directory" if stat.S_ISDIR(facts.st_mode) else "not a file"
        raise UnusableError(f"{path} is {what}: name the file of the private key")
    if private and facts.st_uid == os.getuid() and facts.st_mode & 0o077:
        mode = stat.S_IMODE(facts.st_mode)
        raise UnusableError(
            f"{path} is not used, since others may read it (mode {mode:04o}): `chmod 600 {path}`"
        )
    if facts.st_size > _LARGEST:
        raise UnusableError(f"{path} is not a key: it is larger than 1 MB")


def _check_body(pem: bytes) -> None:
    """Told from a wrong passphrase: a PEM file whose text is damaged. Raises ValueError in words."""
    text = b"".join(line for line in pem.splitlines()[1:-1] if b":" not in line)
    try:
        if not base64.b64decode(text, validate=True):
            raise ValueError("it is empty")
    except binascii.Error:
        raise ValueError("it is damaged") from None


def _why(error: OSError | ValueError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
