"""The line-by-line front end: says what happens, hands answers to the engine, and stops when told to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from tui.model import events as ev
from tui.model import intents as it
from tui.model.run import Run, Step
from tui.model.steps import StepName
from tui.plain.answerers import LEAVE, Answerer
from tui.plain.output import Output
from tui.plain.streams import Streams
from tui.plain.terminal import TURN, Terminal
from tui.rollout.interface import Engine
from tui.text.commands import COMMANDS

T = TypeVar("T")

UNREAD = "nobody reads the output any more"
LOOK_EVERY_S = 0.5
"""Between two looks at whether there is still something to do here."""


class Interrupted(Exception):  # noqa: N818  a keypress, not an error
    """Ctrl-C while something was awaited."""


class Front:
    """One run at one terminal. ``stopped`` says why it ended before the run did."""

    def __init__(self, engine: Engine, answerer: Answerer, output: Output, terminal: Terminal) -> None:
        self._engine = engine
        self._answerer = answerer
        self._output = output
        self._terminal = terminal
        self._streams = Streams(engine.output, engine.state, output)
        self._interrupt = asyncio.Event()
        self._leave = ""
        self.stopped = ""

    async def run(self) -> None:
        """Until the run is over, or a person (or nobody) is needed and does not go on."""
        stop_listening = self._engine.subscribe(self._on_event)
        beside = [asyncio.create_task(self._streams.follow()), asyncio.create_task(self._watch())]
        try:
            with self._signals():
                if self._engine.read_only:
                    self._say_advice()
                while not self.stopped:
                    try:
                        await self._step()
                    except Interrupted:
                        self.stopped = self._leave or await self._interrupted()
        finally:
            for task in beside:
                task.cancel()
            stop_listening()

    def _say_advice(self) -> None:
        """What a viewer is told: how it stands, and who leads."""
        advice = self._engine.advice()
        self._output.remark(f"{advice.why}; {advice.next_action}.")

    async def _step(self) -> None:
        await self._unless_interrupted(self._engine.idle())
        self._streams.pump()
        run = self._engine.state
        if run.status.final:
            self.stopped = run.status.value
        elif self._terminal.gone:
            self.stopped = UNREAD
        elif broken := self._engine.broken:
            self.stopped = broken
        elif self._engine.read_only:
            self._say_advice()
            self.stopped = "this was a look only (--read-only)"
        else:
            stop = await self._unless_interrupted(self._answerer.attend(self._engine))
            self.stopped = stop or ""

    async def _watch(self) -> None:
        """What ends the front end whatever it waits for, a person's answer included."""
        while not self._leave:
            await asyncio.sleep(LOOK_EVERY_S)
            unread = self._engine.read_only and self._terminal.gone
            self._leave = self._leave or self._engine.broken or (UNREAD if unread else "")
        self._interrupt.set()

    async def _unless_interrupted(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        interrupt = asyncio.ensure_future(self._interrupt.wait())
        try:
            await asyncio.wait((task, interrupt), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Interrupted
            return task.result()
        finally:
            for other in (task, interrupt):
                other.cancel()
            await asyncio.wait((task, interrupt))

    async def _interrupted(self) -> str:
        """After Ctrl-C: what runs, and what the person wants. A second Ctrl-C leaves."""
        self._interrupt.clear()
        TURN.withdraw()
        if self._engine.read_only:
            return "left by the operator"
        working = at_work(self._engine.state)
        if working is None:
            return "left by the operator; nothing is running"
        node, step = working
        self._output.remark("")
        self._output.remark(f"{node}: {step.name.words} is running, and goes on by itself if you leave.")
        if not self._terminal.asks_a_person:
            return "interrupted"
        choices = "Type quit to leave it running, cancel to stop it on the node. Enter goes on watching"
        question = f"{choices}; until then its output is withheld: "
        try:
            answer = await self._unless_interrupted(self._terminal.ask(question, alone=True))
            if answer == COMMANDS["cancel"].word:
                await self._unless_interrupted(self._cancel(node, step.name))
        except Interrupted:
            return self._leave or "left by the operator"
        return "left by the operator" if answer in (COMMANDS["quit"].word, LEAVE, None) else ""

    async def _cancel(self, node: str, step: StepName) -> None:
        typed = ""
        if step is StepName.INSTALL:
            question = f"Type {node} to cancel the installation on it. Enter turns back: "
            typed = await self._terminal.ask(question) or ""
        reply = self._engine.submit(it.CancelStep(node=node, typed=typed))
        if not reply.accepted:
            self._output.remark(f"Refused: {reply.sentence}.")

    def _on_event(self, event: ev.Event, run: Run) -> None:
        self._streams.pump()
        self._streams.on_event(event)
        self._output.event(event, run)

    @contextlib.contextmanager
    def _signals(self) -> Any:
        loop = asyncio.get_running_loop()

        def leave(name: str) -> None:
            self._leave = f"ended by {name}"
            self._interrupt.set()

        loop.add_signal_handler(signal.SIGINT, self._interrupt.set)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, leave, number.name)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)


def at_work(run: Run) -> tuple[str, Step] | None:
    """The node and step that run now."""
    steps = ((node.name, step) for node in run.nodes.values() for step in node.steps.values())
    return next(((node, step) for node, step in steps if step.open_attempt is not None), None)
