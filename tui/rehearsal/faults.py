"""What a rehearsal can be ordered to show: one table, the only place that lists the faults.

An order is a file `control/faults/<name>` of the node; what acts on it renames it to `control/spent/<name>`,
so every fault acts once per order unless its line below says otherwise, and the remedy then works.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from tui.rehearsal.errors import RehearsalError


@dataclass(frozen=True)
class Fault:
    """One thing that can go wrong: what is seen, and what cures it."""

    acts: str
    cure: str


FAULTS: dict[str, Fault] = {
    "build-fails": Fault("The first --build-rpm ends with an error and exit 1.", "Build again."),
    "app-refuses": Fault("The first stop of the application fails; it keeps running.", "Stop it again."),
    "app-lingers": Fault(
        "At the first stop of the application its process keeps PCI Express for 12 s of demo time more.",
        "Wait: it lets go.",
    ),
    "stop-busy": Fault(
        "At the first dis_services stop a kernel client takes hold of dis_irm: IRM, hardware and KOSIF "
        "drivers answer with the two-line rmmod failure, exit 1, as long as the node runs.",
        "Install, then reboot.",
    ),
    "stop-fails": Fault(
        "The first dis_services stop cannot shut the Node Manager down; the drivers below it stay in use.",
        "Stop again.",
    ),
    "install-fails": Fault(
        "The first installation ends with exit 1 before any file is replaced; services are down.",
        "Install again.",
    ),
    "install-hangs": Fault(
        "The first installation falls silent for two hours.", "Cancel it and install again."
    ),
    "install-prompts": Fault(
        "The first installation asks a question in spite of --batch; without an answer on stdin it ends with "
        "exit 1.",
        "Install again.",
    ),
    "edits-dishosts": Fault(
        "When its services have been stopped, somebody edits /etc/dis/dishosts.conf on the node: its adapter "
        "has another NodeId.",
        "Put the file back, or go on with it.",
    ),
    "keeps-old": Fault(
        "The installation succeeds, but the machine loads its old copy of the drivers: installed and active "
        "version differ.",
        "Reboot.",
    ),
    "start-fails": Fault(
        "After the installation the hardware driver finds no memory (insmod failed) and all above it fail "
        "too, as often as tried; the installer ends with exit 1 although the new files are on disk.",
        "Reboot.",
    ),
    "no-return": Fault(
        "At the next reboot the node stays off for 1.6 times the restart timeout; then somebody presses its "
        "power button.",
        "Wait longer, or power_on.",
    ),
    "slow-return": Fault("The next boot takes 0.6 times the restart timeout.", "Wait."),
    "returns-old": Fault(
        "At its next boot after the installation the node loads its old copies of the drivers, as from an "
        "old initramfs.",
        "Reboot once more.",
    ),
    "rolls-back": Fault(
        "At its next boot after the installation the node has the version on its disk that it had before, as "
        "from an old system image.",
        "Install again.",
    ),
    "other-kernel": Fault(
        "At its next boot the node runs another kernel, for which no driver was built.",
        "Build and install again.",
    ),
    "services-late": Fault(
        "After the next boot services start only after half the restart timeout.", "Wait."
    ),
    "boot-start-fails": Fault(
        "After the next boot the hardware driver finds no memory, as long as the node runs.",
        "Reboot once more.",
    ),
    "reboot-ignored": Fault("The next reboot that is ordered on the node does nothing.", "Order it again."),
    "reboot-refused": Fault(
        "The next reboot that is ordered on the node is refused: something inhibits it; exit 1.",
        "Order it again.",
    ),
    "reboots-in-build": Fault("The node restarts by itself in the middle of a build.", "Build again."),
    "reboots-in-app-stop": Fault("It does so while the application is stopped.", "Stop it again."),
    "reboots-in-stop": Fault("It does so in the middle of dis_services stop.", "Begin again."),
    "reboots-in-install": Fault("It does so in the middle of its installation.", "Begin again."),
    "reboots-in-app-start": Fault("It does so while the application is started.", "Verify again."),
    "ssh-drops": Fault(
        "All connections of the node drop once in the middle of its installation.", "Reconnect."
    ),
    "ssh-flaps": Fault(
        "During one installation all connections of the node drop about every 2 s of demo time.", "Reconnect."
    ),
    "disk-full": Fault(
        "Nothing can be made below /var on the node (No space left on device), and df says so.",
        "A log rotation, 20 s of demo time after the first refusal.",
    ),
    "wrong-host": Fault("The node gives another host name, as long as the order stands.", "Clear the order."),
    "hostkey-changed": Fault(
        "At its next boot (the first one, when ordered for a new cluster) the node has another host key, "
        "which is not in known_hosts.",
        "Accept the new key.",
    ),
    "link-degraded": Fault(
        "After the installation the node's link stays disabled: the cluster view counts it as unreachable.",
        "dis_services restart, or a reboot.",
    ),
    "noisy-link": Fault(
        "After the installation the node's link counts 3 errors more at each of 60 looks of dis_diag.",
        "Wait, or a reboot.",
    ),
    "peer-drops": Fault(
        "During the installation the Node Manager of another node dies.",
        "Its watchdog restarts it after 20 s of demo time, or dis_services start.",
    ),
    "clock-skew": Fault(
        "The node's clock is 15 minutes ahead, as long as the order stands.", "Clear the order."
    ),
    "few-sessions": Fault(
        "Its sshd gives one connection two sessions (MaxSessions 2), as long as the order stands.",
        "Clear the order and boot.",
    ),
    "one-session": Fault(
        "Its sshd gives one connection a single session (MaxSessions 1), as long as the order stands.",
        "Clear the order and boot.",
    ),
    "chatty": Fault("The first installation prints 100,000 lines more than others.", "None needed."),
}

SESSIONS = 10
"""How many sessions one connection has, unless another number is ordered."""
_SESSION_LIMITS = {"one-session": 1, "few-sessions": 2}

# Programs that stand before the real ones while a full disk is ordered.
FULL_DISK_PROGRAMS = ("mkdir", "mktemp", "cp", "mv", "tee", "df")


def known(name: str) -> str:
    """Return `name` if it is a fault, else raise a RehearsalError that names the nearest one."""
    if name in FAULTS:
        return name
    near = difflib.get_close_matches(name, FAULTS, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(FAULTS)}."
    raise RehearsalError(f"There is no fault '{name}'. {hint}")


def sessions(control: Path) -> int:
    """How many sessions the machine gives one connection now."""
    ordered = (limit for name, limit in _SESSION_LIMITS.items() if (control / "faults" / name).exists())
    return next(ordered, SESSIONS)


def order(control: Path, sysroot: Path, name: str) -> None:
    """Arm fault `name` for the node whose directories are given; it may have acted before."""
    known(name)
    if name == "disk-full":
        for program in FULL_DISK_PROGRAMS:
            link = sysroot / "usr/bin" / program
            if not link.is_symlink():
                link.symlink_to(control / "full_disk")
    (control / "faults" / name).touch()


def clear(control: Path, sysroot: Path, name: str) -> None:
    """Take back the order; what the fault has done already stays until its cure."""
    known(name)
    (control / "faults" / name).unlink(missing_ok=True)
    if name == "disk-full":
        (control / "disk-full-since").unlink(missing_ok=True)
        for program in FULL_DISK_PROGRAMS:
            (sysroot / "usr/bin" / program).unlink(missing_ok=True)


def take(control: Path, name: str) -> bool:
    """Whether fault `name` is ordered; if so it counts as acted from now on."""
    try:
        (control / "faults" / name).rename(control / "spent" / name)
    except FileNotFoundError:
        return False
    return True
