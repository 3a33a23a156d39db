"""Every check of the preflight in one place: its name, what it is about, and the question that it answers.

Whatever lists the checks (console, documentation, tests) reads this table; a result with another name
cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """One check. ``connection``: its failure means that the cluster cannot be talked to at all."""

    about: Literal["node", "cluster"]
    name: str
    question: str
    connection: bool = False


_node, _cluster = partial(CheckDefinition, "node"), partial(CheckDefinition, "cluster")

CHECKS: dict[str, CheckDefinition] = {
    check.name: check
    for check in (
        _node("reachable", "Does the node let us in and answer?", connection=True),
        _node("identity", "Is it the machine that is meant, and no other's double?", connection=True),
        _node("root", "Are we root there?", connection=True),
        _node("sessions", "Does one connection give as many sessions as Rollcall wants?"),
        _cluster("members", "Does the file name every node that the nodes themselves name?"),
        _cluster("dishosts", "Do all machines have the same dishosts.conf?"),
        _node("console", "Does this console run on another machine, which no step takes down?"),
        _node("ground", "Does nothing that the update needs run over the interconnect that it stops?"),
        _node("left-out", "Has no console that is lost left something out of service there?"),
        _node("tools", "Are the programs there that Rollcall uses?"),
        _node("places", "Are the directories for Rollcall's own files safe, and its own?"),
        _node("jobs", "Does no job of another run go on there?"),
        _node("self-test", "Does a job go on when the connection that started it is cut?"),
        _node("clock", "Does its clock agree with the others' and with this machine's?"),
        _node("disk-space", "Is there room for the build and the installation?"),
        _cluster("platforms", "Are all nodes alike, so that packages are built once?"),
        _node("kernel", "Will its next boot take the kernel for which the drivers are built?"),
        _node("build", "Has the node that builds what a build needs?"),
        _node("sia", "Is the archive there, or here, and is it the right one?"),
        _node("version", "May this version be rolled to the target, and is --enforce needed?"),
        _node("packages", "Is no package transaction unfinished, and no Dolphin package half updated?"),
        _node("package-manager", "Is nobody else installing packages there now?"),
        _node("dis_services", "Is dis_services where paths.dis says?"),
        _node("services", "Do all services run?"),
        _node("active", "Is the loaded driver the installed one?"),
        _node("watchdog", "Would anything start services again that were stopped on purpose?"),
        _node("risks", "Does no known risk of this update apply?"),
        _node("users", "Who uses PCI Express, and will be asked to stop?"),
        _node("hold", "Which nodes are on hold?"),
        _cluster("view", "Does the cluster itself reach all of its nodes?"),
        _cluster("interconnect", "Is the interconnect's status UP?"),
        _cluster("window", "Is the maintenance window open?"),
        _cluster("gate", "Could any node go out now?"),
    )
}

CONNECTION_CHECKS = frozenset(check.name for check in CHECKS.values() if check.connection)
"""Checks whose failure means that the cluster cannot be talked to at all."""
