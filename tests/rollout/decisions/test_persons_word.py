"""Without a view only a person can see whether the cluster reaches a node: nothing stands in for them."""

from __future__ import annotations

import json
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.plain.terminals import ROOT, rollcall
from tests.rigs.waiting import patience
from tests.rollout.engine_operator import Operator, cluster, console
from tui.journal import find_runs, read_events
from tui.model import intents as it
from tui.model.actors import PROCEDURE, WAIVER, YES
from tui.model.events import StepConfirmed, StepOffered
from tui.model.states import Confirm, ConfirmClass, PauseMode, Progress, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.report import read_report, render_html, render_markdown
from tui.rollout.open_run import who
from tui.rollout.procedure.notices import NOBODY_LOOKS


def one_node(directory: Path) -> AbstractContextManager[Rehearsal]:
    """A cluster of one node, without a management node and so without a view."""
    return cluster(directory, nodes=1, management=None, pace=60.0)


def plain(rehearsal: Rehearsal, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = rollcall("run", str(rehearsal.cluster_file), "--plain", *words, "--state-dir", str(state))
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120 * patience(),
        check=False,
        stdin=subprocess.DEVNULL,
    )


def confirms(events: list[object]) -> dict[StepName, set[str]]:
    """Who confirmed which step, as the journal has it."""
    found: dict[StepName, set[str]] = {}
    for event in events:
        if event.type == StepConfirmed.type:  # type: ignore[attr-defined]
            found.setdefault(event.step, set()).add(event.actor)  # type: ignore[attr-defined]
    return found


def waived(rehearsal: Rehearsal) -> None:
    file = rehearsal.cluster_file
    file.write_text(file.read_text().replace("[policy]\n", '[policy]\nwaive = ["dis_admin"]\n'))


async def at_the_look(operator: Operator) -> None:
    """Wait until a person is needed: at the look at dis_admin, and nowhere before."""
    await operator.needed()
    offer = operator.run.offer
    assert offer is not None, operator.run.summary
    assert (offer.step, offer.offered.stands_for) == (StepName.VERIFY, ConfirmClass.EYES)


async def test_pause_mode_none_waits_at_the_look_at_dis_admin(tmp_path: Path) -> None:
    with one_node(tmp_path / "c") as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.NONE) as operator:
            await at_the_look(operator)
            assert operator.run.offer is not None
            yes = it.ConfirmStep(token=operator.run.offer.offered.token)
            refused = operator.engine.submit(yes, waiver=YES)
            assert not refused.accepted
            assert "a person has to confirm verify on px01: there is no [view]" in refused.sentence
            assert "look at dis_admin: confirm only when it shows px01 active (green)" in refused.sentence
            assert operator.confirm().accepted
            assert await operator.finish() is RunStatus.COMPLETED
            who_said = confirms(list(operator.engine.events()))
            assert who_said[StepName.VERIFY] == {who()}
            for step in (StepName.STOP_SERVICES, StepName.INSTALL, StepName.PACKAGES):
                assert who_said[step] == {"pause mode none"}
            assert who_said[StepName.LOG_IN] == {PROCEDURE}
            selected = [event for event in operator.engine.events() if event.type == "node.selected"]
            assert {event.actor for event in selected} == {"pause mode none"}


async def test_yes_stops_at_the_look_and_is_not_journaled_as_the_person(tmp_path: Path) -> None:
    with one_node(tmp_path / "c") as rehearsal:
        done = plain(rehearsal, tmp_path / "s", "--yes")
        assert done.returncode == 4, done.stdout
        assert "Stopped here: a person has to confirm verify on px01: there is no [view]" in done.stdout
        (record,) = find_runs(tmp_path / "s")
        who_said = confirms(list(read_events(record.directory)))
        assert StepName.VERIFY not in who_said
        assert who_said[StepName.STOP_SERVICES] == {f"--yes of {who()}"}
        assert record.run is not None
        assert record.run.nodes["px01"].progress is not Progress.UPDATED
        report = read_report(record.directory)
        said = {d.who: d.person for d in report.decisions if d.what.startswith("confirmed")}
        assert said == {f"--yes of {who()}": False}
        checked = [check for check in report.preflight if check.check == "view"]
        assert [(check.verdict, "there is no [view]" in check.summary) for check in checked] == [
            ("warning", True)
        ]


@pytest.mark.parametrize("words", [("--yes",), ("--yes", "--pause", "none")])
async def test_the_file_waives_the_look_by_name_and_everything_says_so(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with one_node(tmp_path / "c") as rehearsal:
        waived(rehearsal)
        done = plain(rehearsal, tmp_path / "s", *words)
        assert done.returncode == 0, done.stdout
        (record,) = find_runs(tmp_path / "s")
        events = list(read_events(record.directory))
        assert confirms(list(events))[StepName.VERIFY] == {WAIVER}
        offers = [event.payload for event in events if event.type == StepOffered.type]
        asked = [offer for offer in offers if isinstance(offer, StepOffered)]
        assert all(offer.notices == (NOBODY_LOOKS,) for offer in asked)
        assert any(offer.confirm is not Confirm.NONE for offer in asked)
        assert f"check view: warning; {NOBODY_LOOKS}" in done.stdout
        report = read_report(record.directory)
        assert report.notices == (NOBODY_LOOKS,)
        assert "nobody looks at dis_admin" in "\n".join(render_markdown(report).splitlines()[:8])
        page = render_html(report)
        assert page.index("nobody looks at dis_admin") < page.index("<h2>Nodes</h2>")
        looks = [d for d in report.decisions if d.what == "let nobody look at dis_admin"]
        assert [(look.who, look.person) for look in looks] == [(WAIVER, False)]
        assert all(promise.holds for promise in report.invariants)


async def test_with_a_view_nobody_has_to_look(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, pace=60.0) as rehearsal:
        done = plain(rehearsal, tmp_path / "s", "--yes", "--json")
        assert done.returncode == 0, done.stdout
        told = [json.loads(line) for line in done.stdout.splitlines()]
        offered = [line["data"] for line in told if line["type"] == "step.offered"]
        assert all(not offer["notices"] for offer in offered)
        assert {offer["confirm_class"] for offer in offered} == {"plain", "reading"}
