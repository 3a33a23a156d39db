"""At three in the morning: which node is out, which key helps, what an answer means."""

from __future__ import annotations

import pytest

from tests.console.screen import seated
from tests.console.story import begin, end, facts, mid_update, pick, start
from tests.console.story_engine import StoryEngine
from tui.console.view.nodes import versions
from tui.console.view.text import clauses
from tui.model import intents as it
from tui.model.steps import StepName
from tui.rollout.decisions.status_line import advice
from tui.rollout.interface import Advice, Candidate, Choice, Live, Reply


@pytest.mark.parametrize(
    ("width", "height", "words"), [(160, 48, "out of service: px04"), (80, 24, "out: px04")]
)
async def test_the_title_names_the_node_that_is_out_until_it_is_back(
    width: int, height: int, words: str
) -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, width, height) as seat:
        assert words in seat.line("Nodes 8")
        assert "3 updated" in seat.line("Nodes 8")
        name, what = "px04/applications", "applications"
        engine.tell("ledger.added", "px04", line=name, what=what, before="running", undo="start them")
        for line in engine.state.open_ledger:
            engine.tell("ledger.undone", line.node, line=line.line)
            if line.added.what == "services":  # it serves again, and its applications do not run yet
                await seat.shows(f"{'applications' if width > 100 else 'apps'} stopped: px04")
        await seat.until(lambda: "out" not in seat.line("Nodes 8"), "no node is out")


async def test_an_answer_is_told_from_a_refusal_by_its_sign() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("y")
        await seat.shows(" ✔ copied")
        engine.reply = Reply(True, "checking again")
        await seat.press("p")
        await seat.shows(" ✔ checking again")
        engine.reply = Reply(False, "not now")
        await seat.press("p")
        await seat.shows(" ! not now")
        await seat.press("n")
        await seat.shows(" ! next: px04 is being worked on")


async def test_after_a_failure_the_status_line_names_the_key() -> None:
    engine = mid_update(StoryEngine())
    engine.saying = Advice("px04: it broke", "read its words", urgent=True)
    async with seated(engine) as seat:
        await seat.shows("➜ read its words")
        engine.options = (Choice("rerun install", "again", it.RerunStep(node="px04", step=StepName.INSTALL)),)
        engine.tell("run.state", status="paused-on-error", code="install", summary="px04: it broke")
        await seat.shows("➜ enter to decide; read its words")


async def test_cause_and_remedy_of_a_failure_have_signs_of_their_own() -> None:
    engine = mid_update(StoryEngine())
    end(engine, "px04", StepName.INSTALL, status="failed", code=1)
    engine.tell(
        "step.state", "px04", StepName.INSTALL, status="failed", reason="px04: it broke", remedy="reboot it"
    )
    async with seated(engine) as seat:
        await seat.shows("│ ✘ it broke", "│ ➜ reboot it")


async def test_a_detached_step_is_told_with_its_age_wherever_the_node_stands() -> None:
    engine = mid_update(StoryEngine())
    engine.tell("step.state", "px04", StepName.INSTALL, status="detached", reason="silent", code="detached")
    async with seated(engine, 160, 48) as seat:
        await seat.shows(
            "! px04 install detached 0:", "px04 ! detached", "! install             detached  0:"
        )


async def test_a_link_that_is_down_is_told_in_plain_words() -> None:
    engine = mid_update(StoryEngine())
    engine.lives["px04"] = Live("backoff", "px04: the connection was lost.", 4.0, None)
    async with seated(engine, 160, 48) as seat:
        await seat.shows("link     down, tried again soon: the", "connection was lost.")


async def test_what_is_active_comes_before_what_is_on_disk() -> None:
    engine = begin(StoryEngine())
    facts(engine, "px01", "5.21.2", active="5.19.0")
    assert versions(engine.state.nodes["px01"]) == "5.19.0 active, 5.21.2 on disk"


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (60, "5.21.2 active, all services running, stable"),
        (42, "5.21.2 active, all services running"),
        (13, "5.21.2 active"),
        (12, ""),
        (-3, ""),
    ],
)
def test_a_summary_is_cut_between_clauses_or_left_out(width: int, said: str) -> None:
    assert clauses("5.21.2 active, all services running, stable", width) == said


async def test_next_waits_until_there_is_something_to_pick() -> None:
    engine = begin(StoryEngine())
    engine.picks = (Candidate("px01", False, "the run is validating"),)
    engine.saying = Advice("checking every node before anything is touched", "wait")
    async with seated(engine) as seat:
        await seat.press("n")
        await seat.shows("! next: no node can be picked yet; the line above says why")


async def test_the_gates_verdict_in_the_pick_is_the_one_of_now() -> None:
    engine = begin(StoryEngine())
    engine.picks = (Candidate("px01", True, "active"), Candidate("px02", True, "active"))
    async with seated(engine) as seat:
        await seat.press("n", "down")
        engine.picks = (Candidate("px01", True, "active"), Candidate("px02", False, "px05 is degraded"))
        await seat.shows("not now: px05 is degraded")
        await seat.press("enter")
        assert engine.submitted == []
        engine.picks = (Candidate("px02", True, "well again"),)
        await seat.shows("not now: it is no longer waiting", "well again")
        await seat.press("enter")
        assert engine.submitted == [it.SelectNode(node="px02")]


async def test_the_cursor_of_a_long_list_and_its_reason_stay_in_sight_on_a_small_screen() -> None:
    engine = begin(StoryEngine("px[01-12]"))
    engine.picks = tuple(
        Candidate(f"px{n:02}", n < 12, "active" if n < 12 else "px05 is out") for n in range(1, 13)
    )
    async with seated(engine, 80, 24) as seat:
        await seat.press("n", *["down"] * 10)
        assert "► ◦ px11" in seat.text
        await seat.press("down", "enter")
        assert "► ∙ px12" in seat.text
        assert seat.text.count("not now: px05 is out") == 2


async def test_quit_asks_anew_when_the_step_ended_while_it_was_asked() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("q")
        await seat.shows("install continues on px04")
        end(engine, "px04", StepName.INSTALL)
        await seat.shows("! install on px04 has ended meanwhile; q asks again")


async def test_nothing_is_to_be_decided_while_a_node_goes_on_by_itself() -> None:
    engine = mid_update(StoryEngine())
    engine.options = (Choice("put px04 back in service", "it serves again", it.PutBack(node="px04")),)
    async with seated(engine) as seat:
        assert "(n enter" in seat.text
        assert "to decide" not in seat.text
        engine.tell("run.state", status="paused-on-error", code="install", summary="px04: it broke")
        await seat.shows("enter decide", "➜ enter to decide; wait")


async def test_a_blocked_run_says_where_the_remedies_stand() -> None:
    engine = begin(StoryEngine())
    engine.saying = Advice(
        "px02 shows another key " + "than the one in the file " * 9, "mend it", urgent=True
    )
    engine.options = (Choice("check again", "every check is made anew", it.Resume()),)
    engine.lives["px02"] = Live("refused", "px02: another key.", None, None)
    async with seated(engine, 120, 36) as seat:
        engine.tell("run.state", status="blocked", code="preflight", summary="px02 shows another key")
        await seat.shows("➜ o shows every check; enter to decide; mend it")
        lines = seat.text.split("\n")
        assert lines[-5].startswith(" ◉ px02 shows")
        assert lines[-3].rstrip().endswith("file")


async def test_a_health_that_was_never_seen_has_no_age() -> None:
    engine = mid_update(StoryEngine())
    engine.lives["px05"] = Live("refused", "px05: another key.", None, None)
    async with seated(engine, 160, 48) as seat:
        assert "never" not in seat.line("px05 ◦")


async def test_who_only_looks_on_is_told_that_nodes_are_left() -> None:
    engine = mid_update(StoryEngine())
    engine.tell("node.progress", "px04", progress="updated")
    said = advice(engine.state, (), engine.now())
    assert said.why == "the next node is to be picked; 3 to go"


@pytest.mark.parametrize(("width", "height"), [(160, 48), (120, 36)])
async def test_a_step_that_was_gone_past_is_never_just_skipped(width: int, height: int) -> None:
    engine = begin(StoryEngine())
    pick(engine, "px04")
    start(engine, "px04", StepName.STOP_SERVICES)
    end(engine, "px04", StepName.STOP_SERVICES, status="failed", code=1)
    check, reason = "services-not-stopped", "gone past by eva@console: fan is loud"
    engine.tell("override.used", "px04", StepName.STOP_SERVICES, check=check, reason="fan is loud")
    engine.tell("step.state", "px04", StepName.STOP_SERVICES, status="skipped", code=check, reason=reason)
    engine.tell("node.progress", "px04", progress="updated", reason="stable")
    engine.tell("run.state", status="completed")
    async with seated(engine, width, height) as seat:
        await seat.shows("completed, 1 override")
        await seat.press("escape", "full_stop", "right", "right", "right", "right")
        await seat.shows("! completed, 1 override")
        await seat.shows("px04 ∙ updated", "! stop services", " gone past  0:01", "! stop services failed,")
        assert "past stop…" in seat.line("px04 ! updated")
        assert "skipped" not in seat.text
        await seat.press("j")
        await seat.shows("failed, gone past by eva@console: fan is loud")
        await seat.press("escape", "S")
        await seat.shows("stop services failed, gone past by eva@console: fan")


async def test_on_a_small_screen_cause_and_remedy_come_before_steps_that_are_over() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 80, 24) as seat:
        await seat.shows("│ ✔ log in  ", "│ ∙ return to service", "health   ✘ disabled, <9 s")
        end(engine, "px04", StepName.INSTALL, status="failed", code=1)
        reason, remedy = "px04: the quota is used up, " + "word " * 20, "free 400 MB; then " + "word " * 30
        engine.tell(
            "step.state", "px04", StepName.INSTALL, status="failed", reason=reason, remedy=remedy + "last"
        )
        await seat.shows("✔ log in … stop services   0:19", "∙ reboot … return", "more below")
        assert "last" not in seat.text
        await seat.press("shift+tab", "pagedown")
        await seat.shows("last")
