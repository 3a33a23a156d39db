"""Who answers the engine: a person at a terminal, or ``--yes`` in their place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from tui.model import intents as it
from tui.model.actors import YES
from tui.model.run import Offer, Run
from tui.model.states import ConfirmClass, RunStatus
from tui.model.verdict import REHEARSAL
from tui.plain.lines import offer_lines
from tui.plain.terminal import Terminal
from tui.rollout.decisions.next_action import waits_for_a_person
from tui.rollout.interface import Candidate, Choice, Engine

LEAVE = "q"


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
        run = engine.state
        if run.offer is not None and run.status is RunStatus.RUNNING:
            return await self._offer(engine, run.offer)
        if awaits_pick(run):
            return await self._pick(engine, await self._candidates(engine))
        advice = engine.advice()
        self._terminal.remark(f"{advice.why}.")
        if advice.next_action:
            self._terminal.remark(f"Next: {advice.next_action}.")
        return await self._choose(engine, engine.choices())

    async def _offer(self, engine: Engine, offer: Offer) -> str | None:
        of_what = f"{REHEARSAL}, " if engine.state.simulated else ""
        self._terminal.remark(f"{of_what}{offer.node}: {offer.step.words}, attempt {offer.attempt}")
        for line in offer_lines(offer.offered):
            self._terminal.remark(line)
        reading = engine.reading()
        yes = f"Run this on {offer.node}? y"
        if reading is not None:
            self._terminal.remark(f"  {'peers':<12} {reading.seen}")
            yes = f"Type {reading.value} ({reading.what}) to run this"
        if offer.offered.stands_for is ConfirmClass.EYES:
            yes = f"Have you looked, and does it show {offer.node} so? y"
        answer = await self._terminal.ask(f"{yes}, n for no, c for other choices, q to leave [n]: ")
        if answer is None or answer == LEAVE:
            return _left(answer)
        if answer.lower() == "c":
            return await self._choose(engine, engine.choices())
        token = offer.offered.token
        intent: it.Intent = it.DeclineStep(token=token)
        if reading is not None and answer.lower() not in ("", "n", "no"):  # a wrong one is asked for anew
            intent = it.ConfirmStep(token=token, typed=answer, sample=reading.sample)
        elif reading is None and answer.lower() in ("y", "yes"):
            intent = it.ConfirmStep(token=token)
        self._submit(engine, intent)
        return None

    async def _candidates(self, engine: Engine) -> Sequence[Candidate]:
        """Those of now; a gate that is just closed for a moment is waited for, not asked about."""
        until = time.monotonic() + self.GATE_TIMEOUT_S
        candidates = engine.candidates()
        while candidates and not any(each.eligible for each in candidates) and time.monotonic() < until:
            await asyncio.sleep(self.RETRY_EVERY_S)
            candidates = engine.candidates()
        return candidates

    async def _pick(self, engine: Engine, candidates: Sequence[Candidate]) -> str | None:
        if not any(candidate.eligible for candidate in candidates):
            for candidate in candidates[:1]:
                self._terminal.remark(f"No node can go now: {candidate.why}")
        for number, candidate in enumerate(candidates, 1):
            mark = "can go" if candidate.eligible else "cannot go"
            self._terminal.remark(f"  {number:>3}  {candidate.node}  {mark}: {candidate.why}")
        for candidate in candidates[:1] if candidates and candidates[0].proposal else ():
            self._terminal.remark(f"Proposed: {candidate.node}, because {candidate.proposal}.")
            for word, text in candidate.about():
                self._terminal.remark(f"  {word}: {text}")
        answer = await self._terminal.ask(
            "Next node (number or name), Enter to look again, c for other choices, q to leave: "
        )
        if answer is None or answer == LEAVE:
            return _left(answer)
        if answer.lower() == "c":
            return await self._choose(engine, engine.choices())
        names = {candidate.node for candidate in candidates}
        by_number = {str(number): candidate.node for number, candidate in enumerate(candidates, 1)}
        node = answer if answer in names else by_number.get(answer)
        if node is not None:
            self._submit(engine, it.SelectNode(node=node))
        elif answer:
            self._terminal.remark(f"{answer} is not in the list.")
        return None

    async def _choose(self, engine: Engine, choices: Sequence[Choice]) -> str | None:
        if not choices:
            return engine.advice().why
        for number, choice in enumerate(choices, 1):
            mark = " (recommended)" if choice.recommended else ""
            self._terminal.remark(f"  {number:>3}  {choice.word}{mark}: {choice.sentence}")
        answer = await self._terminal.ask("Choice (number), q to leave: ")
        if answer is None or answer == LEAVE:
            return _left(answer)
        if not (answer.isdecimal() and len(answer) < 5 and 1 <= int(answer) <= len(choices)):
            if answer:
                self._terminal.remark(f"{answer} is not in the list.")
            return None
        choice = choices[int(answer) - 1]
        intent = await self._filled(choice)
        if intent is None:
            self._terminal.remark("Nothing was done.")
        elif choice.intent not in [standing.intent for standing in engine.choices()]:
            self._terminal.remark("What can be chosen has changed meanwhile; nothing was done.")
        else:
            self._submit(engine, intent)
        return None

    async def _filled(self, choice: Choice) -> it.Intent | None:
        """The intent with its reason and typed name; None when the person did not give them."""
        intent = choice.intent
        if choice.needs_reason:
            reason = await self._terminal.ask("Why (goes into the record): ")
            if not reason:
                return None
            intent = intent.model_copy(update={"reason": reason})
        if wanted := choice.to_type:
            if await self._terminal.ask(f"Type {wanted} to do this: ") != wanted:
                return None
            if "typed" in type(intent).model_fields:
                intent = intent.model_copy(update={"typed": wanted})
        return intent

    def _submit(self, engine: Engine, intent: it.Intent) -> None:
        reply = engine.submit(intent)
        if reply.sentence and not reply.accepted:
            self._terminal.remark(f"Refused: {reply.sentence}.")


def _left(answer: str | None) -> str:
    return "left by the operator" if answer is not None else "the input has ended, and nobody else can answer"
