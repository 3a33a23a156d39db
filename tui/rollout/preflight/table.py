"""Every check of the preflight in one place: its name, what it is about, and the question that it answers.

Whatever lists the checks (console, documentation, tests) reads this table; a result with another name
cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``connection``: its failure means that the cluster cannot be talked to at all."""

    name: str
    about: Literal["node", "cluster"]
    question: str
    connection: bool = False


CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        Check("reachable", "node", "Does the node let us in and answer?", connection=True),
        Check("identity", "node", "Is it the machine that is meant, and no other's double?", connection=True),
        Check("root", "node", "Are we root there?", connection=True),
        Check("members", "cluster", "Does the file name every node that the nodes themselves name?"),
        Check("console", "node", "Does this console run on another machine, which no step takes down?"),
        Check("left-out", "node", "Has no console that is lost left something out of service there?"),
        Check("tools", "node", "Are the programs there that Rollcall uses?"),
        Check("places", "node", "Are the directories for Rollcall's own files safe, and its own?"),
        Check("jobs", "node", "Does no job of another run go on there?"),
        Check("self-test", "node", "Does a job go on when the connection that started it is cut?"),
        Check("clock", "node", "Does its clock agree with the others' and with this machine's?"),
        Check("disk-space", "node", "Is there room for the build and the installation?"),
        Check("platforms", "cluster", "Are all nodes alike, so that packages are built once?"),
        Check("kernel", "node", "Will its next boot take the kernel for which the drivers are built?"),
        Check("build", "node", "Has the node that builds what a build needs?"),
        Check("sia", "node", "Is the archive there, or here, and is it the right one?"),
        Check("version", "node", "May this version be rolled to the target, and is --enforce needed?"),
        Check(
            "packages", "node", "Is no package transaction unfinished, and no Dolphin package half updated?"
        ),
        Check("package-manager", "node", "Is nobody else installing packages there now?"),
        Check("dis_services", "node", "Is dis_services where paths.dis says?"),
        Check("services", "node", "Do all services run?"),
        Check("active", "node", "Is the loaded driver the installed one?"),
        Check("watchdog", "node", "Would anything start services again that were stopped on purpose?"),
        Check("users", "node", "Who uses PCI Express, and will be asked to stop?"),
        Check("hold", "node", "Which nodes are on hold?"),
        Check("view", "cluster", "Does the cluster itself reach all of its nodes?"),
        Check("interconnect", "cluster", "Is the interconnect's status UP?"),
        Check("window", "cluster", "Is the maintenance window open?"),
        Check("gate", "cluster", "Could any node go out now?"),
    )
}

CONNECTION_CHECKS = frozenset(check.name for check in CHECKS.values() if check.connection)
"""Checks whose failure means that the cluster cannot be talked to at all."""
