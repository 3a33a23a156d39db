"""How a node was seen to be well, and what comes of less than that: as a peer, and after its update."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.scripted_fleet import Said
from tests.faults.test_gate_faults import to_install, to_offer
from tui.model import intents as it
from tui.model import problems
from tui.model.states import PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    run = ScriptedRun(
        ("n1", "n2", "n3"), allowed=1, view=False, reboot="if-needed", pause=PauseMode.EVERY_STEP
    )
    yield run
    run.close()


def without_sisci(said: Said) -> Said:
    """A whole answer of a node that has no SISCI."""
    return said._replace(text="".join(line for line in said.text.splitlines(True) if "SISCI" not in line))


def test_a_peer_that_lists_fewer_services_than_before_is_down(scripted: ScriptedRun) -> None:
    token = to_offer(scripted, StepName.STOP_SERVICES)
    assert scripted.run.nodes["n2"].baseline is not None
    scripted.cluster.spoiled["n2", "look"] = without_sisci
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert scripted.run.code == "gate-closed"
    assert "n2: degraded: not listed any more: SISCI" in scripted.run.summary
    scripted.restart(leaves=False)  # the baseline is the journal's
    scripted.loop.advance(20.0)
    assert scripted.run.nodes["n2"].health_detail == "not listed any more: SISCI"


def test_fewer_services_after_an_update_are_agreed_to_once(scripted: ScriptedRun) -> None:
    to_install(scripted)
    for name in ("n1", "n2", "n3"):  # each once it runs the new version
        scripted.cluster.spoiled[name, "look"] = lambda said: (
            without_sisci(said) if "5.21.2" in said.text else said
        )
    asked = []
    for _ in range(150):
        if scripted.run.status.final:
            break
        scripted.idle()
        if scripted.run.code == problems.FEWER_SERVICES.code:
            asked.append(scripted.run.summary)
            words = {choice.word: choice for choice in scripted.engine.choices()}
            assert not scripted.submit(it.Resume()).accepted
            scripted._take(words["agree to fewer services"])
        else:
            scripted.go_on()
    assert [words.partition(":")[0] for words in asked] == ["n1"], asked
    assert "SISCI" in asked[0]
    assert scripted.run.status is RunStatus.COMPLETED
    assert all(scripted.run.nodes[name].progress is Progress.UPDATED for name in ("n1", "n2", "n3"))
    first = scripted.run.baselines["5.21.2"]
    assert first.removed == ("SISCI",)
    scripted.check()


def test_a_check_of_the_applications_that_is_killed_tells_nothing(scripted: ScriptedRun) -> None:
    """Taken for "stopped", they would never be started again."""
    token = to_offer(scripted, StepName.STOP_APPLICATIONS)
    scripted.cluster.spoiled["n1", "check"] = lambda said: said._replace(exit_code=137)
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert scripted.run.code == "check-unknown"
    assert not scripted.run.open_ledger
    step = scripted.run.nodes["n1"].steps[StepName.STOP_APPLICATIONS]
    assert step.status is StepStatus.FAILED
    scripted.cluster.spoiled.clear()
    scripted.bring_to_an_end()
    scripted.check()
    assert scripted.run.status is RunStatus.COMPLETED
