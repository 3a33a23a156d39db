"""Does this console run on a machine of the run? Then a step there may end the console with its journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.facts import Facts
from tui.model.clusterfile import ClusterFile
from tui.rollout.leadership.owner import is_this_machine
from tui.rollout.preflight.finding import Finding, about, error, passed, warning


def judge(config: ClusterFile, facts: Mapping[str, Facts]) -> Iterable[Finding]:
    """The machine is told by its boot id, whatever names and addresses lead to it."""
    on = [name for name, fact in facts.items() if is_this_machine(fact.boot_id)]
    for name in on:
        words = "this console runs on that very machine"
        if name != config.cluster.management_node:
            impact = "its reboot would end the console in the middle of the update"
            yield about(name, error("console", words, impact, "run Rollcall on another machine"))
        elif config.cluster.update_management != "no":
            impact = "a reboot of it ends the console, which has to be started again there"
            remedy = "its steps ask for its name; run Rollcall on another machine if you can"
            yield about(name, warning("console", words, impact, remedy))
        else:
            impact = "none, as long as nobody restarts it"
            yield about(name, warning("console", words, impact, "nothing"))
    if facts and not on:
        yield Finding(None, passed("console", "this console runs on none of the machines"))
