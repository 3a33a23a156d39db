"""The keys of a node, at the real engine: few, and those of one node take no other out."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from tests.console.screen import Seat
from tests.rollout.engine_operator import Operator, cluster, console
from tui.console.app import ConsoleConfig, RollcallApp
from tui.console.dialogs.base import Dialog
from tui.console.dialogs.confirm import ConfirmDialog
from tui.console.dialogs.reading import ReadingDialog
from tui.model.intents import ChangePauseMode
from tui.model.states import PauseMode, Progress
from tui.model.steps import StepName
from tui.rollout.engine import LiveEngine

pytestmark = pytest.mark.slow
CRITICAL = (StepName.STOP_SERVICES, StepName.REBOOT)
READ = "read"
"""A value that was typed, and the key that enters it."""


class Person:
    """Presses what a node needs, each key when the console waits for it, and remembers them."""

    def __init__(self, seat: Seat, operator: Operator) -> None:
        self.seat, self.operator = seat, operator
        self.keys: list[str] = []
        self.counted = 0

    @property
    def dialog(self) -> Dialog[object] | None:
        """The one that listens."""
        top = self.seat.app.screen
        return top if isinstance(top, Dialog) and top.deaf_until < self.seat.app.monotonic() else None

    @property
    def can_pick(self) -> bool:
        run, seat = self.operator.run, self.seat
        free = seat.on_board and not seat.board.busy and run.current is None
        return free and any(candidate.eligible for candidate in self.operator.engine.candidates())

    async def press(self, *keys: str, counted: bool = True) -> None:
        self.keys += keys
        self.counted += len(keys) if counted else 0
        await self.seat.press(*keys)

    async def update(self, node: str) -> None:
        """Everything that a person does for one node, from the pick to the end."""
        self.keys, self.counted = [], 0
        while not self.done(node):
            await self.seat.until(
                lambda: self.done(node) or self.dialog is not None or self.can_pick, f"{node} needs a person"
            )
            if self.done(node):
                return
            dialog, before = self.dialog, self.situation
            if isinstance(dialog, ConfirmDialog):
                await self.press("y")
            elif isinstance(dialog, ReadingDialog):
                reading = self.operator.engine.reading()
                assert reading is not None
                await self.press(*reading.value.replace(" ", ""), "enter", counted=False)
            elif self.can_pick:
                await self.press("n")
                await self.seat.until(lambda: self.dialog is not None, "the pick")
                await self.press("enter")
            await self.taken(before)

    async def look_on(self, node: str) -> None:
        """The node goes through without a key."""
        events = self.operator.engine.events
        while not self.done(node):
            seen = len(events())
            await self.seat.until(lambda seen=seen: len(events()) > seen, f"{node} goes on")  # type: ignore[misc]

    async def taken(self, before: tuple[object, ...]) -> None:
        await self.seat.until(lambda: before != self.situation, "the key is taken")

    @property
    def situation(self) -> tuple[object, ...]:
        run = self.operator.run
        return run.current, run.offer, self.dialog is None and not self.can_pick

    async def replay(self, keys: list[str]) -> None:
        """The same keys once more, each when the console waits for one."""
        for key in keys:
            await self.seat.until(lambda: self.dialog is not None or self.can_pick, f"{key} can be pressed")
            await self.seat.press(key)
            if key == "n":  # as it was when they were pressed first
                await self.seat.until(lambda: self.dialog is not None, "the pick")

    def done(self, node: str) -> bool:
        return self.operator.run.nodes[node].progress is Progress.UPDATED

    def critical(self, node: str) -> list[StepName]:
        """What was begun on the node that takes it out."""
        return [step for step in CRITICAL if self.operator.run.nodes[node].steps[step].attempts]

    def mode(self, mode: PauseMode) -> None:
        assert self.operator.engine.submit(ChangePauseMode(mode=mode)).accepted


class Mouse(Person):
    """The same person, who types only what has to be read."""

    @override
    async def press(self, *keys: str, counted: bool = True) -> None:
        for key in keys:
            if key.isdecimal():
                await self.seat.press(key)
            else:
                await self.click(key)

    async def click(self, key: str) -> None:
        """Where that stands for which one would press the key."""
        reads = isinstance(self.seat.app.screen, ReadingDialog)
        words = {"n": "n next", "y": "Yes, ", "enter": "Yes, " if reads else "proposed: "}[key]
        lines = self.seat.text.split("\n")
        row = next(index for index, line in enumerate(lines) if words in line)
        await self.seat.pilot.click(offset=(lines[row].index(words) + 1, row))
        await self.seat.settle()


async def test_few_keys_a_node_and_those_of_one_take_no_other_out(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=6, update_management="no", pace=60.0) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:

            async def engine() -> LiveEngine:
                return operator.engine

            clock = [0.0]
            app = RollcallApp(ConsoleConfig(engine), title="demo", monotonic=lambda: clock[0])
            async with app.run_test(size=(120, 36)) as pilot:
                await walk(Person(Seat(app, pilot, clock), operator))


async def walk(person: Person) -> None:
    counts = {}
    for mode, first, then in ((PauseMode.EVERY_STEP, "px01", "px02"), (PauseMode.EVERY_NODE, "px03", "px04")):
        person.mode(mode)
        await person.update(first)
        counts[mode] = person.counted
        await person.replay(person.keys)
        assert person.operator.run.current == then
        assert person.critical(then) == []
        assert isinstance(person.seat.app.screen, ReadingDialog)
        await person.seat.press(*["backspace"] * len(person.keys))  # what the replay left in the line
        await person.update(then)
    assert counts == {PauseMode.EVERY_STEP: 6, PauseMode.EVERY_NODE: 2}
    person.mode(PauseMode.EVERY_STEP)
    await Mouse(person.seat, person.operator).update("px05")
    person.mode(PauseMode.FIRST_NODE)
    await person.look_on("px06")
    events = person.operator.engine.events()
    read = [(e.node, e.data["typed"]) for e in events if e.type == "step.confirmed" and e.data["typed"]]
    assert read == [(f"px0{n}", f"0{n}5") for n in (1, 2, 3, 4, 5)]
