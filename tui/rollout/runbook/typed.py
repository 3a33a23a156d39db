"""Command lines that only a runbook has: Rollcall has connections and places of its own."""

from __future__ import annotations

import os
import shlex

from tui.expressware.commands import NodePath
from tui.model.clusterfile import Become, ClusterFile
from tui.rollout.procedure.packages import PARTS

BECOME: dict[Become, str] = {"none": "", "sudo": "sudo -i", "doas": "doas -s", "su": "su -"}
"""What is typed after a login that is not root's."""
_BEFORE: dict[Become, str | None] = {"none": "", "sudo": "sudo ", "doas": "doas ", "su": None}
"""What makes a command root's where nobody can type a password."""


def workdir(config: ClusterFile) -> str:
    """Where packages are built by hand: only root can write there, and it is no place of Rollcall's own."""
    return f"/root/eXpressWare-{config.target.version}"


def login(config: ClusterFile, name: str) -> str:
    """``ssh`` to a machine as the cluster file says it is reached."""
    ssh, entry = config.ssh, config.node.get(name)
    words = ["ssh"]
    if ssh.ssh_config:
        words += ["-F", os.path.expanduser(ssh.ssh_config)]
    if ssh.known_hosts:
        words += ["-o", f"UserKnownHostsFile={os.path.expanduser(ssh.known_hosts)}"]
    if entry is not None and entry.host:
        words += ["-o", f"HostName={entry.host}"]
    if entry is not None and entry.port:
        words += ["-p", str(entry.port)]
    words.append(f"{ssh.user}@{name}" if ssh.user else name)
    return shlex.join(words)


def remote(config: ClusterFile, name: str, command: str) -> str:
    """A command that is run on a machine from here, by root; empty where root asks for a password there."""
    before = _BEFORE[config.ssh.become]
    if before is None:
        return ""
    return (
        f"{login(config, name)} {shlex.quote(f'{before}sh -c {shlex.quote(command)}' if before else command)}"
    )


def look(config: ClusterFile, name: str, command: str) -> str:
    """The same for what everybody may look at."""
    return f"{login(config, name)} {quoted(command)}"


def copy_packages(config: ClusterFile, source: str, target: str, management: bool) -> str:
    """Bring one machine's packages to another; empty where that cannot be typed in one line."""
    where, part = NodePath(workdir(config)).display, PARTS[management]
    sent = remote(config, source, f"tar -C {where} -cf - {part}")
    taken = remote(config, target, f"mkdir -p -m 700 {where} && tar -C {where} -xf -")
    return f"{sent} | {taken}" if sent and taken else ""


def bring_archive(config: ClusterFile, name: str) -> str:
    """Copy the archive from here; empty where that cannot be typed in one line."""
    sia = NodePath(config.target.sia)
    directory = NodePath(config.target.sia.rpartition("/")[0] or "/")
    taken = remote(config, name, f"mkdir -p {directory.display} && cat >{sia.display}")
    return f"{taken} <{sia.display}" if taken else ""


def archive(config: ClusterFile) -> str:
    """The archive's path, as it is typed."""
    return NodePath(config.target.sia).display


def quoted(text: str) -> str:
    """A word of a command that is typed here, in the quotes that are the easiest to read."""
    plain = shlex.quote(text)
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else plain


def kind() -> str:
    """What has to be the same for packages to be used on another machine."""
    return "uname -rm; grep -E '^(ID|VERSION_ID)=' /etc/os-release"


def boot_id() -> str:
    """What changes with every boot, and with nothing else."""
    return "cat /proc/sys/kernel/random/boot_id"


def loaded(what: str = "version") -> str:
    """The version (or build) of the driver in the kernel."""
    return f"cat /sys/module/dis_irm/{what}"


def on_disk(config: ClusterFile, what: str = "version") -> str:
    """The same of the driver on disk, which the next start of the services loads."""
    modules = NodePath(config.paths.dis) / "lib/modules"
    return f'modinfo -F {what} {modules.display}/"$(uname -r)"/dis_irm.ko'


def holders() -> str:
    """Which programs have one of Dolphin's libraries open."""
    return "grep -lsE 'libsisci|libksupersockets' /proc/[0-9]*/maps"
