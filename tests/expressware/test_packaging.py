"""The package database: unfinished transactions, duplicates, and who changes it now."""

from __future__ import annotations

import shutil

import pytest

from tests.expressware.node import SHELLS, Tree
from tests.expressware.ready import look


def test_unfinished_transactions(ready_tree: Tree) -> None:
    ready_tree.file("/var/lib/yum/transaction-all.2026-11-01.10:00.12")
    ready_tree.file("/var/lib/yum/transaction-all.2025-11-01.10:00.12.disabled")
    ready_tree.file("/var/lib/rpmrebuilddb.4711/Packages")
    ready_tree.file("/var/lib/dpkg/updates/0001")
    ready_tree.file("/var/lib/dpkg/updates/tmp.i")
    (ready_tree.root / "system-update").symlink_to("/var/lib/dnf/system-upgrade")
    assert look(ready_tree).packaging.unfinished == (
        "yum has not completed a transaction (transaction-all.2026-11-01.10:00.12)",
        "a rebuild of the rpm database broke off (rpmrebuilddb.4711)",
        "dpkg was interrupted (/var/lib/dpkg/updates is not empty)",
        "an offline update is prepared: the next reboot would install it",
    )


def test_a_dpkg_that_works_leaves_a_file_of_its_own(ready_tree: Tree) -> None:
    ready_tree.file("/var/lib/dpkg/updates/tmp.i")
    assert look(ready_tree).packaging.unfinished == ()


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="needs dpkg-query")
def test_half_installed_packages_as_the_real_dpkg_query_tells_them(ready_tree: Tree) -> None:
    real = shutil.which("dpkg-query")
    states = {
        "fine": "install ok installed",
        "unpacked": "install ok unpacked",
        "broken": "install ok half-configured",
        "started": "install reinstreq half-installed",
        "waiting": "install ok triggers-awaited",
        "gone": "deinstall ok config-files",
        "held": "hold ok installed",
    }
    status = "".join(
        f"Package: {name}\nStatus: {state}\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n"
        + ("Triggers-Awaited: fine\n\n" if name == "waiting" else "\n")
        for name, state in states.items()
    )
    ready_tree.file("/var/lib/dpkg/status", status)
    ready_tree.file("/var/lib/dpkg/available")
    ready_tree.program("/usr/bin/dpkg-query", f'exec {real} --admindir="$ROLLCALL_SYSROOT/var/lib/dpkg" "$@"')
    (sentence,) = look(ready_tree).packaging.unfinished
    assert sentence == "broken, started, unpacked and 1 more are only half installed (dpkg)"


def test_packages_that_are_there_twice(ready_tree: Tree) -> None:
    ready_tree.program(
        "/usr/bin/rpm",
        "printf '%s\\n' Dolphin-PX Dolphin-SISCI Dolphin-PX Dolphin-SISCI-devel Dolphin-SISCI-devel",
    )
    assert look(ready_tree).packaging.duplicates == ("Dolphin-PX",)


@pytest.mark.parametrize("shell", SHELLS)
def test_who_installs_packages_now(ready_tree: Tree, shell: list[str]) -> None:
    ready_tree.program("/usr/bin/sleep", 'rm -r "$ROLLCALL_SYSROOT/proc/30"')
    for pid, name, arguments in (
        (20, "dnf", "/usr/bin/python3\0/usr/bin/dnf\0-y\0update"),
        (30, "rpm", "rpm\0-qa"),
        (
            40,
            "unattended-upgr",
            "python3\0/usr/share/unattended-upgrades/unattended-upgrade-shutdown\0--wait",
        ),
        (50, "unattended-upgr", "python3\0/usr/bin/unattended-upgrade"),
        (60, "dnfish", ""),
        (70, "Zypp-main", "zypper\0up"),
    ):
        ready_tree.file(f"/proc/{pid}/comm", f"{name}\n")
        ready_tree.file(f"/proc/{pid}/cmdline", arguments)
    found = look(ready_tree, shell).packaging.managers
    assert found == (("dnf", 20), ("unattended-upgr", 50), ("Zypp-main", 70))


def test_nobody_waits_when_nobody_is_there(ready_tree: Tree) -> None:
    ready_tree.program("/usr/bin/sleep", 'echo slept >"$ROLLCALL_SYSROOT/slept"')
    look(ready_tree)
    assert not (ready_tree.root / "slept").exists()


@pytest.mark.parametrize("program", ["rpm", "dpkg-query"])
def test_a_query_that_fails_has_told_nothing(ready_tree: Tree, program: str) -> None:
    ready_tree.program(f"/usr/bin/{program}", "exit 2")
    found = look(ready_tree).packaging
    assert (found.unfinished, found.duplicates) == ((), ())
    assert found.unasked == (f"{program} ended with exit code 2",)
