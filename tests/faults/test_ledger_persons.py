"""What a person had stopped stays stopped: applications, services, a whole node, whatever the run does."""

from pathlib import Path

import pytest

from tests.faults.scenes import FAST, Case, kept_files
from tests.faults.tally import ROWS, Row
from tests.rollout.engine_operator import Operator, cluster, console
from tests.rollout.preflight.provoking import Hands
from tui.model.states import Health, PauseMode, Progress, RunStatus
from tui.model.steps import StepName

__all__ = ["kept_files"]
pytestmark = pytest.mark.usefixtures("kept_files")

NEEDED = {"services-not-stopped": "go on with reboot needed"}


async def test_an_application_that_a_person_had_stopped_is_stopped_after_a_reboot_too(tmp_path: Path) -> None:
    """The node's own start-up starts it; the run, which ordered the reboot, stops it again."""
    row = Row("stopped by a person", "application, over a reboot")
    ROWS.append(row)
    with cluster(
        tmp_path / "c", nodes=1, faults={"px01": "stop-busy"}, pace=FAST, management=None
    ) as rehearsal:
        Hands(rehearsal).by_hand("px01", "systemctl stop mysqld")
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            ended = await operator.finish(NEEDED)
            case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
            node = rehearsal.node("px01")
            case.expect("init: systemctl start mysqld" in node.log, "its start-up did not start it")
            case.expect(not node.app_running, "the application runs")
            case.expect(node.services_running and node.active == "5.21.2", "the node is not updated")
            line = next(line for line in operator.run.ledger if line.added.what == "applications")
            case.expect(line.added.before == "stopped by a person", line.added.before)
            case.ran("px01", "systemctl start mysqld", 0)
            case.bytes_and_record(operator)
    assert row.clean, row.notes


async def _meet_the_stopped_services(operator: Operator, case: Case) -> None:
    ended = await operator.finish()
    case.expect(
        (ended, operator.run.code) == (RunStatus.PAUSED_ON_ERROR, "stopped-before"), operator.run.summary
    )
    case.expect(not operator.run.ledger, "the run claims to have taken something out")
    attempts = operator.step("px01", StepName.STOP_APPLICATIONS).attempts
    case.expect(not attempts, "something was begun")


async def test_services_that_a_person_had_stopped_are_never_started_unasked(tmp_path: Path) -> None:
    """Skipped, the node stays as it is; updated all the same only at a person's word, with the name typed."""
    row = Row("stopped by a person", "services of a node")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=1, pace=FAST, management=None) as rehearsal:
        node = rehearsal.node("px01")
        stop = "systemctl stop mysqld; $R/opt/DIS/sbin/dis_services stop"
        Hands(rehearsal).by_hand("px01", stop)
        async with console(rehearsal, tmp_path / "s") as operator:
            case = Case(row, rehearsal)
            await _meet_the_stopped_services(operator, case)
            assert operator.choose("skip px01").accepted
            ended = await operator.finish()
            case.expect(ended is RunStatus.COMPLETED_WITH_EXCEPTIONS, f"{ended}")
            case.expect(not node.services_running and not node.app_running, "something was started")
            case.ran("px01", "dis_services start", 0)
        async with console(rehearsal, tmp_path / "s2") as operator:
            case = Case(row, rehearsal)
            await _meet_the_stopped_services(operator, case)
            assert operator.choose("update it all the same").accepted
            ended = await operator.finish()
            case.expect(ended is RunStatus.COMPLETED, f"{ended}: {operator.run.summary}")
            case.expect(node.services_running and node.active == "5.21.2", "the node is not updated")
            case.expect(not node.app_running, "the application was started")
            case.bytes_and_record(operator)
    assert row.clean, row.notes


async def test_a_node_that_a_person_holds_is_left_alone_in_any_state(tmp_path: Path) -> None:
    """Its services are stopped: nobody else may go out meanwhile, and nothing is started on it."""
    row = Row("stopped by a person", "a node on hold")
    ROWS.append(row)
    with cluster(tmp_path / "c", nodes=2, pace=FAST, management=None) as rehearsal:
        hands = Hands(rehearsal)
        hands.by_hand("px02", "systemctl stop mysqld; $R/opt/DIS/sbin/dis_services stop")
        before = list(rehearsal.node("px02").log)
        hands.config(r"\[policy\]", '[node.px02]\nhold = "fan failure"\n\n[policy]')
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            case = Case(row, rehearsal)
            await operator.needed()
            await operator.until(lambda run: run.nodes["px02"].health is Health.DISABLED)
            candidate = operator.engine.candidates()[0]
            case.expect(candidate.node == "px01" and not candidate.eligible, f"{candidate}")
            case.expect("px02" in candidate.why, f"no reason: {candidate}")
            case.expect(operator.run.nodes["px02"].progress is Progress.HELD, "not held")
            case.expect(rehearsal.node("px02").log == before, "something ran on a held node")
            case.ran("px01", "dis_services stop", 0)
            case.bytes_and_record(operator)
    assert row.clean, row.notes
