"""Logging in: what is offered, what a refusal says, and no secret in anything that is shown."""

from __future__ import annotations

import threading
from dataclasses import replace

from tests.remote.conftest import endpoint
from tests.remote.ssh.logins import Person, authorize, log_in, restart
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import patience
from tui.remote import Question
from tui.remote.ssh.auth.secrets import SecretStore

pytestmark = needs_sshd


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


def test_a_refusal_says_what_was_tried_and_what_is_wanted(node: OpenSshNode) -> None:
    authorize(node)
    sentence = log_in(endpoint(node))
    for words in ("px01", node.user, "it accepts publickey", f"tried: {node.client_key}", "authorized_keys"):
        assert words in sentence
    assert "no usable key found" in log_in(replace(endpoint(node), identity_files=("/nonexistent",)))


def test_a_key_and_then_another_factor(node: OpenSshNode) -> None:
    restart(node, "AuthenticationMethods publickey,password", "PasswordAuthentication yes")
    person = Person("not the password")
    sentence = log_in(endpoint(node), person, unseen="not the password")
    assert f"tried: {node.client_key}, password, password, password; the password was wrong 3 t" in sentence
    assert person.asked == [f"Password of {node.user} on px01 (127.0.0.1:{node.port}): "] * 3
    assert "it wants a password and nobody can be asked" in log_in(endpoint(node))


def test_a_greeting_is_no_reason(node: OpenSshNode) -> None:
    greeting = node.directory / "greeting"
    greeting.write_text("Authorized use only; see pam_nologin(8).\n")
    restart(node, f"Banner {greeting}")
    assert log_in(endpoint(node)) == "ok"
    authorize(node)
    assert "Authorized use only" not in log_in(endpoint(node))
