"""What a person is asked for: passwords, one-time codes, and how often."""

from __future__ import annotations

import hashlib
import hmac
import os

from tests.agreement.place import Place
from tests.agreement.row import Person, Row
from tests.agreement.world import OPERATOR, PAM, PASSWORD, ask_by_pam

RIGHT, WRONG = Person(password=(PASSWORD,)), Person(password=("wrong",))
WRONG_FIRST = Person(password=("wrong", PASSWORD))
_ME = f"User {OPERATOR}"
_BY_PASSWORD = "PasswordAuthentication yes"
_BY_QUESTIONS = "UsePAM yes\nKbdInteractiveAuthentication yes"
_BOTH = f"{_BY_QUESTIONS}\n{_BY_PASSWORD}"
_SEED = b"rollcall agreement"


def by_hand(place: Place) -> None:
    """No key opens px01."""
    place.authorize()


def _code(counter: int) -> str:
    """The one-time code of RFC 4226."""
    digest = hmac.new(_SEED, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


CODE = _code(0)
_BOTH_RIGHT = Person(password=(PASSWORD,), code=(CODE,))


def _codes(place: Place, *before: str) -> None:
    """PAM asks for what ``before`` asks for, then for a one-time code, which is good once a try."""
    file = place.directory / "users.oath"

    def write() -> None:
        file.write_text(f"HOTP {OPERATOR} - {_SEED.hex()}\nHOTP root - {_SEED.hex()}\n")
        os.chmod(file, 0o600)

    place.before.append(write)
    ask_by_pam("\n".join([*before, f"auth required pam_oath.so usersfile={file} window=5"]))


def with_code(place: Place) -> None:
    """A password, then a code; no key."""
    by_hand(place)
    _codes(place, PAM)


def _code_only(place: Place) -> None:
    by_hand(place)
    _codes(place)


def _code_first(place: Place) -> None:
    by_hand(place)
    _codes(place)
    file = place.directory / "users.oath"
    ask_by_pam(f"auth required pam_oath.so usersfile={file} window=5\n{PAM}")


def _key_then_code(place: Place) -> None:
    _codes(place)


def _no_question(place: Place) -> None:
    by_hand(place)
    ask_by_pam("auth required pam_permit.so")


def _asked_twice(place: Place) -> None:
    by_hand(place)
    ask_by_pam(f"{PAM}\n{PAM}")


def _told_something(place: Place) -> None:
    by_hand(place)
    note = place.directory / "note"
    note.write_text("Mind the gap.\n")
    ask_by_pam(f"auth optional pam_echo.so file={note}\n{PAM}")


def _two_keys(place: Place) -> None:
    place.authorize(place.ssh / "id_ed25519", place.key(place.ssh / "id_rsa", "rsa", "", "-b", "2048"))


def _hand(name: str, client: str, server: str, person: Person, names: str = "", stricter: str = "") -> Row:
    return Row(name, f"{_ME}\n{client}", server, by_hand, person, names, stricter)


ROWS = (
    _hand("a password", "", _BY_PASSWORD, RIGHT),
    _hand("a wrong password, then the right one", "", _BY_PASSWORD, WRONG_FIRST),
    _hand("wrong passwords only", "", _BY_PASSWORD, WRONG, "password"),
    _hand("no password given", "", _BY_PASSWORD, Person(), "password"),
    _hand(
        "PasswordAuthentication no",
        "PasswordAuthentication no",
        _BY_PASSWORD,
        RIGHT,
        "PasswordAuthentication",
    ),
    _hand(
        "NumberOfPasswordPrompts 1, wrong",
        "NumberOfPasswordPrompts 1",
        _BY_PASSWORD,
        WRONG_FIRST,
        "NumberOfPasswordPrompts",
    ),
    _hand("NumberOfPasswordPrompts 1, right", "NumberOfPasswordPrompts 1", _BY_PASSWORD, RIGHT),
    _hand(
        "NumberOfPasswordPrompts 5, the fifth is right",
        "NumberOfPasswordPrompts 5",
        _BY_PASSWORD,
        Person(password=("w", "w", "w", "w", PASSWORD)),
    ),
    _hand(
        "MaxAuthTries 3, the third is right",
        "",
        f"{_BY_PASSWORD}\nMaxAuthTries 3",
        Person(password=("w", "w", PASSWORD)),
        "MaxAuthTries",
    ),
    _hand("BatchMode yes", "BatchMode yes", _BY_PASSWORD, RIGHT, "BatchMode"),
    Row("a password for root", "", _BY_PASSWORD, by_hand, RIGHT),
    Row(
        "PermitRootLogin prohibit-password",
        "",
        f"{_BY_PASSWORD}\nPermitRootLogin prohibit-password",
        by_hand,
        RIGHT,
        "PermitRootLogin",
    ),
    Row("a locked account", "User locked", _BY_PASSWORD, by_hand, RIGHT, "locked"),
    Row("no such account", "User nobody-here", _BY_PASSWORD, by_hand, RIGHT, "nobody-here"),
    Row("an account without a password", "User open", f"{_BY_PASSWORD}\nPermitEmptyPasswords yes", by_hand),
    Row("an account without a password, not permitted", "User open", _BY_PASSWORD, by_hand, names="password"),
    _hand("questions: a password", "", _BY_QUESTIONS, RIGHT),
    _hand("questions: a wrong password, then the right one", "", _BY_QUESTIONS, WRONG_FIRST),
    _hand("questions: wrong passwords only", "", _BY_QUESTIONS, WRONG, "keyboard-interactive"),
    _hand(
        "questions: NumberOfPasswordPrompts 1",
        "NumberOfPasswordPrompts 1",
        _BY_QUESTIONS,
        WRONG_FIRST,
        "NumberOfPasswordPrompts",
    ),
    _hand(
        "questions: KbdInteractiveAuthentication no",
        "KbdInteractiveAuthentication no",
        _BY_QUESTIONS,
        RIGHT,
        "KbdInteractiveAuthentication",
    ),
    _hand(
        "questions: ChallengeResponseAuthentication no",
        "ChallengeResponseAuthentication no",
        _BY_QUESTIONS,
        RIGHT,
        "KbdInteractiveAuthentication",
    ),
    _hand("questions: BatchMode yes", "BatchMode yes", _BY_QUESTIONS, RIGHT, "BatchMode"),
    _hand("a password or questions", "", _BOTH, RIGHT),
    _hand("a password or questions, a wrong answer first", "", _BOTH, WRONG_FIRST),
    _hand(
        "a password or questions, KbdInteractiveAuthentication no",
        "KbdInteractiveAuthentication no",
        _BOTH,
        RIGHT,
    ),
    _hand(
        "PreferredAuthentications password,keyboard-interactive",
        "PreferredAuthentications password,keyboard-interactive",
        _BOTH,
        RIGHT,
    ),
    _hand(
        "PreferredAuthentications without the server's",
        "PreferredAuthentications keyboard-interactive",
        _BY_PASSWORD,
        RIGHT,
        "PreferredAuthentications",
    ),
    _hand(
        "PreferredAuthentications publickey",
        "PreferredAuthentications publickey",
        _BOTH,
        RIGHT,
        "PreferredAuthentications",
    ),
    Row(
        "PreferredAuthentications password,publickey",
        "PreferredAuthentications password,publickey",
        _BY_PASSWORD,
        person=RIGHT,
    ),
    Row(
        "PreferredAuthentications password,publickey, a wrong password",
        "PreferredAuthentications password,publickey",
        _BY_PASSWORD,
        person=WRONG,
    ),
    Row("no question", _ME, _BY_QUESTIONS, _no_question),
    Row("the same question twice", _ME, _BY_QUESTIONS, _asked_twice, RIGHT),
    Row("words before the question", _ME, _BY_QUESTIONS, _told_something, RIGHT),
    Row("a password and a code", _ME, _BY_QUESTIONS, with_code, _BOTH_RIGHT),
    Row(
        "a password and a wrong code",
        _ME,
        _BY_QUESTIONS,
        with_code,
        Person(password=(PASSWORD,), code=("000000",)),
        "keyboard-interactive",
    ),
    Row(
        "a wrong code, then the right one",
        _ME,
        _BY_QUESTIONS,
        with_code,
        Person(password=(PASSWORD,), code=("000000", CODE)),
    ),
    Row("a code, then a password", _ME, _BY_QUESTIONS, _code_first, _BOTH_RIGHT),
    Row("a code alone", _ME, _BY_QUESTIONS, _code_only, Person(password=("never sent",), code=(CODE,))),
    Row("a code alone, none given", _ME, _BY_QUESTIONS, _code_only, RIGHT, "keyboard-interactive"),
    Row(
        "a key, then a password",
        "",
        f"{_BY_PASSWORD}\nAuthenticationMethods publickey,password",
        person=RIGHT,
    ),
    Row(
        "a key, then a wrong password",
        "",
        f"{_BY_PASSWORD}\nAuthenticationMethods publickey,password",
        person=WRONG,
        names="password",
    ),
    Row(
        "a key, then a code",
        "",
        f"{_BY_QUESTIONS}\nAuthenticationMethods publickey,keyboard-interactive",
        _key_then_code,
        Person(code=(CODE,)),
    ),
    Row(
        "a key, then a code, PasswordAuthentication no",
        "PasswordAuthentication no",
        f"{_BOTH}\nAuthenticationMethods publickey,keyboard-interactive",
        _key_then_code,
        Person(code=(CODE,)),
    ),
    Row(
        "a password, then a key",
        "",
        f"{_BY_PASSWORD}\nAuthenticationMethods password,publickey",
        person=RIGHT,
    ),
    Row(
        "a password, then questions",
        "",
        f"{_BOTH}\nAuthenticationMethods password,keyboard-interactive",
        person=RIGHT,
    ),
    Row("two keys", "", "AuthenticationMethods publickey,publickey", _two_keys),
    Row(
        "two keys, and only one is there", "", "AuthenticationMethods publickey,publickey", names="publickey"
    ),
    Row(
        "a key or a password, the key is right",
        "",
        f"{_BY_PASSWORD}\nAuthenticationMethods publickey password",
        person=RIGHT,
    ),
    Row(
        "a key or a password, no key",
        "",
        f"{_BY_PASSWORD}\nAuthenticationMethods publickey password",
        by_hand,
        RIGHT,
    ),
    Row(
        "a key, then a password, PasswordAuthentication no",
        "PasswordAuthentication no",
        f"{_BY_PASSWORD}\nAuthenticationMethods publickey,password",
        person=RIGHT,
        names="PasswordAuthentication",
    ),
)
