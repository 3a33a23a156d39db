"""Did it start? Whatever a node shows of a job whose console died: begun again only on its own proof."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.tally import ALL, ROWS, Row
from tests.faults.test_gate_faults import to_offer
from tui.model import intents as it
from tui.model import problems
from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.next_action import DID_NOT_RUN, DID_RUN

ROW = Row("a start whose answer was lost", "every step x what the node shows of it afterwards")

STEPS = (StepName.STOP_APPLICATIONS, StepName.STOP_SERVICES, StepName.INSTALL, StepName.REBOOT)
SENT = {"before": False, "after": True}
"""How the connection breaks at the start, and whether the job runs."""


def unchanged(scripted: ScriptedRun) -> None:
    """Nobody has touched anything."""


def job_gone(scripted: ScriptedRun) -> None:
    scripted.referee.jobs["n1"].clear()


def last_gone(scripted: ScriptedRun) -> None:
    scripted.machines["n1"].last = ("", "")
    job_gone(scripted)


def last_of_another(scripted: ScriptedRun) -> None:
    machine = scripted.machines["n1"]
    machine.last = (machine.boot_id, "another.n1.install.1")
    job_gone(scripted)


def last_made_anew(scripted: ScriptedRun) -> None:
    machine = scripted.machines["n1"]
    machine.last = (machine.boot_id, "fresh-of-later")
    job_gone(scripted)


def rebooted_and_forgotten(scripted: ScriptedRun) -> None:
    job_gone(scripted)
    scripted.cluster.reboot("n1")


SHOWN: tuple[Callable[[ScriptedRun], None], ...] = (
    unchanged,
    job_gone,
    last_gone,
    last_of_another,
    last_made_anew,
    rebooted_and_forgotten,
)
EVERY = tuple(itertools.product(STEPS, SENT, SHOWN))
FEW = tuple(case for case in EVERY if case[0] is StepName.INSTALL or case[2] is job_gone)


def begun(scripted: ScriptedRun, name: StepName) -> int:
    """How often a job of that step has begun on n1."""
    return sum(f".n1.{name}." in job.name for job in scripted.cluster.begun)


@pytest.mark.parametrize(("name", "cut", "show"), EVERY if ALL else FEW)
def test_a_step_is_begun_again_only_on_the_nodes_own_proof(
    name: StepName, cut: str, show: Callable[[ScriptedRun], None], scripted: ScriptedRun
) -> None:
    token = to_offer(scripted, name)
    scripted.fleet.client("n1").cut = cut
    scripted.confirm(token)
    scripted.loop.advance(2.0)
    scripted.restart(leaves=False)
    before = begun(scripted, name)
    assert before == SENT[cut]
    show(scripted)
    scripted.loop.advance(90.0)
    tells = show is unchanged or (show is job_gone and not SENT[cut])
    by_its_boot = name is StepName.REBOOT and (show is rebooted_and_forgotten or SENT[cut])
    if not tells and not by_its_boot:
        assert scripted.run.code == problems.START_UNKNOWN.code, scripted.run.summary
        assert scripted.run.nodes["n1"].steps[name].status is StepStatus.DETACHED
    scripted.submit(it.Resume())
    scripted.loop.advance(60.0)
    again = begun(scripted, name) - before
    ROW.double_starts += max(0, begun(scripted, name) - 1)
    assert begun(scripted, name) <= 1, "begun twice without a person"
    if not tells:
        assert again == 0, "begun although nothing showed that it never was"
    scripted.bring_to_an_end()
    tallied(scripted)


@pytest.mark.parametrize("ran", [True, False])
def test_a_person_says_whether_it_ran(ran: bool, scripted: ScriptedRun) -> None:
    token = to_offer(scripted, StepName.INSTALL)
    scripted.fleet.client("n1").cut = "after" if ran else "before"
    scripted.confirm(token)
    scripted.loop.advance(2.0)
    scripted.restart(leaves=False)
    last_gone(scripted)
    scripted.loop.advance(60.0)
    assert scripted.run.code == problems.START_UNKNOWN.code
    words = [choice.word for choice in scripted.engine.choices()]
    assert words[0] == "look again"
    check = DID_RUN if ran else DID_NOT_RUN
    said = it.Override(node="n1", check=check, reason="seen on its console")
    assert not scripted.submit(said).accepted, "without the name typed"
    assert not scripted.submit(it.SkipNode(node="n1", reason="no")).accepted, "a job may run there"
    machine = scripted.machines["n1"]
    machine.last = (machine.boot_id, "fresh-again")
    assert scripted.submit(said.model_copy(update={"typed": "n1"})).accepted
    scripted.loop.advance(5.0)
    step = scripted.run.nodes["n1"].steps[StepName.INSTALL]
    if ran:
        assert (step.status, scripted.run.code) == (StepStatus.FAILED, "job-lost")
    else:
        assert step.status is StepStatus.AWAITING_CONFIRM
        scripted.confirm(to_offer(scripted, StepName.INSTALL))
        scripted.loop.advance(40.0)
        assert begun(scripted, StepName.INSTALL) == 1
    scripted.bring_to_an_end()
    tallied(scripted)


@pytest.mark.parametrize("cut", list(SENT))
def test_another_place_for_the_files_voids_no_attempt(cut: str, scripted: ScriptedRun) -> None:
    token = to_offer(scripted, StepName.STOP_SERVICES)
    scripted.fleet.client("n1").cut = cut
    scripted.confirm(token)
    scripted.loop.advance(2.0)
    paths = scripted.config.paths.model_copy(update={"state": "/srv/elsewhere"})
    scripted.config = scripted.config.model_copy(update={"paths": paths})
    scripted.restart(leaves=False)
    job_gone(scripted)  # it is asked for at the new place, where nothing is
    scripted.loop.advance(60.0)
    scripted.submit(it.Resume())
    scripted.loop.advance(60.0)
    assert begun(scripted, StepName.STOP_SERVICES) == SENT[cut]
    assert scripted.run.code == problems.START_UNKNOWN.code or not SENT[cut]
    scripted.check()


def tallied(scripted: ScriptedRun) -> None:
    if ROW not in ROWS:
        ROWS.append(ROW)
    ROW.cases += 1
    ROW.wrong_states += len(scripted.referee.broken)
    scripted.check()
