"""What only a person can prove: passwords, and answers to whatever the node asks."""

from __future__ import annotations

from tui.remote.ssh.auth.attempt import Attempt, GivenUpError, NobodyNowError
from tui.remote.ssh.auth.dialogue import HungUpError, Verdict
from tui.remote.ssh.auth.passwords import Passwords
from tui.remote.ssh.auth.questions import Prompt, Round, read_round, to_person, wants_new_password
from tui.remote.ssh.auth.turn import Turn
from tui.remote.ssh.auth.wire import Reader, string

# A node that keeps talking without a question would hold us for ever.
_MOST_ROUNDS = 64


def give_password(attempt: Attempt, passwords: Passwords) -> bool:
    """The method "password". False when the person has no more of them, or the node takes no more."""
    with Turn(passwords, attempt) as turn:
        try:
            while attempt.may_type and "password" in attempt.allowed:
                password = turn.password()
                attempt.tried.append("password")
                answer = attempt.dialogue.prove("password", b"\0" + string(password.encode()))
                if isinstance(answer, Reader):
                    turn.give_up(_new_password(attempt))
                if attempt.judged(answer):
                    turn.accepted()
                    return True
                attempt.refused("the password")
                turn.refused(alone=True)
        except GivenUpError as error:
            attempt.give_up(error)
    return False


def answer_questions(attempt: Attempt, passwords: Passwords) -> bool:
    """The method "keyboard-interactive", likewise."""
    devices = string(b"") + string(attempt.endpoint.login.devices.encode())
    with Turn(passwords, attempt) as turn:
        try:
            turn.begin()
            while attempt.may_type and "keyboard-interactive" in attempt.allowed:
                attempt.tried.append("answers to its questions")
                answer = attempt.dialogue.prove("keyboard-interactive", devices)
                conversation = _Conversation(attempt, passwords, turn)
                if attempt.judged(conversation.hold(answer)):
                    conversation.accepted()
                    return True
                if attempt.nobody_now:
                    raise NobodyNowError
                if not conversation.asked:
                    return False  # it has no questions: as ssh(1), no second try
                attempt.refused(conversation.what)
                turn.refused(alone=not conversation.others)
        except GivenUpError as error:
            attempt.give_up(error)
    return False


class _Conversation:
    """One try of keyboard-interactive: rounds of questions until the verdict."""

    def __init__(self, attempt: Attempt, passwords: Passwords, turn: Turn) -> None:
        self._attempt = attempt
        self._passwords = passwords
        self._turn = turn
        self.given = False
        self._changed = False
        self.asked = False
        self.others = False
        """Whether anything but the login password was answered."""

    @property
    def what(self) -> str:
        """What may have been wrong."""
        if not self.given:
            return "the answer"
        return "the password or another answer" if self.others else "the password"

    def hold(self, answer: Verdict | Reader) -> Verdict:
        """Answer until the node is content or not. Raises GivenUpError, HungUpError, ValueError."""
        for _ in range(_MOST_ROUNDS):
            if isinstance(answer, Verdict):
                return answer
            self.asked = True
            asked = read_round(answer)
            if not asked.prompts and asked.lines:
                self._attempt.statement = " ".join(asked.lines)
                self._attempt.tell(f"it says: {self._attempt.said}")
            replies = [self._reply(asked, prompt).encode() for prompt in asked.prompts]
            answer = self._attempt.dialogue.reply(replies)
        raise ValueError(f"it asks on and on ({_MOST_ROUNDS} rounds)")

    def accepted(self) -> None:
        """It was content. A password that was just replaced is not the one to send next time."""
        if self._changed:
            self._passwords.except_(self._attempt.endpoint)
        self._turn.accepted(remember=self.given and not self._changed)

    def _reply(self, asked: Round, prompt: Prompt) -> str:
        attempt, secrets = self._attempt, self._passwords.secrets
        if not self.given and asked.wants_password(prompt, attempt.endpoint.user):
            self.given = True  # asked for again, it may be another module's: a person has to say
            return self._turn.password()
        self.others = True
        self._changed = self._changed or wants_new_password(prompt)
        if attempt.endpoint.login.batch or not secrets.can_ask:
            raise GivenUpError("it asks questions and nobody can be asked")
        self._turn.may_ask()
        attempt.tell("a person is asked what it wants to know")
        typed = secrets.ask(to_person(attempt.endpoint, asked, prompt, attempt.retry_lines))
        if typed is None:
            self._turn.give_up(_new_password(attempt) if self._changed else "nobody answered its question")
        attempt.tell("")
        if not attempt.dialogue.alive:
            raise HungUpError("it did not wait for the answer")
        attempt.unjudged = "the answer"
        return typed


def _new_password(attempt: Attempt) -> str:
    user = attempt.endpoint.user
    return f"it demands a new password for {user}: log in once with ssh and set it"
