"""The same engine on real OpenSSH servers: one sshd a node on loopback, the simulated programs behind it."""

from pathlib import Path

import pytest

from tests.rigs.openssh import needs_sshd
from tests.rollout.engine_operator import cluster, console
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName

pytestmark = needs_sshd


async def test_four_nodes_are_updated(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=4, face="openssh") as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish() is RunStatus.COMPLETED, operator.run.summary
            for name in rehearsal.nodes:
                assert operator.run.nodes[name].progress is Progress.UPDATED
                assert rehearsal.node(name).active == "5.21.2"
                assert len([line for line in operator.done(name) if "--install-node" in line]) == 1
            operator.check_the_record()


FAULTS = {
    "stop-busy": {"services-not-stopped": "go on with reboot needed"},
    "start-fails": {"services-not-running": "reboot px01", "installed-with-errors": "reboot px01"},
    "install-fails": {"install-failed": "rerun install"},
    "ssh-drops": {},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_and_its_remedy(fault: str, tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2, face="openssh", faults={"px01": fault}) as rehearsal:
        before = rehearsal.node("px01").boot_id
        async with console(rehearsal, tmp_path / "s") as operator:
            assert await operator.finish(FAULTS[fault]) is RunStatus.COMPLETED, operator.run.summary
            assert rehearsal.node("px01").active == "5.21.2"
            rebooted = operator.step("px01", StepName.REBOOT).status is StepStatus.SUCCEEDED
            assert rebooted == (rehearsal.node("px01").boot_id != before)
            operator.check_the_record()
