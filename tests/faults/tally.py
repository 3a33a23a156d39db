"""What the fault tests count, as one table: the proof in numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from tui.journal import find_runs, read_events
from tui.model.fold import fold
from tui.model.run import Run
from tui.model.states import Progress, RunStatus
from tui.rehearsal import Rehearsal

ALL = os.environ.get("ROLLCALL_FAULTS") == "all"
"""``python -m tests.faults`` injects every fault at every place; within the whole suite a sample is."""

CHANGES = {"--build-rpm": 1, "--install-node": 1, "reboot": 0}
"""What the simulated programs note, and how often it may stand in a node's log after an undisturbed run."""


@dataclass
class Row:
    """One fault, injected at one kind of place."""

    fault: str
    where: str
    cases: int = 0
    bytes_compared: int = 0
    double_starts: int = 0
    lost_bytes: int = 0
    wrong_states: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """All promises were kept."""
        return not (self.double_starts or self.lost_bytes or self.wrong_states)

    def take(self, rehearsal: Rehearsal, state_dir: Path, allowed: dict[str, int] | None = None) -> None:
        """Compare nodes, output files and journal after a run that was disturbed."""
        run, directory = latest(state_dir)
        self._states(rehearsal, run, directory)
        for name in rehearsal.nodes:
            node = rehearsal.node(name)
            for word, times in {**CHANGES, **(allowed or {})}.items():
                seen = sum(1 for line in node.log if word in line)
                if word == "reboot":
                    seen = sum(1 for line in node.log if line.startswith("reboot"))
                if word == "--build-rpm":
                    seen = sum(
                        1 for other in rehearsal.nodes for line in rehearsal.node(other).log if word in line
                    )
                if seen > times:
                    self.double_starts += seen - times
                    self.notes.append(f"{name}: {word} {seen} times")
            self._bytes(run, directory, name, node.sysroot)

    def _states(self, rehearsal: Rehearsal, run: Run, directory: Path) -> None:
        wrong = []
        if run.status is not RunStatus.COMPLETED:
            wrong.append(f"run is {run.status}: {run.summary}")
        if run.open_ledger:
            wrong.append("the ledger is open")
        if fold(read_events(directory / "events.jsonl")) != run:
            wrong.append("the journal folds to another state")
        for name in rehearsal.nodes:
            node = rehearsal.node(name)
            target = rehearsal.plan.target
            if (node.installed, node.active, node.app_running) != (target, target, True):
                wrong.append(
                    f"{name}: {node.installed} installed, {node.active} active, app {node.app_running}"
                )
            if run.nodes[name].progress is not Progress.UPDATED:
                wrong.append(f"{name} is {run.nodes[name].progress}")
        self.wrong_states += len(wrong)
        self.notes += wrong

    def _bytes(self, run: Run, directory: Path, name: str, sysroot: Path) -> None:
        for step in run.nodes[name].steps.values():
            for attempt in step.attempts:
                job = sysroot / f"var/lib/rollcall/jobs/{attempt.begun.job_id}/out"
                if attempt.begun.job_id is None or not job.exists():
                    continue
                kept = directory / attempt.begun.output
                here, there = kept.read_bytes() if kept.exists() else b"", job.read_bytes()
                self.bytes_compared += len(there)
                if here != there:
                    self.lost_bytes += abs(len(there) - len(here)) or 1
                    self.notes.append(f"{name} {step.name}: {len(here)} bytes here, {len(there)} there")


def latest(state_dir: Path) -> tuple[Run, Path]:
    """The one run of a state directory."""
    record = find_runs(state_dir)[0]
    assert record.run is not None, record.error
    return record.run, record.directory


ROWS: list[Row] = []
"""Filled by the tests of this session; printed at its end by ``conftest.py``."""


def table(rows: list[Row]) -> str:
    """The rows as text, with a line of sums."""
    head = (
        "fault",
        "where injected",
        "cases",
        "bytes compared",
        "double starts",
        "lost bytes",
        "wrong final states",
    )
    body = [
        (r.fault, r.where, r.cases, r.bytes_compared, r.double_starts, r.lost_bytes, r.wrong_states)
        for r in rows
    ]
    total = ("all", "", *(sum(int(line[column]) for line in body) for column in range(2, 7)))
    cells = [tuple(str(cell) for cell in line) for line in (head, *body, total)]
    widths = [max(len(line[column]) for line in cells) for column in range(7)]
    lines = [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)
