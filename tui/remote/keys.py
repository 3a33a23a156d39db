"""Private keys: from files, loaded once and shared by all connections, and from the agent.

Import this module late: it loads paramiko.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko
from paramiko.agent import AgentKey, AgentSSH
from paramiko.pkey import PublicBlob

from tui.remote.endpoint import Endpoint
from tui.remote.secrets import SecretStore


@dataclass(frozen=True)
class Identity:
    """A key to try, and what to call it in a sentence."""

    key: paramiko.PKey
    label: str


class KeyRing:
    """The keys to try for an endpoint, in ssh(1)'s order: agent keys that ssh_config names, other agent
    keys (unless IdentitiesOnly), then key files. ``notes`` collects why a named key could not be used.
    """

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._files: dict[str, paramiko.PKey | str] = {}
        self._agents: dict[str, tuple[AgentKey, ...]] = {}

    def identities(self, endpoint: Endpoint, notes: list[str]) -> Iterator[Identity]:
        """Lazily, so that a passphrase is asked for only when no key before it was accepted."""
        agent, certificates = self._agent_keys(endpoint.identity_agent)
        files = [*endpoint.certificate_files, *(f"{path}-cert.pub" for path in endpoint.identity_files)]
        certificates = [blob for path in files if (blob := _read_certificate(path))] + certificates
        wanted = {public: path for path in endpoint.identity_files if (public := _public_key(path))}
        named = [key for key in agent if key.asbytes() in wanted]
        others = [] if endpoint.identities_only else [key for key in agent if key.asbytes() not in wanted]
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
            if path not in self._files:
                self._files[path] = self._read(path)
            return self._files[path]

    def _read(self, path: str) -> paramiko.PKey | str:
        try:
            return _bare(paramiko.PKey.from_path(path))
        except TypeError:
            pass  # encrypted: cryptography's way to say that a passphrase is needed
        except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
            return f"{path} is not a usable key ({type(error).__name__})"
        passphrase = self._secrets.get(("passphrase", path), f"Passphrase of {path}: ")
        if passphrase is None:
            return f"{path} is encrypted and there is no passphrase"
        try:
            # paramiko hands this to cryptography, which wants bytes.
            return _bare(paramiko.PKey.from_path(path, password=passphrase.encode()))  # type: ignore[arg-type]
        except (ValueError, TypeError, paramiko.SSHException):
            self._secrets.reject(("passphrase", path))
            return f"{path}: the passphrase is wrong"

    def _agent_keys(self, address: str | None) -> tuple[list[AgentKey], list[PublicBlob]]:
        """The agent's keys and the certificates it holds for some of them."""
        path = os.environ.get("SSH_AUTH_SOCK", "") if address in (None, "SSH_AUTH_SOCK") else address
        if not path or path == "none":
            return [], []
        with self._lock:
            if path not in self._agents:
                with contextlib.suppress(OSError, paramiko.SSHException):
                    self._agents[path] = _Agent(path).get_keys()
            held = self._agents.get(path, ())
        certificates = [PublicBlob(key.get_name(), key.blob) for key in held if "-cert-" in key.get_name()]
        return [key for key in held if "-cert-" not in key.get_name()], certificates

    def forget(self) -> None:
        """Look at files and agents anew next time."""
        with self._lock:
            self._files.clear()
            self._agents.clear()


class _Agent(AgentSSH):
    """One connection to an agent, used by all connecting threads."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._turn = threading.Lock()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(60)  # a person may have to touch a token or confirm
            sock.connect(path)
            stock: Any = super()
            stock._connect(sock)
        except BaseException:
            sock.close()
            raise

    def _send_message(self, msg: Any) -> Any:
        with self._turn:
            stock: Any = super()
            return stock._send_message(msg)


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


def _with_certificates(key: paramiko.PKey, label: str, certificates: list[PublicBlob]) -> Iterator[Identity]:
    """The key with each certificate made for it, then the key as it is."""
    for certificate in certificates:
        if _certified_key(certificate) == key.asbytes():
            yield Identity(_Certified(key, certificate), f"{label} with its certificate")
    yield Identity(key, label)


def _certified_key(certificate: PublicBlob) -> bytes | None:
    try:
        return paramiko.PKey.from_type_string(certificate.key_type, certificate.key_blob).asbytes()
    except (ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType):
        return None


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


def _bare(key: paramiko.PKey) -> paramiko.PKey:
    """Without the certificate that paramiko loads by itself: certificates are tried one by one here."""
    key.public_blob = None
    return key
