"""The health probe, from a real shell below a node's tree."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, answered, run
from tui.expressware.probe import Probe, glance_script, parse_probe, probe_script
from tui.expressware.services import Service

RUNNING = r"""
[ "$1" = status ] || exit 6
printf 'Dolphin IRM 5.21.2 (  Nov 13th 2020 ) is running.\r\n'
printf '@end of nothing\n' >&2
printf 'Dolphin Node Manager ( Node - Network Manager version 5) is running (pid 12 34).'
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A node whose new driver is on disk, the old one loaded."""
    tree = Tree(tmp_path / "a node")
    tree.program("/opt/DIS/sbin/dis_services", RUNNING)
    tree.program("/usr/bin/uname", "echo 5.14")
    tree.program("/usr/bin/modinfo", "echo 'filename: dis_irm.ko'; echo 'version: Dolphin IRM 5.21.2 ( x )'")
    tree.file("/proc/sys/kernel/random/boot_id", "b-1\n")
    tree.module("dis_irm", "Dolphin IRM 5.19.0 ( x )", "A", 2)
    tree.module("dis_kosif", "Dolphin KOSIF 5.19.0 ( x )", "A", 1)
    return tree


def look(tree: Tree, shell: list[str]) -> Probe:
    return parse_probe(answered(run(probe_script("/opt/DIS"), tree.root, shell).stdout))


@pytest.mark.parametrize("shell", SHELLS)
def test_services_run_with_the_old_driver(tree: Tree, shell: list[str]) -> None:
    probe = look(tree, shell)
    assert probe.boot_id == "b-1"
    assert [(s.service, s.running, s.version) for s in probe.services] == [
        (Service.IRM, True, "5.21.2"),
        (Service.NODE_MANAGER, True, None),
    ]
    assert probe.services_running
    assert (probe.active, probe.installed) == ("5.19.0", "5.21.2")
    assert [(m.name, m.refcnt, m.stale) for m in probe.modules] == [
        ("dis_irm", 2, True),
        ("dis_kosif", 1, None),
    ]


def test_one_stopped_service_is_enough(tree: Tree) -> None:
    tree.program(
        "/opt/DIS/sbin/dis_services", f"{RUNNING}\necho; echo Dolphin SISCI driver is stopped.; exit 3"
    )
    probe = look(tree, ["/bin/sh"])
    assert len(probe.services) == 3
    assert not probe.services_running


def test_a_status_that_hangs_is_given_up(tree: Tree) -> None:
    tree.program("/opt/DIS/sbin/dis_services", "echo Dolphin IRM 5.21.2 is running.; sleep 60")
    script = probe_script("/opt/DIS")
    assert "timeout 10 " in script
    probe = parse_probe(
        answered(run(script.replace("timeout 10 ", "timeout 0.3 "), tree.root, ["/bin/sh"]).stdout)
    )
    assert probe.complete
    assert probe.status_exit == 124
    assert not probe.services_running


def test_a_node_without_eXpressWare(tmp_path: Path) -> None:
    probe = look(Tree(tmp_path), ["/bin/sh"])
    assert replace(probe, uptime=None) == Probe(
        None, (), (), None, None, status_exit=None, complete=True, unknown=""
    )
    assert not probe.services_running


def test_an_answer_cut_short_is_not_healthy(tree: Tree) -> None:
    output = run(probe_script("/opt/DIS"), tree.root, ["/bin/sh"]).stdout
    assert parse_probe(answered(output)).services_running
    cut = parse_probe(answered(output[: output.index(b"@end \n")]))
    assert cut.services
    assert not cut.services_running


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    assert not parse_probe(answered(output)).services_running


def test_the_look_tells_which_job_began_last_in_this_boot_and_no_other(tree: Tree) -> None:
    """A start has to know it; of a boot before, or half written, it says nothing."""
    record = tree.root / "run/rollcall/last"
    record.parent.mkdir(parents=True, exist_ok=True)
    boot = look(tree, ["/bin/sh"]).boot_id
    assert boot is not None
    for text, told in (
        (f"r1.px01.install.1 {boot}\n", "r1.px01.install.1"),
        ("r1 another-boot\n", ""),
        ("r1\n", ""),
    ):
        record.write_text(text)
        probe = look(tree, ["/bin/sh"])
        assert probe.last_job == told
        assert probe.uptime is not None


@pytest.mark.parametrize("shell", SHELLS)
def test_at_a_glance_what_has_moved_is_seen_without_a_fork(tree: Tree, shell: list[str]) -> None:
    def glance() -> list[str]:
        script = f"exec 2>&1\nPATH=\n{glance_script('0011')}\nprintf '%s\\n' \"$seen\"\necho lives"
        done = run(script, tree.root, shell).stdout.decode().splitlines()
        assert done[1:] == ["lives"], "a program was looked for, or the shell has ended"
        return done[0].split()

    beat = Path(f"{tree.root}/run/rollcall/beat")
    assert glance() == ["dis_irm=A", "dis_kosif=A", "last=", "claim="]
    tree.file("/run/rollcall/claim", "id=0022")
    assert (glance()[-1], beat.exists()) == ("claim=id=0022", False)
    tree.file("/run/rollcall/claim", "id=0011\nmore\n")
    tree.file("/run/rollcall/last", "job boot\n")
    tree.file("/sys/module/dis_irm/srcversion", "B\n")
    assert glance() == ["dis_irm=B", "dis_kosif=A", "last=job", "boot", "claim=id=0011"]
    assert beat.exists(), "the holder's sign of life"
    beat.unlink()
    beat.mkdir()
    assert glance()[-1] == "claim=id=0011"
