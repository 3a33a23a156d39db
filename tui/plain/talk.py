"""What is asked of a person in plain mode besides a yes, and what is then handed in."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model import intents as it
from tui.plain.terminal import Terminal
from tui.rollout.interface import Choice, Engine

HELP = "a command such as help"
WHY = "Why? It goes into the record. Enter turns back: "
NOTHING = "Nothing was done."


class Talk:
    """One person at one terminal."""

    def __init__(self, engine: Engine, terminal: Terminal) -> None:
        self.engine = engine
        self._terminal = terminal

    def say(self, *sentences: str) -> None:
        """One line each; empty ones are left out."""
        for sentence in filter(None, sentences):
            self._terminal.remark(sentence)

    async def ask(self, question: str) -> str | None:
        """The answer; None at the end of input."""
        return await self._terminal.ask(question)

    async def reason(self, given: str = "") -> str:
        """What was given beside the command, or what is typed now; empty when the person turned back."""
        return given or await self.ask(WHY) or ""

    def submit(self, intent: it.Intent) -> bool:
        """Hand it in and say what the engine has against it."""
        reply = self.engine.submit(intent)
        if reply.sentence and not reply.accepted:
            self.say(f"Refused: {reply.sentence}.")
        return reply.accepted

    def list(self, choices: Sequence[Choice]) -> None:
        """A numbered line each."""
        for number, choice in enumerate(choices, 1):
            mark = ", recommended" if choice.recommended else ""
            self.say(f"{number}. {choice.word}{mark}: {choice.sentence}.".replace("..", "."))

    async def choose(self, choices: Sequence[Choice]) -> None:
        """Let a person take one of these, or none."""
        self.list(choices)
        answer = await self.ask("Which one? Type its number. Enter turns back: ")
        if (choice := picked(answer or "", choices)) is not None:
            await self.take(choice)
        else:
            self.say(NOTHING)

    async def take(self, choice: Choice) -> None:
        """Hand in a choice with its reason and what has to be typed, if it still stands then."""
        before = self.engine.choices()
        intent = await self._filled(choice)
        if intent is None:
            self.say(NOTHING)
        elif choice in before and choice.intent not in [now.intent for now in self.engine.choices()]:
            self.say("What can be chosen has changed meanwhile. Nothing was done.")
        else:
            self.submit(intent)

    async def _filled(self, choice: Choice) -> it.Intent | None:
        """The intent with its reason and what is typed; None when the person did not give them."""
        intent = choice.intent
        if choice.needs_reason:
            if not (reason := await self.reason()):
                return None
            intent = intent.model_copy(update={"reason": reason})
        if wanted := choice.to_type:
            if await self.ask(f"Type {wanted} to do this. Enter turns back: ") != wanted:
                return None
            if "typed" in type(intent).model_fields:
                intent = intent.model_copy(update={"typed": wanted})
        return intent


def picked(answer: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice of that number."""
    number = int(answer) if answer.isascii() and answer.isdecimal() and len(answer) < 5 else 0
    return choices[number - 1] if 1 <= number <= len(choices) else None
