"""Passwords: whose they are, how often they may be wrong, and to whom they are never sent."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import endpoint
from tests.remote.ssh.conftest import MakePamNode
from tests.remote.ssh.logins import Person, log_in
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.pam import ASKED, PASSWORDS, QUESTIONS, needs_pam
from tests.rigs.sudo import PASSWORD, USER, write
from tests.rigs.waiting import wait_until
from tui.remote import Endpoint, Options, Question, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector
from tui.remote.ssh.endpoint import LoginPolicy

pytestmark = [needs_sshd, needs_pam]


def prompt(node: OpenSshNode) -> str:
    return f"Password of {USER} on {node.name} (127.0.0.1:{node.port}): "


def without_keys(node: OpenSshNode) -> Endpoint:
    return replace(endpoint(node), identity_files=(), identity_agent="none")


OTHER_PASSWORD = "0ther pw"
BY = pytest.mark.parametrize("lines", [PASSWORDS, QUESTIONS], ids=["password", "keyboard-interactive"])


@BY
def test_a_password_is_asked_for_once_for_a_node(pam_node: MakePamNode, lines: tuple[str, ...]) -> None:
    node = pam_node(lines=lines)
    person = Person(PASSWORD)
    assert log_in(without_keys(node), person, times=3, unseen=PASSWORD) == "ok"
    assert person.asked == [prompt(node)]
    assert person.questions[0].hidden


@BY
def test_a_wrong_password_is_asked_for_anew_as_often_as_with_ssh(
    pam_node: MakePamNode, lines: tuple[str, ...]
) -> None:
    node = pam_node(lines=lines)
    person = Person(["wrong", "wrong again", PASSWORD])
    assert log_in(without_keys(node), person) == "ok"
    assert [question.lines for question in person.questions] == [
        (),
        (f"px01 (127.0.0.1:{node.port}) refused that. Try 2 of 3.",),
        (f"px01 (127.0.0.1:{node.port}) refused that. Try 3 of 3.",),
    ]
    wrong = Person("wrong pw")
    sentence = log_in(without_keys(node), wrong, unseen="wrong pw")
    assert (
        "was wrong 3 times (NumberOfPasswordPrompts 3 of ssh_config)): check it, and connect again."
        in sentence
    )
    assert len(wrong.asked) == 3
    once = Person("wrong pw")
    log_in(replace(without_keys(node), login=LoginPolicy(prompts=1)), once)
    assert len(once.asked) == 1


def test_three_wrong_ones_are_three_whatever_the_methods(pam_node: MakePamNode) -> None:
    node = pam_node(lines=ASKED)
    wrong = Person("wrong pw")
    assert "the password was wrong 3 times" in log_in(without_keys(node), wrong)
    assert len(wrong.asked) == 3
    assert node.log.count("PAM: Authentication failure") == 3


def test_nobody_to_ask_and_nobody_who_answers(pam_node: MakePamNode) -> None:
    node = pam_node()
    assert "it asks questions and nobody can be asked" not in log_in(without_keys(node))
    assert "it wants a password and nobody can be asked" in log_in(without_keys(node))
    batch = replace(without_keys(node), login=LoginPolicy(batch=True))
    person = Person(PASSWORD)
    assert "it wants a password and nobody can be asked" in log_in(batch, person)
    assert person.asked == []
    for nothing in (None, ""):
        person = Person(nothing)
        assert "nobody gave a password" in log_in(without_keys(node), person)
        assert len(person.asked) == 1
    assert "Failed" not in node.log


class Fleetlike:
    """Logins at several nodes with what one person has said so far."""

    def __init__(self, answer: object) -> None:
        self.person = Person(answer)  # type: ignore[arg-type]
        self.secrets = SecretStore(self.person)
        self.connector = Connector(Options(), self.secrets)

    def log_in(self, target: OpenSshNode | Endpoint, kind: str = "") -> str:
        endpoint = target if isinstance(target, Endpoint) else without_keys(target)
        try:
            self.connector.release(self.connector.connect(endpoint))
        except RemoteError as error:
            assert PASSWORD not in repr(error)
            assert kind in ("", error.kind)
            return error.sentence
        return "ok"


@pytest.fixture
def four(pam_node: MakePamNode) -> list[OpenSshNode]:
    return [pam_node(f"px0{number}") for number in range(1, 5)]


def test_one_password_for_all_nodes_is_a_person_s_word(four: list[OpenSshNode]) -> None:
    fleet = Fleetlike([PASSWORD, "yes"])
    assert [fleet.log_in(node) for node in [*four, *four]] == ["ok"] * 8
    assert fleet.person.asked == [
        prompt(four[0]),
        "Send it to px02 and all other nodes, too? yes, or Enter to type another: ",
    ]
    asked = fleet.person.questions[1]
    assert not asked.hidden
    assert asked.lines == (
        f"px01 (127.0.0.1:{four[0].port}) took the password of {USER}.",
        f"px02 (127.0.0.1:{four[1].port}) wants one now.",
    )


@pytest.mark.parametrize("answer", ["", "no", PASSWORD])
def test_without_that_word_each_node_is_asked_for(four: list[OpenSshNode], answer: str) -> None:
    fleet = Fleetlike([PASSWORD, answer, "not yet", PASSWORD, PASSWORD])
    assert [fleet.log_in(node) for node in four[:3]] == ["ok"] * 3
    assert [prompt(four[0]), *map(prompt, (four[1], four[1], four[2]))] == [
        asked for asked in fleet.person.asked if asked.startswith("Password")
    ]
    assert "Failed" not in four[2].log


def test_a_wrong_password_is_sent_to_no_other_node(four: list[OpenSshNode]) -> None:
    fleet = Fleetlike(["wrong", "wrong", "wrong", None])
    sentences = [fleet.log_in(node) for node in four]
    assert "the password was wrong 3 times" in sentences[0]
    assert "nobody gave a password" in sentences[1]
    assert "nobody gave a password" in sentences[2]
    assert len(fleet.person.asked) == 4  # declining once is declining for all
    assert not any("Failed" in node.log or "failure" in node.log for node in four[1:])
    # Nothing is asked, nor sent, until a person connects anew.
    assert "; the password was wrong): connect again to be asked, or check" in fleet.log_in(four[0])
    assert len(fleet.person.asked) == 4
    fleet.person.questions.clear()
    fleet.secrets.allow_again()
    fleet.log_in(four[0])
    assert fleet.person.asked == [prompt(four[0])] * 3


def test_what_one_node_refuses_is_sent_to_no_other(four: list[OpenSshNode]) -> None:
    fleet = Fleetlike([PASSWORD, "yes", PASSWORD, "other", None])
    one, two, three, _ = map(without_keys, four)
    assert [fleet.log_in(one), fleet.log_in(two)] == ["ok", "ok"]
    for node in four[:3]:
        change_password(node)
    # It is refused once, at the first that asks; then a person is asked, once for each that is the first.
    assert "the password was wrong 3 times" in fleet.log_in(two)
    assert "nobody gave a password" in fleet.log_in(three)
    assert fleet.log_in(one) != "ok"
    sent = [node.log.count("PAM: Authentication failure") for node in four]
    assert sent == [0, 3, 0, 0]


def test_a_node_with_another_password_is_the_exception(four: list[OpenSshNode]) -> None:
    change_password(four[1])
    fleet = Fleetlike([PASSWORD, "yes", OTHER_PASSWORD, PASSWORD, "yes"])
    assert [fleet.log_in(node) for node in four] == ["ok"] * 4
    assert fleet.person.asked == [
        prompt(four[0]),
        "Send it to px02 and all other nodes, too? yes, or Enter to type another: ",
        prompt(four[1]),
        prompt(four[2]),
        "Send it to px04 and all other nodes, too? yes, or Enter to type another: ",
    ]
    fleet.person.questions.clear()
    assert [fleet.log_in(node) for node in four] == ["ok"] * 4
    assert fleet.person.asked == []


def test_many_nodes_at_once_ask_one_after_the_other(four: list[OpenSshNode]) -> None:
    asking = threading.Lock()

    def answer(question: Question) -> str:
        assert asking.acquire(blocking=False), "two questions at once"
        time.sleep(0)  # let the others come
        asking.release()
        return PASSWORD if question.hidden else "yes"

    fleet = Fleetlike(answer)
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(fleet.log_in, four * 2))
    assert ended == ["ok"] * 8
    assert len(fleet.person.asked) == 2


def test_a_jump_host_has_its_own_password(four: list[OpenSshNode]) -> None:
    gateway, *nodes = four
    change_password(gateway)
    hop = replace(without_keys(gateway), jump_name="gw")
    fleet = Fleetlike([OTHER_PASSWORD, PASSWORD, "yes"])
    behind = [replace(without_keys(node), proxy_jump=(hop,)) for node in nodes]
    assert [fleet.log_in(target) for target in behind] == ["ok"] * 3
    jump = f"the jump host gw (127.0.0.1:{gateway.port})"
    assert fleet.person.asked == [
        f"Password of {USER} on {jump}, on the way to px02: ",
        prompt(nodes[0]),
        "Send it to px03 and all other nodes, too? yes, or Enter to type another: ",
    ]
    fleet.connector.close()
    wrong = Fleetlike("wrong")
    sentence = wrong.log_in(behind[0])
    assert sentence.startswith(f"px02: its jump host gw (127.0.0.1:{gateway.port}) did not let {USER} in")
    assert not any("Authentication failure" in node.log for node in nodes)


def test_what_is_for_all_nodes_is_not_for_a_jump_host(four: list[OpenSshNode]) -> None:
    gateway, *nodes = four
    fleet = Fleetlike([PASSWORD, "yes", PASSWORD])
    behind = replace(without_keys(nodes[2]), proxy_jump=(replace(without_keys(gateway), jump_name="gw"),))
    assert [fleet.log_in(target) for target in (nodes[0], nodes[1], behind)] == ["ok"] * 3
    assert fleet.person.asked[2].startswith(f"Password of {USER} on the jump host gw (")
    assert len(fleet.person.asked) == 3
    fleet.connector.close()


def test_a_password_typed_too_late_is_used_at_the_next_login(pam_node: MakePamNode) -> None:
    node = pam_node()

    def slowly(_: Question) -> str:
        node.kill_sessions()  # as LoginGraceTime does
        wait_until(lambda: not any(transport.is_active() for transport in fleet.connector._open))
        return PASSWORD

    fleet = Fleetlike(slowly)
    assert "did not wait until the password was typed" in fleet.log_in(node)
    assert fleet.log_in(node) == "ok"
    assert len(fleet.person.asked) == 1


@BY
def test_a_node_that_is_starting_has_not_judged_the_password(
    pam_node: MakePamNode, lines: tuple[str, ...]
) -> None:
    node = pam_node(lines=lines)
    nologin = refuse_account(node, "System is booting up. See pam_nologin(8).")
    fleet = Fleetlike(PASSWORD)
    for _ in range(3):
        sentence = fleet.log_in(node, kind="lost")
        assert 'lets nobody but root in now: "System is booting up. See pam_nologin(8)."' in sentence
    nologin.unlink()
    assert fleet.log_in(node) == "ok"
    nologin.write_text("System is going down. Unprivileged users are not permitted to log in anymore.")
    assert "lets nobody but root in now" in fleet.log_in(node, kind="lost")
    nologin.unlink()
    assert fleet.log_in(node) == "ok"
    assert fleet.person.asked == [prompt(node)]


def test_a_password_that_the_node_did_not_judge_is_not_sent_again(pam_node: MakePamNode) -> None:
    node = pam_node(lines=PASSWORDS)
    nologin = refuse_account(node, "Come back \x1b[2J later")  # sshd says so, and hangs up
    fleet = Fleetlike(PASSWORD)
    for count in (1, 2):
        sentence = fleet.log_in(node)
        assert 'it hung up on the password; it says "Come back later"' in sentence
        assert len(fleet.person.asked) == count
    nologin.unlink()
    assert fleet.log_in(node) == "ok"
    # Once it has taken a password, that is not doubted: it is sent again as often as it takes.
    nologin.write_text("Come back later")
    assert "hung up during the login" in fleet.log_in(node, kind="lost")
    nologin.unlink()
    assert fleet.log_in(node) == "ok"
    assert len(fleet.person.asked) == 3


def refuse_account(node: OpenSshNode, words: str) -> Path:
    """Let nobody in but root, as while a node starts; gives the file that says so."""
    nologin = node.directory / "nologin"
    nologin.write_text(words)
    service = node.directory.parents[1] / f"{node.name}-etc/etc-upper/pam.d/sshd"
    line = f"account required pam_nologin.so file={nologin}\n"
    service.write_text(service.read_text().replace("account", f"{line}account", 1))
    return nologin


def change_password(node: OpenSshNode) -> None:
    """Give ``USER`` another one there."""
    shadow = node.directory.parents[1] / f"{node.name}-etc/etc-upper/shadow"
    command = ["openssl", "passwd", "-6", "-stdin"]
    done = subprocess.run(command, input=OTHER_PASSWORD, capture_output=True, text=True, check=True)
    lines = shadow.read_text().splitlines()
    changed = [re.sub(rf"^{USER}:[^:]*", f"{USER}:{done.stdout.strip()}", line) for line in lines]
    write(shadow, "\n".join(changed) + "\n", 0o640)
