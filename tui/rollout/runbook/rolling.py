"""The runbook of the rolling update: machine by machine, in the order in which Rollcall would take them."""

from __future__ import annotations

from collections.abc import Iterator

from tui.model.clusterfile import ClusterFile
from tui.model.steps import StepName
from tui.rollout.plan import node_order
from tui.rollout.procedure.notices import notices
from tui.rollout.runbook import boxes, typed
from tui.rollout.runbook.model import HERE, TYPED, Box, Otherwise, Part, Runbook, Section


def rolling(config: ClusterFile, source: str) -> Runbook:
    """The whole of it; ``source`` is the cluster file's name."""
    order = node_order(config)
    todo = [name for name in order if not _hold(config, name)]
    sections = [_before(config, source)]
    for name in order:
        if hold := _hold(config, name):
            sections.append(Section(name, f"{name}: on hold", note=f"{hold}; leave it as it is"))
        else:
            sections.append(_machine(config, name, todo))
    sections.append(_after(config, source))
    title = f"Rolling update of {config.cluster.name} to {config.target.version}, by hand"
    return Runbook(title, tuple(_head(config, source, todo)), tuple(sections))


def _head(config: ClusterFile, source: str, todo: list[str]) -> Iterator[str]:
    yield (
        f"From {source}. One machine at a time, in this order: {', '.join(todo) or 'none'}. Begin one only "
        "when every other node is active."
    )
    yield TYPED
    yield "Applications must bear that they go down on one node at a time; else this is no update for them."
    if (window := config.policy.window) is not None:
        yield f"Maintenance window: {window.start:%H:%M} to {window.end:%H:%M} {window.zone}."
    for notice in notices(config):
        yield f"Note: {notice}."


def _hold(config: ClusterFile, name: str) -> str:
    entry = config.node.get(name)
    return entry.hold or "" if entry is not None else ""


def _before(config: ClusterFile, source: str) -> Section:
    target, step = config.target, StepName.LOG_IN
    allowed = ", ".join(target.rolling_from) or "none"
    notes = Box(
        step,
        f"Read in the release notes of {target.version} that a rolling update is allowed from the version "
        f"that every node has (the cluster file says: {allowed})",
        otherwise=(
            Otherwise(
                "it is not: take the complete update", f"rollcall plan {typed.quoted(source)} --complete"
            ),
        ),
    )
    alone = Box(step, "Make sure that nobody else works on the cluster, by hand or with Rollcall")
    checked = Box(
        step,
        "Let Rollcall look at every machine; it changes nothing",
        f"rollcall check {typed.quoted(source)}",
        "no error, and no risk or difference that you do not know of",
    )
    active = boxes.seen_from_outside(config, step, "every node is active")
    return Section(None, "Before the first machine", (Part(HERE, (notes, alone, checked, active)),))


def _machine(config: ClusterFile, name: str, todo: list[str]) -> Section:
    management, builder = name == config.cluster.management_node, todo[0]
    title = f"{name} ({todo.index(name) + 1} of {len(todo)})"
    alike = f"as {'the management node' if management else 'a Cluster Node'}"
    if name == builder:
        title, alike = f"{title}: builds the packages", ""
    first = tuple(brought(config, name, builder, management))
    if not management:
        others = boxes.seen_from_outside(config, StepName.LOG_IN, "every other node is active")
        before = Part(HERE, (others, *first))
        return Section(name, title, (before, *_cluster_node(config, name, builder)), alike)
    seen = (*boxes.verify_frontend(config), boxes.unchanged(config))
    done = (*boxes.install(config, True), *seen, *boxes.log_out(config))
    return Section(
        name, title, (Part(HERE, first), Part(name, (*prepared(config, name, builder), *done))), alike
    )


def prepared(config: ClusterFile, name: str, builder: str, *, rolling: bool = True) -> tuple[Box, ...]:
    """On a machine, before anything of it is stopped."""
    management = name == config.cluster.management_node
    return (
        *boxes.log_in(config, name),
        *(boxes.version(config) if rolling and not management else ()),
        *boxes.archive(config),
        *boxes.packages(config, builder, here=name == builder, management=management),
    )


def _cluster_node(config: ClusterFile, name: str, builder: str) -> list[Part]:
    stopped = (*boxes.stop_applications(config), *boxes.stop_services(config))
    begun = (*prepared(config, name, builder), *stopped, *boxes.install(config, False))
    rest = (*boxes.verify(config), boxes.unchanged(config), *boxes.start(config), *boxes.log_out(config))
    step = StepName.RETURN
    active = boxes.seen_from_outside(config, step, f"{name}, and every other node, is active")
    closed = Part(HERE, (active, Box(step, "Write down the time; only now the next machine may go")))
    if config.policy.reboot != "always":
        return [Part(name, (*begun, *rest)), closed]
    again = tuple(boxes.rebooted(config, name))
    return [Part(name, begun), Part(name, (*again, *rest), boxes.REBOOTED), closed]


def brought(config: ClusterFile, name: str, builder: str, management: bool) -> Iterator[Box]:
    """From here: the archive, and the packages of the first machine."""
    step = StepName.PACKAGES
    bring = Otherwise("it is not: bring it from here", typed.bring_archive(config, name))
    listed = typed.look(config, name, f"ls {typed.archive(config)}")
    yield Box(step, f"Look whether the archive is on {name}", listed, "it prints its name", (bring,))
    if name == builder:
        return
    noted = typed.look(config, builder, typed.kind())
    yield Box(step, f"Note kernel, processor and distribution of {builder}", noted)
    build = Otherwise(f"anything differs: copy nothing, and build on {name} as on {builder}")
    compared = typed.look(config, name, typed.kind())
    yield Box(step, f"Look whether those of {name} are the same", compared, "all are", (build,))
    copied = typed.copy_packages(config, builder, name, management)
    if copied:
        yield Box(step, f"Copy the packages from {builder}", copied, "it prints nothing")
    else:
        where = f"{typed.workdir(config)}, as root, to the same place on {name}"
        yield Box(step, f"Copy the packages from {builder}: all of {where}")


def _after(config: ClusterFile, source: str) -> Section:
    step = StepName.RETURN
    last = (
        boxes.seen_from_outside(config, step, "every node is active"),
        Box(
            step,
            "Let Rollcall look at every machine",
            f"rollcall check {typed.quoted(source)}",
            f"{config.target.version} is installed and active already, on every node",
        ),
    )
    return Section(None, "After the last machine", (Part(HERE, last),))
