"""An operator at the engine: waits until a person is needed, and answers as the test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.rigs.reading import yes
from tests.rigs.waiting import patience
from tui.journal import read_events
from tui.model import intents as it
from tui.model.events import Event
from tui.model.fold import fold
from tui.model.run import Run, Step
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Plan, Rehearsal
from tui.rollout.engine import LiveEngine
from tui.rollout.interface import Choice, Reply
from tui.rollout.open_run import OpenRun, RunOptions

PATIENCE = 180.0
PACE = 30.0

Answer = Callable[["Operator"], Reply | None]


class Operator:
    """Drives one engine. ``happened`` holds every event since the console was opened."""

    def __init__(self, session: OpenRun, rehearsal: Rehearsal) -> None:
        self.session = session
        self.engine: LiveEngine = session.engine
        self.rehearsal = rehearsal
        self.happened: list[Event] = []
        self.engine.subscribe(self._note)

    def _note(self, event: Event, run: Run) -> None:
        self.happened.append(event)
        assert run == fold(self.engine._publisher.journal.events), "state is not the fold of the journal"

    @property
    def run(self) -> Run:
        return self.engine.state

    def step(self, node: str, name: StepName) -> Step:
        return self.run.nodes[node].steps[name]

    async def needed(self) -> None:
        """Wait until the engine waits for a person (or has ended)."""
        async with asyncio.timeout(PATIENCE * patience()):
            await self.engine.idle()
        assert not self.engine.broken, self.engine.broken

    async def until(self, condition: Callable[[Run], bool]) -> None:
        """Wait for a condition on the state; looks after each event."""
        async with asyncio.timeout(PATIENCE * patience()):
            while not condition(self.run):
                assert not self.engine.broken, self.engine.broken
                await self.engine._publisher.changed.wait()
                await asyncio.sleep(0)

    def confirm(self, typed: str | None = None) -> Reply:
        """Say yes to what is offered, with what it asks to read (or something else) typed."""
        assert self.run.offer is not None, f"nothing is offered: {self.run.status} {self.run.summary}"
        said = yes(self.engine)
        return self.engine.submit(said.model_copy(update={"typed": typed}) if typed is not None else said)

    def choose(self, word: str) -> Reply:
        """Take the choice with that word, with a reason and the node's name where it wants them."""
        choice = next((c for c in self.engine.choices() if c.word == word), None)
        assert choice is not None, f"no choice {word!r} among {[c.word for c in self.engine.choices()]}"
        return self.engine.submit(self.filled(choice))

    def filled(self, choice: Choice) -> it.Intent:
        update: dict[str, str] = {}
        if choice.needs_reason:
            update["reason"] = "as the test says"
        if choice.to_type:
            update["typed"] = choice.to_type
        return choice.intent.model_copy(update=update)

    async def finish(self, remedies: Mapping[str, str] | None = None, limit: int = 60) -> RunStatus:
        """Confirm everything; at a failure with code C choose ``remedies[C]``. Ends at any other."""
        for _ in range(limit):
            await self.needed()
            run = self.run
            if run.status.final:
                return run.status
            if run.offer is not None:
                reply = self.confirm()
                if not reply.accepted:
                    assert "gate" in reply.sentence, reply.sentence
                    await self._look_again()
            elif run.status is RunStatus.RUNNING:
                await self._pick()
            elif run.code in (remedies or {}):
                assert self.choose((remedies or {})[run.code]).accepted
            elif run.code == "gate-closed" and "the cluster view counts" in run.summary:
                await self._look_again()  # the view is behind the node, for as long as its driver goes away
                assert self.choose("resume").accepted
            else:
                return run.status
        raise AssertionError(f"not finished after {limit} answers: {run.status} {run.summary}")

    async def _pick(self) -> None:
        candidate = self.engine.candidates()[0]
        if not self.engine.submit(it.SelectNode(node=candidate.node)).accepted:
            await self._look_again()

    async def _look_again(self) -> None:
        await self.engine._monitor.look_now()

    def done(self, node: str) -> list[str]:
        """What the simulated programs of a node were asked to do."""
        return self.rehearsal.node(node).log

    def check_the_record(self) -> None:
        """The promises that every run has to keep: fold, output bytes, one process a job."""
        events = read_events(self.session.run_dir / "events.jsonl")
        assert fold(events) == self.run
        for node in self.run.nodes.values():
            for step in node.steps.values():
                for attempt in step.attempts:
                    if attempt.begun.job_id is None or not attempt.size:
                        continue
                    kept = (self.session.run_dir / attempt.begun.output).read_bytes()
                    assert len(kept) == attempt.size
        tokens = [event.data["token"] for event in events if event.type == "step.confirmed"]
        assert len(tokens) == len(set(tokens)), "a token fired twice"
        jobs = [
            event.data["job_id"]
            for event in events
            if event.type == "attempt.started" and event.data["job_id"]
        ]
        assert len(jobs) == len(set(jobs)), "a job id was used for two attempts"


@contextlib.asynccontextmanager
async def console(
    rehearsal: Rehearsal, state_dir: Path, pause: PauseMode | None = PauseMode.NONE
) -> AsyncIterator[Operator]:
    """A console on a rehearsal cluster; leaving it leaves the run as it is."""
    session = await OpenRun.open(
        rehearsal.cluster_file,
        RunOptions(state_dir=state_dir, front_end="test", pause=pause),
    )
    async with session:
        yield Operator(session, rehearsal)


@contextlib.contextmanager
def cluster(
    directory: Path,
    nodes: int = 2,
    faults: Mapping[str, str | tuple[str, ...]] | None = None,
    **plan: Any,
) -> Iterator[Rehearsal]:
    """A running rehearsal cluster ``px01..`` with a management node; gone afterwards."""
    names = tuple(f"px{number:02}" for number in range(1, nodes + 1))
    ordered = {node: (words,) if isinstance(words, str) else words for node, words in (faults or {}).items()}
    made = Plan(nodes=names, faults=ordered, **{"management": "pxmgmt", "pace": PACE, **plan})
    rehearsal = Rehearsal.create(directory, made)
    try:
        rehearsal.start()
        yield rehearsal
    finally:
        rehearsal.destroy()
