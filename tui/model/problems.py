"""Why a step failed, a run paused or ended: each code once, with what a person can do about it.

They lie with the model because the fold and the exit codes ask for some of them, too. Codes are stable:
machines read them, and the journals of older versions hold them. One that is not here is shown as it is, and
can be done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Cure(Enum):
    """What a person is offered. The first of a problem's cures that can be had is recommended."""

    RERUN = auto()
    """A new attempt of the step."""
    WAIT_ON = auto()
    """A new attempt that orders nothing, and only waits."""
    STOP_AGAIN = auto()
    """The applications, and on from there."""
    VERIFY_AGAIN = auto()
    """For a step that rests on the verify: that once more, and on from there."""
    FROM_LOG_IN = auto()
    """Every step of the node."""
    REBUILD = auto()
    """The same, for the packages."""
    ENFORCE = auto()
    """The installation with ``--enforce``."""
    REBOOT = auto()
    OVERRIDE = auto()
    """Go on in spite of it, by name and with a reason."""
    RESUME = auto()
    CHECK_AGAIN = auto()
    LOOK_AGAIN = auto()
    SAY_WHETHER_IT_RAN = auto()
    PUT_BACK = auto()
    SIGN_OFF = auto()
    ADOPT = auto()
    """Take over what another run has left out of service."""
    SETTLE = auto()
    """Sign that off."""


@dataclass(frozen=True, slots=True)
class Problem:
    """``remedy``: what to do, in words, where the place that finds the problem knows nothing better."""

    code: str
    remedy: str = ""
    cures: tuple[Cure, ...] = (Cure.RERUN,)
    then_reboot: str = ""
    """Why a node whose step was overridden needs a reboot; empty where it does not."""

    @property
    def first(self) -> Cure | None:
        """The cure to try before the others."""
        return self.cures[0] if self.cures else None


REBOOT_FIRST = (Cure.REBOOT, Cure.RERUN)
OVERRIDABLE = (Cure.RERUN, Cure.OVERRIDE)
ANOTHER_BOOT = (Cure.VERIFY_AGAIN, Cure.FROM_LOG_IN, Cure.RERUN)
SIA_REFUSED = (Cure.RERUN, Cure.ENFORCE)

# Every step
CONNECTION_REMEDY = "fix what it names, then rerun the step"
"""For what keeps us from a node: its code is the kind of the failure."""
FACTS = Problem("facts", "log in by hand and look, then rerun")
IDENTITY = Problem("identity", "nothing was touched; correct the cluster file or the login, then rerun")
JOB_LOST = Problem("job-lost", "look at the node, then rerun the step")
CANCELED = Problem("canceled", "rerun the step, or skip the node")
"""A step, or the run."""
LOST_BY_REBOOT = Problem("lost-by-reboot", "look at the node, then rerun", ANOTHER_BOOT)
REBOOTED_MEANWHILE = Problem(
    "rebooted-meanwhile", "look at the node and why it did, then rerun", ANOTHER_BOOT
)
DETACHED = Problem("detached", "wait: it is taken up again by itself")

# Packages
SIA_CHECKSUM = Problem("sia-checksum", "copy the right archive to the node, then rerun from log in")
SIA_MISSING = Problem("sia-missing", "copy it there, then rerun")
BUILD_FAILED = Problem(
    "build-failed", "read its output, correct what it names (compiler, kernel headers), and rerun packages"
)
NO_PACKAGES = Problem("no-packages", "rerun packages")

# Applications and services
STOPPED_BEFORE = Problem(
    "stopped-before",
    "start them and rerun; or skip or hold the node; or have it updated all the same",
    OVERRIDABLE,
)
CHECK_UNKNOWN = Problem("check-unknown", "run applications.check by hand, fix it, then rerun")
APPS_STILL_RUNNING = Problem(
    "apps-still-running",
    "stop them and rerun, or go on: the node then needs a reboot",
    OVERRIDABLE,
    "applications still used PCI Express when the services were to be stopped",
)
USERS_UNKNOWN = Problem(
    "users-unknown",
    "rerun stop applications, or look yourself and go on",
    OVERRIDABLE,
    "it was not known who used PCI Express when the services were to be stopped",
)
NOT_IDLE = Problem(
    "not-idle",
    "find what moves and end it, then wait on; or go on: the stop of the services shows if it holds them",
    (Cure.WAIT_ON, Cure.OVERRIDE),
)
USED_AGAIN = Problem(
    "used-again",
    "end it, then stop the applications again; or rerun stop services",
    (Cure.STOP_AGAIN, Cure.RERUN),
)
STOP_COMMAND = Problem("stop-command", "read its output, then rerun")
SERVICES_NOT_STOPPED = Problem(
    "services-not-stopped",
    "find what still uses them and rerun, or go on: the node can be updated, but needs a reboot",
    OVERRIDABLE,
    "the services could not be stopped",
)
START_COMMAND = Problem("start-command", "read its output, then rerun, or sign off", OVERRIDABLE)
APPLICATION_CHECK = Problem(
    "application-check", "look at the application, then rerun, or sign off", OVERRIDABLE
)
NOT_PUT_BACK = Problem(
    "put-back-failed",
    "read its words, fix it, then rerun put back; or sign off what you see to yourself",
    (Cure.RERUN, Cure.SIGN_OFF),
)
LEDGER = Problem("ledger", "rerun the step that is open")

# Installation and reboot
INSTALL_FAILED = Problem(
    "install-failed", "read the SIA's words, correct what they name, and rerun install", SIA_REFUSED
)
INSTALLED_WITH_ERRORS = Problem(
    "installed-with-errors",
    "when services failed to start, a reboot fixes it (manual); else rerun install",
    REBOOT_FIRST,
)
NOT_INSTALLED = Problem("not-installed", "read the SIA's words, then rerun install", SIA_REFUSED)
OTHER_BUILD = Problem(
    "other-build", "put the archive of the target in place and rerun the node from log in", SIA_REFUSED
)
OTHER_KERNEL = Problem(
    "other-kernel",
    "build packages again: rerun the node from log in; or have it boot the kernel that it had",
    (Cure.REBUILD, Cure.RERUN, Cure.REBOOT),
)
NO_BOOT_ID = Problem("no-boot-id", "reach the node by hand, then rerun reboot")
NO_RETURN = Problem(
    "no-return",
    "look at its console or power; rerun reboot to wait on (no second reboot is ordered)",
    (Cure.WAIT_ON, Cure.REBOOT),
)
REBOOT_REFUSED = Problem(
    "reboot-refused",
    "end what holds it back (on the node: systemd-inhibit --list, who), then rerun reboot; or reboot it "
    "by hand, then rerun reboot: it sees the new boot, and orders no second one",
)

# Verify
WRONG_VERSION = Problem("wrong-version", "rerun the node from log in", (Cure.FROM_LOG_IN, Cure.RERUN))
HALF_INSTALLED = Problem("half-installed", "rerun install")
OLD_DRIVER_ACTIVE = Problem("old-driver-active", "a reboot activates the new driver", REBOOT_FIRST)
OLD_DRIVER_RETURNED = Problem(
    "old-driver-returned",
    "look for old copies of the drivers (in its initramfs?), fix that, reboot it, then rerun verify",
    (Cure.RERUN, Cure.REBOOT),
)
SERVICES_NOT_RUNNING = Problem(
    "services-not-running", "a reboot of the node fixes that (manual)", REBOOT_FIRST
)
NOT_ACTIVE = Problem("not-active", "look at dis_admin, cables and the node; then rerun", REBOOT_FIRST)
FEWER_SERVICES = Problem(
    "fewer-services", "find out why and rerun; or agree, if that is meant to be so", OVERRIDABLE
)
LINK_ERRORS = Problem(
    "link-errors",
    "look at cable and link (dis_diag, dis_admin), then rerun verify; or agree, if they are known",
    OVERRIDABLE,
)
INTERCONNECT_UNSTABLE = Problem(
    "interconnect-unstable", "leave the cluster alone until it has calmed down, then rerun verify"
)

# The run is checked
PREFLIGHT = Problem("preflight", "fix what it names, then check again", (Cure.CHECK_AGAIN,))
ROLLING_NOT_ALLOWED = Problem(
    "rolling-not-allowed", "fix what it names, then check again", (Cure.CHECK_AGAIN,)
)
CONNECTION = Problem("connection", "fix what it names, then check again", (Cure.CHECK_AGAIN,))
CHECKS_TOO_OLD = Problem("checks-too-old", "wait: every check is made anew")
RISKS_OPEN = Problem("risks-open", "look at them, then choose to go on knowing them", (Cure.RESUME,))
"""Known risks apply, or may apply, and no person has said yet that they know of them."""
LEFT_OUT = Problem(
    "left-out",
    "adopt it, so that this run puts it back, or sign it off",
    (Cure.ADOPT, Cure.SETTLE, Cure.RESUME),
)

# The run pauses
PAUSED = Problem("paused", "resume to go on", (Cure.RESUME,))
DECLINED = Problem("declined", "resume to be asked again", (Cure.RESUME,))
RECOVERED = Problem("recovered", "resume to go on", (Cure.RESUME,))
"""The run was taken up again."""
GATE_CLOSED = Problem("gate-closed", "wait or fix it, then resume", (Cure.RESUME,))
PEER_DOWN = Problem(
    "peer-down",
    "fix it, then resume; resume also when the node that is being worked on shall come back first",
    (Cure.RESUME,),
)
FILES_CHANGED = Problem(
    "files-changed",
    "look at the difference, then choose to go on with it; or put the files back and resume",
    (Cure.RESUME,),
)
"""A file on which a node's next start rests is not as it was when the run began."""
FILES_UNKNOWN = Problem("files-unknown", "fix what it names, then check again", (Cure.CHECK_AGAIN,))
START_UNKNOWN = Problem(
    "start-unknown",
    "look at the node; then look again, or say whether it ran: nothing is started before",
    (Cure.LOOK_AGAIN, Cure.SAY_WHETHER_IT_RAN),
)
"""A person has to say whether a step was begun."""
PUT_BACK = Problem("put-back", "resume to go on, or cancel to end the run", (Cure.RESUME,))
"""A node is back in service, and not updated."""
LEDGER_OPEN = Problem("ledger-open", "put it back, or sign it off", (Cure.PUT_BACK, Cure.SIGN_OFF))
STILL_OUT = Problem(
    "still-out", "put it back, or cancel once more", (Cure.PUT_BACK, Cure.SIGN_OFF, Cure.RESUME)
)
"""A person wants to end the run, and has been told what is still out of service."""
LOCK_LOST = Problem(
    "lock-lost",
    "leave, and speak with whoever leads the cluster now; what runs on a node goes on by itself",
    (Cure.RESUME,),
)

# The run is over
EXCEPTIONS = Problem("exceptions", "see the report", ())
REPLACED = Problem("replaced", "see the run that was begun instead", ())

KNOWN = {problem.code: problem for problem in tuple(globals().values()) if isinstance(problem, Problem)}
"""Every problem of this version by its code."""


def of(code: str) -> Problem:
    """The problem with a code that may be another version's, or the kind of a failed connection."""
    return KNOWN.get(code) or Problem(code, CONNECTION_REMEDY)
