"""Whether a node is ready: the whole look, from a real shell below a node's tree."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, answered, run
from tests.expressware.ready import DIS, NEXT, RUNNING, STATE, look
from tui.expressware.kernels import Kernels
from tui.expressware.packaging import Packaging
from tui.expressware.readiness import Space, parse_readiness, readiness_script


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_that_is_ready(ready_tree: Tree, shell: list[str]) -> None:
    ready = look(ready_tree, shell)
    assert ready.began is not None
    assert ready.ended is not None
    assert ready.began[0] <= ready.ended[1]
    assert ready.kernels == Kernels(RUNNING, (RUNNING,), None, "no grub.cfg could be read", silent=True)
    assert ready.lacking == ()
    assert ready.packaging == Packaging((), (), ())
    assert ready.watchdogs == ()
    assert not ready.users.in_use
    assert [space.path for space in ready.spaces] == [STATE, DIS, "/var/tmp", "/tmp", "/"]


def test_an_almost_empty_node_tells_what_it_can(tmp_path: Path) -> None:
    ready = look(Tree(tmp_path))
    assert ready.kernels.installed == ()
    assert ready.lacking[:3] == ("make", "gcc", "rpmbuild"), "nothing of this machine's own counts"
    assert "kernel-devel" in ready.lacking[3]


def test_a_date_without_parts_of_a_second(ready_tree: Tree) -> None:
    ready_tree.program("/usr/bin/date", "echo 1700000000.N")
    assert look(ready_tree).began == (1700000000.0, 1700000001.0)
    ready_tree.program("/usr/bin/date", "echo 1700000000.250000000")
    assert look(ready_tree).ended == (1700000000.25, 1700000000.25)
    ready_tree.program("/usr/bin/date", "echo Tue Nov 14")
    assert look(ready_tree).began is None


def test_every_place_has_its_file_system(ready_tree: Tree) -> None:
    ready_tree.program(
        "/usr/bin/df",
        """echo 'Filesystem     1024-blocks      Used Available Capacity Mounted on'
case $2 in
    */opt*) echo '/dev/mapper/rl_node-opt 52403200 11 200 100% /opt' ;;
    */tmp) echo 'tmpfs 8098000 4 8097996 1% /tmp' ;;
    *) echo 'storage.example:/export/with space 1024 0 1024 - /' ;;
esac""",
    )
    (ready_tree.root / "opt").mkdir()
    assert look(ready_tree).spaces == (
        Space(STATE, "/", 1024 * 1024),
        Space(DIS, "/opt", 200 * 1024),
        Space("/var/tmp", "/", 1024 * 1024),
        Space("/tmp", "/", 1024 * 1024),
        Space("/", "/", 1024 * 1024),
    ), "directories that are not there yet count as their parents"
    (ready_tree.root / "tmp").mkdir()
    assert look(ready_tree).spaces[3] == Space("/tmp", "/tmp", 8097996 * 1024)


def test_what_a_build_would_miss(ready_tree: Tree) -> None:
    (ready_tree.root / "usr/bin/gcc").unlink()
    (ready_tree.root / "usr/bin/rpmbuild").chmod(0o644)
    assert look(ready_tree).lacking == ("gcc", "rpmbuild")
    ready_tree.file("/etc/debian_version", "12.5\n")
    assert look(ready_tree).lacking == ("gcc",)


def test_headers_of_another_kernel_do_not_count(ready_tree: Tree) -> None:
    shutil.rmtree(ready_tree.root / f"lib/modules/{RUNNING}/build")
    ready_tree.file(f"/lib/modules/{NEXT}/build/Makefile")
    assert look(ready_tree).lacking == (f"kernel-devel of the running kernel {RUNNING}",)
    (ready_tree.root / f"lib/modules/{RUNNING}/build").symlink_to("/usr/src/kernels/gone")
    assert look(ready_tree).lacking == (f"kernel-devel of the running kernel {RUNNING}",)


def test_a_cut_answer_is_not_complete(ready_tree: Tree) -> None:
    output = run(readiness_script(DIS, STATE), ready_tree.root, ["/bin/sh"]).stdout
    assert not parse_readiness(answered(output[: output.rindex(b"@end")])).complete


@given(st.binary() | st.text())
def test_any_answer_is_readiness(output: bytes | str) -> None:
    ready = parse_readiness(answered(output))
    assert isinstance(ready.lacking, tuple)
    assert isinstance(ready.kernels.installed, tuple)


_KEYS = st.sampled_from(
    [
        *("clock.begin", "clock.end", "space", "build.tool", "build.headers", "debian"),
        *("kernel.running", "kernel.image", "kernel.tree", "kernel.default", "grub"),
        *("manager.first", "manager.second", "unfinished", "half", "duplicate", "watchdog"),
        *("ssocks", "holder", "process"),
    ]
)
_VALUES = st.text() | st.sampled_from(
    [
        "vmlinuz-6.1",
        "6.1",
        'set default="0"',
        "1 dnf",
        "99999999999999999999 dnf",
        "systemd /etc/systemd/system/dis_x.service:Restart=always",
        "systemd /etc/systemd/system/dis_x.service.d/a.conf:Restart=",
        "/:/dev/vda 1 1 1 1% /",
        "1700000000.123456789",
    ]
)


@given(st.lists(st.tuples(_KEYS, _VALUES)))
def test_any_values_are_readiness(lines: list[tuple[str, str]]) -> None:
    ready = parse_readiness(answered("".join(f"@{key} {value}\n" for key, value in lines) + "@end \n"))
    assert ready.complete
    assert all(isinstance(pid, int) for _, pid in ready.packaging.managers)
    for began in (ready.began, ready.ended):
        assert began is None or began[0] <= began[1]
