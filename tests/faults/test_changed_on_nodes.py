"""A watched file that somebody else touches between any two steps is seen before the next critical one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.scripted_engine import ScriptedRun
from tests.faults.test_answers import scripted_run
from tests.faults.test_gate_faults import to_install, to_offer
from tui.journal.kept import KeptTexts
from tui.model import intents as it
from tui.model.actors import YES
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.report.decisions import decisions

HOSTS = "etc/dis/dishosts.conf"
CRITICAL = (StepName.STOP_SERVICES, StepName.INSTALL, StepName.REBOOT)


@pytest.fixture
def scripted() -> Iterator[ScriptedRun]:
    run = scripted_run()
    yield run
    run.close()


def edited(run: ScriptedRun, name: str) -> None:
    run.cluster.texts[name][HOSTS] = "as all have it\nand one line more\n"


def appeared(run: ScriptedRun, name: str) -> None:
    run.cluster.texts[name]["etc/modprobe.d/dis.conf"] = "options dis_irm x=1\n"


def vanished(run: ScriptedRun, name: str) -> None:
    del run.cluster.texts[name][HOSTS]


TOUCHED: dict[Callable[[ScriptedRun, str], None], tuple[str, str]] = {
    edited: (f"/{HOSTS} changed: +and one line more", "go on with the changed file"),
    appeared: ("/etc/modprobe.d/dis.conf appeared", "go on with the changed file"),
    vanished: (f"/{HOSTS} vanished", "go on with the changed file"),
}


def paused(run: ScriptedRun) -> bool:
    return (run.run.status, run.run.code) == (RunStatus.PAUSED_ON_ERROR, "files-changed")


@pytest.mark.parametrize(
    ("step", "touch", "name"),
    [
        (step, touch, name)
        for step in CRITICAL
        for touch, name in zip(TOUCHED, ("n1", "n3", "m"), strict=True)
    ],
)
def test_a_change_pauses_until_a_person_goes_on(
    step: StepName, touch: Callable[[ScriptedRun, str], None], name: str, scripted: ScriptedRun
) -> None:
    words, choice = TOUCHED[touch]
    token = to_offer(scripted, step)
    jobs = dict(scripted.referee.jobs["n1"])
    touch(scripted, name)
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert scripted.referee.jobs["n1"] == jobs, "it was begun all the same"
    assert paused(scripted)
    assert f"on n1 was not started: {name}: {words}" in scripted.run.summary
    refused = scripted.engine.submit(it.Resume(), waiver=YES)
    assert "a person has to look at what changed" in refused.sentence
    first, *others = scripted.engine.choices()
    assert (first.word, first.intent) == ("look again", it.Resume())
    agrees = next(each for each in others if each.word == choice)
    assert agrees.intent == it.Resume(agrees_to="files-changed")
    scripted.submit(agrees.intent)
    agreed = scripted.run.nodes[name].files_agreed
    assert agreed is not None
    assert agreed.how == "agreed"
    said = decisions(scripted.engine.events())
    assert [each.why for each in said if "changed files" in each.what] == [words.partition(":")[0]]
    scripted.bring_to_an_end()
    scripted.check()
    assert scripted.run.status is RunStatus.COMPLETED


def test_a_file_that_was_put_back_is_as_it_was(scripted: ScriptedRun) -> None:
    to_install(scripted)  # n1's are known from here on
    scripted.loop.advance(30.0)
    before = dict(scripted.cluster.texts["n2"])
    token = to_offer(scripted, StepName.REBOOT)
    edited(scripted, "n2")
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert paused(scripted)
    scripted.cluster.texts["n2"] = before
    scripted.submit(it.Resume())
    scripted.bring_to_an_end()
    assert not any(
        event.type == "node.files" and event.data["how"] == "found" and event.seq > scripted.run.seq
        for event in scripted.engine.events()
    )
    assert scripted.run.status is RunStatus.COMPLETED


def test_what_our_own_installation_changes_is_told_and_no_pause(scripted: ScriptedRun) -> None:
    to_install(scripted)
    scripted.cluster.texts["n1"]["etc/init.d/dis_irm"] = "#!/bin/sh\n"
    scripted.bring_to_an_end()
    assert scripted.run.status is RunStatus.COMPLETED
    told = [event for event in scripted.engine.events() if event.type == "node.files" and event.node == "n1"]
    assert [event.data["how"] for event in told] == ["first", "install"]
    assert "appeared" in str(told[1].data["changes"])


def test_an_installation_whose_change_cannot_be_told_waits_for_a_person(scripted: ScriptedRun) -> None:
    to_install(scripted)
    scripted.cluster.spoiled["n1", "files"] = lambda said: said._replace(text="")
    scripted.loop.advance(30.0)
    scripted.cluster.spoiled.clear()
    assert scripted.run.nodes["n1"].steps[StepName.INSTALL].status is StepStatus.SUCCEEDED
    token = to_offer(scripted, StepName.REBOOT)
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert paused(scripted)
    assert "what the installation changed could not be told" in scripted.run.summary
    assert scripted.submit(it.Resume(agrees_to="files-changed")).accepted
    scripted.bring_to_an_end()
    assert scripted.run.nodes["n1"].progress is Progress.UPDATED


def test_a_resume_alone_agrees_to_nothing(scripted: ScriptedRun) -> None:
    to_install(scripted)
    token = to_offer(scripted, StepName.REBOOT)
    edited(scripted, "n2")
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert paused(scripted)
    assert not scripted.submit(it.Resume(agrees_to="risks-open")).accepted
    assert scripted.submit(it.Resume()).accepted
    assert scripted.run.nodes["n2"].files_agreed is None
    scripted.confirm(to_offer(scripted, StepName.REBOOT))
    scripted.loop.advance(5.0)
    assert paused(scripted)


def test_another_console_asks_again_for_what_nobody_agreed_to(scripted: ScriptedRun) -> None:
    scripted.confirm(to_offer(scripted, StepName.STOP_APPLICATIONS))
    scripted.loop.advance(5.0)
    token = to_offer(scripted, StepName.STOP_SERVICES)
    edited(scripted, "n3")
    scripted.confirm(token)
    scripted.loop.advance(5.0)
    assert paused(scripted)
    scripted.restart(leaves=False)
    scripted.idle(60.0)
    assert scripted.submit(it.Resume()).accepted
    assert scripted.run.nodes["n3"].files_found is None
    scripted.confirm(to_offer(scripted, StepName.STOP_SERVICES))
    scripted.loop.advance(5.0)
    assert paused(scripted)


def test_texts_are_kept_once_without_what_may_be_secret(scripted: ScriptedRun) -> None:
    for name in scripted.config.machines:
        scripted.cluster.texts[name]["etc/systemd/system/dis_irm.service.d/x.conf"] = "Environment=A=hush\n"
    scripted.bring_to_an_end()
    place = scripted.engine._publisher.journal.directory / "files"
    texts = {path.read_text() for path in place.iterdir()}
    assert texts == {"as all have it\n", "Environment=(not kept)\n"}
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert KeptTexts(place.parent).read("0" * 64) is None
