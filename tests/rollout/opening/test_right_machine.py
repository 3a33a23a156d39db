"""The right machine, always: names that differ after the first dot only, addresses, stateless nodes."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.scenes import go_to
from tests.rigs.waiting import patience
from tests.rollout.engine_operator import PACE, cluster, console
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Plan, Rehearsal
from tui.remote import NodeClient
from tui.rollout.open_run import OpeningError

EAST, WEST = "n1.east.example", "n1.west.example"


@contextmanager
def two_sites(directory: Path) -> Iterator[Rehearsal]:
    """Two nodes whose full names differ only after the first dot."""
    rehearsal = Rehearsal.create(directory, Plan(nodes=(EAST, WEST), pace=PACE))
    try:
        rehearsal.start()
        yield rehearsal
    finally:
        rehearsal.destroy()


def port(rehearsal: Rehearsal, name: str) -> int:
    found = re.search(rf"^Host {re.escape(name)}\n.*\n  Port (\d+)$", rehearsal.ssh_config.read_text(), re.M)
    assert found is not None
    return int(found[1])


def check(rehearsal: Rehearsal) -> tuple[int, str]:
    """Exit code and words of ``rollcall check``."""
    command = [sys.executable, "-m", "tui", "check", str(rehearsal.cluster_file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 * patience(), check=False)
    return done.returncode, done.stdout + done.stderr


def add(rehearsal: Rehearsal, *lines: str) -> None:
    with rehearsal.cluster_file.open("a") as file:
        file.write("\n".join(("", *lines, "")))


async def test_full_names_that_differ_after_the_first_dot_are_two_machines(tmp_path: Path) -> None:
    with two_sites(tmp_path / "c") as rehearsal:
        async with console(rehearsal, tmp_path / "right") as operator:
            await operator.needed()
            assert operator.run.status is RunStatus.RUNNING
        add(rehearsal, f'[node."{EAST}"]', f"port = {port(rehearsal, WEST)}")
        add(rehearsal, f'[node."{WEST}"]', f"port = {port(rehearsal, EAST)}")
        logs = {name: rehearsal.node(name).log for name in rehearsal.nodes}
        code, said = await asyncio.to_thread(check, rehearsal)
        assert code == 6
        for meant, found in ((EAST, WEST), (WEST, EAST)):
            assert f"{meant}: the machine that answered calls itself {found}, another full name" in said
        with pytest.raises(OpeningError, match="another full name") as refused:
            async with console(rehearsal, tmp_path / "swapped"):
                pass
        assert refused.value.exit_code == 6
        assert {name: rehearsal.node(name).log for name in rehearsal.nodes} == logs


async def test_a_node_named_by_its_host_name_and_reached_by_address(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, management=None) as rehearsal:
        config = rehearsal.ssh_config.read_text()
        rehearsal.ssh_config.write_text(config.replace("HostName 127.0.0.1", "HostName 192.0.2.1"))
        add(rehearsal, "[node.px01]", 'host = "127.0.0.1"', f"port = {port_of(config)}")
        async with console(rehearsal, tmp_path / "s") as operator:
            await operator.needed()
            assert operator.run.status is RunStatus.RUNNING, operator.run.summary
            facts = operator.run.nodes["px01"].facts
            assert facts is not None
            assert facts.hostname == "px01"
            assert re.fullmatch(r"ssh-ed25519 SHA256:\S{43}", facts.host_key)


def port_of(config: str) -> str:
    found = re.search(r"Port (\d+)", config)
    assert found is not None
    return found[1]


async def test_another_machine_behind_the_address_is_refused_in_the_middle_of_a_run(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, management=None) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await go_to(operator, StepName.STOP_SERVICES)
            before = node.log
            node.set_fault("wrong-host")
            node.cut()
            client = operator.engine._fleet.client("px01")
            await _phase(client, "refused")
            assert client.state.error_kind == "another-machine"
            assert "calls itself px01-spare" in client.state.reason
            operator.confirm()
            await operator.until(lambda run: run.status.paused or run.offer is not None)
            assert node.log == before


async def test_a_run_taken_up_is_bound_before_its_first_connection(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, management=None) as rehearsal:
        node = rehearsal.node("px02")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await go_to(operator, StepName.STOP_SERVICES)
        (node.sysroot / "etc/machine-id").write_text("f" * 32 + "\n")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            client = operator.engine._fleet.client("px02")
            await _phase(client, "refused")
            assert f"has the machine id {'f' * 32}" in client.state.reason


async def test_a_machine_id_that_changes_with_the_boot_is_said_once_and_not_used(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, management=None, faults={"px01": "keeps-old"}) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await go_to(operator, StepName.REBOOT)
            (node.sysroot / "etc/machine-id").write_text("e" * 32 + "\n")
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            notes = [text for _, _, text in operator.run.notes if "machine id" in text]
            assert notes == [
                "px01: its machine id changes with the boot; only host name and host key tell it from others"
            ]
            facts = operator.run.nodes["px01"].facts
            assert facts is not None
            assert facts.machine_id_changes


async def _phase(client: NodeClient, phase: str) -> None:
    async with asyncio.timeout(30 * patience()):
        while client.state.phase != phase:
            await client.next_change()
