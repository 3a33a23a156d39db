"""The printed runbook carried out on real servers, by its own words alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearsal.conftest import need_sshd
from tests.rehearsal.conftest import rehearse as rehearse  # noqa: PLC0414  the fixture
from tests.rollout.runbook.hand import boxes, carry_out, sections
from tui.model.clusterfile import parse_cluster_file
from tui.rehearsal import Plan, Rehearsal
from tui.rollout.runbook.complete import complete
from tui.rollout.runbook.drawn import markdown
from tui.rollout.runbook.rolling import rolling

pytestmark = [pytest.mark.slow, pytest.mark.sshd]
Begin = Callable[[Plan], Rehearsal]
PLAN = Plan(nodes=("px01", "px02"), management="pxmgmt", pace=50.0)


def begun(rehearse: Begin, plan: Plan) -> Rehearsal:
    if shutil.which("ssh") is None:
        pytest.skip("no ssh here")
    need_sshd(plan.face)
    return rehearse(plan)


def printed(
    rehearsal: Rehearsal, *, change: tuple[str, str] = ("", ""), whole: bool = False
) -> dict[str, str]:
    text = (
        rehearsal.cluster_file.read_text().replace(*change)
        if change[0]
        else rehearsal.cluster_file.read_text()
    )
    config = parse_cluster_file(text, "cluster.toml")
    book = complete(config, "cluster.toml") if whole else rolling(config, "cluster.toml")
    return sections(markdown(book))


def updated(rehearsal: Rehearsal, name: str) -> bool:
    node = rehearsal.node(name)
    served = name == rehearsal.plan.management or (node.active == "5.21.2" and node.app_transport == "pcie")
    return node.installed == "5.21.2" and node.services_running and served


@pytest.mark.parametrize("face", ["paramiko", "openssh"])
def test_every_machine_is_updated_by_the_runbook_alone(rehearse: Begin, face: str) -> None:
    rehearsal = begun(rehearse, Plan(nodes=PLAN.nodes, management="pxmgmt", pace=50.0, face=face))
    for title, text in printed(rehearsal).items():
        name = title.partition(" ")[0]
        if name not in rehearsal.plan.machines:
            continue
        assert not updated(rehearsal, name)
        said = carry_out(text)
        assert updated(rehearsal, name), said
        assert not any(words in said for words in ("not simulated", "not found", "diff -r", "Only in")), said
    builds = [
        line for name in rehearsal.plan.machines for line in rehearsal.node(name).log if "--build-rpm" in line
    ]
    assert len(builds) == 1


def test_a_node_that_reboots_at_the_end_of_its_installation(rehearse: Begin) -> None:
    rehearsal = begun(rehearse, PLAN)
    before = rehearsal.node("px01").boot_id
    text = printed(rehearsal, change=("[policy]", '[policy]\nreboot = "always"'))[
        "px01 (1 of 3): builds the packages"
    ]
    node = rehearsal.node("px01")
    said = carry_out(text, lambda: node.boot_id != before and node.services_running)
    assert updated(rehearsal, "px01"), said


def test_a_cluster_without_a_management_node_is_updated_at_once(rehearse: Begin) -> None:
    rehearsal = begun(rehearse, Plan(nodes=PLAN.nodes, management=None, pace=50.0))
    stopped = False
    for title, text in printed(rehearsal, whole=True).items():
        if title.startswith("Step 3"):  # nothing is installed while anything still runs
            assert stopped
        said = carry_out(text) if title.startswith("Step") else ""
        if title.startswith("Step 2, px02"):
            stopped = [rehearsal.node(name).active for name in PLAN.nodes] == [None, None]
            assert stopped, said
    assert all(updated(rehearsal, name) for name in PLAN.nodes)


def test_a_person_on_a_simulated_node_does_not_reach_past_it(rehearse: Begin, tmp_path: Path) -> None:
    rehearsal = begun(rehearse, Plan(nodes=("px01",), pace=50.0))
    outside = tmp_path / "outside"
    outside.write_text("x")
    box = f"- [ ] go: `ssh -F {rehearsal.ssh_config} px01`\n- [ ] `cat {outside}`\n- [ ] `shutdown -r now`\n"
    assert boxes(box)[1] == f"cat {outside}"
    said = carry_out(
        f"## x\n### On px01\n{box}- [ ] `cat /etc/hostname 'un\n- [ ] `if`\n- [ ] `cat /etc/hostname`\n"
    )
    assert "No such file" in said
    assert "shutdown is not simulated" in said
    assert "\npx01\n" in said.replace("# px01", "\npx01")
