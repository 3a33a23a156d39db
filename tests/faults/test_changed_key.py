"""A node that shows another host key in the middle of a run: the run stops, says why, and starts nothing.

Only when a person has fixed known_hosts is the step taken up again, where it is; its job was never started
twice, though it may have ended meanwhile.
"""

from pathlib import Path

import pytest

from tests.faults.disturbance import (
    Disturber,
    Fault,
    Place,
    Sample,
    as_far_as_it_goes,
    disturbed,
    in_a_hurry,
    row_of,
    runs,
)
from tests.faults.doors import Door, doors
from tests.rigs.openssh import needs_sshd
from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import PATIENCE, Operator, cluster
from tui.model.states import RunStatus, StepStatus
from tui.model.steps import StepName

pytestmark = needs_sshd

CHANGED: Sample = {
    Place("px01", StepName.PACKAGES, "begun"): "host key changed",
    Place("px01", StepName.STOP_SERVICES, "judged"): "host key changed",
    Place("px01", StepName.INSTALL, "output"): "host key changed",
    Place("px01", StepName.REBOOT, "begun"): "host key changed",
    Place("px01", StepName.VERIFY, "begun"): "host key changed",
}


@pytest.mark.parametrize("plan", runs(CHANGED))
async def test_a_host_key_that_changes_in_mid_run(
    plan: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = row_of(plan, ", real sshd")
    with (
        cluster(
            tmp_path / "c", management=None, pace=100.0, face="openssh", faults={"px01": "keeps-old"}
        ) as rehearsal,
        doors(rehearsal, tmp_path / "doors") as door,
        in_a_hurry(monkeypatch),
    ):
        changed = Fault("host key changed", lambda node: door[node].change_key())
        async with disturbed(rehearsal, tmp_path / "s", (changed,), plan, monkeypatch) as (
            operator,
            disturber,
        ):
            while await as_far_as_it_goes(operator) is RunStatus.PAUSED_ON_ERROR:
                await person_mends(operator, disturber, door)
            assert operator.run.status is RunStatus.COMPLETED, operator.run.summary
            operator.check_the_record()
        row.cases = len(disturber.cases)
        row.take(rehearsal, tmp_path / "s", {"reboot": 1})
    assert not disturber.missed
    assert row.clean, row.notes


async def person_mends(operator: Operator, disturber: Disturber, door: dict[str, Door]) -> None:
    """The pause says why; going on without a fix stops again; after it, the run goes on."""
    so_far = len(disturber.cases)
    place = disturber.cases[-1].place
    sentence = stopped(operator, place)
    words = recommended(operator)
    jobs = operator.step(*place[:2]).attempts
    assert operator.choose(words).accepted
    await operator.needed()
    if operator.run.offer is not None:  # verify waits for a person's look, as there is no view
        assert operator.confirm().accepted
        await operator.needed()
    assert stopped(operator, place) == sentence, "it went on though nobody had fixed anything"
    assert "Accepted" not in door[place.node].log, "somebody was let in past a changed key"
    assert len(operator.step(*place[:2]).attempts) <= len(jobs) + (words != "resume")
    door[place.node].accept_key()
    assert operator.choose(words).accepted
    await wait_until_async(
        lambda: operator.engine.live(place.node).phase == "up" or len(disturber.cases) > so_far,
        PATIENCE,
        "the fixed key is taken, or the next has changed already",
    )


def stopped(operator: Operator, place: Place) -> str:
    """The run is paused with the sentence on the key, which the status line shows, too."""
    run, said = operator.run, operator.engine.advice()
    assert (run.status, run.code) == (RunStatus.PAUSED_ON_ERROR, "changed-host-key"), run.summary
    assert place.node in run.summary
    assert "shows the key" in run.summary
    assert said.urgent
    assert run.summary in said.why
    assert said.next_action.startswith("fix what it names")
    step = operator.step(*place[:2])
    if step.status is StepStatus.DETACHED:
        assert step.open_attempt is not None
        assert "connection lost for" in said.why
    return run.summary


def recommended(operator: Operator) -> str:
    """``resume`` where a job may run on the node, ``rerun STEP`` where nothing was started."""
    return operator.engine.choices()[0].word
