"""A program on the node that makes a shell root's, and may want a password first: sudo, doas and su.

No password can become a line of the script, and no line of the script can be taken for a password:

- the program's question counts only after a mark that is printed right before the program begins, so nothing
  that a start file printed is taken for it; the password is sent once, and only after the question;
- the root shell says that it is ready, then throws away what it reads up to a word made up for this one use;
  the script follows that word.
"""

from __future__ import annotations

import shlex
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from tui.remote.errors import Kind, RemoteError
from tui.remote.shell.foreign import SFTP_SERVER_LOST, foreign, waiting
from tui.remote.shell.last_words import last_words, quoting
from tui.remote.shell.root_turn import NoPasswordError, RootTurn, password_kind
from tui.remote.shell.scripts import BOOTSTRAP, new_mark
from tui.remote.shell.shell import Shell
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.endpoint import Endpoint

# $1 the program, $2 the mark before it, $3 what root's shell says when it is ready, $4 what it waits for
# then, $5 _AS_ROOT, then the program's own words. All in words that sh, csh and fish read alike once quoted.
_OPENING = (
    'echo "$2"; echo "$2" >&2; LC_ALL=C; export LC_ALL; '
    'command -v "$1" >/dev/null || { echo missing; for p in sudo doas su; do command -v "$p" >/dev/null && '
    'echo "$p"; done; exit 127; }; '
)

# $1 ROLLCALL_SYSROOT, which these programs take out of the environment; $2 and $3 as $3 and $4 above. It
# stands in single quotes on its way, so it holds none.
_AS_ROOT = (
    'if [ -n "$1" ]; then export ROLLCALL_SYSROOT="$1"; fi; echo "$2"; '
    'while IFS= read -r l; do [ "$l" = "$3" ] && break; done; ' + BOOTSTRAP
)

_SFTP_HELLO = b"\0\0\0\5\1\0\0\0\3"
_LAST_WORDS_S = 1.0
_MOST_NOISE = 1 << 20  # bytes that may come before root's shell


class RootProgram(ABC):
    """One use of the program. Raises RemoteError in ``become``."""

    name: ClassVar[str]
    run: ClassVar[str]
    """How it is run, for /bin/sh, with the words above."""

    def __init__(self, book: Passwords, *words: str) -> None:
        self._book = book
        self._begun, self._ready, self._go = new_mark(), new_mark(), new_mark()
        marks = (self.name, self._begun, self._ready, self._go)
        self.command = f"exec /bin/sh -c {shlex.join((_OPENING + self.run, 'sh', *marks, _AS_ROOT, *words))}"
        self._answered_at = [0, 0]

    @abstractmethod
    def asks(self, said: bytes) -> bool:
        """Whether the program, having said this since it was answered last, waits for the password."""

    def speaks_on(self, said: bytes) -> bool:
        """Whether more than this is to come on stderr of the program itself, though root's shell is there."""
        return False

    def owner(self, endpoint: Endpoint) -> Endpoint:
        """Whose password is wanted, and where."""
        return endpoint

    @abstractmethod
    def refusal(self, endpoint: Endpoint, words: str, asked: bool) -> tuple[Kind, str] | None:
        """The program's last words told apart: kind and the rest of a sentence that begins with the node."""

    def begin(self, endpoint: Endpoint) -> None:
        """Where it would lead nowhere it is not begun: PAM may count one that is broken off as a failure."""
        if why := self._book.secrets.given_up(password_kind(self.owner(endpoint))):
            raise self._needed(endpoint, why)

    def become(self, shell: Shell, timeout: float, tell: Callable[[str], None]) -> None:
        """Answer the program's question, if it has one, until the root shell is ready."""
        turn = RootTurn(
            self._book, self.owner(shell.endpoint), self.name, lambda: not shell.outputs.ended, tell
        )
        try:
            self._become(shell, timeout, turn)
        finally:
            turn.over()

    def _become(self, shell: Shell, timeout: float, turn: RootTurn) -> None:
        outputs, ready = shell.outputs, f"{self._ready}\n".encode()
        asked = False
        deadline = time.monotonic() + timeout
        while True:
            over = outputs.ended or time.monotonic() >= deadline
            outputs.pump()
            _, found, rest = bytes(outputs.stdout).partition(ready)
            if found and (over or not asked or not self.speaks_on(bytes(outputs.stderr))):
                outputs.stdout[:] = rest
                turn.accepted()
                shell.send_some(f"{self._go}\n".encode())
                return
            if found:
                deadline = min(deadline, time.monotonic() + _LAST_WORDS_S)
            elif self._is_asked(shell):
                if asked:
                    raise self._wrong(shell.endpoint, turn)
                self._answer(shell, turn)
                asked, deadline = True, time.monotonic() + timeout
            elif over or len(outputs.stdout) + len(outputs.stderr) > _MOST_NOISE:
                raise self._none(shell, turn, asked, timeout)
            shell.wait(0.2)

    def _said(self, shell: Shell) -> tuple[bytes, bytes] | None:
        """What the program has said on both outputs; None when it has not begun."""
        mark = f"{self._begun}\n".encode()
        found = [bytes(each).partition(mark) for each in (shell.outputs.stdout, shell.outputs.stderr)]
        (_, begun, stdout), (_, heard, stderr) = found
        return (stdout, stderr) if begun and heard else None

    def _is_asked(self, shell: Shell) -> bool:
        said = self._said(shell) or (b"", b"")
        return any(self.asks(each[at:]) for each, at in zip(said, self._answered_at, strict=True))

    def _answer(self, shell: Shell, turn: RootTurn) -> None:
        self._answered_at = [len(each) for each in self._said(shell) or ()]
        endpoint = shell.endpoint
        try:
            password = turn.password()
        except NoPasswordError as error:
            raise self._needed(endpoint, str(error)) from None
        if password is None:
            sentence = f"{endpoint.node}: {self.name} did not wait until the password was typed."
            raise RemoteError("timeout", endpoint.node, sentence)
        shell.send_some(password.encode() + b"\n")

    def _none(self, shell: Shell, turn: RootTurn, asked: bool, timeout: float) -> RemoteError:
        """Why there is no root shell."""
        endpoint, ended, said = shell.endpoint, shell.outputs.ended, self._said(shell)
        node = endpoint.node
        code = shell.exit_code() if ended else 0  # raises for a lost link
        if said is None:
            noise = bytes(shell.outputs.stdout), bytes(shell.outputs.stderr)
            if ended:
                return foreign(endpoint, code, *noise)
            if _speaks_sftp(shell):
                return foreign(endpoint, SFTP_SERVER_LOST, b"", b"")
            return waiting(endpoint, timeout, *noise)
        stdout, stderr = said
        if stdout.startswith(b"missing\n"):
            return self._missing(endpoint, stdout.decode().split()[1:])
        text = " ".join((stderr.strip() or stdout).decode("utf-8", "replace").split())
        if (told := self.refusal(endpoint, text, asked)) is not None:
            kind, rest = told
            return (
                self._wrong(endpoint, turn)
                if kind == "wrong-password"
                else RemoteError(kind, node, f"{node}: {rest}")
            )
        words = quoting(stderr, stdout)
        if not ended and not words:
            return RemoteError(
                "timeout", node, f"{node}: {self.name} gave no root shell within {timeout:g} s."
            )
        # Once more would be one more try at the password, for whoever counts them there.
        why = last_words(stderr, stdout) or "it said nothing"
        return RemoteError("no-root", node, f"{node}: {self.name} gave no root shell: {why}.")

    def _missing(self, endpoint: Endpoint, others: list[str]) -> RemoteError:
        node, name = endpoint.node, self.name
        ways = [f'become = "{other}"' for other in others]
        there = f"{' and '.join(others)} {'are' if len(others) > 1 else 'is'} there" if others else ""
        remedy = f"; {there}: set {' or '.join(ways)} under [ssh]" if others else ""
        sentence = f'{node}: there is no {name}{remedy}, or log in as root with become = "none".'
        return RemoteError("no-root", node, sentence)

    def _wrong(self, endpoint: Endpoint, turn: RootTurn) -> RemoteError:
        turn.refused()
        whose = f"the password of {self.owner(endpoint).user}"
        sentence = f"{endpoint.node}: {self.name} refused {whose}; check it and connect again."
        return RemoteError("wrong-password", endpoint.node, sentence)

    def _needed(self, endpoint: Endpoint, why: str) -> RemoteError:
        sentence = (
            f"{endpoint.node}: {self.name} wants the password of {self.owner(endpoint).user} and there is "
            f"none to give: {why}; run where a person can type it, or {self.without}."
        )
        return RemoteError("need-password", endpoint.node, sentence)

    without: ClassVar[str]
    """How to do without a password, for a sentence."""


def _speaks_sftp(shell: Shell) -> bool:
    """Nothing has been sent there yet: an sftp server answers its greeting with a version."""
    shell.outputs.stdout.clear()
    shell.send_some(_SFTP_HELLO)
    shell.wait(1.0)
    shell.outputs.pump()
    return bytes(shell.outputs.stdout[4:5]) == b"\2"
