"""How it ended: what happened, what is still out, what to do, as sentences and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui.model.run import Run
from tui.model.verdict import LOCKED, exit_code, sentence
from tui.plain.front import at_work

MEANINGS = {
    0: "all nodes are updated",
    2: "preflight blocked the run",
    3: "a node failed",
    4: "paused or incomplete",
    5: "lock held by another",
    6: "connection or identity",
    7: "canceled",
}


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A run as a front end leaves it."""

    run: Run
    stopped: str
    """Why the front end stopped before the run was over."""
    resume: str
    """The exact command to go on with; empty for a console that only looked."""
    report: str
    """Path of the HTML report; empty when it could not be written."""
    no_report: str = ""
    """Why it could not."""
    report_to_be: str = ""
    """Where it will lie: a front end that is still there has not written it yet."""
    locked_out: bool = False
    """Another console took the lead."""
    resume_until: str = ""
    """How long it can be taken up as it is, in a sentence; a real run always can."""

    @property
    def exit_code(self) -> int:
        """The contract's exit code."""
        return LOCKED if self.locked_out else exit_code(self.run)

    def lines(self) -> list[str]:
        """In sentences, the important ones first."""
        run = self.run
        said = [sentence(run)]
        if self.stopped and self.stopped not in (run.status.value, run.summary):
            said.append(f"Stopped here: {self.stopped.rstrip('.')}.")
        if (working := at_work(run)) is not None and not run.status.final:
            node, step = working
            said.append(
                f"Still running on {node}: {step.name.words}. It goes on by itself; resuming follows it."
            )
        for line in run.open_ledger:
            said.append(
                f"Still out of service: {line.added.what} on {line.node}. To put back: {line.added.undo}"
            )
        if not run.status.final:
            if run.next_action:
                said.append(f"Next: {run.next_action}.")
            if self.resume:
                said += filter(None, (f"To take it up again: {self.resume}", self.resume_until))
        if self.report or self.no_report:
            said.append(f"Report: {self.report}" if self.report else f"No report: {self.no_report}")
        elif self.report_to_be:
            said.append(f"Report, written when you leave: {self.report_to_be}")
        said.append(f"Exit code {self.exit_code}: {MEANINGS[self.exit_code]}.")
        return said

    def data(self) -> dict[str, Any]:
        """For programs."""
        run = self.run
        return {
            "exit": self.exit_code,
            "status": run.status.value,
            "code": run.code,
            "run": run.run_id,
            "cluster": run.cluster,
            "simulated": run.simulated,
            "target": run.target,
            "nodes": {node.name: node.progress.value for node in run.nodes.values()},
            "still_out": [
                {"node": line.node, "what": line.added.what, "undo": line.added.undo}
                for line in run.open_ledger
            ],
            "sentence": sentence(run),
            "stopped": self.stopped,
            "next": run.next_action,
            "resume": "" if run.status.final else self.resume,
            "report": self.report,
        }
