"""Log into the node and become root; make sure it is the node that is meant; read its facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from typing_extensions import override

from tui.expressware.facts import Facts, FactsError, facts_script, parse_facts
from tui.model import problems
from tui.model.clusterfile import ClusterFile
from tui.model.events import NodeFacts, NoteAdded
from tui.model.names import mistaken
from tui.model.states import Confirm, Progress
from tui.model.steps import StepName
from tui.remote import Identity, another_machine, other_machine_id, stateless
from tui.rollout.asking import ask
from tui.rollout.procedure.quiet import note_errors
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext, failed, succeeded

if TYPE_CHECKING:
    from tui.remote import JobStatus, NodeClient


async def read_facts(client: NodeClient, config: ClusterFile, sia: str | None = None) -> Facts:
    """The node's facts, in one SSH session. Raises RemoteError, or FactsError with one sentence."""
    script = facts_script(config.paths.dis, sia or config.target.sia, config.paths.state)
    return parse_facts(await ask(client, script, 60.0))


def installed_version(facts: Facts, management: bool) -> str | None:
    """The version on disk: of the node's packages, or of the management node's."""
    return (facts.installed_frontend or facts.installed) if management else facts.installed


def facts_event(
    facts: Facts, management: bool, host_key: str = "", known: NodeFacts | None = None
) -> NodeFacts:
    """Facts as the journal keeps them. ``known``: what it has of this node until now."""
    event = NodeFacts(
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
        host_key=host_key,
    )
    if known is None:
        return event
    before, now = identity_of(known), identity_of(event)
    changes = known.machine_id_changes or (other_machine_id(before, now) and stateless(before, now))
    return event.model_copy(update={"machine_id_changes": changes})


def identity_of(facts: NodeFacts) -> Identity:
    """What tells the machine from others, as it was seen."""
    return Identity(facts.hostname, facts.machine_id, facts.boot_id, facts.host_key, facts.machine_id_changes)


def tell_facts(context: StepContext, facts: Facts) -> NodeFacts:
    """Write down what the node said of itself, and let no other machine in under its name from here on."""
    known = context.node.facts
    event = facts_event(facts, context.node.management, context.client.identity.host_key, known)
    if event.machine_id_changes and known is not None and not known.machine_id_changes:
        words = "its machine id changes with the boot; only host name and host key tell it from others"
        context.say(NoteAdded(text=f"{context.node_name}: {words}"))
    context.say(event)
    context.client.bind(identity_of(event))
    return event


def wrong_identity(
    name: str, facts: Facts, known: NodeFacts | None, machines: Iterable[str] = (), host_key: str = ""
) -> str | None:
    """One sentence when another machine answered than the one that is meant, or we are not root.

    ``machines`` are all names of the cluster file, ``known`` what was seen of this one before.
    """
    if wrong := mistaken(name, facts.hostname, machines):
        return wrong
    if known is not None:
        words = another_machine(identity_of(known), identity_of(facts_event(facts, False, host_key)))
        if words:
            return f"{name}: the machine that answers now {words}; check that it is the same machine"
    if facts.uid != 0:
        return f'{name}: logged in without root rights; set ssh.user = "root" or ssh.become'
    return None


class LogIn(ProcedureStep):
    """Step 1 of the manual: log into the Cluster Node and become superuser."""

    name = StepName.LOG_IN
    progress = Progress.PREPARING
    confirm = Confirm.NONE

    @override
    def description(self, context: StepContext) -> str:
        return "log in, compare host name and machine id, read versions and packages"

    @override
    def planned(self, config: ClusterFile) -> str:
        return "log in; compare host name and machine id with the cluster file; read versions"

    async def after(self, context: StepContext, job: JobStatus | None) -> Outcome:
        """Read the facts and compare them with what the cluster file and earlier looks say."""
        try:
            facts = await read_facts(context.client, context.config)
        except FactsError as error:
            return failed(problems.FACTS, f"{context.node_name}: {error}")
        machines, key = context.config.machines, context.client.identity.host_key
        if wrong := wrong_identity(context.node_name, facts, context.node.facts, machines, key):
            return failed(problems.IDENTITY, wrong)
        event = tell_facts(context, facts)
        if not context.node.management and not context.run.still_out(context.node_name):
            await note_errors(context, "before")
        return succeeded(f"{event.installed or 'nothing'} installed, {event.active or 'nothing'} active")
