"""Reach a machine; make sure that it is the one that is meant and no other's double, and that we are root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.facts import Facts, FactsError
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.remote import Kind, NodeClient, RemoteError
from tui.rollout.asking import connected, patiently
from tui.rollout.preflight.finding import Finding, Verdict, error, finding, warning
from tui.rollout.procedure.login import read_facts, wrong_identity

REACH_TIMEOUT_S = 8.0
"""Seconds of failing tries after which a node counts as not reachable."""

_IDENTITY: frozenset[Kind] = frozenset(
    {"unknown-host-key", "changed-host-key", "revoked-host-key", "bad-host-certificate", "another-machine"}
)
_ROOT: frozenset[Kind] = frozenset(
    {"no-root", "wrong-password", "need-password", "not-allowed", "tty-required"}
)


async def reach(config: ClusterFile, client: NodeClient, *, spared: bool, redial: bool) -> Finding:
    """Log in and read the facts; the finding holds them when all is well.

    A machine that the run leaves alone (``spared``) gives warnings only. ``redial``: a person has acted, so a
    link that was refused is tried again.
    """
    name = client.node
    bad: Verdict = "warning" if spared else "error"
    try:
        if redial and client.state.phase == "refused":
            client.reconnect()
            await client.next_change()
        await connected(client, lambda seconds: seconds >= REACH_TIMEOUT_S)
        facts = await patiently(lambda: read_facts(client, config))
    except RemoteError as refused:
        return Finding(name, _not_reached(refused, bad))
    except FactsError as unread:
        words = f"{name}: {unread}"
        return Finding(name, finding(bad, "identity", words, "the node cannot be judged", "log in and look"))
    wrong = wrong_identity(name, facts, None, config.machines, client.identity.host_key)
    if wrong is None:
        return Finding(
            name, finding("passed", "reachable", f"{name} answers as {facts.hostname}, root"), facts
        )
    if facts.uid != 0:
        return Finding(name, finding(bad, "root", wrong, _NOT_UPDATED, "correct the login, then check again"))
    impact = "the wrong machine would be updated"
    return Finding(name, finding(bad, "identity", wrong, impact, "correct the address; nothing was touched"))


_NOT_UPDATED = "the node cannot be updated"


def _not_reached(refused: RemoteError, bad: Verdict) -> PreflightResult:
    if refused.kind in _IDENTITY:
        impact = "another machine may answer in its place"
        return finding(bad, "identity", refused.sentence, impact, "do what it says, then check again")
    check = "root" if refused.kind in _ROOT else "reachable"
    return finding(bad, check, refused.sentence, _NOT_UPDATED, "fix it, then check again")


def duplicates(facts: Mapping[str, Facts]) -> Iterable[Finding]:
    """Names that reach one and the same machine, and machines that cannot be told apart by their id.

    One boot id is one running kernel. Machines cloned from one image share their machine id, but not that.
    """
    by_boot: dict[str, list[str]] = {}
    by_id: dict[str, list[str]] = {}
    for name, fact in facts.items():
        by_boot.setdefault(fact.boot_id, []).append(name)
        if fact.machine_id:
            by_id.setdefault(fact.machine_id, []).append(name)
    for names in by_boot.values():
        if len(names) > 1:
            words = (
                f"{' and '.join(names)} reach one and the same machine (boot id {facts[names[0]].boot_id})"
            )
            impact = "it would be updated twice, and the gate would count it twice"
            yield Finding(
                None, error("identity", words, impact, "fix the names or addresses in the cluster file")
            )
    for machine_id, names in by_id.items():
        if len({facts[name].boot_id for name in names}) == len(names) > 1:
            words = f"{' and '.join(names)} have the same machine id {machine_id}: images of one installation"
            impact = "only host names and keys tell these machines apart"
            remedy = "give each its own: remove /etc/machine-id and run systemd-machine-id-setup"
            yield Finding(None, warning("identity", words, impact, remedy))
