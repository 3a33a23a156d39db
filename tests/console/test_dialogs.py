"""Picking, deciding, rerunning, skipping, holding, pausing, cancelling, quitting: keys in, intents out."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from tests.console.screen import seated
from tests.console.story import begin, end, mid_update, pick, start
from tests.console.story_engine import StoryEngine
from tui.model import intents as it
from tui.model.states import PauseMode, RerunScope
from tui.model.steps import StepName
from tui.remote import Question
from tui.rollout.interface import Candidate, Choice


def failed() -> StoryEngine:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    engine.tell(
        "step.state",
        "px04",
        StepName.INSTALL,
        status="failed",
        reason="the PX driver did not start",
        remedy="Reboot.",
    )
    engine.options = (
        Choice("reboot px04", "the manual's cure", it.RequestReboot(node="px04"), recommended=True),
        Choice(
            "go on with reboot needed",
            "only a reboot makes it active",
            it.Override(node="px04", check="services-not-stopped", reason=""),
            dangerous=True,
            needs_reason=True,
        ),
        Choice("skip px04", "leave it", it.SkipNode(node="px04", reason=""), needs_reason=True),
    )
    return engine


async def test_next_proposes_the_best_node_and_says_why() -> None:
    engine = begin(StoryEngine())
    about = (("in use by", "mysqld (looked at 01:02)"), ("usual time", "about 6 min, the median of 3 done"))
    engine.picks = (
        Candidate("px02", True, "no risk seen; mysqld to stop", "no risk is seen on px02", lambda: about),
        Candidate("px01", True, "failed at install 01:05; " + "packages ready; " * 9),
        Candidate("px03", False, "px03 is degraded", about=lambda: about[:1]),
    )
    for columns, rows in ((80, 24), (120, 36), (200, 60)):
        async with seated(engine, columns, rows) as seat:
            await seat.press("n")
            await seat.shows("◉ px02  proposed: no risk seen; mysqld to stop", "not now: px03 is degraded")
            await seat.shows("proposed     no risk is seen on px02", "usual time   about 6 min")
            assert seat.line("◦ px01").rstrip("│ ").endswith("…")  # one line a node
            await seat.press("down")
            await seat.until(lambda: "usual time" not in seat.text, "nothing more is known of px01")
            await seat.press("down")
            await seat.shows("in the way   px03 is degraded", "in use by    mysqld")
    async with seated(engine) as seat:
        await seat.press("n", "enter")
        assert engine.submitted == [it.SelectNode(node="px02")]


async def test_a_node_that_the_gate_refuses_cannot_be_picked() -> None:
    engine = begin(StoryEngine())
    engine.picks = (Candidate("px02", True, "active"), Candidate("px03", False, "px03 is degraded"))
    async with seated(engine) as seat:
        await seat.press("n", "down", "enter")
        assert seat.text.count("not now: px03 is degraded") == 2
        assert engine.submitted == []
        await seat.press("up", "enter")
        assert engine.submitted == [it.SelectNode(node="px02")]


async def test_letters_narrow_a_long_list_down() -> None:
    engine = begin(StoryEngine("px[001-200]"))
    engine.picks = tuple(Candidate(f"px{n:03}", True, "active") for n in range(1, 201))
    async with seated(engine) as seat:
        await seat.press("n", *"142")
        await seat.shows("px142", 'only with "142": 1 of 200')
        await seat.press("backspace", *"3", "enter")
        assert engine.submitted == [it.SelectNode(node="px143")]


async def test_the_pick_closes_when_somebody_else_picked() -> None:
    engine = begin(StoryEngine())
    engine.picks = (Candidate("px02", True, "active"),)
    async with seated(engine) as seat:
        await seat.press("n")
        pick(engine, "px01")
        await seat.press_at_once("enter")
        await seat.shows("px01 has been picked meanwhile")
        assert engine.submitted == []


async def test_after_a_failure_enter_shows_what_can_be_done() -> None:
    engine = failed()
    async with seated(engine) as seat:
        await seat.press("enter")
        await seat.shows("install failed. the PX driver did not start", "Reboot.", "reboot px04  recommended")
        await seat.press("enter")
        assert engine.submitted == [it.RequestReboot(node="px04")]


async def test_on_a_low_screen_cause_and_remedy_stand_whole_above_the_choices() -> None:
    engine = failed()
    reason, remedy = "px04: the SIA ended; 5.19.0 is on disk", "read the line and its log, then rerun. " * 8
    engine.tell("step.state", "px04", StepName.INSTALL, status="failed", reason=reason, remedy=remedy)
    many = (Choice(f"choice {n}", "what it means, at length " * 6, it.AddNote(text=str(n))) for n in range(7))
    engine.options = (*engine.options[:1], *many, Choice("the last", "its sentence", it.AddNote(text="last")))
    async with seated(engine, 80, 24) as seat:
        await seat.press("enter")
        await seat.shows("5.19.0 is on disk", "► ◉ 1 reboot px04  recommended", "the manual's cure")
        assert seat.text.replace("│", "").split().count("log,") == 8
        await seat.until(lambda: seat.text.count("what it means") == 0, "only one sentence is told")
        await seat.press(*["down"] * 7)
        await seat.shows("► ◦ 8 choice 6", "what it means, at length", "… more below")
        assert "9 the last" not in seat.text
        await seat.press("9")
        assert engine.submitted == [it.AddNote(text="last")]


async def test_an_override_needs_its_reason_and_the_name() -> None:
    engine = failed()
    async with seated(engine) as seat:
        await seat.press("enter", "down", "enter")
        await seat.shows("Why: go on with reboot needed")
        await seat.press("enter")
        await seat.shows("write a few words")
        await seat.press(*"ok", "enter")
        await seat.shows("Sure: go on with reboot needed")
        await seat.press(*"px05", "enter")
        await seat.shows("that is not px04")
        assert engine.submitted == []
        await seat.press("backspace", "4", "enter")
        assert engine.submitted == [
            it.Override(node="px04", check="services-not-stopped", reason="ok", typed="px04")
        ]


async def test_turning_back_at_the_reason_does_nothing() -> None:
    engine = failed()
    async with seated(engine) as seat:
        await seat.press("enter", "end", "enter", *"no", "escape")
        assert engine.submitted == []


async def test_choices_that_changed_close_the_dialog() -> None:
    engine = failed()
    async with seated(engine) as seat:
        await seat.press("enter")
        engine.options = engine.options[1:]
        engine.tell("note.added", text="x")
        await seat.press_at_once("enter")
        await seat.shows("the choices have changed meanwhile")
        assert engine.submitted == []


async def test_with_nothing_but_cancel_to_choose_enter_says_why() -> None:
    engine = mid_update(StoryEngine())
    engine.options = (Choice("cancel the run", "end it", it.CancelRun(reason=""), needs_reason=True),)
    async with seated(engine) as seat:
        await seat.press("enter")
        await seat.shows("! confirm: nothing is offered now", "px04 is installing since")
        assert seat.text.count("px04 is installing") == 1  # the line above says it


@pytest.mark.parametrize(
    ("downs", "step", "scope"),
    [
        (0, StepName.INSTALL, RerunScope.STEP),
        (1, StepName.INSTALL, RerunScope.FROM_HERE),
        (2, StepName.LOG_IN, RerunScope.NODE),
        (4, StepName.PACKAGES, RerunScope.STEP),
    ],
)
async def test_rerun_offers_step_from_here_and_node(downs: int, step: StepName, scope: RerunScope) -> None:
    engine = failed()
    async with seated(engine) as seat:
        await seat.press("r", *["down"] * downs, "enter")
        assert engine.submitted == [it.RerunStep(node="px04", step=step, scope=scope)]


async def test_rerun_of_a_node_that_has_not_begun_says_so() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("right", "r")
        await seat.shows("rerun: nothing has run on px05 yet")


async def test_skip_hold_and_release_with_a_reason() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("right", "s", *"later", "enter")
        await seat.press("h", *"disk", "enter")
        assert engine.submitted == [
            it.SkipNode(node="px05", reason="later"),
            it.HoldNode(node="px05", reason="disk"),
        ]
        await seat.press("right", "right", "h")
        await seat.shows("Release px07", "Held: fan, T-4711")
        await seat.press("enter")
        assert engine.submitted[-1] == it.ReleaseNode(node="px07")


async def test_pause_and_resume_are_one_key() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("p")
        engine.tell("run.state", status="paused-by-user", summary="paused")
        await seat.shows("p resume")
        await seat.press("p")
        assert engine.submitted == [it.Pause(), it.Resume()]


async def test_the_pause_mode_starts_from_the_one_in_force() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("m")
        await seat.shows("Now: every step")
        await seat.press("down", "enter")
        assert engine.submitted == [it.ChangePauseMode(mode=PauseMode.EVERY_NODE)]


async def test_cancel_of_an_install_needs_the_name_and_starts_at_going_back() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("c")
        await seat.shows("stop install on px04", "aborting it needs a reboot", "1 thing still")
        await seat.press("enter")
        assert engine.submitted == []
        await seat.press("c", "down", "enter", *"px04", "enter")
        assert engine.submitted == [it.CancelStep(node="px04", typed="px04")]


async def test_cancel_ends_by_itself_when_the_step_does() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("c", "down", "enter")
        await seat.shows("Stop install")
        end(engine, "px04", StepName.INSTALL)
        await seat.shows("install has ended meanwhile")
        assert engine.submitted == []


async def test_cancel_asked_for_one_step_never_stops_another() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("c", "down")
        end(engine, "px04", StepName.INSTALL)
        start(engine, "px04", StepName.VERIFY)
        await seat.shows("! install on px04 has ended meanwhile")
        await seat.press("c", "down", "enter", *"px04")
        # It ends without an event that this console would hear before the key.
        engine.state = (over := mid_update(StoryEngine())).state
        end(over, "px04", StepName.INSTALL)
        engine.state = over.state
        await seat.press("enter")
        await seat.shows("! verify has ended meanwhile")
        assert engine.submitted == []


async def test_what_cannot_be_aborted_is_not_offered() -> None:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL)
    start(engine, "px04", StepName.REBOOT)
    async with seated(engine) as seat:
        await seat.press("c", "down", "enter")
        await seat.shows("not now: reboot cannot be aborted")
        await seat.press("down", "enter", *"stop", "enter")
        assert engine.submitted == [it.CancelRun(reason="stop")]


async def test_quit_while_a_job_runs_says_what_each_way_means() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("q")
        await seat.shows(
            "leave it running and quit", "install continues on px04; the next start resumes the run"
        )
        await seat.press("enter")
        assert seat.app.is_running
        await seat.press("q", "end", "enter")
        await seat.shows("stop install on px04")
        await seat.press("escape", "q", "down", "enter")
        assert seat.app.return_code == 0
        assert engine.submitted == []


async def test_sign_off_and_note() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("x")
        await seat.shows("px04: services", "undo: dis_services start")
        await seat.press("enter")
        await seat.shows("Sign off services on px04")
        await seat.press(*"seen", "enter")
        await seat.shows("no longer puts back the services on px04", "Type px04/services")
        await seat.press(*"px04", "enter")
        await seat.shows("that is not px04/services")
        assert engine.submitted == []
        await seat.press("slash", *"services", "enter")
        await seat.shows("signed off: services on px04")
        await seat.press("a", *"hello", "enter")
        signed = it.SignOff(line="px04-services", reason="seen", typed="px04/services")
        assert engine.submitted == [signed, it.AddNote(text="hello")]


async def test_read_only_changes_nothing_and_says_so() -> None:
    engine = mid_update(StoryEngine(read_only=True))
    async with seated(engine) as seat:
        for key in "nrshpcmxa":
            await seat.press(key)
            await seat.shows("this console is read-only")
        assert engine.submitted == []
        assert "read-only" in seat.line("Rollcall")


async def test_a_password_is_masked_and_never_on_the_screen() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        answer: Future[str | None] = Future()
        seat.app._show_question(Question("password of root@px04:"), answer)
        await seat.shows("password of root@px04:", "written nowhere")
        await seat.press(*"hunter2")
        assert "hunter2" not in seat.text
        await seat.press("enter")
        assert answer.result(0) == "hunter2"
        again: Future[str | None] = Future()
        seat.app._show_question(Question("again"), again)
        await seat.shows("again")
        await seat.press("escape")
        assert again.result(0) is None
