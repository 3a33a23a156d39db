"""The runbook of the manual's complete update: of all nodes at once, where two versions may not meet."""

from __future__ import annotations

from collections.abc import Iterator

from tui.expressware.commands import NodePath, install_all
from tui.model.clusterfile import ClusterFile
from tui.model.steps import StepName
from tui.rollout.runbook import boxes, typed
from tui.rollout.runbook.model import HERE, TYPED, Box, Otherwise, Part, Runbook, Section
from tui.rollout.runbook.rolling import brought, prepared


def complete(config: ClusterFile, source: str) -> Runbook:
    """The whole of it; ``source`` is the cluster file's name."""
    name, target = config.cluster.name, config.target.version
    sections = [_before(config, source)]
    if config.cluster.management_node is not None:
        sections += [
            _node(config, each, "stop the applications", _stopped(config, each)) for each in config.nodes
        ]
        sections.append(_from_management_node(config, config.cluster.management_node))
    else:
        sections += _node_by_node(config)
    sections += [_node(config, each, "verify", _verified(config, each)) for each in config.nodes]
    active = boxes.seen_from_outside(config, StepName.RETURN, "every node is active")
    sections.append(Section(None, "Then look at the whole cluster", (Part(HERE, (active,)),)))
    sections += [
        _node(config, each, "start the applications", _started(config, each)) for each in config.nodes
    ]
    title = f"COMPLETE UPDATE of {name} to {target}, by hand: all nodes are down at the same time"
    return Runbook(title, tuple(_head(config, source)), tuple(sections))


def _head(config: ClusterFile, source: str) -> Iterator[str]:
    version = config.target.version
    yield (
        f"From {source}. This is not the rolling update: no node has PCI Express meanwhile, for about 30 "
        "minutes in a cluster of 16 (manual, Complete Update)."
    )
    yield (
        f"It is for versions that may not run side by side: those from which the release notes of {version} "
        "do not allow a rolling update, because the two do not understand each other. From any other "
        "version, take the rolling update: rollcall plan without --complete prints it."
    )
    if held := [name for name in config.nodes if name in config.node and config.node[name].hold]:
        yield (
            f"On hold: {', '.join(held)}. A node that keeps its version cannot stay in the cluster: update "
            "it with the others, or take its cable out."
        )
    yield "All nodes take a step before any of them takes the next; nodes may take the same one side by side."
    yield TYPED


def _before(config: ClusterFile, source: str) -> Section:
    step = StepName.LOG_IN
    rolling = f"rollcall plan {typed.quoted(source)} --markdown"
    found = (
        Box(step, "Agree with everybody who uses the cluster that all of it goes down, and for how long"),
        Box(
            step,
            f"Read in the release notes of {config.target.version} that it takes a complete update from the "
            "version that is installed",
            otherwise=(Otherwise("a rolling update is allowed: take that", rolling),),
        ),
        Box(step, "Make sure that nobody else works on the cluster, by hand or with Rollcall"),
    )
    return Section(None, "Before anything is stopped", (Part(HERE, found),))


def _node(config: ClusterFile, name: str, what: str, parts: tuple[Part, ...]) -> Section:
    steps = ["stop the applications", "update", "verify", "start the applications"]
    if config.cluster.management_node is None:
        steps = [
            "prepare, while all goes on",
            "stop everything",
            "install",
            "verify",
            "start the applications",
        ]
    return Section(name, f"Step {steps.index(what) + 1}, {name}: {what}", parts, what)


def _stopped(config: ClusterFile, name: str, *, services: bool = False) -> tuple[Part, ...]:
    found = (*boxes.log_in(config, name), *boxes.stop_applications(config))
    if services:
        found = (*found, *boxes.stop_services(config))
    return (Part(name, (*found, *boxes.log_out(config))),)


def _verified(config: ClusterFile, name: str) -> tuple[Part, ...]:
    node_by_node = config.cluster.management_node is None
    words = boxes.AGAIN if config.policy.reboot == "always" else "Log in"
    login = (
        boxes.rebooted(config, name)
        if words == boxes.AGAIN and node_by_node
        else boxes.log_in(config, name, words)
    )
    found = (*login, *boxes.verify(config), *boxes.log_out(config))
    return (Part(name, found),)


def _started(config: ClusterFile, name: str) -> tuple[Part, ...]:
    found = (*boxes.log_in(config, name), *boxes.start(config), *boxes.log_out(config))
    return (Part(name, found),)


def _from_management_node(config: ClusterFile, management: str) -> Section:
    """One call there updates every machine of the cluster, over SSH."""
    sia, policy, step = config.target.sia, config.policy, StepName.INSTALL
    where = NodePath(typed.workdir(config)).display
    names = " ".join(config.nodes)
    everybody = f'for node in {names}; do ssh -o BatchMode=yes "$node" hostname; done'
    setup = Otherwise("a password is asked for: the SIA offers to set that up, and asks for root's passwords")
    run = [
        install_all(sia, batch=policy.batch, reboot=policy.reboot == "always", enforce=enforce).display
        for enforce in (False, True)
    ]
    begun = (
        *boxes.log_in(config, management),
        *boxes.archive(config),
        Box(
            step,
            "Look whether root gets from here to every node without a password",
            everybody,
            "all names",
            (setup,),
        ),
        Box(step, "Make a directory that only root can write to", f"mkdir -p -m 700 {where}"),
        Box(step, "Go there", f"cd {where}"),
        Box(
            step,
            "Update the whole cluster",
            run[0],
            "it reports no errors",
            (Otherwise(boxes.ENFORCE, run[1]),),
        ),
    )
    rest = (*boxes.verify_frontend(config), *boxes.log_out(config))
    bring = Part(HERE, tuple(brought(config, management, management, management=True)))
    title = f"Step 2, {management}: update every machine from here"
    if policy.reboot != "always":
        return Section(management, title, (bring, Part(management, (*begun, *rest))))
    again = tuple(boxes.log_in(config, management, boxes.AGAIN))
    return Section(
        management, title, (bring, Part(management, begun), Part(management, (*again, *rest), boxes.REBOOTED))
    )


def _node_by_node(config: ClusterFile) -> Iterator[Section]:
    """Without a management node every machine is installed by itself, when all are stopped."""
    builder = config.nodes[0]
    for name in config.nodes:
        here = Part(HERE, tuple(brought(config, name, builder, management=False)))
        ready = Part(name, (*prepared(config, name, builder, rolling=False), *boxes.log_out(config)))
        yield _node(config, name, "prepare, while all goes on", (here, ready))
    for name in config.nodes:
        yield _node(config, name, "stop everything", _stopped(config, name, services=True))
    for name in config.nodes:
        done = (*boxes.log_in(config, name), *boxes.install(config, False))
        if config.policy.reboot != "always":
            done = (*done, *boxes.log_out(config))
        yield _node(config, name, "install", (Part(name, done),))
