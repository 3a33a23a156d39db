"""What a node stands on: asked of real interfaces and mounts, and of trees with what no test machine has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.expressware.node import SHELLS, Tree, answered, looked
from tests.rigs.netns import needs_namespaces
from tui.expressware.ground import Carried, Ground, Way, ground_script, read_ground

STATE, SIA, DIS = "/var/lib/rollcall", "/srv/dolphin/sia.sh", "/opt/DIS"
IP = """
case "$2 $3" in
  'addr show')
    echo '1: lo    inet 127.0.0.1/8 scope host lo'
    echo '2: eth0    inet 10.0.0.3/24 brd 10.0.0.255 scope global eth0'
    echo '3: dis0    inet 10.9.0.3/24 scope global dis0'
    echo '4: br7@if9    inet6 fd00::3/64 scope global' ;;
  'route get')
    case $4 in
      10.9.*) echo "$4 dev dis0 src 10.9.0.3 uid 0" ;;
      fd00:*) echo "$4 from :: dev br7 src fd00::3 metric 256" ;;
      10.8.*) echo 'RTNETLINK answers: Network is unreachable' >&2; exit 2 ;;
      *) echo "$4 via 10.0.0.1 dev eth0 src 10.0.0.3 uid 0" ;;
    esac ;;
esac
"""
DF = "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo \"{} 9 1 8 10% {}\""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A node with Ethernet and IP over PCIe, and a bridge that rests on it."""
    node = Tree(tmp_path / "a node")
    for name in ("lo", "eth0", "dis0", "br7"):
        node.file(f"/sys/class/net/{name}/address")
    node.file("/sys/class/net/br7/lower_dis0/address")
    node.program("/usr/sbin/ip", IP)
    node.program("/usr/bin/df", DF.format("/dev/vda1", "/"))
    node.file("/proc/mounts", "/dev/vda1 / xfs rw 0 0\nproc /proc proc rw 0 0\n")
    return node


def came(node: Tree, connection: str) -> Ground:
    """The look, in a session that was opened so."""
    script = ground_script((STATE, SIA, DIS))
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROLLCALL_SYSROOT": str(node.root)}
    environ |= {"SSH_CONNECTION": connection} if connection else {}
    text = f'R=$ROLLCALL_SYSROOT\nPATH="$R/usr/sbin:$R/usr/bin:$PATH"\n{script}'
    done = subprocess.run(
        ["/bin/sh", "-s"], input=text.encode(), capture_output=True, check=True, env=environ
    )
    return read_ground(answered(done.stdout))


@pytest.mark.parametrize(
    ("connection", "over"),
    [
        ("10.0.0.9 50000 10.0.0.3 22", [False, False]),
        ("10.9.0.9 50000 10.9.0.3 22", [True, True]),
        ("10.9.0.9 50000 10.0.0.3 22", [False, True]),
        ("fd00::9 50000 fd00::3 22", [True, True]),
        ("fe80::9%dis0 50000 fe80::3%dis0 22", [True, False]),
    ],
)
def test_the_way_of_ssh_there_and_back(tree: Tree, connection: str, over: list[bool]) -> None:
    seen = came(tree, connection)
    assert seen.interconnect == frozenset(("dis0", "br7"))
    assert [seen.over(way) for way in seen.ssh] == over


def test_a_way_that_nobody_knows_is_not_taken_for_another(tree: Tree) -> None:
    assert came(tree, "").ssh[0].why == "the session does not say where it comes from"
    there, back = came(tree, "10.8.0.9 50000 10.8.0.3 22").ssh
    assert there.why == "ip does not tell which interface has 10.8.0.3"
    assert "Network is unreachable" in back.why
    tree.program("/usr/sbin/ip", "exit 127")
    assert all(way.why for way in came(tree, "10.0.0.9 1 10.0.0.3 22").ssh)


def test_sudo_hides_the_session_but_not_its_parents(tree: Tree) -> None:
    script = (
        'mkdir -p "$R/proc/$$"; printf "PPid:\\t4711\\n" >"$R/proc/$$/status"; : >"$R/proc/$$/environ"; '
        'mkdir -p "$R/proc/4711"; '
        'printf "A=1\\0SSH_CONNECTION=10.9.0.9 1 10.9.0.3 22\\0" >"$R/proc/4711/environ"\n'
    )
    seen = read_ground(looked(script + ground_script((STATE,)), tree.root, ["/bin/sh"]))
    assert [seen.over(way) for way in seen.ssh] == [True, True]


@pytest.mark.parametrize("shell", SHELLS)
def test_mounts_over_it_and_elsewhere(tree: Tree, shell: list[str]) -> None:
    tree.program("/usr/bin/df", DF.format("server:/export", "/srv"))
    tree.file(
        "/proc/mounts",
        "/dev/vda1 / xfs rw 0 0\n"
        "server:/export /srv nfs4 rw,clientaddr=10.0.0.3,addr=10.9.0.1 0 0\n"
        "server:/other /mnt nfs rw,mountaddr=10.9.0.1,addr=10.0.0.5 0 0\n"
        "nowhere /lustre lustre rw 0 0\n",
    )
    seen = read_ground(looked(ground_script((STATE, SIA)), tree.root, shell))
    assert seen.mounts_read
    below = seen.below(SIA)
    assert below == Carried("/srv", "nfs4", "server:/export", Way("server:/export (nfs4)", "dis0"))
    assert seen.over(below.way)
    other, lustre = (each.way for each in seen.carried[1:])
    assert (other.interface, seen.over(other)) == ("eth0", False)
    assert lustre.why == "its lustre does not say from where its data come"


def test_a_disk_that_iscsi_brings(tree: Tree) -> None:
    tree.program("/usr/bin/df", DF.format("/dev/mapper/vg-root", "/"))
    session = tree.file("/sys/devices/platform/host3/session4/target/block/sdb/size").parent
    tree.file("/sys/class/iscsi_connection/connection4:0/persistent_address", "10.9.0.1\n")
    tree.file("/dev/mapper/x")
    (Path(f"{tree.root}/dev/mapper/vg-root")).symlink_to("../dm-0")
    tree.file("/dev/dm-0")
    (Path(f"{tree.root}/sys/class/block")).mkdir(parents=True)
    (Path(f"{tree.root}/sys/class/block/sdb")).symlink_to(session)
    tree.file("/sys/class/block/dm-0/slaves/sdb")
    seen = read_ground(looked(ground_script((STATE,)), tree.root, ["/bin/sh"]))
    below = seen.below(STATE)
    assert below is not None
    assert (below.kind, below.source, seen.over(below.way)) == ("iscsi", "10.9.0.1", True)


def test_what_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    seen = read_ground(looked(ground_script((STATE,)), tmp_path / "empty", ["/bin/sh"]))
    assert seen.interconnect is None
    assert not seen.mounts_read


@needs_namespaces
@pytest.mark.parametrize("holder", ["dis0", "br9"])
def test_a_real_interface_of_that_name(holder: str) -> None:
    """Alone, and below a bridge that has the address."""
    set_up = (
        "mount -t sysfs none /sys; ip link set lo up; ip link add dis0 type veth peer name other; "
        "ip link add br9 type bridge; ip link set dis0 up; ip link set other up; ip link set br9 up; "
        f"[ {holder} = dis0 ] || ip link set dis0 master br9; ip addr add 10.9.0.3/24 dev {holder}; "
        "SSH_CONNECTION='10.9.0.9 1 10.9.0.3 22'; export SSH_CONNECTION; R=\n"
    )
    done = subprocess.run(
        ["unshare", "--net", "--mount", "/bin/sh", "-s"],
        input=f"{set_up}{ground_script((STATE, '/tmp'))}".encode(),
        capture_output=True,
        check=False,
    )
    seen = read_ground(answered(done.stdout))
    assert seen.interconnect is not None, done.stderr
    assert {"dis0", holder} <= seen.interconnect
    assert "other" not in seen.interconnect
    assert [seen.over(way) for way in seen.ssh] == [True, True], (seen, done.stderr)
    assert dict(seen.places).keys() == {STATE, "/tmp"}
    assert seen.mounts_read
