"""Help: at once over anything, searched by typing, and what it found is run."""

from __future__ import annotations

from tests.console.screen import seated
from tests.console.story import mid_update
from tests.console.story_engine import StoryEngine


async def test_what_is_found_is_run_or_refused_with_the_reason() -> None:
    async with seated(mid_update(StoryEngine()), 80, 24) as seat:
        await seat.press("question_mark", *"warning", "space", *"remedy")
        await seat.shows("► o           checks")
        assert "journal" not in seat.text
        await seat.press("enter")
        await seat.shows("No check has been made yet.")
        await seat.press("question_mark", *"propose", "enter")
        await seat.shows("not now: next: px04 is being worked on")
        await seat.press("escape")
        await seat.shows("No check has been made yet.")
        await seat.press("question_mark", *"every", "space", *"event", "down", "up", "enter")
        await seat.shows("Journal", "now updated")
        await seat.press("escape")
        assert seat.on_board


async def test_it_opens_over_a_question_and_runs_nothing_beside_that() -> None:
    engine = mid_update(StoryEngine())
    async with seated(engine) as seat:
        await seat.press("m", "question_mark")
        await seat.shows("Help", "Propose the best next node")
        await seat.press(*"theme", "enter")
        await seat.shows("not now: theme: a question is open below; answer it or press esc there first")
        await seat.press("f1")
        await seat.shows("When to wait for a person")
        await seat.press("escape")
        assert seat.on_board
        assert engine.submitted == []


async def test_where_letters_are_text_f1_opens_it() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("a")
        await seat.shows("f1 help")
        await seat.press("question_mark")
        await seat.shows("What should the journal say?")
        assert "Propose the best next node" not in seat.text
        await seat.press("f1")
        await seat.shows("Propose the best next node")
        await seat.press("escape")
        await seat.shows("What should the journal say?", "?")
        await seat.press("escape", "slash", "f1")
        await seat.shows("Propose the best next node")


async def test_a_click_runs_a_command_and_nothing_found_is_said() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("question_mark", *"zzz")
        await seat.shows('No command has "zzz".')
        await seat.press("backspace", "backspace", "backspace", *"plan")
        lines = seat.text.split("\n")
        at = lines.index(seat.line("Show every command for every node"))
        await seat.pilot.click(offset=(10, at))
        await seat.shows("Plan to 5.21.2")


async def test_hints_of_a_document_and_of_a_dialog_take_clicks() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        for key, hint in (("j", "esc back"), ("m", "esc back"), ("a", "esc back")):
            await seat.press(key)
            await seat.shows(hint)
            await seat.rest()
            lines = seat.text.split("\n")
            at = lines.index(seat.line(hint))
            await seat.pilot.click(offset=(lines[at].index(hint) + 1, at))
            await seat.until(lambda: seat.on_board, f"back from {key}")


async def test_a_filter_without_a_node_says_how_to_clear_it() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("slash", *"zzz")
        await seat.shows('no node has "zzz"; esc shows all')
        await seat.press("escape")
        await seat.shows("px08")
