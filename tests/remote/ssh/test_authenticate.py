"""Logging in: keys, certificates, agents, passwords; and no secret in anything that is shown."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import endpoint
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tests.rigs.waiting import patience
from tui.remote import Endpoint, Options, Question, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector

pytestmark = needs_sshd

PASSPHRASE = "hunter2 $(id) \u00e9"


class Person:
    """Somebody to ask; remembers what was asked."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question.prompt)
        return self.answer


def log_in(target: Endpoint, person: Person | None = None, times: int = 1) -> str:
    """ "ok", or the sentence of the refusal, after so many logins with one connector."""
    connector = Connector(Options(), SecretStore(person))
    try:
        for _ in range(times):
            transport = connector.connect(target)
            assert transport.is_authenticated()
            connector.release(transport)
    except RemoteError as error:
        assert error.kind == "auth"
        assert PASSPHRASE not in repr(error)
        return str(error)
    finally:
        connector.close()
    return "ok"


def authorize(node: OpenSshNode, *public_keys: Path) -> None:
    node.authorized_keys.write_text("".join(path.read_text() for path in public_keys))


@pytest.mark.parametrize(
    ("kind", "more"),
    [("ed25519", ()), ("rsa", ("-b", "2048")), ("ecdsa", ()), ("rsa", ("-b", "2048", "-m", "PEM"))],
)
def test_keys_of_every_kind(node: OpenSshNode, tmp_path: Path, kind: str, more: tuple[str, ...]) -> None:
    key = tmp_path / "key"
    generate_key(key, kind, "", *more)
    authorize(node, key.with_suffix(".pub"))
    assert log_in(replace(endpoint(node), identity_files=(str(tmp_path / "missing"), str(key)))) == "ok"


@pytest.mark.parametrize(("kind", "more"), [("ed25519", ()), ("rsa", ("-b", "2048", "-m", "PEM"))])
def test_a_passphrase_is_asked_for_once(
    node: OpenSshNode, tmp_path: Path, kind: str, more: tuple[str, ...]
) -> None:
    key = tmp_path / "key"
    generate_key(key, kind, PASSPHRASE, *more)
    authorize(node, key.with_suffix(".pub"))
    target = replace(endpoint(node), identity_files=(str(key),))
    person = Person(PASSPHRASE)
    assert log_in(target, person, times=3) == "ok"
    assert person.asked == [f"Passphrase of {key}: "]
    assert "encrypted and there is no passphrase" in log_in(target)
    declining = Person(None)
    assert "encrypted and there is no passphrase" in log_in(target, declining)
    wrong = Person("wrong")
    assert "the passphrase is wrong" in log_in(target, wrong)
    assert len(wrong.asked) == 1


def test_one_prompt_for_many_connecting_threads() -> None:
    entered, answer = threading.Barrier(8), threading.Event()
    asked = []

    def ask(question: Question) -> str:
        asked.append(question.prompt)
        answer.wait(5 * patience())
        return "secret"

    store = SecretStore(ask)
    answers: list[str | None] = []

    def want() -> None:
        entered.wait(5 * patience())
        answers.append(store.get(("sudo", "op"), "sudo password: "))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    answer.set()
    for thread in threads:
        thread.join(5 * patience())
    assert answers == ["secret"] * 8
    assert asked == ["sudo password: "]
    store.reject(("sudo", "op"))
    assert store.get(("sudo", "op"), "again: ") is None
    store.allow_again()
    assert store.get(("sudo", "op"), "again: ") == "secret"
    assert "secret" not in repr(store)


def test_a_certificate_opens_where_the_key_alone_does_not(node: OpenSshNode, tmp_path: Path) -> None:
    authority, key = tmp_path / "authority", tmp_path / "key"
    generate_key(authority)
    generate_key(key, "rsa", "", "-b", "2048")
    certify(authority, key, node.user)
    authorize(node)
    node.stop()
    node.extra = [f"TrustedUserCAKeys {authority}.pub"]
    node.start()
    assert log_in(replace(endpoint(node), identity_files=(str(key),))) == "ok"  # key-cert.pub is found
    elsewhere = tmp_path / "elsewhere.pub"
    (tmp_path / "key-cert.pub").rename(elsewhere)
    assert "did not let" in log_in(replace(endpoint(node), identity_files=(str(key),)))
    target = replace(endpoint(node), identity_files=(str(key),), certificate_files=(str(elsewhere),))
    assert log_in(target) == "ok"


def certify(authority: Path, key: Path, user: str) -> None:
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "op", "-n", user, "-V", "+1d", f"{key}.pub"]
    subprocess.run(command, check=True, capture_output=True)


class AgentRig:
    """An ssh-agent of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "agent.sock"
        self._process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(self.socket)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it has bound its socket

    def add(self, *keys: Path) -> None:
        environment = {**os.environ, "SSH_AUTH_SOCK": str(self.socket)}
        subprocess.run(["ssh-add", "-q", *map(str, keys)], check=True, env=environment)

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentRig]:
    rig = AgentRig(tmp_path)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(rig.socket))
    yield rig
    rig.stop()


def make_keys(directory: Path, number: int) -> list[Path]:
    keys = [directory / f"key{n}" for n in range(number)]
    for key in keys:
        generate_key(key)
    return keys


def test_keys_of_the_agent(node: OpenSshNode, agent: AgentRig, tmp_path: Path) -> None:
    keys = make_keys(tmp_path, 3)
    authorize(node, Path(f"{keys[2]}.pub"))
    agent.add(*keys)
    target = replace(endpoint(node), identity_files=(), identities_only=False)
    assert log_in(target, times=2) == "ok"
    assert "did not let" in log_in(replace(target, identity_agent="none"))
    assert log_in(replace(target, identity_agent=str(agent.socket))) == "ok"


def test_of_many_keys_in_the_agent_the_named_one_comes_first(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path
) -> None:
    keys = make_keys(tmp_path, 8)
    authorize(node, Path(f"{keys[7]}.pub"))
    agent.add(*keys)
    unnamed = replace(endpoint(node), identity_files=(), identities_only=False)
    assert "IdentitiesOnly" in log_in(unnamed)  # it would be the eighth; sshd hangs up after six
    keys[7].unlink()  # only the agent has the private half
    assert log_in(replace(unnamed, identity_files=(str(keys[7]),))) == "ok"
    assert log_in(replace(unnamed, identity_files=(str(keys[7]),), identities_only=True)) == "ok"
    assert log_in(replace(unnamed, identity_files=(f"{keys[7]}.pub",), identities_only=True)) == "ok"
    assert "did not let" in log_in(replace(unnamed, identity_files=(str(keys[0]),), identities_only=True))


@pytest.mark.parametrize(("kind", "more"), [("ed25519", ()), ("rsa", ("-b", "2048"))])
def test_a_certificate_in_the_agent(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path, kind: str, more: tuple[str, ...]
) -> None:
    authority, key = tmp_path / "authority", tmp_path / "key"
    generate_key(authority)
    generate_key(key, kind, "", *more)
    certify(authority, key, node.user)
    authorize(node)
    node.stop()
    node.extra = [f"TrustedUserCAKeys {authority}.pub"]
    node.start()
    agent.add(key)
    key.unlink()
    (tmp_path / "key-cert.pub").unlink()
    assert log_in(replace(endpoint(node), identity_files=(), identities_only=False)) == "ok"


def test_a_refusal_says_what_was_tried_and_what_is_wanted(node: OpenSshNode) -> None:
    authorize(node)
    sentence = log_in(endpoint(node))
    for words in ("px01", node.user, "it accepts publickey", f"tried: {node.client_key}", "authorized_keys"):
        assert words in sentence
    assert "no usable key found" in log_in(replace(endpoint(node), identity_files=("/nonexistent",)))


def test_a_file_that_is_no_key_is_named(node: OpenSshNode, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key\n")
    sentence = log_in(replace(endpoint(node), identity_files=(str(tmp_path / "key"),)))
    assert f"{tmp_path / 'key'} is not a usable key" in sentence


def test_a_key_and_then_another_factor(node: OpenSshNode) -> None:
    node.stop()
    node.extra = ["AuthenticationMethods publickey,password", "PasswordAuthentication yes"]
    node.start()
    person = Person("not the password")
    sentence = log_in(endpoint(node), person)
    assert f"tried: {node.client_key}, password" in sentence
    assert person.asked == [f"Password of {node.user} on the nodes: "]
    assert "not the password" not in sentence
    assert "there is none to offer" in log_in(endpoint(node))
