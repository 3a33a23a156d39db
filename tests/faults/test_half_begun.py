"""Attempts that broke off between two of their own steps, whatever the node then knows of the job.

Nothing is done twice, nothing is called done that was not, and nothing waits for ever.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.scripted_fleet import ANSWER
from tests.faults.tally import ROWS, Row
from tests.faults.test_gate_faults import to_offer
from tui.model import events as ev
from tui.model import intents as it
from tui.model import problems
from tui.model.clusterfile import Applications
from tui.model.run import Run
from tui.model.states import Progress, RerunScope, StepStatus
from tui.model.steps import StepName
from tui.remote.shell.shell import Completed
from tui.rollout.decisions.next_action import DID_RUN
from tui.rollout.execution import executor
from tui.rollout.interface import Reply
from tui.rollout.leadership.refusals import STALE_AFTER

ROW = Row("attempt breaks off half-way", "staged only; forgotten by the node; between two events")


def tallied(scripted: ScriptedRun) -> None:
    if ROW not in ROWS:
        ROWS.append(ROW)
    ROW.cases += 1
    ROW.wrong_states += len(scripted.referee.broken)
    scripted.check()


def applications_run(scripted: ScriptedRun) -> bool:
    return scripted.machines["n1"].apps


def jobs(scripted: ScriptedRun, what: str) -> int:
    """How many jobs of that kind n1 has begun, also those that it knows nothing of any more."""
    return sum(job.what == what for job in scripted.cluster.begun)


def step(scripted: ScriptedRun, name: StepName) -> StepStatus:
    return scripted.run.nodes["n1"].steps[name].status


@pytest.mark.parametrize("name", [StepName.STOP_SERVICES, StepName.INSTALL, StepName.REBOOT])
def test_a_job_that_was_brought_and_never_begun_is_begun_after_the_console_came_back(
    name: StepName, scripted: ScriptedRun
) -> None:
    token = to_offer(scripted, name)
    scripted.fleet.client("n1").cut = "staged"
    scripted.confirm(token)
    scripted.loop.advance(3.0)
    scripted.restart(leaves=False)
    scripted.loop.advance(60.0)
    assert step(scripted, name) is StepStatus.CONFIRMED, "it was never begun"
    assert scripted.submit(it.Resume()).accepted
    scripted.loop.advance(60.0)
    assert step(scripted, name) is StepStatus.SUCCEEDED
    assert len(scripted.run.nodes["n1"].steps[name].attempts) == 1
    scripted.bring_to_an_end()
    tallied(scripted)


def test_a_job_that_was_brought_and_never_begun_can_be_canceled(scripted: ScriptedRun) -> None:
    token = to_offer(scripted, StepName.STOP_SERVICES)
    client = scripted.fleet.client("n1")
    client.cut = "slow"
    scripted.confirm(token)
    scripted.loop.advance(30.0)
    assert step(scripted, StepName.STOP_SERVICES) is StepStatus.RUNNING
    assert scripted.submit(it.CancelStep(node="n1")).accepted
    scripted.loop.advance(30.0)
    assert step(scripted, StepName.STOP_SERVICES) is StepStatus.CANCELED
    scripted.bring_to_an_end()
    tallied(scripted)


def test_a_node_that_forgets_its_jobs_when_it_reboots_is_not_rebooted_twice(scripted: ScriptedRun) -> None:
    """The answer to the order is lost with the connection, and its state lay in memory."""
    token = to_offer(scripted, StepName.REBOOT)
    scripted.fleet.client("n1").cut = "after"
    scripted.confirm(token)
    scripted.loop.advance(2.0)
    assert not scripted.machines["n1"].powered
    scripted.referee.jobs["n1"].clear()
    scripted.loop.advance(60.0)
    assert jobs(scripted, "reboot") == 1, "ordered again"
    assert step(scripted, StepName.REBOOT) is StepStatus.SUCCEEDED
    scripted.bring_to_an_end()
    tallied(scripted)


def test_a_job_whose_words_are_here_was_heard_of(scripted: ScriptedRun) -> None:
    """Somebody has removed the node's files of it while no console was there."""
    scripted.confirm(to_offer(scripted, StepName.INSTALL))
    scripted.loop.advance(1.0)
    scripted.engine._publisher.journal.output("n1", StepName.INSTALL, 1).write(b"unpacking\n")
    scripted.restart(leaves=False)
    scripted.referee.jobs["n1"].clear()
    scripted.loop.advance(60.0)
    scripted.submit(it.Resume())
    scripted.loop.advance(60.0)
    assert jobs(scripted, "install") == 1, "begun again without a person"
    assert step(scripted, StepName.INSTALL) is StepStatus.DETACHED
    assert scripted.run.code == problems.START_UNKNOWN.code
    said = it.Override(node="n1", check=DID_RUN, reason="its files were removed", typed="n1")
    assert scripted.submit(said).accepted
    scripted.loop.advance(5.0)
    assert step(scripted, StepName.INSTALL) is StepStatus.FAILED
    assert scripted.run.code == "job-lost"
    scripted.bring_to_an_end()
    tallied(scripted)


def test_an_attempt_from_before_a_reboot_is_not_used_for_what_comes_after_it(scripted: ScriptedRun) -> None:
    """Else the installation is called lost by a reboot that was over before it began."""
    token = to_offer(scripted, StepName.INSTALL)
    client = scripted.fleet.client("n1")
    client.cut, client.cut_for = "before", 30.0
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    scripted.cluster.change("n2", services=False)
    scripted.loop.advance(60.0)
    assert scripted.run.code == "gate-closed"
    scripted.cluster.reboot("n1")
    scripted.fix("n2")
    scripted.loop.advance(30.0)
    scripted.fix("n1")
    scripted.loop.advance(30.0)
    scripted.submit(it.RerunStep(node="n1", step=StepName.LOG_IN, scope=RerunScope.NODE))
    scripted.confirm(to_offer(scripted, StepName.INSTALL))
    scripted.loop.advance(40.0)
    assert step(scripted, StepName.INSTALL) is StepStatus.SUCCEEDED, scripted.run.summary
    scripted.bring_to_an_end()
    tallied(scripted)


def test_facts_that_cannot_be_read_fail_the_step_and_not_the_console(
    scripted: ScriptedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.confirm(to_offer(scripted, StepName.INSTALL))
    scripted.loop.advance(1.0)
    monkeypatch.setattr(scripted.cluster, "facts", lambda _name: "")
    scripted.loop.advance(40.0)
    assert not scripted.engine.broken, scripted.engine.broken
    assert step(scripted, StepName.INSTALL) is StepStatus.FAILED
    assert scripted.run.code == "facts"
    monkeypatch.undo()
    scripted.bring_to_an_end()
    tallied(scripted)


def test_a_put_back_that_broke_off_between_its_events_starts_the_applications_all_the_same(
    scripted: ScriptedRun,
) -> None:
    """Its services run and their line is closed; that attempt does not stand for the applications, too."""
    to_offer(scripted, StepName.INSTALL)
    assert scripted.submit(it.PutBack(node="n1")).accepted
    scripted.confirm(to_offer(scripted, StepName.PUT_BACK))
    scripted.loop.advance(30.0)
    assert scripted.machines["n1"].services
    closed = next(
        event
        for event in scripted.engine.events()
        if isinstance(event.payload, ev.LedgerUndone) and event.payload.line == "n1/services"
    )
    scripted.config = scripted.config.model_copy(
        update={"applications": Applications(stop=("app stop",), start=("app start",))}
    )  # without a check
    scripted.take_up_after(closed.seq)
    scripted.loop.advance(30.0)
    scripted.submit(it.Resume())
    scripted.loop.advance(30.0)
    assert not applications_run(scripted)
    scripted.check()
    assert "n1/applications" in {line.line for line in scripted.run.open_ledger}
    scripted.confirm(to_offer(scripted, StepName.PUT_BACK))
    scripted.loop.advance(30.0)
    assert applications_run(scripted)
    assert jobs(scripted, "start-apps") == 1
    assert not scripted.run.open_ledger
    tallied(scripted)


def test_a_cancel_that_does_not_reach_the_node_is_told(scripted: ScriptedRun) -> None:
    scripted.confirm(to_offer(scripted, StepName.STOP_SERVICES))
    scripted.loop.advance(1.0)
    scripted.cluster.change("n1", linked=False)
    assert scripted.submit(it.CancelStep(node="n1")).accepted
    scripted.loop.advance(90.0)
    assert "the cancel did not reach n1" in scripted.run.notes[-1][2]
    scripted.bring_to_an_end()
    tallied(scripted)


def test_what_is_asked_while_the_nodes_are_tidied_up_is_not_forgotten(scripted: ScriptedRun) -> None:
    """The end of a run takes a moment; a node that is released in it is still to be updated."""
    to_offer(scripted, StepName.PACKAGES)
    replies: list[Reply | None] = []

    def happened(event: ev.Event, run: Run) -> None:
        if run.nodes["n1"].progress is Progress.UPDATED and not replies:
            replies.append(None)
            scripted.loop.call_later(ANSWER / 2, lambda: replies.append(scripted.engine.submit(released)))

    released = it.ReleaseNode(node="n2")
    scripted.engine.subscribe(happened)
    scripted.submit(it.HoldNode(node="n2", reason="later"), it.SkipNode(node="n3", reason="not this one"))
    while len(replies) < 2:
        scripted.go_on()
    assert replies[1] == Reply(True)
    scripted.loop.advance(30.0)
    assert not scripted.run.status.final, scripted.run.summary
    scripted.bring_to_an_end()
    assert scripted.run.nodes["n2"].progress is Progress.UPDATED
    tallied(scripted)


def test_a_console_that_was_held_up_asks_for_the_lock_again_before_it_begins(
    scripted: ScriptedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look before a step took longer than a lock needs to be called stale: another may lead."""
    began = datetime.now(UTC)
    monkeypatch.setattr(executor, "utc_now", lambda: began + timedelta(seconds=scripted.loop.time()))
    token = to_offer(scripted, StepName.STOP_APPLICATIONS)
    client, asked = scripted.fleet.client("n1"), scripted.lease.asked
    run = client.run

    async def slow(script: str, **words: Any) -> Completed:
        if "app check" in script:
            await asyncio.sleep(STALE_AFTER)
        return await run(script, **words)

    monkeypatch.setattr(client, "run", slow)
    scripted.confirm(token)
    while not scripted.referee.jobs["n1"]:
        scripted.loop.advance(0.5)
    assert scripted.loop.time() - asked[-1] < STALE_AFTER / 2
    monkeypatch.undo()
    scripted.bring_to_an_end()
    tallied(scripted)
