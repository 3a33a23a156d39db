"""Which known risks apply to this update: node by node, from what the preflight knows. Unknown asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import dropwhile, zip_longest

from tui.expressware.versions import compare, has_suffix, rolling_allowed
from tui.rollout.preflight.finding import Finding, about, error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.rollout.preflight.risk_book import Condition, Risk, RiskBookError, read_book

Truth = bool | None
"""None: not known."""


def judge(cluster: ClusterFacts) -> Iterable[Finding]:
    """One finding for each risk that applies, or may apply, to a node that will be updated."""
    try:
        book = read_book()
    except RiskBookError as unread:
        remedy = "do that, then check again"
        yield Finding(None, error("risks", str(unread), "no known risk of this update would be told", remedy))
        return
    nodes = [node for node in cluster.to_update if not node.management]
    told = False
    for risk in book:
        for node in nodes:
            truth, unknown = applies(risk, cluster, node)
            if truth is not False:
                told = True
                maybe = "applies" if truth else f"may apply ({', '.join(unknown)} not known)"
                words = f"{risk.name} {maybe}: {risk.message}"
                yield about(node.name, warning("risks", words, f"source: {risk.source}", risk.remedy))
    if nodes and not told:
        yield Finding(None, passed("risks", f"none of {len(book)} known risks applies"))


def applies(risk: Risk, cluster: ClusterFacts, node: InspectedNode) -> tuple[Truth, tuple[str, ...]]:
    """Whether it does, and which facts are not known where that cannot be told."""
    config = cluster.config
    if risk.families and config.cluster.family not in risk.families:
        return False, ()
    pair = (("installed", risk.start, node.installed), ("target", risk.to, config.target.version))
    truths = [(name, _in_range(version, ranges)) for name, ranges, version in pair if ranges]
    known = facts(cluster, node)
    truths += [(rule.fact, _holds(rule, known[rule.fact])) for rule in risk.conditions]
    if any(truth is False for _, truth in truths):
        return False, ()
    unknown = tuple(dict.fromkeys(name for name, truth in truths if truth is None))
    return (None if unknown else True), unknown


def facts(cluster: ClusterFacts, node: InspectedNode) -> Mapping[str, str | None]:
    """Every fact that a rule may name; None where it is not known."""
    config, ready, membership = cluster.config, node.readiness, node.readiness.membership
    builds = [version for version in (node.installed, node.facts.active, config.target.version) if version]
    sockets = any(line.startswith("SOCKET:") for line in membership.records)
    users = ready.users
    own = (*config.applications.stop, *config.applications.start, *config.applications.check)
    return {
        "installed": node.installed,
        "loaded": node.facts.active,
        "kernel": node.facts.kernel,
        "arch": node.facts.arch,
        "distribution": node.facts.distribution,
        "packages": "deb" if ready.debian else "rpm",
        "development-build": _yes(any(map(has_suffix, builds))) if node.installed else None,
        "sockets": None if membership.hosts is None else _yes(sockets),
        "supersockets-users": _yes(bool(users.stream or users.dgram)) if users.certain else None,
        "programs": " ".join([*own, *(holder.name for holder in users.holders)]) if users.certain else None,
        "ip-over-pcie": _yes(users.ip_interface is not None),
        "frontend": _yes(config.cluster.management_node is not None),
        "view": _yes(config.view is not None),
        "batch": _yes(config.policy.batch),
        "reboot": config.policy.reboot,
        "applications": " ".join(own),
    }


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _holds(rule: Condition, fact: str | None) -> Truth:
    if fact is None:
        return None
    value = rule.value.lower()
    tests: dict[str, Callable[[], Truth]] = {
        "is": lambda: fact.lower() == value,
        "is not": lambda: fact.lower() != value,
        "has": lambda: re.search(rf"(?<![a-z0-9]){re.escape(value)}", fact.lower()) is not None,
        "before": lambda: _before(fact, rule.value),
        "from": lambda: (before := _before(fact, rule.value)) is not None and not before,
    }
    return tests[rule.how]()


def _before(version: str, other: str) -> Truth:
    """By their numbers; a kernel has more behind them, which orders nothing here."""
    mine, theirs = _numbers(version), _numbers(other)
    if not mine:
        return None
    pairs = dropwhile(lambda pair: pair[0] == pair[1], zip_longest(mine, theirs, fillvalue=0))
    return next((a < b for a, b in pairs), False)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _in_range(version: str | None, ranges: Iterable[str]) -> Truth:
    """Whether one of them holds it: a glob as in ``rolling_from``, or ``5.10 - 5.21`` with both ends."""
    if not version:
        return None
    truths: list[Truth] = []
    for each in ranges:
        first, dash, last = (part.strip() for part in each.partition(" - "))
        if not dash:
            truths.append(rolling_allowed(version, (each,)))
            continue
        after, before = compare(version, first), compare(version, last)
        if rolling_allowed(version, (f"{last}.*",)):
            before = 0
        truths.append(None if after is None or before is None else after >= 0 >= before)
    return True if True in truths else None if None in truths else False
