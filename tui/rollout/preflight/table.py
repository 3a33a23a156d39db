"""Every check of the preflight in one place: its name, what it is about, and the question that it answers.

Whatever lists the checks (console, documentation, tests) reads this table; a result with another name
cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """One check. ``connection``: its failure means that the cluster cannot be talked to at all."""

    name: str
    about: Literal["node", "cluster"]
    question: str
    connection: bool = False


CHECKS: dict[str, CheckDefinition] = {
    check.name: check
    for check in (
        CheckDefinition("reachable", "node", "Does the node let us in and answer?", connection=True),
        CheckDefinition(
            "identity", "node", "Is it the machine that is meant, and no other's double?", connection=True
        ),
        CheckDefinition("root", "node", "Are we root there?", connection=True),
        CheckDefinition(
            "members", "cluster", "Does the file name every node that the nodes themselves name?"
        ),
        CheckDefinition(
            "console", "node", "Does this console run on another machine, which no step takes down?"
        ),
        CheckDefinition(
            "left-out", "node", "Has no console that is lost left something out of service there?"
        ),
        CheckDefinition("tools", "node", "Are the programs there that Rollcall uses?"),
        CheckDefinition("places", "node", "Are the directories for Rollcall's own files safe, and its own?"),
        CheckDefinition("jobs", "node", "Does no job of another run go on there?"),
        CheckDefinition("self-test", "node", "Does a job go on when the connection that started it is cut?"),
        CheckDefinition("clock", "node", "Does its clock agree with the others' and with this machine's?"),
        CheckDefinition("disk-space", "node", "Is there room for the build and the installation?"),
        CheckDefinition("platforms", "cluster", "Are all nodes alike, so that packages are built once?"),
        CheckDefinition(
            "kernel", "node", "Will its next boot take the kernel for which the drivers are built?"
        ),
        CheckDefinition("build", "node", "Has the node that builds what a build needs?"),
        CheckDefinition("sia", "node", "Is the archive there, or here, and is it the right one?"),
        CheckDefinition(
            "version", "node", "May this version be rolled to the target, and is --enforce needed?"
        ),
        CheckDefinition(
            "packages", "node", "Is no package transaction unfinished, and no Dolphin package half updated?"
        ),
        CheckDefinition("package-manager", "node", "Is nobody else installing packages there now?"),
        CheckDefinition("dis_services", "node", "Is dis_services where paths.dis says?"),
        CheckDefinition("services", "node", "Do all services run?"),
        CheckDefinition("active", "node", "Is the loaded driver the installed one?"),
        CheckDefinition(
            "watchdog", "node", "Would anything start services again that were stopped on purpose?"
        ),
        CheckDefinition("users", "node", "Who uses PCI Express, and will be asked to stop?"),
        CheckDefinition("hold", "node", "Which nodes are on hold?"),
        CheckDefinition("view", "cluster", "Does the cluster itself reach all of its nodes?"),
        CheckDefinition("interconnect", "cluster", "Is the interconnect's status UP?"),
        CheckDefinition("window", "cluster", "Is the maintenance window open?"),
        CheckDefinition("gate", "cluster", "Could any node go out now?"),
    )
}

CONNECTION_CHECKS = frozenset(check.name for check in CHECKS.values() if check.connection)
"""Checks whose failure means that the cluster cannot be talked to at all."""
