"""What the tests of logins share: somebody to ask, a login as the console makes it, and as ssh(1) does."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.rigs.openssh import OpenSshNode
from tui.remote import Endpoint, Options, Question, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector

SECRET = "hunter2 $(id) \u00e9"


class Person:
    """Somebody to ask. Gives the same answer always, those of a list in turn, or what a function says."""

    def __init__(self, answer: str | Sequence[str | None] | Callable[[Question], str | None] | None) -> None:
        self._answer = answer
        self.questions: list[Question] = []

    @property
    def asked(self) -> list[str]:
        """The prompts so far."""
        return [question.prompt for question in self.questions]

    def __call__(self, question: Question) -> str | None:
        self.questions.append(question)
        if callable(self._answer):
            return self._answer(question)
        if isinstance(self._answer, str | None):
            return self._answer
        return self._answer[len(self.questions) - 1]


def log_in(
    target: Endpoint,
    person: Person | None = None,
    times: int = 1,
    *,
    unseen: str = SECRET,
    tell: Callable[[str], None] = lambda _: None,
) -> str:
    """ "ok", or the sentence of the refusal, after so many logins with one connector."""
    connector = Connector(Options(), SecretStore(person))
    try:
        for _ in range(times):
            transport = connector.connect(target, tell)
            assert transport.is_authenticated()
            connector.release(transport)
    except RemoteError as error:
        assert error.kind == "auth", error.sentence
        assert unseen not in repr(error)
        return str(error)
    finally:
        connector.close()
    return "ok"


def authorize(node: OpenSshNode, *public_keys: Path) -> None:
    """Let these keys in, and no other."""
    node.authorized_keys.write_text("".join(path.read_text() for path in public_keys))


def restart(node: OpenSshNode, *extra: str) -> None:
    """Run it with other lines of sshd_config."""
    node.stop()
    node.extra = list(extra)
    node.start()


def ssh_opens(path: Path, passphrase: str = "") -> bool:
    """Whether ssh-keygen can read the private key with that passphrase."""
    command = ["ssh-keygen", "-y", "-P", passphrase, "-f", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def certify(authority: Path, key: Path, user: str) -> None:
    """Make ``key``-cert.pub."""
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "op", "-n", user, "-V", "+1d", f"{key}.pub"]
    subprocess.run(command, check=True, capture_output=True)
