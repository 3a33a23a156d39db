"""The gate while things go wrong around it: on scripted nodes with a clock of their own, and in rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.tally import ROWS, Row
from tests.rollout.engine_operator import Operator, cluster, console
from tui.model import intents as it
from tui.model import problems
from tui.model.states import PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rehearsal import SimulatedNode
from tui.rollout.watchers import peers

Harm = Callable[[ScriptedRun], None]
HARMS: dict[str, tuple[Harm, str]] = {
    "power": (lambda run: run.cluster.power_off("n2"), "n2: unreachable"),
    "network": (lambda run: run.cluster.change("n2", linked=False), "n2: unreachable"),
    "no answer": (lambda run: run.cluster.change("n2", hanging=True), "n2: unknown"),
    "services": (lambda run: run.cluster.change("n2", services=False), "n2: disabled"),
    "link": (lambda run: run.cluster.change("n2", disabled_link=True), "the cluster view counts 2"),
    "view": (lambda run: setattr(run.cluster, "view_answers", False), "the cluster view gives no answer"),
}
LAST_MOMENT = Row("peer lost in the last moment", "between the confirm and the job, every gated step")
DURING = Row("peer lost during an install", "scripted nodes and the rehearsal cluster")


def tallied(row: Row, scripted: ScriptedRun) -> None:
    if row not in ROWS:
        ROWS.append(row)
    row.cases += 1
    row.wrong_states += len(scripted.referee.broken)
    scripted.check()


def to_offer(scripted: ScriptedRun, step: StepName) -> str:
    """Go on until that step of n1 is offered; its token."""
    for _ in range(40):
        scripted.idle()
        offer = scripted.run.offer
        if offer is not None and offer.step is step:
            return offer.offered.token
        if step is StepName.REBOOT and scripted.run.nodes["n1"].steps[StepName.INSTALL].status.passed:
            scripted.submit(it.RequestReboot(node="n1"))
            continue
        scripted.go_on()
    raise AssertionError(f"{step} was never offered: {scripted.run.summary}")


def to_install(scripted: ScriptedRun) -> None:
    """n1 is in the middle of its installation."""
    scripted.confirm(to_offer(scripted, StepName.INSTALL))
    scripted.loop.advance(1.0)
    assert scripted.run.nodes["n1"].steps[StepName.INSTALL].status is StepStatus.RUNNING


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize(
    "step", [StepName.STOP_APPLICATIONS, StepName.STOP_SERVICES, StepName.INSTALL, StepName.REBOOT]
)
def test_after_the_confirm_the_gate_looks_once_more(step: StepName, harm: str, scripted: ScriptedRun) -> None:
    token = to_offer(scripted, step)
    jobs = dict(scripted.referee.jobs["n1"])
    does, words = HARMS[harm]
    scripted.confirm(token)
    does(scripted)  # at once: nothing had its turn yet
    scripted.loop.advance(5.0)
    assert scripted.referee.jobs["n1"] == jobs, "it was begun all the same"
    assert (scripted.run.status, scripted.run.code) == (RunStatus.PAUSED_ON_ERROR, "gate-closed")
    assert words in scripted.run.summary or "the cluster view counts" in scripted.run.summary
    tallied(LAST_MOMENT, scripted)


def test_a_connection_that_breaks_in_the_last_moment_makes_the_gate_look_anew(
    scripted: ScriptedRun,
) -> None:
    token = to_offer(scripted, StepName.STOP_SERVICES)
    jobs = dict(scripted.referee.jobs["n1"])
    client = scripted.fleet.client("n1")
    client.cut, client.cut_for = "before", 60.0
    scripted.confirm(token)
    scripted.loop.advance(20.0)
    scripted.cluster.power_off("n2")
    scripted.loop.advance(60.0)
    assert scripted.referee.jobs["n1"] == jobs, "the gate's look was a minute old"
    assert scripted.run.code == "gate-closed"
    scripted.bring_to_an_end()
    tallied(LAST_MOMENT, scripted)


@pytest.mark.parametrize("harm", ["power", "network", "no answer", "services", "link"])
def test_others_that_fail_during_an_install_pause_the_run_and_are_named(
    harm: str, scripted: ScriptedRun
) -> None:
    to_install(scripted)
    does, words = HARMS[harm]
    does(scripted)
    scripted.loop.advance(peers.FAILING_FOR + 5.0)
    run = scripted.run
    assert (run.status, run.code) == (RunStatus.PAUSE_PENDING, problems.PEER_DOWN.code)
    assert words in run.summary
    assert "while n1 is out" in run.summary
    assert run.nodes["n1"].steps[StepName.INSTALL].status is StepStatus.RUNNING, "it is not touched"
    scripted.loop.advance(30.0)
    assert (scripted.run.status, scripted.run.code) == (RunStatus.PAUSED_ON_ERROR, problems.PEER_DOWN.code)
    assert words in scripted.run.summary
    assert scripted.run.nodes["n1"].steps[StepName.VERIFY].status is StepStatus.PENDING
    scripted.bring_to_an_end()
    assert scripted.run.status is RunStatus.COMPLETED
    tallied(DURING, scripted)


def test_a_person_who_resumes_all_the_same_is_not_paused_for_it_again(scripted: ScriptedRun) -> None:
    to_install(scripted)
    scripted.cluster.power_off("n2")
    scripted.loop.advance(40.0)
    assert scripted.run.code == problems.PEER_DOWN.code
    scripted.submit(it.Resume())
    scripted.loop.advance(40.0)
    assert scripted.run.status is RunStatus.RUNNING
    scripted.cluster.power_off("n3")
    scripted.loop.advance(40.0)
    assert "n3: unreachable" in scripted.run.summary, "that one is news"
    tallied(DURING, scripted)


def test_a_short_silence_of_others_pauses_nothing(scripted: ScriptedRun) -> None:
    to_install(scripted)
    scripted.cluster.change("n2", linked=False)
    scripted.loop.advance(4.0)
    scripted.cluster.change("n2", linked=True)
    scripted.loop.advance(10.0)
    assert scripted.run.status is RunStatus.RUNNING
    tallied(DURING, scripted)


def test_unstable_is_waited_out_for_longer_than_anything_else(scripted: ScriptedRun) -> None:
    to_install(scripted)
    scripted.cluster.unstable = True
    scripted.submit(it.ChangePauseMode(mode=PauseMode.NONE))
    scripted.loop.advance(60.0)  # verify gives up after 16 s when a node does not become active
    node = scripted.run.nodes["n1"]
    assert node.steps[StepName.VERIFY].status is StepStatus.RUNNING
    assert "UNSTABLE" in node.progress_reason
    scripted.cluster.unstable = False
    while scripted.run.nodes["n1"].steps[StepName.VERIFY].status is not StepStatus.SUCCEEDED:
        scripted.loop.advance(0.1)
    scripted.cluster.unstable = True
    scripted.loop.advance(300.0)
    assert scripted.run.nodes["n1"].progress is Progress.UPDATED
    assert scripted.run.current is None, "no other node goes out meanwhile"
    assert not scripted.submit(it.SelectNode(node="n2")).accepted
    scripted.cluster.unstable = False
    scripted.loop.advance(300.0)
    assert scripted.run.status is RunStatus.COMPLETED
    scripted.check()


def test_looks_that_stopped_coming_count_as_down(scripted: ScriptedRun) -> None:
    scripted.go_on()
    assert [found.eligible for found in scripted.engine.candidates()] == [True, True, True]
    scripted.loop.complete(scripted.fleet.close())
    scripted.loop.advance(12.0)
    assert not scripted.submit(it.SelectNode(node="n1")).accepted
    assert "last look is 1" in scripted.engine.candidates()[0].why


def unstable_now(management: SimulatedNode, on: bool) -> None:
    """The simulated Network Manager calls the interconnect UNSTABLE, in its own line."""
    program = management.sysroot / "opt/DIS/sbin/dxadmin_commandline"
    original = program.with_name("dxadmin_commandline.original")
    if not original.exists():
        program.rename(original)
    flag = management.sysroot / "unstable"
    flag.touch() if on else flag.unlink(missing_ok=True)
    fresh = program.with_name("fresh")
    fresh.write_text(
        f'#!/bin/sh\n"$0.original" "$@" >"{flag}.$$" || exit\n'
        f'[ -e "{flag}" ] && sed -i "s/status  *: [A-Z]*/status : UNSTABLE/" "{flag}.$$"\n'
        f'cat "{flag}.$$"; rm -f "{flag}.$$"\n'
    )
    fresh.chmod(0o755)
    fresh.rename(program)


async def installing(operator: Operator) -> None:
    await operator.until(
        lambda run: (
            StepName.INSTALL in run.nodes["px01"].steps
            and run.nodes["px01"].steps[StepName.INSTALL].status is StepStatus.RUNNING
        )
    )


async def test_a_peer_that_loses_power_during_an_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "FAILING_FOR", 0.5)
    with cluster(tmp_path / "c", nodes=2, pace=12.0) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            await installing(operator)
            rehearsal.node("px02").power_off()
            await operator.until(lambda run: run.code == problems.PEER_DOWN.code)
            assert "px02: unreachable" in operator.run.summary
            await operator.until(lambda run: run.status is RunStatus.PAUSED_ON_ERROR)
            assert operator.run.code == problems.PEER_DOWN.code
            assert operator.step("px01", StepName.INSTALL).status is StepStatus.SUCCEEDED
            rehearsal.node("px02").power_on()
            assert await operator.finish({problems.PEER_DOWN.code: "resume"}) is RunStatus.COMPLETED
            operator.check_the_record()
            DURING.cases += 1


async def test_an_unstable_interconnect_is_waited_out(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        management = rehearsal.node("pxmgmt")
        async with console(rehearsal, tmp_path / "s") as operator:
            await installing(operator)
            unstable_now(management, True)
            await operator.until(lambda run: "UNSTABLE" in run.nodes["px01"].progress_reason)
            assert operator.run.current == "px01"
            unstable_now(management, False)
            assert await operator.finish() is RunStatus.COMPLETED
            operator.check_the_record()
