"""Journal, checks, plan, help, summary: what they say, also in ASCII and without colour."""

from __future__ import annotations

import re

import pytest

from tests.console.screen import same_as_snapshot, seated
from tests.console.story import begin, mid_update, update
from tests.console.story_engine import StoryEngine
from tui.console.commands.table import COMMANDS
from tui.console.look.glyphs import ASCII, UNICODE, choose_glyphs
from tui.console.panes.line_pane import LinePane
from tui.console.view import journal
from tui.model.events import Event
from tui.model.intents import Resume
from tui.model.steps import StepName


def checked() -> StoryEngine:
    engine = begin(StoryEngine())
    engine.tell("preflight.result", "px01", check="login", verdict="passed", summary="root on px01")
    engine.tell(
        "preflight.result",
        "px02",
        check="kernel",
        verdict="warning",
        summary="a newer kernel waits",
        impact="x",
    )
    engine.tell(
        "preflight.result",
        "px03",
        check="disk",
        verdict="error",
        summary="/opt is full",
        remedy="free 400 MB",
    )
    return engine


async def test_checks_show_errors_first_with_impact_and_remedy() -> None:
    async with seated(checked()) as seat:
        await seat.press("o")
        await seat.shows("1 error   1 warning   1 passed")
        rows = [line for line in seat.text.split("\n") if re.search("error |warning |passed ", line)][1:]
        assert [re.search("px0.", row)[0] for row in rows] == ["px03", "px02", "px01"]  # type: ignore[index]
        assert "free 400 MB" in seat.line("remedy")


async def test_checks_that_passed_can_be_left_out_and_blocked_ones_made_again() -> None:
    engine = checked()
    engine.tell("run.state", status="blocked", code="preflight", summary="/opt is full")
    async with seated(engine) as seat:
        await seat.press("o")
        await seat.shows("px01", "r check again", "v only trouble")
        await seat.press("v")
        await seat.shows("px02", "px03", "v all")
        assert "root on px01" not in seat.text
        await seat.press("r")
        assert engine.submitted == [Resume()]
        await seat.press("v")
        await seat.shows("root on px01")


async def test_checks_are_shown_with_a_word_and_a_word_that_none_has_says_so() -> None:
    async with seated(checked()) as seat:
        await seat.press("o", "w")
        await seat.shows("Show only the checks in which this stands")
        await seat.press(*"KERNEL", "enter")
        await seat.shows("px02", "w with 'KERNEL'")
        assert "root on px01" not in seat.text
        await seat.press("w", *"fish", "enter")
        await seat.shows("None of the 3 checks here has 'fish'; w and Enter show them.")
        await seat.press("w", "escape")
        await seat.shows("has 'fish'")
        await seat.press("w", "enter")
        await seat.shows("root on px01", "w with a word")


HOSTS = {"path": "/etc/dis/dishosts.conf", "sha256": "ab" * 32}


async def test_watched_files_show_what_differs_and_who_has_what() -> None:
    engine = checked()
    for name in ("px01", "px02"):
        engine.tell("node.files", name, how="first", files=[HOSTS])
    lines = ("@@ -1 +1 @@", "-HOSTNAME: px01", "+HOSTNAME: px09")
    change = {"path": HOSTS["path"], "how": "changed", "difference": list(lines)}
    engine.tell("node.files", "px02", how="found", files=[HOSTS | {"sha256": "cd" * 32}], changes=[change])
    engine.tell("node.files", "px03", how="found", files=None, unknown="its answer broke off")
    async with seated(engine) as seat:
        await seat.press("d")
        await seat.shows("px02: not as it was", *lines, "px03: not as it was", "its answer broke off")
        assert re.search(r"dishosts.conf +abababababab  px\[01-02\]", seat.text)
        engine.tell("node.files", "px02", how="install", files=[HOSTS], changes=[change])
        await seat.shows("px02: changed by the installation")


async def test_checks_are_not_made_again_while_the_run_goes_on() -> None:
    engine = checked()
    async with seated(engine) as seat:
        await seat.press("o", "r")
        await seat.shows("v only trouble")
        assert "check again" not in seat.text
        assert engine.submitted == []


async def test_old_checks_say_their_age_and_new_ones_come_in() -> None:
    engine = checked()
    async with seated(engine) as seat:
        await seat.press("o")
        engine.later(2000)
        engine.tell("note.added", text="x")
        await seat.shows("made 33 min ago")
        engine.tell("preflight.result", None, check="window", verdict="passed", summary="2 hours left")
        await seat.shows("cluster", "2 hours left")


async def test_the_plan_shows_every_command_of_every_node() -> None:
    async with seated(begin(StoryEngine()), 160, 60) as seat:
        await seat.press("l")
        await seat.shows(
            "Plan to 5.21.2", "--install-node --use-rpms /var/lib/rollcall/rpms --batch", "systemctl stop"
        )
        await seat.shows("px[01-08]: as mgmt")
        await seat.press("slash", *"return")
        await seat.shows("of 1")
        await seat.press("escape", "escape")
        await seat.shows("Nodes 8")


@pytest.mark.parametrize("size", [(80, 24), (160, 60)])
async def test_the_plan_turns_into_what_a_person_types(size: tuple[int, int]) -> None:
    async with seated(begin(StoryEngine()), *size) as seat:
        await seat.press("l")
        await seat.shows("b by hand")
        await seat.press("b")
        await seat.shows("By hand to 5.21.2", "Before the first machine", "b what Rollcall runs")
        await seat.press("slash", *"its own name", "enter")
        await seat.shows("px[02-08]: as px01, each with its own name and login")
        await seat.press("escape", "c")
        await seat.shows("Complete update by hand to 5.21.2", "no node", "c node by node")
        await seat.press("c")
        await seat.shows("By hand to 5.21.2", "Before the first machine", "c complete update")
        await seat.press("b")
        await seat.shows("Plan to 5.21.2", "b by hand")


async def test_the_journal_tells_events_as_sentences_and_grows() -> None:
    engine = begin(StoryEngine())
    update(engine, "px01")
    async with seated(engine, 160, 48) as seat:
        await seat.press("j")
        await seat.shows(
            "px01 install", "succeeded; ", "exit code 0, 298 bytes", "eva@console", "now updated; installed"
        )
        engine.tell(
            "override.used", "px02", StepName.STOP_SERVICES, 1, check="apps-still-running", reason="test node"
        )
        await seat.shows("went past apps-still-running; test node")


async def test_the_journal_dims_a_time_that_was_said_already() -> None:
    engine = begin(StoryEngine("px[01-02]"))
    engine.later(3)
    for text in ("one", "two"):
        engine.tell("note.added", text=text)
    async with seated(engine) as seat:
        await seat.press("j")
        await seat.shows("one", "two")
        rows = [row for row in seat.app.screen.query_one(LinePane).scrollback.rows if "note" in row.text][-2:]
        assert [row.spans[0].start for row in rows] == [10, 0]


@pytest.mark.parametrize("key", ["S", "o", "l"])
async def test_a_document_stands_at_its_top_after_a_resize(key: str) -> None:
    engine = begin(StoryEngine("px[01-24]"))
    engine.tell("preflight.result", None, check="window", verdict="passed", summary="open")
    async with seated(engine, 160, 60) as seat:
        await seat.press(key)
        top = seat.text.split("\n")[1].strip("│ ")
        await seat.resize(120, 24)
        await seat.until(lambda: seat.text.split("\n")[1].strip("│ ") == top, "the first line is at the top")


def test_an_event_of_a_newer_version_is_shown_by_its_type() -> None:
    engine = begin(StoryEngine())
    strange = engine.events()[0].model_copy(update={"type": "moon.phase\x1b[2J", "data": {}})
    assert journal.sentence(strange) == ("moon.phase", "quiet")
    broken = engine.events()[0].model_copy(update={"data": {}})
    assert journal.sentence(broken) == ("run.created", "quiet")


async def test_help_is_the_command_table() -> None:
    async with seated(mid_update(StoryEngine()), 120, 70) as seat:
        await seat.press("question_mark")
        await seat.shows("Help", "The run", "What is shown", "Signs")
        for command in COMMANDS:
            assert command.sentence[:40] in seat.text
        same_as_snapshot("help", seat.text)


async def test_the_summary_tells_truly_what_happened() -> None:
    engine = begin(StoryEngine(), held={"px07": "fan"})
    for node in ("mgmt", "px01", "px02"):
        update(engine, node)
    engine.tell("ledger.added", "px03", line="px03-node", what="node", before="in service", undo="start it")
    engine.tell(
        "ledger.added", "px04", line="px04-apps", what="applications", before="up", undo="start mysqld"
    )
    engine.tell("ledger.undone", "px04", line="px04-apps", how="signed-off", reason="not wanted any more")
    engine.tell("node.progress", "px03", progress="failed", reason="the driver did not start")
    engine.tell("node.skipped", "px08", reason="customer asked")
    engine.tell("run.state", status="canceled", summary="ended by eva")
    async with seated(engine, 120, 40) as seat:
        await seat.shows("The run is over", "2 updated", "1 skipped", "1 held", "3 waiting", "1 failed")
        await seat.shows("still out; undo: start it", "signed-off: not wanted any more")
        assert "the driver did not start" in seat.line("px03           failed")
        assert "customer asked" in seat.line("px08           skipped")


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({"LANG": "en_US.UTF-8"}, UNICODE),
        ({}, UNICODE),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "nb_NO.UTF-8"}, UNICODE),
        ({"LANG": "C.UTF-8"}, UNICODE),
        ({"LANG": "en_US.UTF-8", "ROLLCALL_ASCII": "1"}, ASCII),
        ({"LANG": "en_US.UTF-8", "ROLLCALL_ASCII": "0"}, UNICODE),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, ASCII),
    ],
)
def test_which_signs_a_locale_gets(environ: dict[str, str], chosen: object) -> None:
    assert choose_glyphs(environ) is chosen


async def test_without_colour_no_theme_can_be_chosen_that_paints_black_on_black(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with seated(mid_update(StoryEngine())) as seat:
        assert not any(theme.ansi for theme in seat.app.available_themes.values())
        strips = seat.app.screen._compositor.render_strips()
        pairs = {
            (segment.style.color, segment.style.bgcolor)
            for strip in strips
            for segment in strip
            if segment.style and segment.text.strip()
        }
        assert pairs
        assert all(fore != back for fore, back in pairs)


async def test_the_light_theme_and_textuals_own_ones_work() -> None:
    async with seated(mid_update(StoryEngine())) as seat:
        await seat.press("T")
        assert seat.app.theme == "rollcall-light"
        for theme in ("nord", "textual-light", "rollcall-dark"):
            seat.app.theme = theme
            await seat.settle()
            assert "px04 ∙ install" in seat.text


def test_events_are_the_real_ones() -> None:
    assert all(isinstance(event, Event) for event in mid_update(StoryEngine()).events())
