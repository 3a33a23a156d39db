"""What happens next: for each state of a run the one action, and nothing where a person is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.rollout.decisions.runs import at, node, offered, run, under_way, updated
from tui.model import actors
from tui.model import intents as it
from tui.model.run import Node, Run, Step
from tui.model.states import Confirm, ConfirmClass, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions import next_action as na

INSTALL = StepName.INSTALL
FIRST = PauseMode.FIRST_NODE


def paused(run: Run, status: RunStatus = RunStatus.PAUSED_BY_USER) -> Run:
    return replace(run, status=status)


def begun(status: StepStatus = StepStatus.RUNNING) -> Run:
    return at(INSTALL, status, attempts=under_way())


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        *((run(node("px01"), status=each), na.Wait()) for each in RunStatus if not each.paused
          and each not in (RunStatus.RUNNING, RunStatus.PAUSE_PENDING)),
        (at(INSTALL, StepStatus.PENDING), na.OfferStep("px01", INSTALL)),
        (at(INSTALL, StepStatus.CONFIRMED), na.Begin("px01", INSTALL)),
        (at(INSTALL, StepStatus.FAILED), na.Stop("px01", INSTALL)),
        (at(INSTALL, StepStatus.TIMED_OUT), na.Stop("px01", INSTALL)),
        (at(INSTALL, StepStatus.RUNNING), na.Wait()),
        (begun(), na.Continue("px01", INSTALL)),
        (begun(StepStatus.DETACHED), na.Continue("px01", INSTALL)),
        (begun(StepStatus.VERIFYING), na.Continue("px01", INSTALL)),
        (paused(begun()), na.Continue("px01", INSTALL)),
        (paused(begun(), RunStatus.PAUSED_ON_ERROR), na.Continue("px01", INSTALL)),
        (paused(at(INSTALL, StepStatus.CONFIRMED)), na.Wait()),
        (paused(at(INSTALL, StepStatus.CONFIRMED, attempts=under_way())), na.Wait()),
        (paused(at(INSTALL, StepStatus.PENDING), RunStatus.PAUSE_PENDING), na.PauseNow()),
        (paused(begun(), RunStatus.PAUSE_PENDING), na.Continue("px01", INSTALL)),
        (run(updated("px01"), current="px01"), na.Finish("px01")),
        (run(updated("px01"), updated("px02")), na.Complete()),
        (run(updated("px01"), node("px02")), na.Wait()),
        (run(updated("px01"), node("px02"), pause_mode=FIRST), na.Pick()),
        (run(node("px01"), node("px02"), pause_mode=FIRST), na.Wait()),
        (run(node("px01"), pause_mode=PauseMode.EVERY_NODE), na.Wait()),
        (run(node("px01"), pause_mode=PauseMode.NONE), na.Pick()),
    ],
)  # fmt: skip
def test_each_state_has_one_action(state: Run, expected: na.Action) -> None:
    assert na.next_action(state) == expected


def test_a_put_back_goes_before_every_other_step() -> None:
    undo = Step(StepName.PUT_BACK)
    state = run(node("px01", INSTALL, undo), current="px01")
    assert na.next_action(state) == na.OfferStep("px01", StepName.PUT_BACK)
    done = replace(undo, status=StepStatus.SUCCEEDED)
    assert na.next_action(run(node("px01", INSTALL, done), current="px01")) == na.OfferStep("px01", INSTALL)


WAITS = {  # the pause modes in which a person confirms, before and after the first node is updated
    ConfirmClass.PLAIN: ({PauseMode.EVERY_STEP, FIRST}, {PauseMode.EVERY_STEP}),
    ConfirmClass.READING: (
        {PauseMode.EVERY_STEP, PauseMode.EVERY_NODE, FIRST},
        {PauseMode.EVERY_STEP, PauseMode.EVERY_NODE},
    ),
    ConfirmClass.SIGNATURE: (set(PauseMode), set(PauseMode)),
    ConfirmClass.EYES: (set(PauseMode), set(PauseMode)),
}


@pytest.mark.parametrize("first_done", [False, True])
@pytest.mark.parametrize("mode", PauseMode)
@pytest.mark.parametrize("stands_for", ConfirmClass)
def test_who_confirms_follows_the_class_and_the_pause_mode(
    stands_for: ConfirmClass, mode: PauseMode, first_done: bool
) -> None:
    waiting = at(INSTALL, StepStatus.AWAITING_CONFIRM)
    if first_done:
        waiting = replace(waiting, nodes={**waiting.nodes, "px02": updated("px02")})
    state = offered(waiting, Confirm.YES, stands_for, mode)
    person = mode in WAITS[stands_for][first_done]
    assert na.waits_for_confirm(state) is person
    assert na.next_action(state) == (na.Wait() if person else na.AutoConfirm("px01", INSTALL))


@pytest.mark.parametrize("mode", PauseMode)
def test_an_undo_waits_for_a_person_and_what_needs_no_confirm_for_nobody(mode: PauseMode) -> None:
    waiting = at(INSTALL, StepStatus.AWAITING_CONFIRM)
    plain = ConfirmClass.PLAIN
    assert na.waits_for_confirm(offered(waiting, Confirm.YES, plain, mode, StepName.PUT_BACK))
    state = offered(waiting, Confirm.NONE, plain, mode)
    assert not na.waits_for_confirm(state)
    assert na.agreed_by(state) == actors.PROCEDURE
    assert na.agreed_by(offered(waiting, Confirm.NONE, ConfirmClass.EYES, mode)) == actors.WAIVER
    assert na.agreed_by(offered(waiting, Confirm.YES, plain, mode)) == actors.by_mode(mode)


def test_what_is_not_named_as_waivable_takes_a_person() -> None:
    state = at(INSTALL, StepStatus.AWAITING_CONFIRM)
    signature = offered(state, Confirm.TYPE_NAME, ConfirmClass.SIGNATURE, PauseMode.NONE)
    confirm = it.ConfirmStep(token="t")
    assert na.person_only(signature, confirm).startswith("a person has to confirm install on px01: ")
    assert not na.person_only(offered(state, Confirm.YES, ConfirmClass.READING, PauseMode.NONE), confirm)
    assert not na.person_only(state, it.SelectNode(node="px02"))
    assert not na.person_only(state, it.Resume())
    assert na.person_only(state, it.CancelRun(reason="r")) == "a person has to decide this"


def test_the_management_node_has_its_turn_and_cluster_nodes_have_none() -> None:
    manager = Node("m", management=True)
    first, last = run(manager, node("px01")), run(node("px01"), node("px02"), manager)
    assert na.not_yet(first, "px01") == "m comes first"
    assert na.not_yet(last, "m") == "last, after all nodes"
    assert na.not_yet(last, "px02") == ""
    later = replace(last, nodes={**last.nodes, "px01": updated("px01")})
    assert na.not_yet(later, "m") == "last, after all nodes"
    assert na.not_yet(replace(last, status=RunStatus.VALIDATING), "px01") == "the run is validating"


@pytest.mark.parametrize("progress", [each for each in Progress if each.done])
def test_a_node_that_is_done_does_not_remain(progress: Progress) -> None:
    assert na.remaining(run(node("px01", progress=progress), node("px02"))) == ("px02",)
