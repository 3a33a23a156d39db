"""Who answers the engine: a person at a terminal, or ``--yes`` in their place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from tui.model import intents as it
from tui.model.actors import YES
from tui.model.run import Offer, Run
from tui.model.states import ConfirmClass, RunStatus
from tui.model.verdict import REHEARSAL
from tui.plain.commands import Commands, advice_lines
from tui.plain.lines import offer_lines
from tui.plain.talk import HELP, Talk, picked
from tui.plain.terminal import Terminal
from tui.rollout.decisions.next_action import waits_for_a_person
from tui.rollout.interface import Candidate, Engine
from tui.text.commands import COMMANDS

LEAVE, DECIDE = "q", "decide"
Take = Callable[[str], Awaitable[None]]
"""What follows from an answer that is no command."""


class Answerer(Protocol):
    """Called whenever the engine waits for a person; submits at most one intent each time."""

    async def attend(self, engine: Engine) -> str | None:
        """Act on what stands there. A sentence means: stop here, and why."""


def awaits_pick(run: Run) -> bool:
    """True while the next node is to be chosen."""
    return run.status is RunStatus.RUNNING and run.current is None and run.offer is None


class AutoAnswerer:
    """Says yes to what was planned, picks the best node, and stops at anything else."""

    GATE_TIMEOUT_S = 60.0
    """For a closed gate to open: looks have to be good several times in a row."""
    RETRY_EVERY_S = 1.0

    def __init__(self) -> None:
        self._closed_since: float | None = None

    async def attend(self, engine: Engine) -> str | None:
        """One intent, or the reason to stop."""
        run = engine.state
        if run.offer is not None and run.status is RunStatus.RUNNING:
            confirm = it.ConfirmStep(token=run.offer.offered.token)
            return waits_for_a_person(run.offer) or await self._submit(engine, confirm)
        best = next(iter(engine.candidates()), None) if awaits_pick(run) else None
        if best is not None and not best.eligible:
            return await self._wait(best.why)
        if best is not None:
            return await self._submit(engine, it.SelectNode(node=best.node))
        if run.status is RunStatus.PAUSED_BY_USER:
            reply = engine.submit(it.Resume(), waiver=YES)
            return None if reply.accepted else reply.sentence
        return engine.advice().why or f"the run is {run.status.words}"

    async def _submit(self, engine: Engine, intent: it.Intent) -> str | None:
        reply = engine.submit(intent, waiver=YES)
        if not reply.accepted:
            return await self._wait(reply.sentence)
        self._closed_since = None
        return None

    async def _wait(self, why: str) -> str | None:
        """What is refused now may pass by itself (a closed gate): ask again for a while, then stop."""
        now = time.monotonic()
        self._closed_since = self._closed_since or now
        if now - self._closed_since > self.GATE_TIMEOUT_S:
            return why
        await asyncio.sleep(self.RETRY_EVERY_S)
        return None


class PromptAnswerer:
    """Asks a person on the terminal; no answer is ever taken for a yes."""

    GATE_TIMEOUT_S = 10.0
    """For a closed gate to open, before the person is asked what to do."""
    RETRY_EVERY_S = 0.5

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    async def attend(self, engine: Engine) -> str | None:
        """One question, and what follows from the answer."""
        talk, run = Talk(engine, self._terminal), engine.state
        if run.offer is not None and run.status is RunStatus.RUNNING:
            question, take = await self._offer(talk, run.offer)
        elif awaits_pick(run):
            question, take = self._pick(talk, await self._candidates(engine))
        else:
            talk.say(*advice_lines(talk))
            question, take = self._choose(talk)
        return await self._answered(talk, question, take)

    async def _answered(self, talk: Talk, question: str, take: Take) -> str | None:
        if not question:
            return talk.engine.advice().why
        answer = await talk.ask(question)
        if answer is None or answer.lower() in (LEAVE, COMMANDS["quit"].word):
            return _left(answer)
        if answer.lower() == DECIDE:
            return await self._answered(talk, *self._choose(talk))
        before = talk.engine.state.seq
        if not await Commands(talk).run(answer):
            await take(answer)
        elif talk.engine.state.seq == before:  # it was only looked at something: the same is asked again
            return await self._answered(talk, question, take)
        return None

    async def _offer(self, talk: Talk, offer: Offer) -> tuple[str, Take]:
        engine, offered = talk.engine, offer.offered
        of_what = f"{REHEARSAL}, " if engine.state.simulated else ""
        talk.say(
            f"{of_what}{offer.node}: {offer.step.words}, attempt {offer.attempt}.", *offer_lines(offered)
        )
        reading = engine.reading()
        yes = f"Run this on {offer.node}? Type y for yes,"
        if reading is not None:
            talk.say(f"Peers: {reading.seen}.")
            yes = f"To run this, type {reading.value}: the {reading.what}. Type"
        if offered.stands_for is ConfirmClass.EYES:
            yes = f"Have you looked, and does it show {offer.node} so? Type y for yes,"

        async def take(answer: str) -> None:
            if answer.lower() in ("", "n", "no"):
                talk.submit(it.DeclineStep(token=offered.token))
            elif reading is not None:  # a wrong one is refused, and asked for anew
                talk.submit(it.ConfirmStep(token=offered.token, typed=answer, sample=reading.sample))
            elif answer.lower() in ("y", "yes"):
                talk.submit(it.ConfirmStep(token=offered.token))
            else:
                talk.say(f"{answer} is no answer here.")

        return f"{yes} n for no, {DECIDE} for other choices, or {HELP}. Enter means no: ", take

    async def _candidates(self, engine: Engine) -> Sequence[Candidate]:
        """Those of now; a gate that is just closed for a moment is waited for, not asked about."""
        until = time.monotonic() + self.GATE_TIMEOUT_S
        candidates = engine.candidates()
        while candidates and not any(each.eligible for each in candidates) and time.monotonic() < until:
            await asyncio.sleep(self.RETRY_EVERY_S)
            candidates = engine.candidates()
        return candidates

    def _pick(self, talk: Talk, candidates: Sequence[Candidate]) -> tuple[str, Take]:
        if candidates and not any(candidate.eligible for candidate in candidates):
            talk.say(f"No node can go now: {candidates[0].why}.")
        for number, candidate in enumerate(candidates, 1):
            can = "can go" if candidate.eligible else "cannot go"
            talk.say(f"{number}. {candidate.node} {can}: {candidate.why}.")
        for candidate in candidates[:1] if candidates and candidates[0].proposal else ():
            talk.say(f"Proposed: {candidate.node}, because {candidate.proposal}.")
            talk.say(*(f"{word.capitalize()}: {text}." for word, text in candidate.about()))
        by_number = {str(number): candidate.node for number, candidate in enumerate(candidates, 1)}
        names = {candidate.node for candidate in candidates}

        async def take(answer: str) -> None:
            first, _, name = answer.partition(" ")
            asked = name.strip() if first.lower() == COMMANDS["next-node"].word else answer
            node = asked if asked in names else by_number.get(asked)
            if node is not None:
                talk.submit(it.SelectNode(node=node))
            elif asked:
                talk.say(f"{asked} is not in the list.")

        question = "Which node is next? Type its number or its name, "
        return f"{question}{DECIDE} for other choices, or {HELP}. Enter looks again: ", take

    def _choose(self, talk: Talk) -> tuple[str, Take]:
        choices = talk.engine.choices()
        talk.list(choices)

        async def take(answer: str) -> None:
            choice = picked(answer, choices)
            if choice is not None:
                await talk.take(choice)
            elif answer:
                talk.say(f"{answer} is not in the list.")

        question = f"What now? Type the number of a choice, or {HELP}. Enter shows them again: "
        return question if choices else "", take


def _left(answer: str | None) -> str:
    return "left by the operator" if answer is not None else "the input has ended, and nobody else can answer"
