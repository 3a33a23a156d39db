"""What a person can do, in the words that both front ends use, in their order."""

from __future__ import annotations

from typing import NamedTuple

from tui.model.states import PauseMode


class Words(NamedTuple):
    """How a command is called, and what it does."""

    word: str
    sentence: str


COMMANDS = {
    "next-node": Words(
        "next", "Propose the best next node and pick one; the gate's verdict stands beside each."
    ),
    "confirm": Words(
        "confirm", "Show the offered step and confirm it, or choose what to do after a failure."
    ),
    "rerun": Words("rerun", "Do a step of a node again: this step, from this step on, or the whole node."),
    "skip-node": Words("skip", "Leave a node out of this run, with a reason; it keeps the version it has."),
    "hold-node": Words(
        "hold", "Keep the run's hands off a node, with a reason; the same command releases it."
    ),
    "cancel": Words(
        "cancel", "Stop the running step on its node, or end the run; what each means is shown first."
    ),
    "pause": Words("pause", "Start nothing more after what runs now; the same command resumes the run."),
    "pause-mode": Words(
        "mode", "Change how often the run waits for a person; the machine's gate holds in every mode."
    ),
    "sign-off": Words(
        "sign off", "Close something that the run took out of service without putting it back, with a reason."
    ),
    "note": Words("note", "Write a line into the journal."),
    "quit": Words(
        "quit", "Leave; a step that is running continues on its node, and the run can be taken up again."
    ),
    "journal": Words("journal", "Show every event with its time, who caused it, and what it says."),
    "plan": Words("plan", "Show every command for every node, in order."),
    "checks": Words(
        "checks", "Show the preflight checks: passed, warning or error, what it means and the remedy."
    ),
    "files": Words(
        "files", "Show the files that are watched on the nodes, and line by line how they differ from before."
    ),
    "summary": Words(
        "summary", "Show what this run has done so far: counts, exceptions, what is still out of service."
    ),
    "help": Words("help", "Show every command and what it does."),
}
"""By id."""

MODES = {
    PauseMode.EVERY_STEP: Words("every step", "a person confirms each step that changes something"),
    PauseMode.EVERY_NODE: Words(
        "every node",
        "a person picks each node and confirms to stop services and to reboot; its other steps follow",
    ),
    PauseMode.FIRST_NODE: Words(
        "first node", "as above for the first node; the others follow while all is well"
    ),
    PauseMode.NONE: Words(
        "none", "nothing waits for a person while all is well, but for what only a person can say"
    ),
}
