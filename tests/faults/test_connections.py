"""The connection goes away in the middle of a step: cut, its server killed or restarted, late or full.

The step is shown as detached at once and taken up again by itself; no byte and no start is lost or doubled.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.disturbance import Fault, Place, Sample, down, in_a_hurry, row_of, run_through, runs, up
from tests.faults.doors import Door, doors
from tests.rigs.openssh import needs_sshd
from tests.rollout.engine_operator import cluster
from tui.model.steps import StepName

FAST = 100.0
REBOOTS = {"px01": ("keeps-old", "chatty")}

CUT: Sample = {
    Place("px01", StepName.PACKAGES, "begun"): "connection cut",
    Place("px01", StepName.STOP_SERVICES, "judged"): "connection cut",
    Place("px01", StepName.INSTALL, "output"): "connection cut",
    Place("px01", StepName.VERIFY, "begun"): "connection cut",
    Place("px02", StepName.PACKAGES, "begun"): "connection cut",
}
SERVER: Sample = {
    Place("px01", StepName.PACKAGES, "output"): "server killed",
    Place("px01", StepName.STOP_APPLICATIONS, "begun"): "server restarting",
    Place("px01", StepName.STOP_SERVICES, "output"): "banner delayed",
    Place("px01", StepName.INSTALL, "output"): "sessions killed",
    Place("px01", StepName.REBOOT, "begun"): "sessions killed",
    Place("px01", StepName.VERIFY, "begun"): "server killed",
}
LIMITS: Sample = {
    Place("px01", StepName.STOP_SERVICES, "judged"): "MaxStartups reached",
    Place("px01", StepName.INSTALL, "output"): "MaxSessions reached",
}


@pytest.mark.parametrize("plan", runs(CUT))
async def test_a_connection_that_is_cut(
    plan: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        cluster(tmp_path / "c", pace=FAST, management=None, faults=REBOOTS) as rehearsal,
        in_a_hurry(monkeypatch),
    ):
        cut = Fault("connection cut", lambda node: rehearsal.node(node).cut())
        cases = await run_through(rehearsal, tmp_path / "s", (cut,), plan, row_of(plan), monkeypatch)
    for case in cases:
        if case.detached is not None:  # at once: not because a heartbeat was missing
            assert "has not answered" not in str(case.detached.data["reason"]), case


@needs_sshd
@pytest.mark.parametrize("plan", runs(SERVER))
async def test_a_server_that_goes_away(plan: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        cluster(tmp_path / "c", pace=FAST, management=None, face="openssh", faults=REBOOTS) as rehearsal,
        doors(rehearsal, tmp_path / "doors") as door,
        in_a_hurry(monkeypatch, handshake_timeout=2.0),
    ):
        row = row_of(plan, ", real sshd")
        await run_through(rehearsal, tmp_path / "s", server_faults(door), plan, row, monkeypatch)


@needs_sshd
@pytest.mark.parametrize("plan", runs(LIMITS))
async def test_a_server_at_its_limits(plan: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole run gets by with one login at a time and two sessions on it; then with less, for a while."""
    limits = ("MaxStartups 1:100:1", "MaxSessions 2")
    with (
        cluster(tmp_path / "c", pace=FAST, management=None, face="openssh", faults=REBOOTS) as rehearsal,
        doors(rehearsal, tmp_path / "doors", extra=limits) as door,
        in_a_hurry(monkeypatch),
    ):
        faults = (
            Fault(
                "MaxStartups reached", lambda node: door[node].crowd(), lambda node: door[node].leave(), down
            ),
            Fault(
                "MaxSessions reached",
                lambda node: door[node].restart(limits[0], "MaxSessions 1"),
                lambda node: door[node].restart(*limits),
                up,
            ),
        )
        row = row_of(plan, ", real sshd")
        await run_through(rehearsal, tmp_path / "s", faults, plan, row, monkeypatch)


def server_faults(door: Mapping[str, Door]) -> tuple[Fault, ...]:
    """What can happen to a node's sshd."""

    def delay(node: str) -> None:
        door[node].freeze_server()
        door[node].kill_sessions()

    return (
        Fault("sessions killed", lambda node: door[node].kill_sessions()),
        Fault("server killed", lambda node: door[node].stop(), lambda node: door[node].start(), down),
        Fault("server restarting", lambda node: door[node].slam()),
        Fault("banner delayed", delay, lambda node: door[node].resume_server(), down),
    )
