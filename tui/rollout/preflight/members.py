"""Each machine's own ``dishosts.conf``: is the cluster larger than the file says, do all say the same?

Two files that list two halves of one cluster would never meet: no machine is in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.dishosts import STAND_INS
from tui.expressware.facts import Facts
from tui.expressware.membership import Membership, compare
from tui.model.clusterfile import ClusterFile
from tui.model.nodeset import folded
from tui.remote import Fleet
from tui.rollout.preflight.finding import Finding, error, passed, warning
from tui.rollout.preflight.inspected import InspectedNode
from tui.text.sanitize import brief

PLACE = "/etc/dis/dishosts.conf"
_IMPACT = "a node that is not in the file is not looked at before another goes out"
_REMEDY = 'add them to cluster.nodes, or write cluster.part_of = "NAME OF THE WHOLE CLUSTER"'


def judge(
    config: ClusterFile, fleet: Fleet, facts: Mapping[str, Facts], nodes: Mapping[str, InspectedNode]
) -> Iterable[Finding]:
    """What the machines say of the cluster, told once for all that say the same."""
    names = {name: _called(config, fleet, name, facts.get(name)) for name in config.machines}
    said: dict[Membership, list[str]] = {}
    for node in nodes.values():
        said.setdefault(node.readiness.membership, []).append(node.name)
    agreeing: list[str] = []
    for membership, where in said.items():
        on = f"{PLACE} on {folded(where)}"
        if membership.error:
            yield _not_compared(f"{on} cannot be read: {membership.error}")
        elif membership.hosts is None:
            if without := [name for name in where if not nodes[name].management]:
                yield _not_compared(f"there is no {PLACE} on {folded(without)}")
        else:
            difference = compare(membership.hosts, names)
            if difference.missing or difference.too_many:
                yield _larger(config, on, difference.missing, difference.too_many)
            elif difference.unknown:
                hosts = ", ".join(difference.unknown[:8])
                yield _not_compared(f"{on} names hosts that cannot be compared with the file: {hosts}")
            else:
                agreeing += where
    if agreeing:
        words = f"the file names every node that {PLACE} on {folded(agreeing)} names"
        yield Finding(None, passed("members", words))


def alike(nodes: Mapping[str, InspectedNode]) -> Iterable[Finding]:
    """Machines whose file is not that of most; one that stands for its own machine only is not compared."""
    said: dict[tuple[str, ...], list[str]] = {}
    for node in nodes.values():
        membership = node.readiness.membership
        if membership.hosts is not None and not set(membership.hosts) <= set(STAND_INS):
            said.setdefault(membership.records, []).append(node.name)
    most = max(said, key=lambda records: len(said[records]), default=())
    for records, names in said.items():
        if records != most:
            words = (
                f"{PLACE} on {folded(names)} is not as on {folded(said[most])}: it {_apart(records, most)}"
            )
            impact = (
                "machines that do not agree on NodeIds and adapters may not find, or may disturb, each other"
            )
            remedy = "find out which one is right and copy it to all of them, then check again"
            yield Finding(None, warning("dishosts", words, impact, remedy))
    if len(said) == 1 and len(said[most]) > 1:
        yield Finding(None, passed("dishosts", f"{folded(said[most])} have the same {PLACE}"))


def _apart(records: tuple[str, ...], most: tuple[str, ...]) -> str:
    """How it differs, by its first line that does."""
    has = next((f"has {brief(repr(line), 80)}" for line in records if line not in most), "")
    lacks = next((f"lacks {brief(repr(line), 80)}" for line in most if line not in records), "")
    return " and ".join(filter(None, (has, lacks))) or "has its lines in another order"


def _called(config: ClusterFile, fleet: Fleet, name: str, facts: Facts | None) -> frozenset[str]:
    """Everything that a machine is called here: in the file, in ssh_config, and by itself."""
    entry = config.node.get(name)
    words = [name, fleet.client(name).endpoint.host]
    words += [entry.host] if entry is not None and entry.host else []
    words += [facts.hostname] if facts is not None else []
    return frozenset(words)


def _not_compared(words: str) -> Finding:
    impact = "whether the file names every node of the cluster is not proven"
    return Finding(None, warning("members", words, impact, "compare them by hand"))


def _larger(config: ClusterFile, on: str, missing: tuple[str, ...], too_many: int) -> Finding:
    more = f"{len(missing) - 8} more" if len(missing) > 8 else ""
    hosts = ", ".join(filter(None, (*missing[:8], more)))
    what = (
        f"names {hosts}, not in the cluster file" if hosts else f"names {too_many} hosts more than the file"
    )
    if config.cluster.part_of is not None:
        words = f"{on} {what}; waived: the file is a part of {config.cluster.part_of}"
        return Finding(None, warning("members", words, _IMPACT, "see that nobody else works on those"))
    return Finding(None, error("members", f"{on} {what}", _IMPACT, _REMEDY))
