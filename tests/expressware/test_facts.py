"""The facts of a node, from a real shell below a node's tree."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, answered, run
from tui.expressware.facts import TOOLS, Facts, FactsError, facts_script, parse_facts
from tui.expressware.modules import Module, active_version

SIA = "/srv/my archives/Dolphin_eXpressWare-5.21.2.sh"
DIS = "/opt/DIS 5"
OLD, NEW = "Dolphin IRM 5.19.0 ( May 1st 2019 )", "Dolphin IRM 5.21.2 ( November 13th 2020 )"

RPM = r"""
[ "$1 $2 $3 $4" = "-qa --queryformat %{NAME} %{VERSION} %{RELEASE}\n Dolphin-*" ] || exit 1
printf 'Dolphin-%s\n' 'NetworkManager 5.20.0 1' 'SISCI 5.21.2 1' 'SISCI-devel 5.21.2 1' 'PX 5.21.2 1.el9'
"""
MODINFO = r"""
for file; do
    case $file in
        */*) printf 'filename:       %s\n' "$file"; cat "$file" ;;
        *) echo "modinfo: ERROR: Module $file not found." >&2 ;;
    esac
done
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A node where 5.21.2 is installed while 5.19.0 is still loaded."""
    tree = Tree(tmp_path / "node 'seven' $(id)")
    for program, body in {
        "hostname": "echo px07.example",
        "uname": "case $1 in -r) echo 5.14.0-427.el9 ;; -m) echo x86_64 ;; *) echo px07 ;; esac",
        "id": "echo 0",
        "date": "echo 1700000000",
        "rpm": RPM,
        "modinfo": MODINFO,
        "dpkg-query": "exit 1",
    }.items():
        tree.program(f"/usr/bin/{program}", body)
    tree.file("/proc/sys/kernel/random/boot_id", "b-1\n")
    tree.file("/etc/machine-id", "m-1\n")
    tree.file("/etc/os-release", 'NAME="Rocky Linux"\nID="rocky"\nVERSION_ID="9.4"\nID_LIKE=rhel')
    tree.file("/run/systemd/system/x")
    tree.file(SIA, "#!/bin/sh\n")
    tree.program(f"{DIS}/sbin/dis_services", "exit 0")
    for name, text in (("dis_irm", NEW), ("dis_sisci", NEW.replace("IRM", "SISCI"))):
        tree.file(f"{DIS}/lib/modules/5.14.0-427.el9/{name}.ko", f"version: {text}\nsrcversion: B{name}\n")
    tree.module("dis_irm", OLD, "Adis_irm", 3)
    tree.module("dis_sisci", NEW.replace("IRM", "SISCI"), "Bdis_sisci", 0)
    tree.module("unrelated", "1", "C", 1)
    return tree


def look(tree: Tree, shell: list[str]) -> Facts:
    done = run(facts_script(DIS, SIA, "/var/lib/rollcall"), tree.root, shell)
    assert done.stderr == b""
    return parse_facts(answered(done.stdout))


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_tells_its_facts(tree: Tree, shell: list[str]) -> None:
    facts = look(tree, shell)
    assert (facts.hostname, facts.machine_id, facts.boot_id, facts.uid) == ("px07.example", "m-1", "b-1", 0)
    assert (facts.epoch, facts.kernel, facts.arch) == (1700000000, "5.14.0-427.el9", "x86_64")
    assert facts.distribution == "rocky 9.4"
    assert facts.sia_present
    assert facts.sia_sha256 == hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert facts.free_bytes is not None
    assert facts.systemd
    assert facts.services_present
    assert facts.missing_tools == ()
    assert facts.packages == {
        "Dolphin-NetworkManager": "5.20.0",
        "Dolphin-SISCI": "5.21.2",
        "Dolphin-SISCI-devel": "5.21.2",
        "Dolphin-PX": "5.21.2",
    }


def test_installed_is_not_active(tree: Tree) -> None:
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.active) == ("5.21.2", "5.19.0")
    assert facts.installed_frontend == "5.20.0"
    assert facts.disagreeing == ()
    assert facts.stale
    assert facts.stale_modules == ("dis_irm",)
    assert facts.modules == (
        Module("dis_irm", OLD, "Adis_irm", 3, NEW, "Bdis_irm"),
        Module(
            "dis_sisci",
            NEW.replace("IRM", "SISCI"),
            "Bdis_sisci",
            0,
            NEW.replace("IRM", "SISCI"),
            "Bdis_sisci",
        ),
    )


def test_after_the_new_driver_is_loaded(tree: Tree) -> None:
    tree.file("/sys/module/dis_irm/version", NEW)
    tree.file("/sys/module/dis_irm/srcversion", "Bdis_irm")
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.active, facts.stale) == ("5.21.2", "5.21.2", False)


def test_the_same_version_built_anew_is_stale(tree: Tree) -> None:
    tree.file("/sys/module/dis_irm/version", NEW)
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.active, facts.stale) == ("5.21.2", "5.21.2", True)


def test_a_half_done_installation_shows(tree: Tree) -> None:
    tree.program(
        "/usr/bin/rpm", "printf '%s\\n' 'Dolphin-SISCI 5.19.0' 'Dolphin-PX 5.21.2' 'Dolphin-SmartIO 5.19.0'"
    )
    facts = look(tree, ["/bin/sh"])
    assert facts.installed == "5.21.2"
    assert facts.disagreeing == ("Dolphin-SISCI", "Dolphin-SmartIO")


def test_what_the_sia_builds_and_does_not_install_is_no_half_done_installation(tree: Tree) -> None:
    tree.program(
        "/usr/bin/rpm", "printf 'Dolphin-%s\\n' 'SISCI-devel 5.19.0 1' 'PX-debuginfo 5.1.0 1' 'PX 5.21.2 1'"
    )
    tree.program("/usr/bin/dpkg-query", "echo 'install ok installed dolphin-sisci-px-devel 5.19.0-1'")
    facts = look(tree, ["/bin/sh"])
    assert (facts.disagreeing, facts.installed) == ((), "5.21.2")
    assert tuple(facts.node_packages) == ("Dolphin-PX",)
    assert facts.packages["Dolphin-SISCI-devel"] == "5.19.0"


def disk(tree: Tree, version: str) -> None:
    """The driver's file on disk, and the driver loaded from it."""
    text = f"Dolphin IRM {version} ( May 1st 2026 )"
    tree.file(f"{DIS}/lib/modules/5.14.0-427.el9/dis_irm.ko", f"version: {text}\nsrcversion: B\n")
    tree.file("/sys/module/dis_irm/version", text)
    tree.file("/sys/module/dis_irm/srcversion", "B")


@pytest.mark.parametrize(
    ("package", "file", "installed", "disputed"),
    [
        ("5.26.0 1", "5.26.0", "5.26.0", False),
        ("5.26.0 1", "5.26.0-d", "5.26.0-d", False),
        ("5.26.0 d", "5.26.0-d", "5.26.0-d", False),
        ("5.26.0_d 1", "5.26.0-d", "5.26.0_d", False),
        ("5.26.0 d", "5.26.0", "5.26.0-d or 5.26.0", True),
        ("5.26.0.RC1 1", "5.26.0-d", "5.26.0.RC1 or 5.26.0-d", True),
        ("5.25.2 1", "DIS_RELEASE_5_25_2_APR_24_2026", "DIS_RELEASE_5_25_2_APR_24_2026", False),
    ],
)
def test_packages_and_file_are_two_witnesses(
    tree: Tree, package: str, file: str, installed: str, disputed: bool
) -> None:
    tree.program("/usr/bin/rpm", f"printf 'Dolphin-%s\\n' 'PX {package}' 'SISCI {package}'")
    disk(tree, file)
    facts = look(tree, ["/bin/sh"])
    assert facts.installed == installed
    assert bool(facts.disputed) == disputed
    assert (facts.disagreeing, facts.stale) == ((), False)


def test_an_rpm_query_without_releases_is_read_as_well(tree: Tree) -> None:
    tree.program("/usr/bin/rpm", "printf '%s\\n' 'Dolphin-PX 5.21.2' 'Dolphin-SISCI 5.21.2 %{RELEASE}'")
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.disagreeing) == ("5.21.2", ())


def test_another_build_of_the_same_number_is_loaded(tree: Tree) -> None:
    tree.program("/usr/bin/rpm", "echo 'Dolphin-PX 5.26.0 1'")
    disk(tree, "5.26.0")
    tree.file("/sys/module/dis_irm/version", "Dolphin IRM 5.26.0-d ( May 1st 2026 )")
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.active, facts.stale) == ("5.26.0", "5.26.0-d", True)


def test_debian_packages_of_the_vendor_only(tree: Tree) -> None:
    tree.program("/usr/bin/rpm", "exit 1")
    tree.program(
        "/usr/bin/dpkg-query",
        "printf '%s\\n' 'install ok installed dolphin-plugins 4:22.12.3-1' "
        "'install ok installed dolphin-px 1:5.21.2-1' 'deinstall ok config-files dolphin-mx 5.5.0-1' "
        "'install ok installed dolphin-emu 5.0+dfsg-1'",
    )
    facts = look(tree, ["/bin/sh"])
    assert facts.packages == {"dolphin-px": "1:5.21.2-1"}
    assert facts.installed == "5.21.2"


def test_without_packages_the_drivers_file_tells(tree: Tree) -> None:
    tree.program("/usr/bin/rpm", "exit 0")
    facts = look(tree, ["/bin/sh"])
    assert (facts.packages, facts.installed) == ({}, "5.21.2")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("program", "body", "words"),
    [
        ("rpm", "exit 1", "rpm ended with exit code 1"),
        ("rpm", "kill -SEGV $$", "rpm ended with exit code 139"),
        ("dpkg-query", "exit 2", "dpkg-query ended with exit code 2"),
    ],
)
def test_a_package_query_that_failed_does_not_mean_that_there_are_none(
    tree: Tree, shell: list[str], program: str, body: str, words: str
) -> None:
    tree.program("/usr/bin/rpm", "exit 0")
    tree.program(f"/usr/bin/{program}", body)
    with pytest.raises(FactsError, match=words):
        look(tree, shell)


def test_a_management_node_has_its_own_packages_installed(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.file("/proc/sys/kernel/random/boot_id", "b-2")
    tree.program("/usr/bin/rpm", "printf 'Dolphin-Network%s 5.20.0\\n' Hosts Manager")
    facts = look(tree, ["/bin/sh"])
    assert (facts.installed, facts.installed_frontend, facts.active) == ("5.20.0", "5.20.0", None)
    assert (facts.stale, facts.disagreeing) == (False, ())


def test_stopped_services_have_no_active_version(tree: Tree) -> None:
    for name in ("dis_irm", "dis_sisci"):
        for field in ("version", "srcversion", "refcnt"):
            (tree.root / "sys/module" / name / field).unlink()
        (tree.root / "sys/module" / name / "holders").rmdir()
        (tree.root / "sys/module" / name).rmdir()
    tree.program("/usr/bin/rpm", "exit 0")
    facts = look(tree, ["/bin/sh"])
    assert (facts.modules, facts.active, facts.installed, facts.stale) == ((), None, "5.21.2", False)


def test_an_almost_empty_node_tells_what_it_can(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.file("/proc/sys/kernel/random/boot_id", "b-2")
    facts = look(tree, ["/bin/sh"])
    assert facts.boot_id == "b-2"
    assert (facts.machine_id, facts.distribution, facts.installed, facts.active) == (None, None, None, None)
    assert (facts.sia_present, facts.systemd, facts.services_present) == (False, False, False)


def test_missing_tools_are_named(tmp_path: Path) -> None:
    Tree(tmp_path).file("/proc/sys/kernel/random/boot_id", "b-2")
    script = "hostname() { echo n; }; id() { echo 0; }; PATH=/nonexistent\n" + facts_script(DIS, None)
    facts = parse_facts(answered(run(script, tmp_path, ["/bin/sh"]).stdout))
    assert facts.missing_tools == (*TOOLS, "rpm or dpkg-query")


def test_a_node_without_its_identity_is_refused() -> None:
    with pytest.raises(FactsError, match="broke off"):
        parse_facts(answered("@hostname n\n@uid 0\n@boot_id b\n"))
    with pytest.raises(FactsError, match=r"does not tell its boot id \(is /proc mounted\?\) and user id:"):
        parse_facts(answered("@hostname n\n@uid root\n@boot_id \n@end \n"))


@pytest.mark.parametrize(
    ("modules", "version"),
    [
        ((), None),
        ((Module("dis_kosif", "Dolphin KOSIF 5.1.0"), Module("dis_irm", OLD)), "5.19.0"),
        ((Module("dis_irm"), Module("dis_mx", "5.2.0")), "5.2.0"),
        ((Module("dis_irm"),), None),
        ((Module("dis_irm", "development build"),), "development build"),
    ],
)
def test_active_version(modules: tuple[Module, ...], version: str | None) -> None:
    assert active_version(modules) == version


@given(st.binary() | st.text())
def test_any_answer_is_facts_or_one_sentence(output: bytes | str) -> None:
    with pytest.raises(FactsError) as refused:
        parse_facts(answered(output))
    assert str(refused.value).count("\n") == 0


_KEYS = st.sampled_from(
    [
        "os",
        "package",
        "module",
        "loaded.version",
        "disk.version",
        "loaded.refcnt",
        "df",
        "sha256",
        "epoch",
        "missing",
    ]
)


@given(st.lists(st.tuples(_KEYS, st.text())))
def test_any_values_are_facts(lines: list[tuple[str, str]]) -> None:
    facts = parse_facts(
        answered(
            "@hostname n\n@uid 0\n@boot_id b\n"
            + "".join(f"@{key} {value}\n" for key, value in lines)
            + "@end \n"
        )
    )
    assert facts.hostname == "n"
    assert facts.stale in (True, False)
    assert isinstance(facts.disagreeing, tuple)
