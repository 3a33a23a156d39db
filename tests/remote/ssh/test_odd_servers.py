"""What a server may send during a login and sshd does not: told in a sentence, and it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL

from tests.remote.ssh.logins import Person
from tests.rigs.odd_server import OddServer, Say, questions, send
from tests.rigs.openssh import generate_key, needs_sshd
from tui.remote import Options, Question, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.auth.wire import string
from tui.remote.ssh.connect import Connector
from tui.remote.ssh.endpoint import Endpoint

pytestmark = needs_sshd

MakeServer = Callable[[str, Say], OddServer]
KBDINT = "keyboard-interactive"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[MakeServer]:
    made: list[OddServer] = []

    def make(methods: str, say: Say) -> OddServer:
        made.append(OddServer(tmp_path, methods, say))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def log_in(target: Endpoint, person: Person | None, times: int = 1) -> tuple[str, str]:
    """Kind and sentence of the failure; two empty ones if there is none."""
    connector = Connector(Options(auth_timeout=5.0), SecretStore(person))
    try:
        for _ in range(times):
            connector.connect(target)
    except RemoteError as error:
        return error.kind, error.sentence
    finally:
        connector.close()
    return "", ""


def test_several_questions_at_once_and_in_turn(serve: MakeServer) -> None:
    def say(_: Any, answers: Any) -> Any:
        if answers is None:
            return questions(
                "Main\x1b[2J gate", "Mind the gap", ("Password: ", False), ("Which door? ", True)
            )
        if answers == ["secret", "left"]:
            return questions("", "")  # nothing is asked, only something said
        return questions("", "", ("Token: ", False)) if answers == [] else AUTH_SUCCESSFUL

    server = serve(KBDINT, say)
    replies = {"Which door?": "left", "Token:": "123456", "Password of": "secret"}

    def answer(question: Question) -> str:
        return next(reply for words, reply in replies.items() if words in question.prompt)

    person = Person(answer)
    assert log_in(server.endpoint, person, times=2) == ("", "")
    assert server.answers == [["secret", "left"], [], ["123456"]] * 2
    where = f"px01 (127.0.0.1:{server.endpoint.port})"
    door, token = f"{where} asks op: Which door? ", f"{where} asks op: Token: "
    assert person.asked == [f"Password of op on {where}: ", door, token, door, token]
    assert [question.hidden for question in person.questions[:3]] == [True, False, True]
    assert person.questions[1].lines == ("Main gate", "Mind the gap")


def test_the_password_answers_one_question_of_a_login(serve: MakeServer) -> None:
    asked = questions("", "", ("Password: ", False))

    def say(_: Any, answers: Any) -> Any:
        return AUTH_SUCCESSFUL if answers == ["second"] else asked

    server = serve(KBDINT, say)
    person = Person(lambda question: "second" if " asks op: " in question.prompt else "first")
    assert log_in(server.endpoint, person, times=2) == ("", "")
    where = f"px01 (127.0.0.1:{server.endpoint.port})"
    again = f"{where} asks op: Password: "
    assert person.asked == [f"Password of op on {where}: ", again, again]
    assert server.answers == [["first"], ["second"]] * 2


def test_an_empty_answer_is_an_answer_and_none_is_not(serve: MakeServer) -> None:
    def say(_: Any, answers: Any) -> Any:
        return questions("", "", ("Press Enter for a push", False)) if answers is None else AUTH_SUCCESSFUL

    server = serve(KBDINT, say)
    assert log_in(server.endpoint, Person("")) == ("", "")
    kind, sentence = log_in(server.endpoint, Person(None))
    assert (kind, "nobody answered its question" in sentence) == ("auth", True)
    assert server.answers == [[""]]


NONSENSE: dict[str, tuple[Callable[[Any], Any], str]] = {
    "for ever": (lambda _: questions("", ""), "it asks on and on (64 rounds)"),
    "too many": (lambda _: questions("", "", *[("?", False)] * 17), "it asks 17 questions at once"),
    "cut": (lambda transport: send(transport, 60, b"\0\0\0\xff"), "it ends too early"),
    "gone": (lambda transport: transport.close() or AUTH_FAILED, "hung up during the login"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_told_and_ends(serve: MakeServer, case: str) -> None:
    say, words = NONSENSE[case]
    server = serve(KBDINT, lambda transport, _: say(transport))
    kind, sentence = log_in(server.endpoint, Person("secret"))
    assert kind == "lost"
    assert words in sentence
    assert sentence.startswith("px01 (127.0.0.1:")


def test_a_new_password_that_is_demanded_by_the_method_password(serve: MakeServer) -> None:
    def say(transport: Any, _: Any) -> Any:
        send(transport, 60, string(b"Change it now") + string(b""))
        return AUTH_FAILED

    server = serve("password", say)
    kind, sentence = log_in(server.endpoint, Person("secret"))
    assert kind == "auth"
    assert "it demands a new password for op: log in once with ssh and set it" in sentence
    assert server.answers == [["secret"]]


def test_a_key_is_not_used_for_another_that_the_server_names(serve: MakeServer, tmp_path: Path) -> None:
    def say(transport: Any, _: Any) -> Any:
        send(transport, 60, string(b"ssh-ed25519") + string(b"another"))
        return AUTH_FAILED

    generate_key(tmp_path / "key")
    server = serve("publickey", say)
    target = replace(server.endpoint, identity_files=(str(tmp_path / "key"),))
    kind, sentence = log_in(target, None)
    assert kind == "lost"
    assert "it takes another key than the one that was offered" in sentence
