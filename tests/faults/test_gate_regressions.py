"""What random sequences have found, each as the few steps that matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.scripted_truth import OLD, TARGET
from tests.faults.test_gate_faults import to_install, to_offer
from tui.model import intents as it
from tui.model import problems
from tui.model.states import Health, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.watchers import peers

NODES = ("n1", "n2", "n3")


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    """A run on three nodes that waits for a person."""
    run = ScriptedRun(NODES, allowed=1, view=False, reboot="if-needed", pause=PauseMode.EVERY_STEP)
    yield run
    run.close()


def to_put_back(scripted: ScriptedRun) -> None:
    """The installation on n1 fails, and the undo is asked for and offered."""
    scripted.machines["n1"].faults.add("install:refuses")
    to_install(scripted)
    scripted.idle()
    assert scripted.run.code == "install-failed"
    assert scripted.submit(it.PutBack(node="n1")).accepted
    to_offer(scripted, StepName.PUT_BACK)


def confirm(scripted: ScriptedRun) -> None:
    offer = scripted.run.offer
    assert offer is not None
    assert scripted.confirm(offer.offered.token).accepted


def ends(scripted: ScriptedRun) -> None:
    scripted.bring_to_an_end()
    scripted.check()
    assert scripted.run.status is RunStatus.COMPLETED


def test_a_put_back_that_is_paused_for_others_can_be_resumed(scripted: ScriptedRun) -> None:
    """The step that failed before it is no reason to stay: the undo goes first."""
    to_put_back(scripted)
    scripted.cluster.power_off("n2")
    scripted.loop.advance(peers.FAILING_FOR + 5.0)
    assert (scripted.run.status, scripted.run.code) == (RunStatus.PAUSED_ON_ERROR, problems.PEER_DOWN.code)
    assert isinstance(scripted.engine.choices()[0].intent, it.Resume)
    reply = scripted.submit(it.Resume())
    assert reply.accepted, reply.sentence
    confirm(scripted)
    scripted.idle()
    assert "n1/services" not in {line.line for line in scripted.run.open_ledger}
    ends(scripted)


def test_after_an_earlier_step_was_done_again_the_one_that_failed_needs_a_person_again(
    scripted: ScriptedRun,
) -> None:
    scripted.machines["n1"].faults.add("install:refuses")
    to_install(scripted)
    scripted.idle()
    assert scripted.submit(it.RerunStep(node="n1", step=StepName.STOP_SERVICES)).accepted
    to_offer(scripted, StepName.STOP_SERVICES)
    assert scripted.submit(it.Pause()).accepted
    reply = scripted.submit(it.Resume())
    assert reply.accepted, reply.sentence
    confirm(scripted)
    scripted.idle()
    run = scripted.run
    assert (run.status, run.code) == (RunStatus.PAUSED_ON_ERROR, "install-failed"), "it waited for ever"
    assert "exit code 1" in run.summary
    assert scripted.engine.choices()[0].intent == it.RerunStep(node="n1", step=StepName.INSTALL)
    ends(scripted)


def test_a_broken_step_that_is_next_is_not_resumed(scripted: ScriptedRun) -> None:
    scripted.machines["n1"].faults.add("install:refuses")
    to_install(scripted)
    scripted.idle()
    assert "install did not pass" in scripted.submit(it.Resume()).sentence
    ends(scripted)


def test_services_that_run_with_the_old_driver_are_put_back_and_the_node_is_no_good_peer(
    scripted: ScriptedRun,
) -> None:
    """They serve as before, so nothing is out; but no other node goes out until a reboot or an update."""
    to_install(scripted)
    scripted.cluster.reboot("n1")  # in the middle of it: the old driver is loaded again
    scripted.idle()
    assert scripted.run.code == "lost-by-reboot"
    scripted.machines["n1"].faults.add("install:half")
    assert scripted.submit(it.RerunStep(node="n1", step=StepName.INSTALL)).accepted
    confirm_again = to_offer(scripted, StepName.INSTALL)
    assert scripted.confirm(confirm_again).accepted
    scripted.idle()
    machine = scripted.machines["n1"]
    assert (machine.installed, machine.loaded, machine.services) == (TARGET, OLD, True)
    assert scripted.submit(it.PutBack(node="n1")).accepted
    while scripted.run.nodes["n1"].progress is not Progress.WAITING:
        scripted.idle()
        confirm(scripted)
        scripted.loop.advance(10.0)
    assert not scripted.run.open_ledger
    assert scripted.run.nodes["n1"].health is Health.DEGRADED
    assert scripted.submit(it.Resume()).accepted
    assert not scripted.submit(it.SelectNode(node="n2")).accepted
    scripted.check()
    ends(scripted)


def test_nobody_goes_past_a_check_while_the_node_is_put_back(scripted: ScriptedRun) -> None:
    """The undo that runs would be called skipped, and nobody would follow its job any more."""
    scripted.machines["n1"].faults.add("stop-services:refuses")
    scripted.confirm(to_offer(scripted, StepName.STOP_SERVICES))
    scripted.idle()
    assert scripted.run.code == "services-not-stopped"
    assert scripted.submit(it.PutBack(node="n1")).accepted
    to_offer(scripted, StepName.PUT_BACK)
    confirm(scripted)
    scripted.loop.advance(1.0)
    undo = scripted.run.nodes["n1"].steps[StepName.PUT_BACK]
    assert undo.status is StepStatus.RUNNING
    past = it.Override(node="n1", check="services-not-stopped", reason="in a hurry", typed="n1")
    assert "put back runs on n1" in scripted.submit(past).sentence
    ends(scripted)


@pytest.mark.parametrize("unclear", ["hanging", "old driver"])
def test_the_cluster_counts_another_while_the_node_itself_may_serve(unclear: str) -> None:
    """Its count has no names: it stands for the node that is worked on only while that is surely out."""
    scripted = ScriptedRun(NODES, allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP)
    try:
        token = to_offer(scripted, StepName.STOP_APPLICATIONS)
        changes = {"hanging": True} if unclear == "hanging" else {"installed": TARGET}
        scripted.cluster.change("n1", **changes)
        scripted.cluster.change("n2", disabled_link=True)
        scripted.loop.advance(5.0)
        assert "n1 may be none of them" in scripted.confirm(token).sentence
        scripted.loop.advance(5.0)
        assert not scripted.cluster.begun
        ends(scripted)
    finally:
        scripted.close()
