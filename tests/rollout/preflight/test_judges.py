"""Single checks on what a node said, where a simulated cluster cannot be made to say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.expressware.node import answered
from tui.expressware.facts import parse_facts
from tui.expressware.kernels import Kernels
from tui.expressware.readiness import Space, parse_readiness
from tui.expressware.users import Holder, Users
from tui.model.clusterfile import ClusterFile
from tui.model.events import PreflightResult
from tui.model.run import Node as RunNode
from tui.model.run import Run
from tui.model.states import Progress
from tui.rollout.preflight import Finding, cluster, foremost, packages, platforms, services, space, summary
from tui.rollout.preflight.finding import error, grouped, passed, warning
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode

FACTS = parse_facts(
    answered(
        "@hostname a1\n@uid 0\n@boot_id b\n@kernel 5.1\n@arch x86_64\n@os ID=rocky\n"
        "@package Dolphin-PX 5.19.0\n@module dis_irm\n@loaded.version dis_irm 5.19.0\n@services yes\n@end \n"
    )
)
READY = parse_readiness(
    answered(
        "@kernel.running 5.1\n@build.headers yes\n"
        "@build.tool make\n@build.tool gcc\n@build.tool rpmbuild\n@end \n"
    )
)
IDLE = Users(0, 0, (), ssocks_loaded=True)


def config(**target: Any) -> ClusterFile:
    return ClusterFile.model_validate(
        {
            "cluster": {"name": "c", "family": "PX", "nodes": "a[1-3]", "management_node": "m"},
            "target": {
                "version": "5.21.2",
                "sia": "/nowhere/sia.sh",
                "rolling_from": ["5.19.*", "PX-a*", "5.19.1-rc*"],
                **target,
            },
            "applications": {"stop": ["systemctl stop mysqld; monit unmonitor all"]},
            "node": {"a2": {"hold": "fan"}},
        }
    )


def node(name: str = "a1", facts: Any = None, ready: Any = None, **readiness: Any) -> InspectedNode:
    looked = ready or replace(READY, **{"users": IDLE, **readiness})
    return InspectedNode(name, name == "m", replace(FACTS, **(facts or {})), looked, None)


def picture(
    *nodes: InspectedNode, digest: str = "d" * 64, local: str | None = None, **target: Any
) -> ClusterFacts:
    return ClusterFacts(config(**target), {each.name: each for each in nodes}, digest, local)


def only(results: Any) -> PreflightResult:
    (result,) = results
    assert isinstance(result, PreflightResult)
    return result


def test_missing_programs_are_named() -> None:
    one = node(facts={"missing_tools": ("flock", "setsid")})
    result = only(services.tools(picture(one), one))
    assert (result.check, result.verdict) == ("tools", "error")
    assert "flock, setsid" in result.summary
    assert only(services.tools(picture(node()), node())).verdict == "passed"


@pytest.mark.parametrize(
    ("installed", "active", "target", "verdict", "words"),
    [
        ("5.19.0", "5.19.0", "5.21.2", "passed", "5.19.0 to 5.21.2 may be rolled"),
        ("5.21.2", "5.21.2", "5.21.2", "passed", "nothing to do"),
        ("5.21.2", "5.19.0", "5.21.2", "warning", "5.19.0 is loaded: needs --enforce"),
        ("5.21.2", None, "5.21.2", "warning", "no driver is loaded: needs --enforce"),
        (
            "5.19.4",
            "5.19.4",
            "5.19.0",
            "warning",
            "5.19.0 is older than the installed 5.19.4: needs --enforce",
        ),
        ("5.19.4-d", "5.19.4-d", "5.21.2", "error", "5.19.*, PX-a*, 5.19.1-rc*, which names no development"),
        ("5.19.1-rc2", "5.19.1-rc2", "5.21.2", "passed", "5.19.1-rc2 to 5.21.2 may be rolled"),
        (
            "5.19.1-rc2",
            "5.19.1-rc2",
            "5.19.1",
            "warning",
            "whether 5.19.1 is newer than the installed 5.19.1-rc2",
        ),
        ("5.21.2-d", "5.21.2-d", "5.21.2", "error", "no rolling update from 5.21.2-d (a1) to 5.21.2"),
        ("5.21.2-d", "5.21.2-d", "5.21.2-d", "passed", "nothing to do"),
        (
            "PX-a1",
            "PX-a1",
            "5.21.2",
            "warning",
            "whether 5.21.2 is newer than the installed PX-a1 cannot be told",
        ),
        ("5.10.0", "5.10.0", "5.21.2", "error", "no rolling update from 5.10.0"),
        (None, None, "5.21.2", "error", "no eXpressWare version found"),
    ],
)
def test_version_pairs(
    installed: str | None, active: str | None, target: str, verdict: str, words: str
) -> None:
    changes: dict[str, Any] = {"packages": {"Dolphin-PX": installed} if installed else {}, "modules": ()}
    if active:
        changes["modules"] = (replace(FACTS.modules[0], version=active),)
    one = node(facts=changes)
    all_of_it = picture(one, version=target)
    found = [*packages.version(all_of_it, one), *(each.result for each in packages.rolling(all_of_it))]
    result = only(found)
    assert (result.check, result.verdict) == ("version", verdict)
    assert words in result.summary
    if "--enforce" in result.summary:
        assert "a person signs for it" in result.remedy


def test_the_management_node_needs_no_driver_and_no_pair() -> None:
    manager = node("m", facts={"packages": {"Dolphin-NetworkManager": "5.10.0"}, "modules": ()})
    assert only(packages.version(picture(manager), manager)).verdict == "passed"
    assert list(platforms.kernel(picture(manager), manager)) == []
    assert list(services.users(picture(manager), manager)) == []


def test_an_archive_on_this_machine(tmp_path: Path) -> None:
    one = node()
    local = only(packages.archive(picture(one, local="d" * 64), one))
    assert (local.verdict, local.summary) == ("passed", "/nowhere/sia.sh will be copied from this machine")
    other = only(packages.archive(picture(one, local="e" * 64), one))
    assert other.verdict == "error"
    assert "on this machine has checksum" in other.summary
    file = tmp_path / "sia.sh"
    file.write_bytes(b"one")
    mine = config(sia=str(file))
    first = packages.local_digest(mine)
    assert packages.planned_sia(mine, {}) == first == packages.local_digest(mine)
    file.write_bytes(b"other")
    assert packages.local_digest(mine) != first
    assert packages.planned_sia(config(sha256="AB" * 32), {}) == "ab" * 32
    nowhere = picture(one, digest="")
    assert [each.result.check for each in packages.nowhere(nowhere)] == ["sia"]


def test_a_watchdog_that_is_seen_to_is_no_trouble() -> None:
    lines = "@watchdog monit /etc/monitrc:check process dis_nodemgr\n"
    handled = node(ready=parse_readiness(answered(f"{lines}@end \n")))
    assert only(services.watchdog(picture(handled), handled)).summary.endswith(
        "(monit: applications.stop sees to it)"
    )
    loose = node(
        ready=parse_readiness(answered(f"{lines}@watchdog cron /etc/cron.d/x:dis_services start\n@end \n"))
    )
    assert only(services.watchdog(picture(loose), loose)).summary.startswith("cron would start")


def test_who_uses_pci_express_is_told_by_name() -> None:
    holders = (Holder("process", "12 (mysqld)", "libsisci"), Holder("process", "13 (mysqld)", "libsisci"))
    users = Users(3, 0, (*holders, Holder("process", "14", "libsisci")), True, "dis0")
    used = node(ready=replace(READY, users=users))
    assert only(services.users(picture(used), used)).summary == (
        "PCI Express is used by mysqld, process 14; 3 STREAM SuperSockets; "
        "whatever uses dis0 (IP over PCIe): applications.stop will be run before the services"
    )
    assert only(services.users(picture(node()), node())).summary == "nobody uses PCI Express"


def test_packages_are_built_once_for_each_kind() -> None:
    lacking = replace(READY, users=IDLE, headers=False)
    other = {"kernel": "6.0"}
    pic = picture(
        node("a1"), node("a2", ready=lacking), node("a3", other, lacking), node("m", other, lacking)
    )
    found = list(platforms.build(pic))
    assert [(each.node, each.result.verdict) for each in found] == [(None, "passed"), ("a3", "error")]
    assert found[0].result.summary == "a1 can build the packages for a[1-2]"
    done = {"packages": {"Dolphin-PX": "5.21.2"}, "modules": (replace(FACTS.modules[0], version="5.21.2"),)}
    assert list(platforms.build(picture(node("a1", done, lacking)))) == [], (
        "nothing is built for what is done"
    )


def test_a_complete_update_is_told_once_for_the_cluster() -> None:
    names = ("a1", "a2", "a3")
    versions = ("5.10.0", "5.10.0", "5.9.0")
    nodes = [node(n, facts={"packages": {"Dolphin-PX": v}}) for n, v in zip(names, versions, strict=True)]
    whole = picture(*nodes)
    assert [result for each in nodes for result in packages.version(whole, each)] == []
    (found,) = packages.rolling(whole)
    assert found.node is None
    assert "from 5.10.0 (a[1-2]), 5.9.0 (a3) to 5.21.2" in found.result.summary
    assert found.result.summary.endswith("it takes a complete update")
    assert "--install-all" in found.result.remedy


def test_free_space_that_cannot_be_read_is_a_warning() -> None:
    one = node()
    assert only(space.space(picture(one), one)).verdict == "warning"


GB = 1_000_000_000


@pytest.mark.parametrize(
    ("free", "present", "verdict", "words"),
    [
        (3 * GB, True, "passed", "enough room"),
        # 300 MB: its copy, as much again for packages, ten times that for a build, three times installed
        (4 * GB, False, "warning", "may need 4500 MB: 300 MB for the archive, 300 MB for packages"),
        (5 * GB, False, "passed", "enough room"),
        (200_000_000, False, "error", "300 MB are needed: 300 MB for the archive"),
        (2 * GB, False, "warning", "3000 MB for a build, taken to need 10 times the archive"),
        (50_000_000, True, "error", "only 50 MB free on / (for /var/lib/rollcall, /opt/DIS)"),
    ],
)
def test_sizes_are_compared_with_what_is_free(free: int, present: bool, verdict: str, words: str) -> None:
    spaces = (Space("/var/lib/rollcall", "/", free), Space("/opt/DIS", "/", free))
    size = 100_000_000 if present else None
    one = node(facts={"sia_present": present}, spaces=spaces, sia_bytes=size)
    whole = replace(picture(one), local_bytes=300_000_000)
    result = only(space.space(whole, one))
    assert result.verdict == verdict, result.summary
    assert words in result.summary


def test_only_who_builds_needs_room_for_a_build() -> None:
    spaces = (Space("/var/lib/rollcall", "/var", 2 * GB), Space("/opt/DIS", "/", 2 * GB))
    first, second = (node(name, facts={"sia_present": False}, spaces=spaces) for name in ("a1", "a3"))
    whole = replace(picture(first, second), local_bytes=300_000_000)
    assert only(space.space(whole, first)).verdict == "warning"
    assert only(space.space(whole, second)).verdict == "passed"


@pytest.mark.parametrize(
    ("kernels", "verdict", "words"),
    [
        (Kernels("5.1", ("5.1",), "5.1", "grubby names it"), "passed", "also the one of the next boot"),
        (Kernels("5.1", ("5.1", "5.2"), "5.1", "x"), "passed", "also the one of the next boot"),
        (
            Kernels("5.1", ("5.1", "5.2"), "5.2", "saved_entry"),
            "error",
            "takes kernel 5.2, not the running 5.1 ",
        ),
        (Kernels("5.1", ("5.1", "5.0"), "5.0", "index"), "error", "takes kernel 5.0"),
        (Kernels("5.1", ("5.1",), "6.0", "gone"), "error", "takes kernel 6.0"),
        (
            Kernels("5.1", ("5.1",), None, "no grub.cfg", silent=True),
            "passed",
            "the only one that is installed",
        ),
        (Kernels("5.1", ("5.1",), None, "entry 'x'"), "warning", "is not known (entry 'x')"),
        (Kernels("5.1", ("5.0", "5.1"), None, "no grub.cfg", silent=True), "warning", "it has 5.0"),
        (Kernels("5.1", (), None, "no grub.cfg", silent=True), "warning", "is not known"),
    ],
)
def test_what_is_not_understood_of_the_next_boot_is_no_good_news(
    kernels: Kernels, verdict: str, words: str
) -> None:
    one = node(kernels=kernels)
    result = only(platforms.kernel(picture(one), one))
    assert result.verdict == verdict
    assert words in result.summary
    assert "as far as can be told" not in result.summary


def test_who_is_left_alone() -> None:
    file = config()
    assert cluster.holds(file, None) == {"a2": "fan"}
    assert cluster.spared(file, None) == {"a2", "m"}
    run = Run(
        nodes={
            "a1": RunNode("a1", progress=Progress.SKIPPED),
            "a2": RunNode("a2"),
            "a3": RunNode("a3", progress=Progress.HELD, hold="disk"),
        }
    )
    assert cluster.holds(file, run) == {"a3": "disk"}, "a hold that was released is none"
    assert cluster.spared(file, run) == {"a1", "a3", "m"}


def test_no_window_is_no_finding() -> None:
    assert list(cluster.window(config(), datetime(2026, 1, 1, tzinfo=UTC))) == []


def test_what_passed_alike_is_one_line_and_trouble_is_one_each() -> None:
    results = [
        ("a1", passed("tools", "all there")),
        ("a2", passed("tools", "all there")),
        ("a3", warning("tools", "odd.", "i", "r")),
        ("a1", warning("users", "a1: named already", "i", "r")),
    ]
    assert [(each.node, each.result.summary) for each in grouped(results)] == [
        ("a3", "a3: odd"),
        ("a1", "a1: named already"),
        (None, "a[1-2]: all there"),
    ]


def test_what_keeps_us_from_the_nodes_is_told_first() -> None:
    disk = Finding("a1", error("disk-space", "full", "i", "make room"))
    pair = Finding("a1", error("version", "not allowed", "i", "first line:\nsecond line"))
    away = Finding("a2", error("reachable", "away", "i", "mend it, then check again"))
    fine = Finding(None, passed("tools", "s"))
    assert foremost([fine]) is None
    assert summary([fine]) == ("", "nothing stands against the update", "")
    assert summary([disk]) == ("preflight", "full", "make room; then check again")
    assert summary([disk, pair]) == (
        "rolling-not-allowed",
        "not allowed (and 1 more)",
        "first line; then check again",
    )
    assert summary([disk, pair, away]) == ("connection", "away (and 2 more)", "mend it, then check again")


def test_a_check_that_is_not_in_the_table_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="table of checks"):
        passed("wishful-thinking", "s")
