"""A fault of the engine itself stops it; where it happened is kept beside the journal, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.test_gate_faults import to_offer
from tui.model import intents as it
from tui.model.steps import StepName
from tui.rollout.execution import executor


def test_an_engine_that_breaks_says_where_and_keeps_no_secret(
    scripted: ScriptedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        password = "-".join(("secret", "looking"))
        raise RuntimeError(password)

    token = to_offer(scripted, StepName.STOP_APPLICATIONS)
    monkeypatch.setattr(executor, "rebooted_meanwhile", trip)
    assert scripted.confirm(token).accepted
    scripted.loop.advance(5.0)
    told = scripted.engine.broken
    place = re.fullmatch(
        r"Rollcall's engine stopped: a fault in Rollcall itself \(RuntimeError\); "
        r"where it happened is in (/\S+/crash-\d{8}-\d{6}-\w+\.txt)",
        told,
    )
    assert place is not None, told
    kept = Path(place[1])
    assert kept.parent.joinpath("events.jsonl").is_file(), "beside the journal"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "in trip" in kept.read_text()
    assert "secret-looking" not in kept.read_text() + told
    assert scripted.engine.advice().why == told
    reply = scripted.submit(it.Pause())
    assert (reply.accepted, reply.sentence) == (False, told)
