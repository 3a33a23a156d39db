"""Playing the operator's own commands: none of them may do anything on the machine that rehearses.

A command of plain words is played under its own name: `systemctl` and `service` by stubs that keep the state
of each service, any other program by a stub in its place below the node's sysroot. What a shell would have to
read, and what carries the name of a program that scripts of a node need themselves, is handed as one word to
`rehearsed`, a program that only simulated nodes have. Nothing but stubs is ever run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

GENERIC = "application"
"""The one application that stands for everything that is not a service by name."""

# No quote, no variable, no glob, nothing that a shell takes for more than a word.
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+(?: +[A-Za-z0-9_@%+=:,./-]+)*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@_.:-]{0,99}")
_VERBS = ("start", "stop", "restart", "status", "is-active")
# Directories that the rehearsal fills and empties itself.
_OURS = ("/proc", "/sys", "/run", "/var/run", "/var/lib/packages", "/dev", "/tmp", "/boot", "/root", "/lib")  # noqa: S108  on a node

_RESERVED = """
! . : [ [[ alias apt apt-get arch as at awk base64 basename bash batch bc bg bind blkid break
builtin busybox bzip2 caller case cat cd chattr chcon chgrp chmod chown chroot cksum cmp column comm
command compgen complete continue cp csh csplit cut dash date dbus-send dd debugfs declare df diff dir
dirname dirs disown dmesg do done dpkg dpkg-query du echo egrep elif else enable env esac eval exec
exit expand export expr factor false fc fg fgrep fi file find findmnt fish flock fmt fold for free
function fuser gcc getconf getent getopt getopts grep groups grubby gunzip gzip hash head help
history hostid hostname hostnamectl id if in init install ionice ip jobs join journalctl kill
killall ksh last let link ln local logger login loginctl logname look ls lsattr lsblk lscpu lsmod
lsof make man mapfile md5sum mkdir mkfifo mknod mktemp modinfo modprobe more mount mountpoint mv
nice nl node nohup nproc nsenter od opt passwd paste pathchk perl pgrep pidof pinky pkill popd
poweroff pr printenv printf ps pushd pwd python python3 read readarray readlink readonly realpath
reboot rehearsed renice reset return rev rm rmdir rmmod rpm rpmbuild run runcon runuser script sed
select seq service set setpriv setsid sh sha1sum sha224sum sha256sum sha384sum sha512sum shift shopt
shred shuf shutdown size sleep sort source split ss ssh sshd stat stdbuf strings strip stty su sudo
sum suspend sync sysctl systemctl systemd systemd-run tabs tac tail tar tee test then time timeout
times top touch tr trap true truncate tsort tty type typeset ulimit umask umount unalias uname
unexpand uniq unlink unset unshare until unxz uptime users view vmstat w wait watch wc whereis which
while who whoami write xargs xz yes zcat zsh { }
"""
RESERVED = frozenset(_RESERVED.split())
"""Words of a shell and names of programs that Rollcall's and the simulation's own scripts may call."""


@dataclass(frozen=True)
class Place:
    """A stub: where it lies, and what it is called with, words joined by one blank."""

    path: str
    words: str


@dataclass(frozen=True)
class Script:
    """The operator's commands as they are played.

    ``commands`` are what the rehearsal's cluster file says, role by role; ``places`` where stubs are needed;
    ``generic`` what those answer to, as (role, words); ``names`` the applications, whether each uses PCI
    Express and whether a start command starts it; ``wrapped`` the commands that only
    `rehearsed` can play.
    """

    commands: Mapping[str, tuple[str, ...]]
    places: tuple[Place, ...]
    generic: tuple[tuple[str, str], ...]
    names: Mapping[str, tuple[bool, bool]]
    wrapped: tuple[str, ...]


def script_of(applications: Mapping[str, Iterable[str]], *ours: str) -> Script:
    """How commands under the roles ``stop``, ``start`` and ``check`` are played.

    ``ours`` are directories of a node that the rehearsal fills itself.
    """
    commands: dict[str, tuple[str, ...]] = {}
    places: dict[str, Place] = {}
    generic: list[tuple[str, str]] = []
    wrapped: list[str] = []
    users: dict[str, set[str]] = {}
    for role, texts in applications.items():
        played = []
        for text in map(str.strip, texts):
            names = service_names(text)
            if not names:
                place = place_of(text, *ours)
                if place is None:
                    wrapped.append(text)
                else:
                    places[place.path] = place
                generic.append((role, place.words if place is not None else text))
                played.append(text if place is not None else f"rehearsed {shlex.quote(text)}")
            else:
                played.append(text)
            for name in names or (GENERIC,):
                users.setdefault(name, set()).add(role)
        commands[role] = tuple(played)
    names_found = {name: ("stop" in roles, "start" in roles) for name, roles in users.items()}
    return Script(
        commands, tuple(places.values()), tuple(generic), names_found, tuple(dict.fromkeys(wrapped))
    )


def service_names(text: str) -> tuple[str, ...]:
    """The services that a plain call of `systemctl` or `service` is about; none for anything else."""
    if not _PLAIN.fullmatch(text):
        return ()
    program, *rest = text.split()
    words = [word for word in rest if not word.startswith("-")]
    if program in ("service", "/sbin/service", "/usr/sbin/service"):
        words = [words[1], words[0]] if len(words) == 2 else []
    elif program not in ("systemctl", "/bin/systemctl", "/usr/bin/systemctl"):
        return ()
    if len(words) < 2 or words[0] not in _VERBS or not all(map(_UNIT.fullmatch, words[1:])):
        return ()
    return tuple(word.removesuffix(".service") for word in words[1:])


def place_of(text: str, *ours: str) -> Place | None:
    """Where a stub plays the command under its own name; None where none may."""
    if not _PLAIN.fullmatch(text):
        return None
    words = text.split()
    path = PurePosixPath(words[0])
    name = path.name
    if name in RESERVED or not _NAME.fullmatch(name) or "=" in words[0]:
        return None
    joined = " ".join(words)
    if "/" not in words[0]:
        return Place(f"/usr/bin/{name}", joined)
    inside = any(path.is_relative_to(place) for place in (*_OURS, *ours))
    if not path.is_absolute() or ".." in path.parts or inside or len(path.parts) < 3:
        return None
    return Place(words[0], joined)
