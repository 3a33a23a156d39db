"""Signatures as SSH writes them (RFC 4253, 5656, 8332, 8709), made with a key that is in memory."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization.ssh import SSHPublicKeyTypes

from tui.remote.ssh.algorithms import CERTIFICATE
from tui.remote.ssh.auth.wire import string

_CURVES: dict[str, hashes.HashAlgorithm] = {
    "nistp256": hashes.SHA256(),
    "nistp384": hashes.SHA384(),
    "nistp521": hashes.SHA512(),
}
RSA_HASHES: dict[str, hashes.HashAlgorithm] = {
    "rsa-sha2-512": hashes.SHA512(),
    "rsa-sha2-256": hashes.SHA256(),
}
"""The signatures of RSA keys, the preferred one first; never SHA-1."""


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A private key that can sign. Nothing of it is ever shown."""

    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    public: bytes

    def sign(self, data: bytes, algorithm: str) -> bytes:
        """The signature over ``data``; ``algorithm`` may be that of a certificate."""
        name = algorithm.removesuffix(CERTIFICATE)
        if isinstance(self.private, rsa.RSAPrivateKey):
            signature = self.private.sign(data, padding.PKCS1v15(), RSA_HASHES[name])
        elif isinstance(self.private, ed25519.Ed25519PrivateKey):
            signature = self.private.sign(data)
        else:
            hashed = ec.ECDSA(_CURVES[name.rpartition("-")[2]])
            pair = utils.decode_dss_signature(self.private.sign(data, hashed))
            signature = b"".join(string(_mpint(number)) for number in pair)
        return string(name.encode()) + string(signature)


def signing_key(loaded: object) -> SigningKey:
    """The key that cryptography has loaded. Raises ValueError for a type that SSH does not sign with here."""
    if not isinstance(loaded, (rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey, ec.EllipticCurvePrivateKey)):
        raise ValueError("a key of another kind than RSA, ECDSA and Ed25519")
    return SigningKey(loaded, public_blob(loaded.public_key()))


def public_blob(key: SSHPublicKeyTypes) -> bytes:
    """The public key as it goes over the wire. Raises ValueError for a curve that SSH has no name for."""
    line = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(line.split()[1])


def _mpint(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")
