"""What one look makes of a node: a status is believed only whole, ended well, and with the drivers to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import cluster
from tui.model.events import NodeBaseline
from tui.model.states import Health
from tui.remote import Sample
from tui.rollout.gate.health import Look, Standard, judge
from tui.rollout.gate.monitor import Monitor
from tui.rollout.open_run import load_cluster_file, make_fleet
from tui.rollout.preflight import services

SERVICES = ("IRM", "SISCI", "SuperSockets")
DRIVERS = {"IRM": "dis_irm", "SISCI": "dis_sisci", "SuperSockets": "dis_ssocks"}
BASELINE = NodeBaseline(version="5.20.0", services=SERVICES, drivers=SERVICES)


def look(
    services: tuple[str, ...] = SERVICES,
    drivers: tuple[str, ...] = SERVICES,
    *,
    code: int = 0,
    version: str = "5.20.0",
    baseline: NodeBaseline | None = None,
    unit: bool = False,
) -> Look:
    says = ["@boot_id b"]
    for name in drivers:
        says += [
            f"@module {DRIVERS[name]}",
            f"@loaded.version {DRIVERS[name]} Dolphin {name} {version} ( x )",
        ]
    says.append(f"@status.exit {code}")
    for name in services:
        if unit:
            says += [
                f"@status \u25cf {DRIVERS[name]}.service - LSB: x",
                "@status Active: active (exited) since",
            ]
        else:
            says.append(f"@status Dolphin {name} {version} ( x ) is running.")
    text = "\n".join([*says, "@end", ""])
    return judge(Sample("n1", 2.0, 1.0, text=text, exit_code=0), Standard(baseline=baseline))


def test_a_whole_answer_is_believed_and_is_as_old_as_its_question() -> None:
    assert look() == Look(1.0, Health.ACTIVE, "all services running", look().probe)
    assert look(baseline=BASELINE).health is Health.ACTIVE
    assert look(unit=True).health is Health.ACTIVE


@pytest.mark.parametrize(
    ("seen", "health", "detail"),
    [
        (look(SERVICES[:1], (), code=139), Health.UNKNOWN, "dis_services ended by signal 11"),
        (look(code=139), Health.UNKNOWN, "dis_services ended by signal 11"),
        (look(code=124), Health.UNKNOWN, "dis_services did not answer in time"),
        (look(code=127), Health.UNKNOWN, "dis_services could not be run (exit code 127)"),
        (look(code=1), Health.UNKNOWN, "dis_services status ended with exit code 1 beside running services"),
        (look((), ()), Health.MISCONFIGURED, "dis_services reports no service"),
        (look(drivers=()), Health.DEGRADED, "no driver is loaded, though all services are said to run"),
        (
            look(drivers=("IRM", "SISCI"), unit=True),
            Health.DEGRADED,
            "active (exited), but its driver is not loaded: SuperSockets",
        ),
        (look(SERVICES[:2], baseline=BASELINE), Health.DEGRADED, "not listed any more: SuperSockets"),
        (
            look(drivers=SERVICES[:2], baseline=BASELINE),
            Health.DEGRADED,
            "its driver is not loaded any more: SuperSockets",
        ),
    ],
)
def test_what_is_no_good_news(seen: Look, health: Health, detail: str) -> None:
    assert (seen.health, seen.detail) == (health, detail)


def test_a_baseline_says_nothing_of_another_version() -> None:
    assert look(SERVICES[:2], SERVICES[:2], version="5.21.2", baseline=BASELINE).health is Health.ACTIVE


def test_an_exit_code_that_is_usual_here_is_well() -> None:
    known = BASELINE.model_copy(update={"exit_code": 4})
    assert look(code=4, baseline=known).health is Health.ACTIVE
    assert look(code=0, baseline=known).health is Health.UNKNOWN


@given(st.sets(st.sampled_from(SERVICES)), st.sets(st.sampled_from(SERVICES)), st.integers(0, 255))
def test_nothing_less_than_the_baseline_is_active(listed: set[str], drivers: set[str], code: int) -> None:
    seen = look(tuple(listed), tuple(drivers), code=code, baseline=BASELINE)
    whole = listed == drivers == set(SERVICES) and code == 0
    # without a version in the kernel the baseline cannot be told to hold, so the node is not active anyway
    assert (seen.health is Health.ACTIVE) == whole


async def test_a_status_that_dies_after_one_good_line(tmp_path: Path) -> None:
    """On a real node: a peer whose driver is gone says `is running` once, and its status is killed."""
    with cluster(tmp_path, nodes=2) as rehearsal:
        config = load_cluster_file(rehearsal.cluster_file)
        peer = rehearsal.node("px02")
        program = peer.sysroot / "opt/DIS/sbin/dis_services"
        whole = program.read_text()
        async with make_fleet(config, None) as fleet:
            monitor = Monitor(fleet, config, lambda *_: None)
            monitor.start()
            try:
                await wait_until_async(lambda: monitor.stable("px02")[0], 30)
                program.write_text("#!/bin/sh\necho 'Dolphin IRM 5.19.0 ( x ) is running.'\nkill -SEGV $$\n")
                for module in (peer.sysroot / "sys/module").glob("dis_*"):
                    module.rename(module.with_name(f"gone_{module.name}"))
                await monitor.look_now()
                assert monitor.stable("px02") == (False, "unknown: dis_services ended by signal 11")
                program.write_text(whole)
                await monitor.look_now()
                assert not monitor.stable("px02")[0], "its driver is not loaded"
            finally:
                await monitor.close()


def test_a_node_that_lists_fewer_services_than_others_is_told_by_the_checks() -> None:
    looks = {"n1": look(), "n2": look(SERVICES[:2], SERVICES[:2]), "n3": None}
    ((name, result),) = services.alike(looks)
    assert (name, result.verdict) == ("n2", "warning")
    assert "does not list SuperSockets" in result.summary
    assert not list(services.alike({"n1": look(), "n2": look(SERVICES[:2], version="5.21.2")}))
