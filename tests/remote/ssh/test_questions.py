"""keyboard-interactive: what is the login password, what a person has to answer, and what is never sent."""

from __future__ import annotations

from dataclasses import replace

from tests.remote.conftest import endpoint
from tests.remote.ssh.conftest import MakePamNode
from tests.remote.ssh.logins import Person, log_in
from tests.remote.ssh.test_passwords import Fleetlike, prompt, without_keys
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.pam import OATH, QUESTIONS, UNIX, needs_pam, one_time_code
from tests.rigs.sudo import PASSWORD, ROOT_PASSWORD, USER
from tui.remote import Question
from tui.remote.ssh.auth.questions import Prompt, Round, to_person, wants_new_password

pytestmark = [needs_sshd, needs_pam]

SAYS = "auth optional pam_exec.so stdout quiet /bin/cat /etc/pam.d/said\n"


def asks(node: OpenSshNode, words: str) -> str:
    return f"px01 (127.0.0.1:{node.port}) asks {USER}: {words} "


CODE = f"One-time password (OATH) for `{USER}':"


class Token:
    """A person with a password and a token, whose code is good once."""

    def __init__(self, *passwords: str) -> None:
        self.passwords = list(passwords) or [PASSWORD]
        self.codes = 0

    def __call__(self, question: Question) -> str:
        if "One-time" in question.prompt:
            self.codes += 1
            return one_time_code(self.codes - 1)
        return self.passwords.pop(0) if len(self.passwords) > 1 else self.passwords[0]


def test_a_one_time_code_is_a_question_and_the_password_is_remembered(pam_node: MakePamNode) -> None:
    node = pam_node(auth=UNIX + OATH, lines=QUESTIONS)
    person = Person(Token())
    assert log_in(without_keys(node), person, times=3, unseen=PASSWORD) == "ok"
    assert person.asked == [prompt(node), asks(node, CODE), asks(node, CODE), asks(node, CODE)]
    assert [question.title for question in person.questions[:2]] == ["Password", "Question of px01"]


def test_a_code_alone_never_gets_the_password(pam_node: MakePamNode) -> None:
    node = pam_node(auth=OATH, lines=QUESTIONS)
    person = Person(Token())
    assert log_in(without_keys(node), person, times=2) == "ok"
    assert person.asked == [asks(node, CODE)] * 2


def test_a_key_then_a_code(pam_node: MakePamNode) -> None:
    node = pam_node(
        "px01", "AuthenticationMethods publickey,keyboard-interactive", auth=OATH, lines=QUESTIONS
    )
    node.authorized_keys.write_text(node.client_key.with_suffix(".pub").read_text())
    person = Person(Token())
    assert log_in(endpoint(node), person) == "ok"
    assert person.asked == [asks(node, CODE)]
    assert "it asks questions and nobody can be asked" in log_in(endpoint(node))
    assert "nobody answered its question" in log_in(endpoint(node), Person(None))


def test_after_a_failure_password_and_code_are_asked_anew(pam_node: MakePamNode) -> None:
    node = pam_node(auth=UNIX + OATH, lines=QUESTIONS)
    fleet = Fleetlike([PASSWORD, one_time_code(0), "000000", PASSWORD, one_time_code(1)])
    assert [fleet.log_in(node), fleet.log_in(node)] == ["ok", "ok"]
    assert fleet.person.asked == [
        prompt(node),
        asks(node, CODE),
        asks(node, CODE),  # a wrong code, with the password of before
        prompt(node),  # which one was wrong is not said: that password is not sent again
        asks(node, CODE),
    ]
    refused = (f"px01 (127.0.0.1:{node.port}) refused that. Try 2 of 3.",)
    assert [question.lines for question in fleet.person.questions[3:]] == [refused, refused]


def test_a_mistyped_code_takes_the_password_from_no_other_node(pam_node: MakePamNode) -> None:
    one, two = pam_node("px01", auth=UNIX + OATH), pam_node("px02", auth=UNIX + OATH)
    codes = [one_time_code(0), one_time_code(0), "000000", one_time_code(1), one_time_code(1)]

    def answer(question: Question) -> str:
        if "One-time" in question.prompt:
            return codes.pop(0)
        return PASSWORD if question.hidden else "yes"

    fleet = Fleetlike(answer)
    assert [fleet.log_in(node) for node in (one, two, two, one)] == ["ok"] * 4
    assert fleet.person.asked.count(prompt(one)) == 1
    assert fleet.person.asked.count(prompt(two)) == 1  # after its code was wrong


def test_a_second_password_of_the_same_login_is_a_question(pam_node: MakePamNode) -> None:
    node = pam_node(auth=UNIX + UNIX, lines=QUESTIONS)
    fleet = Fleetlike(PASSWORD)
    assert [fleet.log_in(node), fleet.log_in(node)] == ["ok", "ok"]
    # pam_unix takes what the module before it was told; without that it asks as if nothing had been.
    assert set(fleet.person.asked) <= {prompt(node), asks(node, "Password:")}


def test_what_is_said_before_a_question_is_shown_and_made_safe(pam_node: MakePamNode) -> None:
    words = "Mind \x1b[2J\x1b]0;owned\x07 the \u202e gap\nline two\n"
    node = pam_node(auth=SAYS + OATH, lines=QUESTIONS, said=words)
    person = Person(Token())
    assert log_in(without_keys(node), person) == "ok"
    (question,) = person.questions
    shown = " ".join([question.prompt, *question.lines])
    assert "Mind" in shown
    assert "line two" in shown
    assert shown.isprintable()


def test_a_banner_of_pam_makes_no_question_of_the_password(pam_node: MakePamNode) -> None:
    node = pam_node(auth=SAYS + UNIX, lines=QUESTIONS, said="Authorized use only\n")
    person = Person(PASSWORD)
    assert log_in(without_keys(node), person, times=2) == "ok"
    assert person.asked == [prompt(node)]
    code = pam_node("px02", auth=SAYS + UNIX, lines=QUESTIONS, said="Enter the code of your token\n")
    asked = Person(PASSWORD)
    assert log_in(without_keys(code), asked, times=2) == "ok"
    assert [words.partition(": ")[2] for words in asked.asked] == ["Password: "] * 2


def test_a_new_password_is_demanded(pam_node: MakePamNode) -> None:
    """An account whose password has expired: what is typed becomes the new one, and is asked for as such."""
    node = pam_node(lines=QUESTIONS, user="root", root_since="0")
    target = replace(without_keys(node), user="root")
    declining = Person(lambda question: ROOT_PASSWORD if "Current" not in question.prompt else None)
    sentence = log_in(target, declining, unseen=ROOT_PASSWORD)
    assert "nobody answered its question" in sentence

    def set_new(question: Question) -> str:
        return "N3w pw for root!" if "ew password" in question.prompt else ROOT_PASSWORD

    fleet = Fleetlike(set_new)
    assert fleet.log_in(target) == "ok"
    where = f"px01 (127.0.0.1:{node.port})"
    assert fleet.person.asked == [
        f"Password of root on {where}: ",
        f"{where} asks root: Current password: ",
        f"{where} asks root: New password: ",
        f"{where} asks root: Retype new password: ",
    ]
    assert f"{where} demands a new password for root: what is typed is set there." in (
        fleet.person.questions[2].lines
    )
    fleet.person.questions.clear()
    fleet.log_in(target)  # the old one is not sent again
    assert fleet.person.asked[0] == f"Password of root on {where}: "


LOGIN = [
    "Password: ",
    "password:",
    "Password:",
    "Password for op:",
    "Password for op@px01.cluster:",
    "op@10.0.0.1's password:",
    "op's password: ",
    "Authorized use only\nPassword: ",
]
OTHERS = [
    "Verification code: ",
    "One-time password (OATH) for `op': ",
    "OTP Password:",
    "Enter LDAP Password:",
    "LDAP Password:",
    "Password for root:",
    "root@px01's password:",
    "New password: ",
    "Retype new password: ",
    "Current password: ",
    "(current) UNIX password: ",
    "Passcode or option (1-3): ",
    "Password",
    "Password & token: ",
    "Password+code:",
    "PASSWORD:",
    "otp-md5 97 px0123\nPassword: ",
    "We sent a code to your phone\nPassword: ",
    "Response: ",
    "Kennwort: ",
    "",
]


def test_only_what_is_plainly_the_login_password_is_taken_for_it() -> None:
    nothing = Round("", "", ())
    assert [words for words in LOGIN if not nothing.wants_password(Prompt(words, False), "op")] == []
    assert [words for words in OTHERS if nothing.wants_password(Prompt(words, False), "op")] == []
    # Nor what is shown as it is typed, nor what the text around it calls otherwise.
    assert not nothing.wants_password(Prompt("Password: ", True), "op")
    for title, instructions in (("Token", ""), ("", "Enter your passcode."), ("SecurID", "PIN + code")):
        assert not Round(title, instructions, ()).wants_password(Prompt("Password: ", False), "op")


def test_new_passwords_are_told() -> None:
    for words in ("New password: ", "Enter new UNIX password:", "Retype new password: "):
        assert wants_new_password(Prompt(words, False))
    assert not wants_new_password(Prompt("Password: ", False))


def test_a_question_says_who_asks_and_is_bounded(node: OpenSshNode) -> None:
    target = replace(endpoint(node), user="op")
    long = Round("t" * 5000, "\n".join("i" * 5000 for _ in range(50)), ())
    question = to_person(target, long, Prompt("x" * 5000 + "\nPassword of root on px02:", False), ("again",))
    assert question.prompt == f"px01 (127.0.0.1:{node.port}) asks op: Password of root on px02: "
    assert len(question.lines) <= 15
    assert all(len(line) <= 200 for line in question.lines)
    assert to_person(target, long, Prompt("", True), ()).prompt.endswith("asks op: ? ")
    assert not to_person(target, long, Prompt("", True), ()).hidden
