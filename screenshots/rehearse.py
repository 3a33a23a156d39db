"""A seeded rehearsal, run to its end by a script: its events, its output files, its cluster file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tui.journal.tail import read_events
from tui.model import intents as it
from tui.model.clusterfile import ClusterFile
from tui.model.events import Event
from tui.model.states import Progress, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Plan, Rehearsal
from tui.rollout.engine import LiveEngine
from tui.rollout.interface import Choice
from tui.rollout.open_run import OpenRun, RunOptions

PLAN = Plan(
    nodes=tuple(f"px{number:02}" for number in range(1, 9)),
    management="pxmgmt",
    faults={"px03": ("start-fails",)},
    seed=7,
    pace=60.0,
    marks="escapes",
)
HOLD = ("px07", "fan, T-4711")
SKIP = ("px08", "customer asked to wait")


@dataclass(frozen=True)
class Recording:
    """Everything of one run."""

    config: ClusterFile
    events: list[Event]
    outputs: dict[tuple[str, StepName, int], bytes]


async def record() -> Recording:
    """Rehearse ``PLAN``: hold one node, skip one, cure the one that fails as the engine recommends."""
    with tempfile.TemporaryDirectory() as scratch:
        rehearsal = Rehearsal.create(Path(scratch) / "stage", PLAN)
        rehearsal.start()
        try:
            options = RunOptions(Path(scratch) / "state", "console")
            async with await OpenRun.open(rehearsal.cluster_file, options) as opened:
                await _operate(opened.engine)
                return _read(opened)
        finally:
            rehearsal.destroy()


async def _operate(engine: LiveEngine) -> None:
    await engine.idle()
    engine.submit(it.HoldNode(node=HOLD[0], reason=HOLD[1]))
    while not engine.state.status.final:
        await engine.idle()
        run = engine.state
        if run.offer is not None:
            reading = engine.reading()
            read = {"typed": reading.value, "sample": reading.sample} if reading is not None else {}
            engine.submit(it.ConfirmStep(token=run.offer.offered.token, **read))
        elif run.status.paused:
            engine.submit(_filled(engine.choices()[0], run.current or ""))
        elif run.status is RunStatus.RUNNING and run.current is None:
            if [node.progress for node in run.nodes.values()].count(Progress.UPDATED) == 6 and run.nodes[
                SKIP[0]
            ].progress is Progress.WAITING:
                engine.submit(it.SkipNode(node=SKIP[0], reason=SKIP[1]))
            elif (best := next((c for c in engine.candidates() if c.eligible), None)) is not None:
                engine.submit(it.SelectNode(node=best.node))


def _filled(choice: Choice, node: str) -> it.Intent:
    fields = {"reason": "as recommended", "typed": node}
    wanted = {name: text for name, text in fields.items() if name in type(choice.intent).model_fields}
    return choice.intent.model_copy(update=wanted)


def _read(opened: OpenRun) -> Recording:
    events = read_events(opened.run_dir / "events.jsonl")
    engine, outputs = opened.engine, {}
    for node in engine.state.nodes.values():
        for step in node.steps.values():
            for attempt in step.attempts:
                key = (node.name, step.name, attempt.number)
                outputs[key] = engine.output(*key, 0, 10_000_000)
    return Recording(engine.config, events, outputs)
