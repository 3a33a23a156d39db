"""The services of each machine: whether they run, what would start them again, and who uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.users import Holder, Users
from tui.model.events import PreflightResult
from tui.model.states import Health
from tui.rollout.gate.health import Look, services_of
from tui.rollout.preflight.finding import error, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.text.sanitize import brief


def tools(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Without these programs no job can be detached and no state be read."""
    if node.facts.missing_tools:
        words = f"these programs are missing: {', '.join(node.facts.missing_tools)}"
        impact = "jobs cannot be run detached, or versions not be read"
        yield error("tools", words, impact, "install util-linux, coreutils and kmod, then check again")
    else:
        yield passed("tools", "all programs are there that Rollcall uses")


def wrapper(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Services are stopped and started by ``dis_services`` alone."""
    path = f"{cluster.config.paths.dis}/sbin/dis_services"
    if node.facts.services_present:
        yield passed("dis_services", f"{path} is there")
    elif not node.management:
        impact, remedy = "services cannot be stopped", "set paths.dis in the cluster file, then check again"
        yield error("dis_services", f"{path} is not there", impact, remedy)


def active(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Installed and active are two facts: an update that was never activated shows here."""
    facts = node.facts
    if node.management or facts.active is None:
        return  # no driver there, or none loaded: the services' own check tells
    if facts.stale:
        words = f"{facts.installed} is installed, but {facts.active} is loaded"
        if facts.active == facts.installed:
            words = f"another build of {facts.active} is loaded than the one that is installed"
        impact = "the next restart of its services changes the driver, planned or not"
        yield warning("active", words, impact, "restart its services or reboot it, or update it first")
    else:
        yield passed("active", f"the installed {facts.active} is the one that is loaded")


def running(look: Look | None, stale: bool, management: bool) -> PreflightResult:
    """What the last look says of the services; an old driver is another check's business."""
    probe = look.probe if look is not None else None
    if (look is not None and look.health is Health.ACTIVE) or (stale and probe and probe.services_running):
        return passed("services", "all services run")
    words = "not looked at" if look is None else f"{look.health}: {look.detail}"
    if management:
        return warning("services", words, "the cluster view may give no answer", "start the Network Manager")
    impact = "the gate stays closed for every other node"
    return warning("services", words, impact, "fix the node, or update it first")


def alike(looks: Mapping[str, Look | None]) -> Iterable[tuple[str, PreflightResult]]:
    """Cluster Nodes that list fewer services than others of the same version: each is held to its own."""
    listed: dict[str | None, dict[str, set[str]]] = {}
    for name, look in looks.items():
        if look is not None and look.probe is not None and look.health is Health.ACTIVE:
            listed.setdefault(look.probe.active, {})[name] = set(services_of(look.probe))
    for same in listed.values():
        everything = set().union(*same.values())
        for name, services in same.items():
            if missing := sorted(everything - services):
                words = f"does not list {', '.join(missing)}, as others of its version do"
                impact = "what it lists now is taken for all that it should run"
                yield name, warning("services", words, impact, "start what is missing, then check again")


def watchdog(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """A watchdog starts in the middle of the update what was stopped for it, unless it is stopped first."""
    stops = " ".join(cluster.config.applications.stop)
    loose = [found for found in node.readiness.watchdogs if found.kind not in stops]
    for found in loose:
        words = f"{found.kind} would start a stopped service again ({found.path}: {brief(found.line)})"
        impact = "drivers in use in the middle of the installation: the node would then need a reboot"
        remedy = f"stop it for the update: name {found.kind} in applications.stop and applications.start"
        yield warning("watchdog", words, impact, remedy)
    if not loose:
        handled = sorted({found.kind for found in node.readiness.watchdogs})
        words = f"{', '.join(handled)}: applications.stop sees to it" if handled else "none is set up"
        yield passed("watchdog", f"no service is started again behind our back ({words})")


def users(cluster: ClusterFacts, node: InspectedNode) -> Iterable[PreflightResult]:
    """Who has to stop before the services can; information, unless nobody is going to ask them to."""
    if node.management:
        return
    found = node.readiness.users
    kernel = kernel_users(found)
    if kernel:
        words = f"the kernel itself uses PCI Express: {brief(', '.join(kernel))}"
        impact = "the drivers cannot be unloaded while it does; the node would need a reboot"
        yield warning(
            "users", words, impact, "unload those modules in applications.stop, or plan for a reboot"
        )
    if not found.certain:
        impact = "services may refuse to stop"
        remedy = "run dis_ssocks_stat -G there; it is asked again before the services are stopped"
        yield warning("users", "who uses PCI Express cannot be told", impact, remedy)
    who = "; ".join(used_by(found))
    if who and not cluster.config.applications.stop:
        impact = "you will be asked to stop them by hand; while they run, services cannot be stopped"
        remedy = "write the commands into applications.stop and applications.start, or do it by hand"
        yield warning(
            "users", f"PCI Express is used by {who}, and applications.stop is empty", impact, remedy
        )
    elif who:
        yield passed(
            "users", f"PCI Express is used by {who}: applications.stop will be run before the services"
        )
    elif not kernel and found.certain:
        yield passed("users", "nobody uses PCI Express")


def used_by(found: Users) -> tuple[str, ...]:
    """Programs by name (process ids say nothing tomorrow), then sockets, then what no list can show."""
    programs = sorted({_program(holder) for holder in found.holders if holder.kind == "process"})
    words = [brief(", ".join(programs))] if programs else []
    counts = (("STREAM", found.stream), ("DGRAM", found.dgram))
    if sockets := [f"{count} {kind}" for kind, count in counts if count]:
        words.append(f"{' and '.join(sockets)} SuperSockets")
    words += [holder.detail + " of SISCI" for holder in found.holders if holder.kind == "sisci"]
    if found.ip_interface:
        words.append(f"whatever uses {found.ip_interface} (IP over PCIe)")
    return tuple(words)


def kernel_users(found: Users) -> tuple[str, ...]:
    """Kernel modules that are not Dolphin's and hold one that is."""
    return tuple(sorted({holder.name for holder in found.holders if holder.kind == "kernel"}))


def _program(holder: Holder) -> str:
    _, _, name = holder.name.partition("(")
    return name.removesuffix(")") or f"process {holder.name}"
