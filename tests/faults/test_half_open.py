"""A half-open connection: the node's cable is pulled, and both ends go on believing in it.

Only the heartbeat notices. The step is shown as detached when the node has been silent for one keepalive,
with the time since then; it is taken up again over the same connection or a new one, when packets go again.
"""

from pathlib import Path

import pytest

from tests.faults.disturbance import (
    Fault,
    Place,
    Sample,
    as_far_as_it_goes,
    disturbed,
    down,
    in_a_hurry,
    row_of,
    run_through,
    runs,
)
from tests.faults.doors import doors
from tests.faults.tally import ROWS, Row
from tests.rigs.netns import Cable, needs_namespaces
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import PATIENCE, Operator, cluster
from tui.model.run import Run
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName

pytestmark = [needs_namespaces, needs_sshd]

HALF_OPEN: Sample = {
    Place("px01", StepName.STOP_SERVICES, "judged"): "half-open connection",
}
SILENT_AFTER = 5.0
"""Seconds: the keepalive of a cluster file that does not say another."""


@pytest.mark.parametrize("plan", runs(HALF_OPEN))
async def test_a_cable_that_is_pulled_until_the_connection_is_given_up(
    plan: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        cluster(
            tmp_path / "c",
            management=None,
            pace=100.0,
            face="openssh",
            faults={"px01": ("keeps-old", "chatty")},
        ) as rehearsal,
        Cable() as cable,
        doors(rehearsal, tmp_path / "doors", keepalive="1s", cables={"px01": cable}),
        in_a_hurry(monkeypatch),
    ):
        pulled = Fault("half-open connection", lambda _: cable.pull(), lambda _: cable.plug(), down)
        row = row_of(plan, ", real sshd in a network namespace")
        # the other node's packages do not go over the cable
        plan = {place: name for place, name in plan.items() if place.node == "px01"}
        cases = await run_through(rehearsal, tmp_path / "s", (pulled,), plan, row, monkeypatch)
    for case in cases:
        if case.detached is not None:
            assert "has not answered for" in str(case.detached.data["reason"])


async def test_silence_is_shown_within_the_heartbeat_with_its_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limits as they are: silent after 4 s, and plugged again before the connection is given up."""
    row = Row("half-open connection", "install, default limits, same connection")
    ROWS.append(row)
    place = Place("px01", StepName.INSTALL, "output")
    seen: list[str] = []

    def aged(operator: Operator, _place: Place) -> bool:
        """The time in the status line goes on."""
        said = operator.engine.advice()
        live = operator.engine.live("px01")
        if "connection lost for 2 s" not in said.why:
            return False
        seen.extend((said.why, said.next_action, live.phase, live.reason, f"{live.age}"))
        return True

    with (
        cluster(
            tmp_path / "c", nodes=1, management=None, pace=100.0, face="openssh", faults={"px01": "chatty"}
        ) as rehearsal,
        Cable() as cable,
        doors(rehearsal, tmp_path / "doors", cables={"px01": cable}) as door,
        in_a_hurry(monkeypatch),
    ):
        pulled = Fault("pulled", lambda _: cable.pull(), lambda _: cable.plug(), aged)
        async with disturbed(rehearsal, tmp_path / "s", (pulled,), {place: "pulled"}, monkeypatch) as pair:
            operator, disturber = pair
            await operator.until(lambda run: step_is(run, StepStatus.DETACHED))
            logins = door["px01"].log.count("Accepted")
            assert door["px01"].sessions(), "the node believes in the connection"
            await wait_until_async(lambda: seen, PATIENCE, "its age is shown")
            assert await as_far_as_it_goes(operator) is RunStatus.COMPLETED, operator.run.summary
            operator.check_the_record()
        why, next_action, phase, reason, age = seen
        assert door["px01"].log.count("Accepted") == logins, "the connection that stood was good enough"
        row.cases = len(disturber.cases)
        row.take(rehearsal, tmp_path / "s")
    assert why.startswith("px01: connection lost for 2 s during install; px01 has not answered for 4 s")
    assert "by itself" in next_action
    assert (phase, reason) == ("silent", "px01 has not answered for 4 s.")
    assert float(age) > SILENT_AFTER
    assert row.clean, row.notes


def step_is(run: Run, status: StepStatus) -> bool:
    """Where the installation of px01 stands."""
    step = run.nodes["px01"].steps.get(StepName.INSTALL)
    return step is not None and step.status is status
