"""The board: what it draws at every size, whose steps it shows, and that it always says why."""

from __future__ import annotations

import pytest

from tests.console.screen import same_as_snapshot, seated
from tests.console.story import begin, end, mid_update, offer, pick, start, update
from tests.console.story_engine import StoryEngine
from tui.model.states import PauseMode
from tui.model.steps import StepName
from tui.rollout.interface import Advice, Live


@pytest.mark.parametrize(("width", "height"), [(160, 48), (120, 36), (80, 24)])
async def test_it_looks_as_designed(width: int, height: int) -> None:
    async with seated(mid_update(StoryEngine()), width, height) as seat:
        same_as_snapshot(f"board-{width}x{height}", seat.text)


async def test_too_small_says_so_and_comes_back() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.resize(79, 24)
        assert "Rollcall needs 80 columns and 24 rows; this terminal has 79 and 24." in seat.text
        assert "px04" not in seat.text
        await seat.resize(80, 24)
        await seat.shows("px04 ∙ install", "Installing node packages")


async def test_narrow_shows_one_pane_and_tab_the_other() -> None:
    async with seated(mid_update(StoryEngine()), 80, 24) as seat:
        assert "Installing node packages" in seat.text
        assert "Stopping Dolphin" not in seat.text
        await seat.press("tab", "tab")
        await seat.shows("Stopping Dolphin IRM driver")
        assert "Installing node packages" not in seat.text
        await seat.press("shift+tab")
        await seat.shows("Installing node packages")


async def test_the_cursor_chooses_whose_steps_and_output_are_shown() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        assert "px04 ∙ install" in seat.text
        await seat.press("left")
        await seat.shows("px03 ∙ updated", "succeeded ∙ exit 0 ∙ 3:05")
        assert "► px04 install 2:14" in seat.line("Rollcall")
        await seat.press("full_stop")
        await seat.shows("px04 ∙ install")
        await seat.press("home")
        await seat.shows("mgmt ∙ updated")
        await seat.press("end", "right", "down")
        await seat.shows("px08 ∙ waiting", "no output yet")


async def test_output_streams_in_while_it_is_written() -> None:
    engine = mid_update(StoryEngine())
    key = ("px04", StepName.INSTALL, 1)
    async with seated(engine) as seat:
        engine.outputs[key] += b"   8/20 Dolphin pack"
        await seat.shows("8/20 Dolphin pack")
        engine.outputs[key] += b"age\n#* ERROR: no space left\n"
        await seat.shows("8/20 Dolphin package", "✘ #* ERROR: no space left")
        end(engine, "px04", StepName.INSTALL, status="failed", code=1, summary="quota")
        await seat.shows("failed ∙ exit 1 ∙ ")
        assert seat.text.count("quota") == 1


async def test_the_panes_follow_the_step_and_reruns_are_told_apart() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        end(engine, "px04", StepName.INSTALL, status="failed", code=1)
        start(engine, "px04", StepName.INSTALL, 2, output=b"second try\n")
        await seat.shows("install ∙ attempt 2", "second try")
        end(engine, "px04", StepName.INSTALL, 2)
        start(engine, "px04", StepName.REBOOT, output=b"going down\n")
        await seat.shows("going down")
        await seat.press("tab", "tab", "t")
        await seat.shows("Stopping Dolphin IRM driver")


async def test_a_hidden_pane_reads_nothing() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 80, 24) as seat:
        reads = engine.reads
        engine.outputs[("px04", StepName.STOP_SERVICES, 1)] += b"x" * 1000
        await seat.press("left")
        await seat.settle()
        assert engine.reads > reads
        assert seat.board.right.display is False
        assert seat.board.right.pane.scrollback.rows == []


async def test_a_grey_key_says_why() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("n")
        await seat.shows("next: px04 is being worked on; finish, skip or hold it first")
        await seat.press("j", "escape")
        assert "next: px04" not in seat.text
        await seat.press("s")
        await seat.shows("skip: install is running on px04; cancel it first")


async def test_the_answer_leaves_the_status_line_after_a_while() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("n")
        for _ in range(90):
            seat.board.tick()
        await seat.settle()
        assert "next: px04" not in seat.text
        assert "wait, or look at the output" in seat.text


async def test_the_header_tells_window_gate_and_mode() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 160, 48) as seat:
        assert "5.19.0 ➜ 5.21.2" in seat.line("Rollcall")
        assert "22:00-04:00 Europe/Oslo, 2 h 33 min left ∙ 3 more nodes fit" in seat.line("━")
        assert "gate ◉ open" in seat.line("Rollcall")
        engine.tell("gate.sample", "px05", moment="pick", open=False, reasons=["px03 is degraded"])
        engine.tell("run.state", status="running", pause_mode=PauseMode.NONE)
        await seat.shows("gate ▬ shut: px03 is degraded", "waits for nobody while all is well")
        engine.later(4 * 3600)
        await seat.shows("opens in 16 h 33 min")


async def test_health_versions_and_links_of_a_node() -> None:
    engine = mid_update(StoryEngine())
    engine.tell("node.health", "px05", health="degraded", detail="one link at x4")
    engine.lives["px05"] = Live("lost", "no answer for 15 s", 42.0, None)
    async with seated(engine, 160, 48) as seat:
        await seat.press("right")
        await seat.shows("! degraded, 42 s ago", "one link at x4", "lost: no answer for 15 s")
        assert "! degraded 42 s" in seat.line("px05 ◦")


async def test_a_slow_step_and_what_aborting_means() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine, 160, 48) as seat:
        assert "2:14 / ~3:05" in seat.line("│ ► install  ")
        assert "abort now: needs a reboot" in seat.text
        engine.later(400)
        await seat.shows("slow  8:54 / ~3:05")


async def test_the_status_line_is_the_engines_advice() -> None:
    engine = begin(StoryEngine())
    async with seated(engine) as seat:
        assert "◉ nothing has been started yet" in seat.text
        assert "➜ press n to pick the first node" in seat.text
        engine.saying = Advice("[px01] [  OK  ] waits", "[/opt/x] next")
        engine.tell("note.added", text="x")
        await seat.shows("[px01] [  OK  ] waits", "➜ [/opt/x] next")


async def test_the_end_of_the_run_shows_the_summary() -> None:
    engine = begin(StoryEngine("px[01-02]"))
    for node in ("mgmt", "px01", "px02"):
        update(engine, node)
    async with seated(engine) as seat:
        engine.tell("run.state", status="completed", summary="every node runs 5.21.2")
        await seat.shows("The run is over", "px-prod to 5.21.2: completed")
        await seat.shows("2 updated   management node updated")
        assert "esc back to the board, then q leaves" in seat.text
        await seat.press("escape")
        await seat.shows("Nodes 2 + mgmt ∙ 2 updated", "➜ S shows what happened; q leaves, writes the report")


async def test_an_offer_waits_in_the_rail() -> None:
    engine = begin(StoryEngine())
    pick(engine, "px01")
    offer(engine, "px01", StepName.STOP_SERVICES)
    async with seated(engine) as seat:
        await seat.shows("TAKES px01 OUT")
        await seat.press("escape")
        assert "waits for you" in seat.line("│ » stop services")
        assert "» px01 stop services: your turn" in seat.line("Rollcall")
        engine.tell("run.state", status="paused-by-user", code="paused", summary="paused by eva")
        await seat.until(lambda: "paused" in seat.line("│ » stop services"), "the rail says paused")


async def test_the_cursor_goes_along_with_the_work_unless_it_was_moved_away() -> None:
    engine = begin(StoryEngine())
    async with seated(engine) as seat:
        pick(engine, "px01")
        await seat.shows("px01 ∙ selected")
        update(engine, "px01")
        pick(engine, "px02")
        await seat.shows("px02 ∙ selected")
        await seat.press("end")
        await seat.shows("px08 ∙ waiting")
        update(engine, "px02")
        pick(engine, "px03")
        await seat.shows("► px03 selected", "px08 ∙ waiting")


async def test_a_run_about_which_nothing_is_known_yet() -> None:
    engine = StoryEngine()
    async with seated(engine) as seat:
        assert "px-prod  ➜ 5.21.2   ► opening" in seat.text
        await seat.press("n", "r", "s", "h", "w", "y", "full_stop", "right", "space", "enter")
        await seat.shows("Nodes 0", "confirm: nothing is offered now")
        begin(engine)
        await seat.shows("Nodes 8 + mgmt ∙ 8 waiting")


async def test_long_reasons_of_the_engine_take_a_second_line_on_a_small_screen() -> None:
    engine = begin(StoryEngine())
    engine.saying = Advice(
        "px02: " + "could not be stopped; " * 5, "find " + "what still uses them, " * 12, urgent=True
    )
    async with seated(engine, 80, 24) as seat:
        lines = seat.text.split("\n")
        assert lines[-5].startswith(" ◉ px02: could not")
        assert lines[-4].strip().endswith("stopped;")
        assert lines[-3].startswith(" ➜ find what")
        assert lines[-2].rstrip().endswith("…")
