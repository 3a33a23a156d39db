"""The simulated cluster of ``rollcall demo`` and ``rehearse``: kept for as long as its run is unfinished."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import nearest
from tui.cli.errors import LeftError, UsageError
from tui.rehearsal import FAULTS, Plan, Rehearsal
from tui.text.durations import length

if TYPE_CHECKING:
    from tui.journal import ClusterLock, RunRecord
    from tui.remote import AskPerson

_WAYS = {
    "resume": "go on where it is",
    "new": "begin another one; this one is canceled, if nothing of it is out of service",
    "leave": "nothing is begun, and it stays as it is",
}


@dataclass
class KeptRehearsal:
    """The simulated cluster on disk. ``command`` is how one asks for it: ``rollcall demo``."""

    directory: Path
    state_dir: Path
    command: str
    plan: Plan
    asked: bool = False
    """The command line describes a cluster, which a kept one may not be."""
    resume: bool = False
    new: bool = False
    again: Callable[..., str] = lambda *words: shlex.join(["rollcall", *words])
    """A command as it is typed for the same state directory."""
    rehearsal: Rehearsal | None = None

    def open(self, ask: AskPerson | None = None) -> Path:
        """Start the kept cluster while its run is unfinished, else a new one; gives its cluster file.

        ``ask`` lets a person choose. Raises LeftError, UsageError, LockHeldError or RehearsalError.
        """
        # Heavy: not before the first paint.
        from tui.journal import ClusterLock, LockHeldError, unfinished_run  # noqa: PLC0415  see above
        from tui.rollout.options import who  # noqa: PLC0415  as above

        with ClusterLock(self.state_dir, self.plan.name) as lock:
            try:
                lock.acquire(who())  # the cluster of a console that is still open must not be replaced
            except LockHeldError:
                raise LockHeldError(self._held(lock)) from None
            record = unfinished_run(self.state_dir, self.plan.name)
            if record is not None and ask is not None and Rehearsal.attach(self.directory) is not None:
                self._offer(record, ask)
            self.rehearsal = self._rehearsal(record.run_id if record else None)
        self.rehearsal.start()
        return self.rehearsal.cluster_file

    def close(self) -> None:
        """Remove the simulated cluster, unless its run is to be taken up again."""
        from tui.journal import unfinished_run  # noqa: PLC0415  as above

        if self.rehearsal is not None and unfinished_run(self.state_dir, self.plan.name) is None:
            self.rehearsal.destroy()

    def _held(self, lock: ClusterLock) -> str:
        return (
            f"This rehearsal is led by {lock.holder() or 'another console'}; look on with "
            f"`{self.again('watch', self.plan.name)}`, or rehearse in another place with --state-dir DIR."
        )

    def _offer(self, record: RunRecord, ask: AskPerson) -> None:
        """Let a person choose whether to go on with the unfinished run, if the command does not say it."""
        from tui.model.verdict import tally  # noqa: PLC0415  heavy
        from tui.remote import Question  # noqa: PLC0415  as above

        if self.resume or self.new:
            return
        options = ("The options given hold for a new one only.",) if self.asked else ()
        ways = (f"{number} {word}: {meaning}" for number, (word, meaning) in enumerate(_WAYS.items(), 1))
        lines = (f"Run {record.run_id} is not finished: {tally(record.run)}.", *options, *ways)
        said = ask(
            Question(
                "Type 1, 2 or 3, then Enter",
                hidden=False,
                lines=lines,
                title="The last rehearsal",
                refuse=lambda typed: "" if _way(typed) else f"type 1, 2 or 3, or {', '.join(_WAYS)}",
            )
        )
        way = _way(said) if said is not None else "leave"
        if way == "leave":
            raise LeftError(f"Run {record.run_id} stays as it is; `{self.command}` offers it again.")
        self.resume, self.new = way == "resume", way == "new"
        self.asked = self.asked and self.new

    def _rehearsal(self, run_id: str | None) -> Rehearsal:
        kept = Rehearsal.attach(self.directory)
        if kept is not None and run_id is not None and not self.new:
            if not self.resume and not self.asked and self._changed(kept.plan):
                raise UsageError(
                    f"The cluster file has changed since the rehearsal of run {run_id} began: take that up "
                    f"as it was with `{self.command} --resume`, or begin another with --new."
                )
            if self.asked:
                raise UsageError(
                    f"The rehearsal of run {run_id} is not finished: take it up with "
                    f"`{self.command} --resume` and no options for the cluster, or begin another with --new."
                )
            return kept
        if self.resume:
            raise UsageError(f"There is no unfinished rehearsal to take up; start one with `{self.command}`.")
        if kept is not None:
            kept.destroy()
        shutil.rmtree(self.directory, ignore_errors=True)  # what a creation that was cut short has left
        self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Rehearsal.create(self.directory, self.plan)

    def _changed(self, kept: Plan) -> bool:
        """Whether the operator's own file is not the one that is played any more."""
        then = replace(kept, faults=self.plan.faults, seed=self.plan.seed, pace=self.plan.pace)
        return bool(self.plan.file) and then != self.plan


def _way(typed: str) -> str:
    """What was chosen, by its number or its word; empty for anything else."""
    word = typed.strip()
    return word if word in _WAYS else dict(zip("123", _WAYS, strict=True)).get(word, "")


def stays_up(plan: Plan) -> str:
    """How long the run can be taken up where it is, and what comes after that."""
    return (
        f"The simulated cluster stays up for {length(plan.stays_up)}; after that its nodes are off, "
        "and boot when the run is taken up."
    )


def demo_plan(nodes: int, family: str, faults: Iterable[str], seed: int, pace: float) -> Plan:
    """A cluster out of nothing. Raises UsageError or RehearsalError."""
    if not 1 <= nodes <= 99:
        raise UsageError(f"--nodes {nodes}: a demo has 1 to 99 nodes.")
    prefix = family.lower()
    names = tuple(f"{prefix}{number:02d}" for number in range(1, nodes + 1))
    management = f"{prefix}mgmt"
    return Plan(
        nodes=names,
        management=management,
        family=family,
        faults=fault_orders(faults, (*names, management)),
        seed=seed,
        pace=pace,
    )


def fault_orders(orders: Iterable[str], machines: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """``NODE=FAULT`` words as the plan wants them. Raises UsageError that names the nearest valid word."""
    found: dict[str, tuple[str, ...]] = {}
    for order in orders:
        node, equals, fault = order.partition("=")
        if not equals:
            raise UsageError(f"--fault {order}: write NODE=FAULT, such as {machines[0]}=stop-busy.")
        if node not in machines:
            raise UsageError(f"--fault {order}: there is no node {node}{_hint(node, machines)}")
        if fault not in FAULTS:
            raise UsageError(f"--fault {order}: there is no fault {fault}{_hint(fault, tuple(FAULTS), 99)}")
        found[node] = (*found.get(node, ()), fault)
    return found


def _hint(word: str, known: tuple[str, ...], most: int = 25) -> str:
    """The end of a sentence: ``; did you mean px01?``, or the list of what there is, its first ``most``."""
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return nearest(word, known) or f"; there are {', '.join(known[:most])}{more}."
