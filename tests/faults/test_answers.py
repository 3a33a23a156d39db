"""Every question to a node, answered in every wrong way: none of it opens the gate or ends a step well.

The ways are made from the whole answer as the node would give it: cut before every line of it, each exit code
in it changed, nothing, noise, too late.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.scripted_fleet import QUESTIONS, Spoil
from tests.faults.tally import ALL, ROWS, Row
from tests.faults.test_gate_faults import to_install, to_offer
from tui.model import intents as it
from tui.model.states import PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName

WRONG = Row("a wrong answer", "every question, cut at every line, every exit code, noise, late")
LATE = 60.0
CODES = (1, 124, 127, 137, 139)
INSIDE = re.compile(r"@(?:[a-z]+\.exit|query) (\d+)")
"""The exit codes of programs that a script asks on the node, as it tells them."""


def ways(question: str, whole: str) -> dict[str, Spoil]:
    """Every wrong way to give this answer."""
    found = {f"exit {code}": exits(code) for code in CODES} | {"no end": exits(None)}
    if question == "check":  # its exit code is the whole answer
        return found
    for code in CODES if INSIDE.search(whole) else ():
        if (question, code) != ("users", 1):  # grep has found nobody
            found[f"its program's exit {code}"] = rewritten(partial(with_codes, code=code))
    for kept in range(whole.count("\n")):
        found[f"cut after {kept} lines"] = rewritten(partial(first_lines, count=kept))
    found["cut in the end mark"] = rewritten(lambda text: text.rstrip().removesuffix("d"))
    found["more after its end"] = rewritten(lambda text: f"{text}Connection closed.\n")
    found["two ends"] = rewritten(lambda text: f"{text}@end\n")
    found["noise"] = rewritten(lambda _: "\x1b[2J\ufffd@@ \r%s\n@ end\n" * 3)
    found["a mail"] = rewritten(lambda _: "You have new mail. All services are running.\n")
    if question in ("look", "view"):
        found["late"] = lambda said: said._replace(late=LATE)
    return found


def exits(code: int | None) -> Spoil:
    return lambda said: said._replace(exit_code=code)


def rewritten(change: Callable[[str], str]) -> Spoil:
    return lambda said: said._replace(text=change(said.text))


def with_codes(text: str, code: int) -> str:
    return INSIDE.sub(lambda seen: seen[0].removesuffix(seen[1]) + str(code), text)


def first_lines(text: str, count: int) -> str:
    return "".join(text.splitlines(keepends=True)[:count])


def whole_answer(question: str, run: ScriptedRun) -> str:
    if question == "view":
        return run.cluster.view()
    return "" if question == "check" else str(getattr(run.cluster, question)("n2"))


def scripted_run() -> ScriptedRun:
    return ScriptedRun(
        ("n1", "n2", "n3"), allowed=1, view=True, reboot="if-needed", pause=PauseMode.EVERY_STEP
    )


def cases() -> Iterator[tuple[str, str]]:
    run = scripted_run()
    try:
        for question in QUESTIONS:
            names = list(ways(question, whole_answer(question, run)))
            yield from ((question, name) for name in (names if ALL else names[:: max(1, len(names) // 5)]))
    finally:
        run.close()


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    run = scripted_run()
    yield run
    run.close()


def gate_stays_shut(run: ScriptedRun, question: str, spoil: Spoil) -> None:
    """The answer is wrong from right after the confirm: the services of n1 are not stopped."""
    token = to_offer(run, StepName.STOP_SERVICES)
    jobs = dict(run.referee.jobs["n1"])
    node = "m" if question == "view" else "n2"
    run.cluster.spoiled[node, question] = spoil
    run.confirm(token)
    run.loop.advance(LATE + 5.0)
    assert run.referee.jobs["n1"] == jobs, "the gate was opened"
    assert (run.run.status, run.run.code) == (RunStatus.PAUSED_ON_ERROR, "gate-closed")


def node_is_not_verified(run: ScriptedRun, question: str, spoil: Spoil) -> None:
    """What n1 is after the installation cannot be read: it is not called updated."""
    to_install(run)
    run.cluster.spoiled["n1", question] = spoil
    run.loop.advance(30.0)
    for _ in range(3):
        run.idle(10.0)
    step = run.run.nodes["n1"].steps[StepName.VERIFY]
    assert run.run.nodes["n1"].progress is not Progress.UPDATED
    assert step.status is not StepStatus.SUCCEEDED, step.reason


def files_are_not_taken_for_unchanged(run: ScriptedRun, question: str, spoil: Spoil) -> None:
    """What another node's watched files are cannot be told: the services of n1 are not stopped."""
    token = to_offer(run, StepName.STOP_SERVICES)
    jobs = dict(run.referee.jobs["n1"])
    run.cluster.spoiled["n2", question] = spoil
    run.confirm(token)
    run.loop.advance(LATE + 5.0)
    assert run.referee.jobs["n1"] == jobs, "the services were stopped"
    assert (run.run.status, run.run.code) == (RunStatus.PAUSED_ON_ERROR, "files-changed")
    assert not run.engine.submit(it.Resume(), waiver="--yes").accepted


def applications_are_not_gone(run: ScriptedRun, question: str, spoil: Spoil) -> None:
    """Who uses PCI Express on n1 cannot be read: its services are not touched without a person's word."""
    token = to_offer(run, StepName.STOP_APPLICATIONS)
    run.cluster.spoiled["n1", question] = spoil
    run.confirm(token)
    run.loop.advance(30.0)
    step = run.run.nodes["n1"].steps[StepName.STOP_APPLICATIONS]
    assert step.status is not StepStatus.SUCCEEDED, step.reason


def applications_are_not_back(run: ScriptedRun, question: str, spoil: Spoil) -> None:
    """The check of the applications on n1 does not pass: they are not called back."""
    token = to_offer(run, StepName.START_APPLICATIONS)
    run.cluster.spoiled["n1", question] = spoil
    run.confirm(token)
    run.loop.advance(60.0)
    step = run.run.nodes["n1"].steps[StepName.START_APPLICATIONS]
    assert step.status is not StepStatus.SUCCEEDED, step.reason


PROMISES: dict[str, Callable[[ScriptedRun, str, Spoil], None]] = {
    "look": gate_stays_shut,
    "view": gate_stays_shut,
    "facts": node_is_not_verified,
    "users": applications_are_not_gone,
    "files": files_are_not_taken_for_unchanged,
    "check": applications_are_not_back,
}


@pytest.mark.parametrize(("question", "way"), list(cases()))
def test_a_wrong_answer_is_no_good_news(question: str, way: str, scripted: ScriptedRun) -> None:
    if WRONG not in ROWS:
        ROWS.append(WRONG)
    WRONG.cases += 1
    spoil = ways(question, whole_answer(question, scripted))[way]
    try:
        PROMISES[question](scripted, question, spoil)
        scripted.cluster.spoiled.clear()
        scripted.bring_to_an_end()
        scripted.check()
        assert scripted.run.status is RunStatus.COMPLETED, "the run is stuck"
    except AssertionError:
        WRONG.wrong_states += 1
        raise


def test_every_question_has_its_promise_and_right_answers_are_believed(scripted: ScriptedRun) -> None:
    """So that the cases above tell something."""
    assert set(PROMISES) == set(QUESTIONS)
    for question in QUESTIONS:
        for node in scripted.config.machines:
            scripted.cluster.spoiled[node, question] = lambda said: said
    scripted.bring_to_an_end()
    assert scripted.run.status is RunStatus.COMPLETED
    assert scripted.run.nodes["n1"].progress is Progress.UPDATED
