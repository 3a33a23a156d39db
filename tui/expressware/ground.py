"""What we stand on at a node: whether SSH, or a file system that an update needs, runs over the interconnect.

IP over PCIe (interface `dis0`) goes when the services stop, and with it what runs over it: a connection, a
mount, a disk. Each question has three answers: it does, it does not, and nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tui.expressware.commands import NodePath
from tui.expressware.tagged import Answer, looking_script

LOCAL = (
    *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "vfat", "exfat", "ntfs3"),
    *(
        "iso9660",
        "squashfs",
        "erofs",
        "tmpfs",
        "ramfs",
        "rootfs",
        "overlay",
        "aufs",
        "autofs",
        "proc",
        "sysfs",
    ),
    *("devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "selinuxfs", "pstore", "bpf", "debugfs"),
    *(
        "tracefs",
        "configfs",
        "fusectl",
        "mqueue",
        "hugetlbfs",
        "binfmt_misc",
        "efivarfs",
        "rpc_pipefs",
        "nsfs",
    ),
)
"""File systems whose data comes from this machine's own disks or memory."""

_DEVICE = re.compile(r"\bdev (\S+)")
_ADDRESS = re.compile(r"^[0-9]+: +([^ :@]+)[@: ].*? inet6? ([0-9a-fA-F.:]+)")


@dataclass(frozen=True, slots=True)
class Way:
    """Over which interface something runs. `interface` is empty, and `why` says so, where nobody can tell."""

    what: str
    interface: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A file system that comes over a network: where it is mounted, and the way to where its data are."""

    point: str
    kind: str
    source: str
    way: Way


@dataclass(frozen=True, slots=True)
class Ground:
    """What a look has found. `interconnect` are the interfaces of IP over PCIe and those that rest on them;
    None: which interfaces there are could not be read. `places` is the mount point below each path that was
    asked for, `carried` are the file systems that come over any network.
    """

    interconnect: frozenset[str] | None = None
    ssh: tuple[Way, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    carried: tuple[Carried, ...] = ()
    mounts_read: bool = False

    def over(self, way: Way) -> bool:
        """Whether it runs over the interconnect, as far as is known."""
        return self.interconnect is not None and way.interface in self.interconnect

    def below(self, path: str) -> Carried | None:
        """The network's file system on which a path lies; None for a local one."""
        point = next((point for asked, point in self.places if asked == path), None)
        return next((each for each in self.carried if each.point == point), None)


def ground_script(paths: Iterable[str]) -> str:
    """A whole script of the look; it needs the prelude that sets `R`."""
    return looking_script(ground_shell(paths))


def ground_shell(paths: Iterable[str]) -> str:
    """Shell lines of a looking script; `paths` need not exist yet."""
    asked = " ".join(NodePath(path).script for path in paths)
    return _SHELL.replace("@PATHS@", asked).replace("@LOCAL@", "|".join(LOCAL))


_SHELL = r"""
for net in "$R"/sys/class/net/*; do
  name=${net##*/}
  [ -e "$net" ] || [ -L "$net" ] || continue
  say net.seen "$name"
  driver=
  [ -L "$net"/device/driver/module ] && driver=$(readlink "$net"/device/driver/module)
  case $name,${driver##*/} in dis[0-9]*,* | *,dis_*) say net.dis "$name" ;; esac
  for lower in "$net"/lower_*; do
    [ -e "$lower" ] || [ -L "$lower" ] || continue
    say net.over "$name ${lower##*/lower_}"
  done
done

# over ADDRESS: the interface by which it is reached, and what came of the question
over() { found=$(ip -o route get "$1" 2>&1); printf '%s %s' "$?" "${found%%"$newline"*}"; }
newline='
'

process=$$ connection=${SSH_CONNECTION-}
while [ -z "$connection" ] && [ "${process:-0}" -gt 1 ]; do
  connection=$(tr '\0' '\n' <"$R/proc/$process/environ" | sed -n 's/^SSH_CONNECTION=//p')
  parent=
  while read -r key value; do
    [ "$key" != PPid: ] || { parent=$value; break; }
  done <"$R/proc/$process/status"
  process=$parent
done
if [ -n "$connection" ]; then
  set -- $connection
  say ssh.client "$1"
  say ssh.server "$3"
  say ssh.route "$(over "$1")"
  ip -o addr show | say_lines ssh.address
fi

# carried DEVICE: the portals of iSCSI sessions below a block device, and those below what it is made of
carried() {
  case $1 in nbd*) say disk "$point nbd unknown" ;; esac
  case $(readlink -f "$R/sys/class/block/$1") in
    */session*)
      session=$(readlink -f "$R/sys/class/block/$1"); session=${session##*/session}; session=${session%%/*}
      first_line "$R/sys/class/iscsi_connection/connection$session:0/persistent_address"
      say disk "$point iscsi $line $(over "$line")"
      ;;
  esac
  for slave in "$R/sys/class/block/$1"/slaves/*; do
    [ -e "$slave" ] || [ -L "$slave" ] || continue
    (carried "${slave##*/}")
  done
}

seen=' '
for path in @PATHS@; do
  directory=$path
  until [ -e "$directory" ] || [ -z "$directory" ]; do directory=${directory%/*}; done
  mount=$(df -P "${directory:-/}")
  set -f
  set -- ${mount##*"$newline"}
  set +f
  device=${1-} point=
  [ "$#" -le 5 ] || { shift 5; point=$*; }
  say place "$point ${path#"$R"}"
  case $seen in *" $device on $point "*) continue ;; esac
  seen="$seen$device on $point "
  case $device in /dev/*)
    device=$(readlink -f "$R$device" || printf %s "$device")
    carried "${device##*/}"
  esac
done

while read -r source point kind options _; do
  case $kind in @LOCAL@) continue ;; esac
  address=,$options
  case $address in *,addr=*) address=${address##*,addr=}; address=${address%%,*} ;; *) address= ;; esac
  say mount "$kind $point $source ${address:-?} $([ -z "$address" ] || over "$address")"
done <"$R"/proc/mounts && say mounts.read yes
"""


def read_ground(answer: Answer) -> Ground:
    """Read the answer of a script that holds `ground_shell`. Never raises."""
    return Ground(
        interconnect=_interconnect(answer),
        ssh=tuple(_ssh(answer)),
        places=tuple(_places(answer)),
        carried=(*_mounts(answer), *_disks(answer)),
        mounts_read=answer.one("mounts.read") is not None,
    )


def _interconnect(answer: Answer) -> frozenset[str] | None:
    """Also a bridge, a bond or a VLAN that rests on one of them."""
    if answer.one("net.seen") is None:
        return None
    found = set(answer.all("net.dis"))
    pairs = [(upper, lower) for value in answer.all("net.over") for upper, _, lower in [value.partition(" ")]]
    while more := {upper for upper, lower in pairs if lower in found} - found:
        found |= more
    return frozenset(found)


def _ssh(answer: Answer) -> Iterable[Way]:
    """The address that was dialled, and the way back."""
    client, server = answer.one("ssh.client"), answer.one("ssh.server")
    if client is None or server is None:
        yield Way("SSH", why="the session does not say where it comes from")
        return
    _, zone, link = server.partition("%")
    matches = (_ADDRESS.match(line) for line in answer.all("ssh.address"))
    held = {match[2]: match[1] for match in matches if match}
    at = link if zone else held.get(server, "")
    yield Way(f"SSH to {server}", at, "" if at else f"ip does not tell which interface has {server}")
    yield _way(f"SSH from {client}", answer.one("ssh.route") or "")


def _way(what: str, told: str) -> Way:
    """`told` is the exit code of `ip route get`, and what it said."""
    code, _, words = told.partition(" ")
    found = _DEVICE.search(words) if code == "0" else None
    return Way(what, found[1]) if found else Way(what, why=f"ip route get says: {words or 'nothing'}")


def _places(answer: Answer) -> Iterable[tuple[str, str]]:
    for value in answer.all("place"):
        point, _, path = value.partition(" ")
        yield path, point


def _mounts(answer: Answer) -> Iterable[Carried]:
    for value in answer.all("mount"):
        kind, point, source, address, told = [*value.split(" ", 4), "", "", "", "", ""][:5]
        what = f"{source} ({kind})"
        unknown = Way(what, why=f"its {kind} does not say from where its data come")
        yield Carried(point, kind, source, unknown if address in ("?", "") else _way(what, told))


def _disks(answer: Answer) -> Iterable[Carried]:
    for value in answer.all("disk"):
        point, kind, address, told = [*value.split(" ", 3), "", "", "", ""][:4]
        what = f"a disk at {address} ({kind})"
        unknown = Way(what, why=f"{kind} does not say from where its data come")
        yield Carried(point, kind, address, unknown if kind == "nbd" else _way(what, told))
