"""Private keys: from files, loaded once and shared by all connections, and from the agent.

Import this module late: it loads paramiko.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from paramiko.agent import AgentKey, AgentSSH
from paramiko.pkey import PublicBlob

from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint


@dataclass(frozen=True)
class CandidateKey:
    """A key to try, and what to call it in a sentence."""

    key: paramiko.PKey
    label: str


class KeyRing:
    """The keys to try for an endpoint, in ssh(1)'s order: agent keys that ssh_config names, other agent
    keys (unless IdentitiesOnly), then key files. Used by all connecting threads.
    """

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._loaded: dict[str, paramiko.PKey] = {}

    def identities(self, endpoint: Endpoint, notes: list[str]) -> Generator[CandidateKey, None, None]:
        """Lazily, so that a passphrase is asked for only when no key before it was accepted.

        ``notes`` collects why a named key could not be used. To be closed: an agent may be behind it.
        """
        wanted = {public: path for path in endpoint.identity_files if (public := _public_key(path))}
        with _agent(endpoint.identity_agent) as held:
            files = [*endpoint.certificate_files, *(f"{path}-cert.pub" for path in endpoint.identity_files)]
            certificates = [blob for path in files if (blob := _read_certificate(path))]
            certificates += [PublicBlob(key.get_name(), key.blob) for key in held if _is_certificate(key)]
            plain = [key for key in held if not _is_certificate(key)]
            named = [key for key in plain if key.asbytes() in wanted]
            others = [] if endpoint.identities_only else [key for key in plain if key.asbytes() not in wanted]
            for agent_key in named + others:
                yield from _with_certificates(agent_key, f"agent key {agent_key.comment}", certificates)
        done = {wanted[key.asbytes()] for key in named}
        for path in endpoint.identity_files:
            if path in done or path.endswith(".pub") or not Path(path).exists():
                continue
            loaded = self._load(path)
            if isinstance(loaded, str):
                notes.append(loaded)
            else:
                yield from _with_certificates(loaded, path, certificates)

    def _load(self, path: str) -> paramiko.PKey | str:
        """The key in a file, or a few words on why not. A person is asked for its passphrase once."""
        with self._lock:
            if path in self._loaded:
                return self._loaded[path]
            key = self._read(path)
            if isinstance(key, paramiko.PKey):
                key.public_blob = None  # paramiko loads the certificate; they are tried one by one here
                self._loaded[path] = key
            return key

    def _read(self, path: str) -> paramiko.PKey | str:
        try:
            return paramiko.PKey.from_path(path)
        except TypeError:  # cryptography's way to say that a passphrase is needed
            return self._decrypt(path)
        except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
            return f"{path} is not a usable key ({type(error).__name__})"

    def _decrypt(self, path: str) -> paramiko.PKey | str:
        passphrase = self._secrets.get(("passphrase", path), f"Passphrase of {path}: ")
        if passphrase is None:
            return f"{path} is encrypted and there is no passphrase"
        try:
            # paramiko hands this to cryptography, which wants bytes.
            return paramiko.PKey.from_path(path, password=passphrase.encode())  # type: ignore[arg-type]
        except (ValueError, TypeError, paramiko.SSHException):
            self._secrets.reject(("passphrase", path))
            return f"{path}: the passphrase is wrong"


class _Agent(AgentSSH):
    """A connection to the agent at ``path``."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(60)  # a person may have to touch a token or confirm
            self._socket.connect(path)
            stock: Any = super()
            stock._connect(self._socket)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def _agent(address: str | None) -> Iterator[tuple[AgentKey, ...]]:
    """What the agent at ``address`` (None: the usual one) holds; nothing if there is no agent."""
    path = os.environ.get("SSH_AUTH_SOCK", "") if address in (None, "SSH_AUTH_SOCK") else address
    try:
        agent = _Agent(path) if path and path != "none" else None
    except (OSError, paramiko.SSHException):
        agent = None
    if agent is None:
        yield ()
        return
    with contextlib.closing(agent):
        yield agent.get_keys()


class _Certified(paramiko.PKey):
    """A key that shows a certificate in place of its public half."""

    def __init__(self, key: paramiko.PKey, certificate: PublicBlob) -> None:
        self._key = key
        self.public_blob = certificate

    def get_name(self) -> str:
        return self._key.get_name()

    def asbytes(self) -> bytes:
        return self._key.asbytes()

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> Any:
        return self._key.sign_ssh_data(data, algorithm)


def _with_certificates(
    key: paramiko.PKey, label: str, certificates: list[PublicBlob]
) -> Iterator[CandidateKey]:
    """The key with each certificate made for it, then the key as it is."""
    for certificate in certificates:
        if _certified_key(certificate) == key.asbytes():
            yield CandidateKey(_Certified(key, certificate), f"{label} with its certificate")
    yield CandidateKey(key, label)


def _certified_key(certificate: PublicBlob) -> bytes | None:
    """The plain public key inside a certificate."""
    line = f"{certificate.key_type} {base64.b64encode(certificate.key_blob).decode()}"
    try:
        identity = serialization.load_ssh_public_identity(line.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(identity, serialization.SSHCertificate):
        return None
    plain = identity.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return base64.b64decode(plain.split()[1])


def _is_certificate(key: AgentKey) -> bool:
    return "-cert-" in key.get_name()


def _read_certificate(path: str) -> PublicBlob | None:
    try:
        return PublicBlob.from_file(path)
    except (OSError, ValueError):
        return None


def _public_key(path: str) -> bytes | None:
    """The public half of a key file, from its .pub file: the private file may be encrypted."""
    try:
        words = Path(path if path.endswith(".pub") else f"{path}.pub").read_text("utf-8").split()
        return base64.b64decode(words[1], validate=True)
    except (OSError, ValueError, IndexError):
        return None
