"""OpenSSH's own format of private keys (PROTOCOL.key), opened for every cipher that ssh-keygen offers.

The cryptography package knows three of them and says of the others, as of a wrong passphrase, "corrupt".
So the private part is decrypted here and handed on as a file without a passphrase.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

import bcrypt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.poly1305 import Poly1305

from tui.remote.ssh.auth.wire import Reader, string

BEGIN, END = b"-----BEGIN OPENSSH PRIVATE KEY-----", b"-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_CHACHA = "chacha20-poly1305@openssh.com"
# Length of key, of what goes with it (IV or nonce), of the tag after the data.
_CIPHERS: dict[str, tuple[int, int, int]] = {
    "3des-cbc": (24, 8, 0),
    **{f"aes{bits}-{mode}": (bits // 8, 16, 0) for bits in (128, 192, 256) for mode in ("cbc", "ctr")},
    "aes128-gcm@openssh.com": (16, 12, 16),
    "aes256-gcm@openssh.com": (32, 12, 16),
    _CHACHA: (64, 0, 16),
}
_MOST_ROUNDS = 100_000
"""ssh-keygen -a takes more; each is about a millisecond, and a file with that many would hang us."""


class WrongPassphraseError(Exception):
    """The file is whole, and this is not its passphrase."""


@dataclass(frozen=True)
class Container:
    """A file as it is: the public key in clear, the private part perhaps encrypted."""

    cipher: str
    kdf: str
    kdf_options: bytes
    public: bytes
    private: bytes
    tag: bytes

    @property
    def encrypted(self) -> bool:
        """Whether it has a passphrase."""
        return self.kdf != "none"

    def decrypted(self, passphrase: bytes) -> bytes:
        """The same key without a passphrase, as a file. Raises WrongPassphraseError, or ValueError."""
        private = self._open(passphrase) if self.encrypted else self.private
        check = Reader(private)
        if check.number() != check.number():
            raise WrongPassphraseError if self.encrypted else ValueError("its private part is damaged")
        none = string(b"none")
        body = none + none + string(b"") + b"\0\0\0\1" + string(self.public) + string(private)
        return b"\n".join((BEGIN, base64.encodebytes(_MAGIC + body).strip(), END, b""))

    def _open(self, passphrase: bytes) -> bytes:
        if self.kdf != "bcrypt" or self.cipher not in _CIPHERS:
            raise ValueError(f"it is encrypted with {self.cipher} and {self.kdf}, which is not known here")
        key_length, iv_length, _ = _CIPHERS[self.cipher]
        options = Reader(self.kdf_options)
        salt, rounds = options.string(), options.number()
        if not 0 < rounds <= _MOST_ROUNDS:
            raise ValueError(f"its passphrase needs {rounds} rounds")
        if not passphrase or not salt:
            raise WrongPassphraseError
        derived = bcrypt.kdf(passphrase, salt, key_length + iv_length, rounds, ignore_few_rounds=True)
        key, iv = derived[:key_length], derived[key_length:]
        if self.cipher == _CHACHA:
            return _open_chacha(key[:32], self.private, self.tag)
        if "gcm" in self.cipher:
            try:
                return AESGCM(key).decrypt(iv, self.private + self.tag, None)
            except InvalidTag:
                raise WrongPassphraseError from None
        cipher: CipherAlgorithm = TripleDES(key) if self.cipher == "3des-cbc" else algorithms.AES(key)
        mode = modes.CTR(iv) if self.cipher.endswith("ctr") else modes.CBC(iv)
        opened = Cipher(cipher, mode).decryptor()
        return opened.update(self.private) + opened.finalize()


def parse(data: bytes) -> Container:
    """What is between the marks. Raises ValueError in words."""
    if not data.startswith(BEGIN + b"\n"):  # as strict as ssh(1)
        flaw = "its lines end as on Windows (CR LF)" if b"\r\n" in data else "something stands before the key"
        raise ValueError(flaw)
    body = data[len(BEGIN) :].partition(b"\n" + END + b"\n")
    if not body[1]:
        raise ValueError("its last line is missing, or does not end")
    try:
        decoded = base64.b64decode(b"".join(body[0].split()), validate=True)
    except binascii.Error:
        raise ValueError("it is damaged") from None
    if not decoded.startswith(_MAGIC):
        raise ValueError("it is damaged")
    fields = Reader(decoded[len(_MAGIC) :])
    cipher, kdf, options = fields.text(), fields.text(), fields.string()
    if fields.number() != 1:
        raise ValueError("it does not hold one key")
    container = Container(cipher, kdf, options, fields.string(), fields.string(), fields.rest())
    block = 16 if cipher.startswith("aes") else 8
    tag = _CIPHERS[cipher][2] if cipher in _CIPHERS else len(container.tag)
    if len(container.private) % block or not container.private or len(container.tag) != tag:
        raise ValueError("it is damaged")
    if not container.encrypted and cipher != "none":
        raise ValueError("it is damaged")
    return container


def _open_chacha(key: bytes, sealed: bytes, tag: bytes) -> bytes:
    """OpenSSH's use of it: the first block gives Poly1305's key, the data begins with the second."""

    def stream(block: int, data: bytes) -> bytes:
        nonce = block.to_bytes(8, "little") + bytes(8)
        return Cipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(data)

    if not hmac.compare_digest(Poly1305.generate_tag(stream(0, bytes(32)), sealed), tag):
        raise WrongPassphraseError
    return stream(1, sealed)
