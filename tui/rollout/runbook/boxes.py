"""The boxes of one machine, step by step: the manual's procedure, and what to look at in between."""

from __future__ import annotations

from collections.abc import Iterator

from tui.expressware.commands import (
    Command,
    NodePath,
    ShellText,
    build_packages,
    install_frontend,
    install_node,
    reboot,
    services,
    ssocks_stat,
)
from tui.model.clusterfile import ClusterFile
from tui.model.steps import StepName
from tui.rollout.procedure.packages import PARTS
from tui.rollout.runbook import typed
from tui.rollout.runbook.model import Box, Otherwise
from tui.text.durations import length

AGAIN, REBOOTED = "Wait until it has gone down and answers again, then log in", "after its reboot"
ENFORCE = "it says that the version is the installed one, or older, and that is meant: enforce it"


def log_in(config: ClusterFile, name: str, words: str = "Log in") -> Iterator[Box]:
    """Get to a machine, become root, and be sure which machine it is."""
    step = StepName.LOG_IN
    yield Box(step, words, typed.login(config, name))
    if become := typed.BECOME[config.ssh.become]:
        yield Box(step, "Become root", become)
    yield Box(step, "Look which machine it is", "hostname", f"it is {name}, and no other")


def version(config: ClusterFile) -> Iterator[Box]:
    """What is loaded before."""
    target = config.target
    allowed = ", ".join(target.rolling_from) or "none is named in the cluster file"
    sees = f"a version from which the release notes allow to roll: {allowed}"
    done = f"it is {target.version} already: go on with the next machine, if the verification below is good"
    look = "Note the version that is loaded"
    yield Box(StepName.LOG_IN, look, typed.loaded(), sees, (Otherwise(done),))


def archive(config: ClusterFile) -> Iterator[Box]:
    """Whether it is the one that is meant."""
    digest = config.target.sha256 or "the same on every machine, and what the vendor names"
    command = f"sha256sum {typed.archive(config)}"
    yield Box(StepName.PACKAGES, "Compare the archive's checksum", command, f"it is {digest}")


def packages(config: ClusterFile, builder: str, *, here: bool, management: bool) -> Iterator[Box]:
    """Build them on this machine (``here``), or see that the copies have come."""
    step, where = StepName.PACKAGES, NodePath(typed.workdir(config))
    if here:
        build = build_packages(config.target.sia, where.path)
        yield Box(step, "Make a directory that only root can write to", f"mkdir -p -m 700 {where.display}")
        yield Box(step, "Build the packages, which takes a while", build.display, "it ends without an error")
        shown, sees = (
            f"ls {' '.join((where / part).display for part in PARTS)}",
            "packages in both directories",
        )
    else:
        shown, sees = f"ls {(where / PARTS[management]).display}", f"the packages that {builder} has built"
    yield Box(step, "Look at the packages", shown, sees)
    keep = f"cp -Rp /etc/dis {where.display}/"
    yield Box(step, "Keep a copy of the configuration", keep, "it prints nothing")


def stop_applications(config: ClusterFile) -> Iterator[Box]:
    """The configured ones, then whatever else uses PCI Express."""
    step, dis = StepName.STOP_APPLICATIONS, config.paths.dis
    commands = config.applications.stop
    for text in commands:
        words = "it does not: stop what it is for by hand; nothing below does that"
        stop = ShellText(text).display
        yield Box(step, "Stop applications", stop, "it ends without an error", (Otherwise(words),))
    if not commands:
        yield Box(step, "Stop, by hand, every application on this machine that uses PCI Express")
    free = "it counts no open socket"
    open_ones = Otherwise("it counts any: find out whose they are and stop that, then look again")
    without = Otherwise("it is not there: SuperSockets are not installed, go on")
    yield Box(step, "Look for open SuperSockets", ssocks_stat(dis).display, free, (open_ones, without))
    somebody = Otherwise("it names a process: stop that, then look again")
    yield Box(
        step, "Look for programs that use PCI Express", typed.holders(), "it prints nothing", (somebody,)
    )
    if wait := config.policy.idle_for:
        yield Box(step, f"Wait {length(max(wait, 1))}, then make both looks again: nobody may have come back")


def stop_services(config: ClusterFile) -> Iterator[Box]:
    """The services, and with them the drivers."""
    step, dis = StepName.STOP_SERVICES, config.paths.dis
    go_on = "go on, and reboot after the installation"
    busy = Otherwise(f"a service cannot be stopped: find who uses it and stop again, or {go_on}")
    yield Box(step, "Stop the services", services(dis, "stop").display, "every line ends well", (busy,))
    left = Otherwise(f"a driver is still there: {go_on}")
    yield Box(step, "Look whether the drivers are gone", "lsmod | grep '^dis_'", "it prints nothing", (left,))


def install(config: ClusterFile, management: bool) -> Iterator[Box]:
    """Install from the packages."""
    make, ordered = (
        (install_frontend, False) if management else (install_node, config.policy.reboot == "always")
    )
    where, batch = typed.workdir(config), config.policy.batch

    def line(enforce: bool) -> Command:
        return make(config.target.sia, where, batch=batch, reboot=ordered, enforce=enforce)

    if ordered:
        yield Box(StepName.INSTALL, "Note the boot id, which a reboot changes", typed.boot_id())
    refused = Otherwise(ENFORCE, line(True).display)
    sees = "it ends without an error" + (", and the machine reboots" if ordered else "")
    yield Box(StepName.INSTALL, "Install", line(False).display, sees, (refused,))


def rebooted(config: ClusterFile, name: str) -> Iterator[Box]:
    """Get to a machine that has been told to reboot, and be sure that it has."""
    yield from log_in(config, name, AGAIN)
    early = Otherwise("it is the same: log out, and wait")
    words = "Look whether it has rebooted"
    yield Box(StepName.REBOOT, words, typed.boot_id(), "another than the one that was noted", (early,))


def verify(config: ClusterFile) -> Iterator[Box]:
    """Installed, loaded and running: three different things."""
    step, target, dis = StepName.VERIFY, config.target.version, config.paths.dis
    never = ", though policy.reboot says never" if config.policy.reboot == "never" else ""

    def cured(when: str) -> tuple[Otherwise, ...]:
        return (Otherwise(f"{when}: reboot{never}, log in and look again", reboot().display),)

    status = services(dis, "status").display
    stopped = cured("one is not there even after some minutes (memory may be too fragmented for it)")
    yield Box(step, "Look at the services", status, "every service is running", stopped)
    yield Box(step, "Look at the version on disk", typed.on_disk(config), f"it is {target}")
    old = cured("it is the old one")
    yield Box(step, "Look at the version that is loaded", typed.loaded(), f"it is {target}", old)
    both = f"{typed.on_disk(config, 'srcversion')}; {typed.loaded('srcversion')}"
    other = cured("they differ")
    yield Box(step, "Look whether the loaded driver is the one on disk", both, "the same twice", other)


def unchanged(config: ClusterFile) -> Box:
    """The configuration beside the copy that was made before anything was stopped."""
    compared = f"diff -r {(NodePath(typed.workdir(config)) / 'dis').display} /etc/dis"
    edited = Otherwise(
        "it names a file: the installation changed it, or somebody did; find out before you go on"
    )
    words = "Compare the configuration with its copy"
    return Box(StepName.VERIFY, words, compared, "it prints nothing", (edited,))


def verify_frontend(config: ClusterFile) -> Iterator[Box]:
    """Of the management node its version and the Network Manager."""
    listed = "rpm -qa 'Dolphin-Network*' || dpkg-query -W 'dolphin-network*'"
    yield Box(StepName.VERIFY, "Look at the packages", listed, f"they are of {config.target.version}")
    status = services(config.paths.dis, "status").display
    yield Box(StepName.VERIFY, "Look at the services", status, "the Network Manager is running")


def start(config: ClusterFile) -> Iterator[Box]:
    """Only now: sockets that were opened earlier would stay on Ethernet."""
    step, applications = StepName.START_APPLICATIONS, config.applications
    for text in applications.start:
        yield Box(step, "Start applications", ShellText(text).display, "it ends without an error")
    for text in applications.check:
        yield Box(step, "Look whether they run", ShellText(text).display, "it ends without an error")
    if not applications.start:
        yield Box(step, "Start, by hand, the applications that were stopped, and look whether they run")


def log_out(config: ClusterFile) -> Iterator[Box]:
    """Nothing else is done there."""
    step = StepName.RETURN
    if typed.BECOME[config.ssh.become]:
        yield Box(step, "Leave root's shell", "exit")
    yield Box(step, "Log out", "exit")


def seen_from_outside(config: ClusterFile, step: StepName, whom: str) -> Box:
    """What the cluster itself says of its nodes."""
    management = config.cluster.management_node
    if config.view is not None and management is not None:
        return Box(
            step,
            f"Ask the cluster whether {whom}",
            typed.look(config, management, config.view.command),
            "it counts no unreachable node",
        )
    return Box(
        step,
        f"Look at dis_admin: {whom} (green); where there is no dis_admin, dis_diag on the other nodes has to "
        "name all nodes and end with TEST RESULT: PASSED",
    )
