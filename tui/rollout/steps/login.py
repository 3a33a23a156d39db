"""Log into the node and become root; make sure it is the node that is meant; read its facts."""

from __future__ import annotations

from tui.expressware.facts import Facts, FactsError, facts_script, parse_facts
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeFacts
from tui.model.states import Confirm, Progress, StepName
from tui.remote import JobStatus, Link
from tui.rollout.asking import ask
from tui.rollout.steps.base import Outcome, StepKind, Work, failed, succeeded


async def read_facts(link: Link, config: ClusterFile, sia: str | None = None) -> Facts:
    """The node's facts, in one SSH session. Raises RemoteError, or FactsError with one sentence."""
    script = facts_script(config.paths.dis, sia or config.target.sia, config.paths.state)
    return parse_facts(await ask(link, script, 60.0))


def installed_version(facts: Facts, management: bool) -> str | None:
    """The version on disk: of the node's packages, or of the management node's."""
    return (facts.installed_frontend or facts.installed) if management else facts.installed


def facts_event(facts: Facts, management: bool) -> NodeFacts:
    """Facts as the journal keeps them."""
    return NodeFacts(
        hostname=facts.hostname,
        machine_id=facts.machine_id or "",
        boot_id=facts.boot_id,
        kernel=facts.kernel or "",
        arch=facts.arch or "",
        distribution=facts.distribution or "",
        installed=installed_version(facts, management),
        active=facts.active,
        active_is_installed=facts.active is not None and not facts.stale,
        sia_present=facts.sia_present,
        sia_sha256=facts.sia_sha256,
        free_bytes=facts.free_bytes,
    )


def wrong_identity(name: str, facts: Facts, known: NodeFacts | None) -> str | None:
    """One sentence when another machine answered than the one that is meant, or we are not root."""
    if facts.hostname.split(".", maxsplit=1)[0].lower() != name.split(".", maxsplit=1)[0].lower():
        return f"{name}: the machine that answered calls itself {facts.hostname}; check host and port"
    if known is not None and known.machine_id not in ("", facts.machine_id):
        return f"{name}: its machine id is not the one seen before; check that it is the same machine"
    if facts.uid != 0:
        return f'{name}: logged in without root rights; set ssh.user = "root" or ssh.become = "sudo"'
    return None


class LogIn(StepKind):
    """Step 1 of the manual: log into the Cluster Node and become superuser."""

    name = StepName.LOG_IN
    progress = Progress.PREPARING
    confirm = Confirm.NONE

    def doing(self, work: Work) -> str:
        """In words."""
        return "log in, compare host name and machine id, read versions and packages"

    def planned(self, config: ClusterFile) -> str:
        """In the plan."""
        return "log in; compare host name and machine id with the cluster file; read versions"

    async def after(self, work: Work, job: JobStatus | None) -> Outcome:
        """Read the facts and compare them with what the cluster file and earlier looks say."""
        try:
            facts = await read_facts(work.link, work.config)
        except FactsError as error:
            return failed("facts", f"{work.node_name}: {error}", "log in by hand and look, then rerun")
        wrong = wrong_identity(work.node_name, facts, work.node.facts)
        if wrong:
            return failed(
                "identity", wrong, "nothing was touched; mend the cluster file or the login, then rerun"
            )
        event = facts_event(facts, work.node.management)
        work.say(event)
        return succeeded(f"{event.installed or 'nothing'} installed, {event.active or 'nothing'} active")
