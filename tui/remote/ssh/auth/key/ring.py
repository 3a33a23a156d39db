"""The keys of a person that were opened, shared by all connecting threads; passphrases are asked for here."""

from __future__ import annotations

import threading

from tui.remote.options import Question
from tui.remote.ssh.auth.key.container import WrongPassphraseError
from tui.remote.ssh.auth.key.file import KeyFile, UnusableError, read_key_file
from tui.remote.ssh.auth.key.signing import SigningKey
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.endpoint import Endpoint


class KeyRing:
    """A key is opened once. ``hung_agents``: those that did not answer, and until when each is left alone."""

    def __init__(self, secrets: SecretStore) -> None:
        self.hung_agents: dict[str, float] = {}
        self._secrets = secrets
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._opened: dict[str, tuple[bytes, SigningKey]] = {}

    def open(self, path: str, endpoint: Endpoint, public: bytes | None = None) -> SigningKey:
        """The key in ``path``, which is that of ``public`` if given. Raises UnusableError."""
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with self._secrets.waiting(lock):
            file = read_key_file(path)
            data, key = self._opened.get(path, (b"", None))
            if key is None or data != file.data:
                key = self._ask(file, endpoint) if file.encrypted else file.unlock()
                self._opened[path] = file.data, key
        if public not in (None, key.public):
            raise UnusableError(f"{path} is not the private half of {path}.pub: remove or remake the latter")
        return key

    def _ask(self, file: KeyFile, endpoint: Endpoint) -> SigningKey:
        """As often as ssh_config says, then no more until a person connects anew."""
        kind = ("passphrase", file.path)
        if endpoint.login.batch or not self._secrets.can_ask:
            why = " (BatchMode yes)" if endpoint.login.batch else ""
            raise UnusableError(f"{file.path} is encrypted and nobody can be asked for its passphrase{why}")
        tries = endpoint.login.prompts
        lines: tuple[str, ...] = ()
        why = self._secrets.given_up(kind)
        for count in range(2, tries + 2):
            if why:
                break
            typed = self._secrets.ask(
                Question(f"Passphrase of {file.path}: ", lines=lines, title="Passphrase")
            )
            if not typed:
                why = "is encrypted and no passphrase was given"
                break
            try:
                return file.unlock(typed)
            except WrongPassphraseError:
                lines = (f"That does not open it. Try {count} of {tries}.",)
        why = why or "was not opened: the passphrase was wrong"
        self._secrets.give_up(kind, why)
        raise UnusableError(f"{file.path} {why}")
