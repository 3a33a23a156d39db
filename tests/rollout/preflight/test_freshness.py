"""Checks that are too old are made again before the first node is taken, by whoever picks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rollout.engine_operator import Operator, cluster, console
from tests.rollout.preflight.provoking import Hands
from tui.model import intents as it
from tui.model.events import AttemptStarted, PreflightResult
from tui.model.run import Attempt, Check, Node, Run, Step
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rollout.preflight import age, stale, too_old

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def run(*minutes: float, attempts: bool = False) -> Run:
    result = PreflightResult(check="tools", verdict="passed", summary="s")
    checks = tuple(Check(None, result, NOW - timedelta(minutes=each)) for each in minutes)
    begun = AttemptStarted(job_id=None, boot_id="", command="", output="", confirmed_by="")
    step = Step(StepName.LOG_IN, attempts=(Attempt(1, begun, NOW),) if attempts else ())
    return Run(checks=checks, nodes={"a": Node("a", steps={StepName.LOG_IN: step})})


@pytest.mark.parametrize(
    ("minutes", "is_stale"),
    [((0.0,), False), ((29.9,), False), ((30.1,), True), ((1.0, 31.0), True), ((), True), ((-5.0,), True)],
)
def test_half_an_hour(minutes: tuple[float, ...], is_stale: bool) -> None:
    assert stale(run(*minutes), NOW) is is_stale
    assert not stale(run(*minutes, attempts=True), NOW), "later nodes are met by the gate and their log in"
    assert (too_old(run(*minutes), NOW) is not None) is is_stale


def test_how_old_is_said() -> None:
    event = too_old(run(42.0, 3.0), NOW)
    assert event is not None
    assert (event.status, event.code) == (RunStatus.VALIDATING, "checks-too-old")
    assert event.summary == "the checks are 42 minutes old"
    assert age(run(), NOW) == float("inf")
    for odd in (run(), run(-5.0)):
        event = too_old(odd, NOW)
        assert event is not None
        assert event.summary == "the age of the checks is not known"


def status(operator: Operator) -> RunStatus:
    return operator.run.status


def current(operator: Operator) -> str | None:
    return operator.run.current


def codes(operator: Operator) -> list[str]:
    """Why the run was validated: the first time for no reason, then for the age of its checks."""
    states = [event.data for event in operator.happened if event.type == "run.state"]
    return [str(data["code"]) for data in states if data["status"] == "validating"]


async def test_a_pick_with_old_checks_is_answered_and_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path / "c", nodes=2) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            Hands(rehearsal).remove("px01", "/usr/bin/make")
            pick = it.SelectNode(node="px01")
            monkeypatch.setattr("tui.rollout.preflight.freshness.GOOD_FOR", 0.0)
            reply = operator.engine.submit(pick)
            monkeypatch.undo()
            assert not reply.accepted
            assert reply.sentence == "the checks are 0 minutes old; checking again"
            assert status(operator) is RunStatus.VALIDATING
            assert not operator.engine.submit(pick).accepted, "one check at a time"
            await operator.needed()
            assert status(operator) is RunStatus.RUNNING
            assert current(operator) is None, "a refused pick picks nothing"
            warned = [each.result.check for each in operator.run.checks if each.result.verdict == "warning"]
            assert warned == ["build"], "what was broken since is found"
            assert codes(operator).count("checks-too-old") == 1
            assert operator.engine.submit(pick).accepted
            assert current(operator) == "px01"
            operator.check_the_record()


async def test_a_gate_that_opens_late_finds_the_checks_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.rollout.preflight.freshness.GOOD_FOR", 0.0)
    with cluster(tmp_path / "c", nodes=1) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.NONE) as operator:
            await operator.until(lambda run: "checks-too-old" in codes(operator))
            assert operator.run.current is None
            monkeypatch.undo()
            assert await operator.finish() is RunStatus.COMPLETED
            operator.check_the_record()


async def test_what_was_found_again_stops_the_run_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path / "c", nodes=1) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            rehearsal.node("px01").set_fault("clock-skew")
            rehearsal.node("pxmgmt").set_fault("wrong-host")
            monkeypatch.setattr("tui.rollout.preflight.freshness.GOOD_FOR", 0.0)
            assert not operator.engine.submit(it.SelectNode(node="px01")).accepted
            monkeypatch.undo()
            await operator.needed()
            assert (status(operator), operator.run.code) == (RunStatus.BLOCKED, "connection")
            assert "pxmgmt-spare" in operator.run.summary
            assert "and 1 more" in operator.run.summary
            for name, fault in (("px01", "clock-skew"), ("pxmgmt", "wrong-host")):
                rehearsal.node(name).clear_fault(fault)
            assert operator.engine.submit(it.Resume()).accepted
            await operator.needed()
            assert status(operator) is RunStatus.RUNNING
            assert operator.done("px01") == []
