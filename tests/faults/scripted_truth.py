"""What is really so on scripted nodes, and the promises as a referee sees them from below the engine.

The engine never reads this: it hears only what ``scripted_fleet`` lets its links answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tui.model.run import Run
from tui.model.steps import StepName

OLD, TARGET = "5.20.0", "5.21.2"
SEEN_WITHIN = 10.5
"""Seconds after which the last look before a step must have seen that a node is down."""

What = Literal["stop-apps", "start-apps", "stop-services", "start-services", "install", "reboot"]
TAKES_OUT = ("stop-apps", "stop-services", "install", "reboot")


@dataclass
class Machine:
    """One Cluster Node as it really is."""

    name: str
    powered: bool = True
    linked: bool = True
    """Its SSH answers."""
    hanging: bool = False
    """``dis_services status`` gives no answer."""
    services: bool = True
    disabled_link: bool = False
    """Only the cluster's own view shows it."""
    apps: bool = True
    installed: str = OLD
    loaded: str | None = OLD
    boot: int = 1
    last: tuple[str, str] = ("", "fresh")
    """What the node says of the last job begun: the boot, and its name; none when somebody took it away."""
    faults: set[str] = field(default_factory=set)
    """What the next job will do wrong."""

    @property
    def reachable(self) -> bool:
        return self.powered and self.linked

    @property
    def boot_id(self) -> str:
        return f"boot-{self.name}-{self.boot}"

    @property
    def serving(self) -> bool:
        """PCI Express works on it, as far as the program can see."""
        good = self.services and self.loaded == self.installed and not self.disabled_link
        return self.reachable and not self.hanging and good


@dataclass
class Job:
    """A detached job on a node."""

    name: str
    script: str
    what: What
    boot: int
    exit_code: int | None = None
    cancelled: bool = False
    lost: bool = False
    """Its node went down under it."""

    @property
    def ended(self) -> bool:
        return self.exit_code is not None or self.lost


class Referee:
    """Keeps the truth, and says what promise was broken the moment it is."""

    def __init__(self, names: tuple[str, ...], allowed: int, now: Callable[[], float]) -> None:
        self.machines = {name: Machine(name) for name in names}
        self.jobs: dict[str, dict[str, Job]] = {name: {} for name in names}
        self.allowed = allowed
        self.broken: list[str] = []
        self.confirmed: dict[str, float] = {}
        """When a step of the node was last confirmed."""
        self._looked: tuple[float, frozenset[str]] = (0.0, frozenset())
        self.touched: dict[str, int] = {}
        """How often a job has changed the node's drivers."""
        self.run: Callable[[], Run] = Run
        self._now = now
        self._down_since: dict[str, float] = {}
        self._out_by_run: set[str] = set()
        self._taken: dict[tuple[str, str], str] = {}
        """(node, applications or services) that a job took out -> the node's ledger line."""

    def note(self) -> None:
        """Something has changed: look at every machine, and hold the run to its word."""
        for name, machine in self.machines.items():
            busy = any(not job.ended for job in self.jobs[name].values())
            if machine.serving:
                self._down_since.pop(name, None)
            else:
                self._down_since.setdefault(name, self._now())
            if machine.serving and not busy:
                self._out_by_run.discard(name)
            if machine.services and machine.powered and not busy:  # with an old driver, too: they serve
                self._taken.pop((name, "services"), None)
            if machine.apps and not busy:
                self._taken.pop((name, "applications"), None)
        self.blame(len(self._out_by_run) > self.allowed, f"out by the run: {sorted(self._out_by_run)}")

    def looked(self) -> None:
        """All nodes have just been looked at."""
        self._looked = (self._now(), frozenset(self._down_since))

    def starts_job(self, name: str, job: Job) -> None:
        """A job that was not there before begins on a node: the only way in which the run changes one."""
        machine, run = self.machines[name], self.run()
        self._confirmed(name, job, run)
        progress = run.nodes[name].progress
        self.blame(progress.done, f"{job.what} begins on {name}, which is {progress}")
        # what a person had stopped and a reboot has started is stopped again: that takes nothing out
        again = f".{StepName.START_APPLICATIONS}." in job.name
        if job.what in TAKES_OUT and not again:
            now = self._now()
            down = [
                other
                for other, since in self._down_since.items()
                if other != name and now - since > SEEN_WITHIN
            ]
            self.blame(len(down) >= self.allowed, f"{job.what} on {name} while {down} are down")
            at, seen = self._looked
            others = sorted(seen - {name})
            self.blame(at < self.confirmed[name], f"no look at all nodes before {job.what} on {name}")
            self.blame(len(others) >= self.allowed, f"{job.what} on {name}, and {others} were seen down")
        self.jobs[name][job.name] = job
        if job.what in ("stop-services", "install", "reboot"):
            self.touched[name] = self.touched.get(name, 0) + 1
            self._out_by_run.add(name)
            self._take(name, "services", taken=machine.services)
        if job.what in ("stop-apps", "reboot"):
            self._take(name, "applications", taken=machine.apps)
        self.note()

    def check_ledger(self) -> None:
        """What a job took out, and is not back, stands in the ledger until a person has signed it off."""
        lines = {line.line: line.closed for line in self.run().ledger}
        for (name, what), line in self._taken.items():
            closed = lines.get(line)
            lost = closed is None or (closed and not closed.startswith("signed-off"))
            self.blame(bool(lost), f"{what} of {name} are out, and the ledger says {closed!r}")

    def _take(self, name: str, what: str, *, taken: bool) -> None:
        if not taken:
            return
        line = f"{name}/{what}"
        before = next((found.added.before for found in self.run().open_ledger if found.line == line), "")
        self.blame(not before, f"{what} of {name} are taken out, and no line of the ledger is open for it")
        if before == "running":  # else a person had stopped it, and has started it in the middle of the run
            self._taken[name, what] = line

    def _confirmed(self, name: str, job: Job, run: Run) -> None:
        """Each job belongs to one attempt, and that was confirmed by somebody."""
        attempts = [
            attempt
            for step in run.nodes[name].steps.values()
            for attempt in step.attempts
            if attempt.begun.job_id == job.name
        ]
        self.blame(len(attempts) != 1, f"{job.name} belongs to {len(attempts)} attempts")
        self.blame(not all(a.begun.confirmed_by for a in attempts), f"{job.name} was confirmed by nobody")

    def blame(self, wrong: bool, sentence: str) -> None:
        if wrong and sentence not in self.broken:
            self.broken.append(sentence)
