"""Every check of the table, provoked on a simulated cluster and found by the real command."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rollout.engine_operator import cluster
from tests.rollout.preflight import provoking
from tests.rollout.preflight.provoking import Answer, Hands, Scenario, broken, check
from tui.rollout.preflight import CHECKS, CONNECTION_CHECKS

NODES = {"machines": 8, "wiring": 7, "alike": 3, "silent_view": 2}

# check: (scenario, node, verdict, what the sentence says)
PROVOKED: dict[str, list[tuple[str, str | None, str, str]]] = {
    "reachable": [("wiring", "px01", "error", "refuses the connection")],
    "identity": [
        ("machines", "px03", "error", "calls itself px03-spare; check host and port"),
        ("wiring", None, "error", "px03 and px04 reach one and the same machine"),
        ("wiring", None, "warning", "px05 and px06 have the same machine id"),
    ],
    "root": [("wiring", "px02", "error", "who is not root there")],
    "sessions": [
        ("wiring", "px03", "warning", "gives one connection only 1 session; Rollcall logs in again"),
        ("wiring", "px05", "warning", "gives one connection only 2 sessions; "),
    ],
    "members": [
        ("alike", None, "error", "dishosts.conf on px03 names px09, not in the cluster file"),
        ("silent_view", None, "warning", "there is no /etc/dis/dishosts.conf on px01"),
    ],
    "dishosts": [
        (
            "alike",
            None,
            "warning",
            r"on px03 is not as on px\[01-02\],pxmgmt: it has 'HOSTNAME: px09' and lacks '",
        ),
    ],
    "console": [("wiring", "px07", "error", "this console runs on that very machine")],
    "ground": [
        (
            "machines",
            "px02",
            "error",
            "the way of SSH to 127.0.0.1 and SSH from 127.0.0.1 is dis0, which is the",
        ),
        ("machines", "px08", "warning", "file systems come over the interconnect: /work"),
        ("machines", "px07", "warning", "which file systems are mounted cannot be read"),
    ],
    "left-out": [("silent_view", "px02", "warning", "the node taken out of service by run r1 of other")],
    "places": [("machines", "pxmgmt", "error", "/var/lib/rollcall is not a directory")],
    "self-test": [("machines", "px01", "error", "a detached job could not be run")],
    "clock": [
        ("machines", "px02", "error", "15 min ahead of this machine's"),
        ("alike", None, "error", "this machine's clock is 15 min behind that of all 4 machines"),
    ],
    "disk-space": [
        ("machines", "px06", "warning", "only 524 MB free on / .*/var/lib/rollcall"),
        ("machines", "px07", "error", "only 0 MB free"),
    ],
    "platforms": [("wiring", None, "warning", r"2 kinds of nodes: px\[03-04,06\]: x86_64.*; px05: aarch64")],
    "kernel": [
        ("machines", "px05", "error", f"its next boot takes kernel {provoking.NEWER}"),
        (
            "machines",
            "px06",
            "warning",
            f"which kernel it boots next is not known .* it has {provoking.NEWER}",
        ),
    ],
    "build": [
        ("machines", "px01", "warning", "lacks gcc, rpmbuild, kernel-devel of the running kernel 5.14"),
        ("alike", "px01", "error", "lacks make"),
    ],
    "sia": [
        ("machines", "px07", "error", "neither there nor on this machine"),
        ("machines", "px08", "error", "has checksum [0-9a-f]{64}, not [0-9a-f]{64}"),
    ],
    "version": [
        ("machines", "px04", "warning", "older than the installed 5.22.0: needs --enforce"),
        ("machines", None, "error", r"no rolling update from 5.10.0 \(px05\) to 5.21.2 .* complete update"),
    ],
    "packages": [
        ("machines", "px07", "error", "yum has not completed a transaction"),
        ("machines", "px07", "error", "installed twice: Dolphin-SISCI"),
        ("machines", "px07", "warning", "not of version 5.19.0: Dolphin-SISCI"),
    ],
    "package-manager": [
        ("machines", "px06", "error", r"another package manager runs: dnf \(process 4242\)"),
        ("machines", "px07", "warning", r"packagekitd \(process 4343\)"),
    ],
    "dis_services": [("wiring", "px06", "error", "/opt/DIS/sbin/dis_services is not there")],
    "services": [
        ("alike", "px01", "warning", "not running: Node Manager"),
        ("wiring", "px06", "warning", "reports no service"),
        ("silent_view", "pxmgmt", "warning", "not running: Network Manager"),
    ],
    "active": [("machines", "px04", "warning", "5.22.0 is installed, but 5.19.0 is loaded")],
    "watchdog": [
        ("machines", "px08", "warning", "monit would start .*/etc/monit/conf.d/dis: .*dis_nodemgr"),
        ("machines", "px08", "warning", "systemd would start .*x.conf: Restart=always"),
        ("machines", "px08", "warning", r"cron would start .*/etc/cron.d/dis: \* "),
    ],
    "users": [
        ("machines", "px08", "warning", "the kernel itself uses PCI Express: rts_client"),
        ("machines", "px08", "warning", "who uses PCI Express cannot be told"),
        ("wiring", "px05", "warning", "used by mysqld; .*applications.stop is empty"),
    ],
    "hold": [("wiring", "px07", "warning", "on hold: fan failure")],
    "view": [
        ("alike", None, "warning", "counts 2 unreachable nodes"),
        ("silent_view", None, "warning", "gives no answer"),
    ],
    "interconnect": [
        ("alike", None, "warning", "UNSTABLE: its state changes too often"),
        ("wiring", None, "warning", "FAILED: one or more nodes are down"),
    ],
    "window": [
        ("wiring", None, "warning", "is closed; it opens"),
        ("alike", None, "passed", "is open until"),
    ],
    "gate": [
        ("alike", None, "error", "no node may go out: px01 is degraded; px02 is degraded; .*counts 2"),
        ("silent_view", None, "error", "no node may go out: the cluster view gives no answer"),
    ],
}

ELSEWHERE = {
    "tools": "tests/rollout/preflight/test_judges.py",
    "jobs": "tests/rollout/preflight/test_jobs.py",
    "risks": "tests/rollout/preflight/test_risks.py",
}
"""Checks that are provoked by tests of their own, on what no simulated cluster can lack."""

CASES = [
    pytest.param(name, *case, id=f"{name}-{case[0]}-{case[2]}-{n}")
    for name, cases in PROVOKED.items()
    for n, case in enumerate(cases)
]

Ask = Callable[[str], Answer]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """What the command says of a scenario; each cluster is broken and checked once."""
    known: dict[str, Answer] = {}

    def ask(name: str) -> Answer:
        if name not in known:
            scenario: Scenario = getattr(provoking, name)
            with broken(tmp_path_factory.mktemp(name) / "c", scenario, nodes=NODES[name]) as rehearsal:
                known[name] = check(rehearsal.cluster_file)
        return known[name]

    return ask


@pytest.mark.parametrize(("name", "scenario", "node", "verdict", "words"), CASES)
def test_it_is_found(
    answer: Ask, name: str, scenario: str, node: str | None, verdict: str, words: str
) -> None:
    found = [each for each in answer(scenario).of(name) if each.node == node]
    assert [each for each in found if each.verdict == verdict and re.search(words, each.summary)], found


def test_every_check_is_provoked_somewhere() -> None:
    assert PROVOKED.keys() | ELSEWHERE.keys() == CHECKS.keys()
    for path in ELSEWHERE.values():
        assert Path(path).name in {file.name for file in Path(__file__).parent.iterdir()}


@pytest.mark.parametrize("scenario", NODES)
def test_what_is_said_can_be_acted_on(answer: Ask, scenario: str) -> None:
    trouble = answer(scenario).trouble
    assert trouble
    for each in trouble:
        assert each.impact, each
        assert each.remedy, each
        assert "\n" not in each.summary
        assert not each.summary.endswith(".")
        assert each.node is None or each.summary.startswith((f"{each.node}:", f"{each.node} ")), each.summary


def test_nothing_is_found_that_was_not_broken(answer: Ask) -> None:
    """Of all that is said of the first scenario, each line is one that was provoked."""
    expected = [
        (name, *case[1:]) for name, cases in PROVOKED.items() for case in cases if case[0] == "machines"
    ]
    also = [
        ("active", "px05", "warning", "5.10.0 is installed, but 5.19.0 is loaded"),
        ("risks", "px08", "warning", r"mysql-cluster-lock-wait may apply \(programs not known"),
    ]
    for each in answer("machines").trouble:
        cases = [*expected, *also]
        assert [
            1
            for check, node, verdict, words in cases
            if (check, node, verdict) == (each.check, each.node, each.verdict)
            and re.search(words, each.summary)
        ], each


def test_exit_codes(answer: Ask) -> None:
    assert (answer("wiring").exit_code, answer("wiring").code) == (6, "connection")
    assert (answer("machines").exit_code, answer("machines").code) == (6, "connection")
    assert (answer("alike").exit_code, answer("alike").code) == (2, "preflight")


def test_a_sound_cluster_passes_every_check(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        before = {
            node: (rehearsal.node(node).log, *files(rehearsal.node(node).sysroot))
            for node in rehearsal.plan.machines
        }
        said = check(rehearsal.cluster_file)
        after = {
            node: (rehearsal.node(node).log, *files(rehearsal.node(node).sysroot))
            for node in rehearsal.plan.machines
        }
    assert (said.trouble, said.exit_code) == ([], 0)
    assert {each.check for each in said.said} | {"hold", "window", "identity", "root"} == CHECKS.keys()
    assert before == after, "a check leaves nothing behind"


def files(root: Path) -> list[str]:
    """Everything there, but for our own place that dies with the boot."""
    ours = root / "run/rollcall"
    assert not ours.exists() or not list(ours.iterdir())
    return sorted(str(path) for path in root.rglob("*") if path != ours)


def test_a_version_pair_alone_has_a_code_of_its_own(tmp_path: Path) -> None:
    def scenario(hands: Hands) -> None:
        hands.install("px02", "5.10.0")
        hands.remove("px01", "/usr/bin/make")

    with broken(tmp_path / "c", scenario, nodes=2) as rehearsal:
        said = check(rehearsal.cluster_file)
    assert (said.exit_code, said.code) == (2, "rolling-not-allowed")
    assert any("--install-all" in each.remedy for each in said.of("version", None))


def test_connection_checks_are_marked_in_the_table() -> None:
    assert {"reachable", "identity", "root"} == CONNECTION_CHECKS
    for name, each in CHECKS.items():
        assert (name, each.question[-1]) == (each.name, "?")


def test_a_link_that_the_run_degraded_is_found_afterwards(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, faults={"px02": "link-degraded"}) as rehearsal:
        assert check(rehearsal.cluster_file).exit_code == 0
        sia = Hands(rehearsal)
        sia.by_hand(
            "px02",
            "systemctl stop mysqld && sh $R/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh --build-rpm && "
            "sh $R/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh --install-node --use-rpms /tmp --batch",
        )
        said = check(rehearsal.cluster_file)
    assert "counts 1 unreachable node" in said.of("view")[0].summary
    assert (
        "DEGRADED: all nodes are up, but one or more links are disabled" in said.of("interconnect")[0].summary
    )
    assert said.of("gate")[0].verdict == "error"
    assert any("px02: 5.21.2 is installed and active already" in each.summary for each in said.of("version"))


def test_another_host_key_is_an_identity(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, faults={"px02": "hostkey-changed"}) as rehearsal:
        said = check(rehearsal.cluster_file)
    (found,) = said.of("identity", "px02")
    assert (found.verdict, said.code, said.exit_code) == ("error", "connection", 6)


def test_a_connection_that_breaks_under_a_look_is_no_finding(tmp_path: Path) -> None:
    def scenario(hands: Hands) -> None:
        cutting = (
            '. "$ROLLCALL_SYSROOT/../control/simulation.sh"; echo x >>"$R/looks"\n'
            'case $(wc -l <"$R/looks") in 1 | 3) request cut; sleep 1 ;; esac\nexec /bin/df "$@"'
        )
        hands.program("px01", "/usr/bin/df", cutting)

    with broken(tmp_path / "c", scenario, nodes=1) as rehearsal:
        said = check(rehearsal.cluster_file)
        assert len((rehearsal.node("px01").sysroot / "looks").read_text().splitlines()) > 6
    assert said.trouble == []
