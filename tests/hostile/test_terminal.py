"""What reaches a real terminal: prompts and last words, plans, imports, errors, every screen."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.console.screen import Seat, seated
from tests.console.story import begin
from tests.console.story_engine import StoryEngine
from tests.console.test_hostile import hostile
from tests.hostile.chains import EVIL, STEERING
from tests.plain.terminals import TerminalProcess, rollcall
from tui.cli.main import main
from tui.console.app import ConsoleConfig, ExitSummary
from tui.console.prompts import PersonPrompt
from tui.remote import Question
from tui.rollout.interface import Engine

ASK = """
import sys
from tui.plain.prompts import ask_person
from tui.remote import Question
print("GOT", ascii(ask_person(Question(sys.argv[1], lines=(sys.argv[1],)))))
"""
FAREWELL = """
import sys
from tui.console.app import ConsoleConfig, ExitSummary, run_console

async def fails():
    raise OSError(sys.argv[1])

explain = lambda error: ExitSummary(6, (str(error),))
raise SystemExit(run_console(ConsoleConfig(fails, explain=explain), title=sys.argv[1]))
"""
CLUSTER = (Path(__file__).parents[2] / "config" / "cluster.toml").read_text()
ASCII = {"PYTHONIOENCODING": "ascii"}
ARGUMENT = EVIL.replace("\0", "")


def harmless(text: str) -> None:
    assert not set(text) & STEERING - {"\r"}


def test_a_password_prompt_with_a_nodes_words_in_it() -> None:
    process = TerminalProcess([sys.executable, "-c", ASK, ARGUMENT])
    try:
        process.expect("code ---: ")
        process.type("s3cret")
        process.expect("GOT 's3cret'")
        assert process.end() == 0
        harmless(process.text)
        assert process.text.count("s3cret") == 1  # no echo
    finally:
        process.close()


def test_typed_bytes_that_are_no_text_are_a_decline_and_no_traceback() -> None:
    process = TerminalProcess([sys.executable, "-c", ASK, "Password: "], {"LC_ALL": "C.UTF-8"})
    try:
        process.expect("Password: ")
        process.press(b"pa\xffss\n")
        process.expect("GOT None")
        assert process.end() == 0
        assert "Traceback" not in process.text
    finally:
        process.close()


def test_the_last_words_of_the_console_steer_nothing() -> None:
    """An error at start with a file's words in it: shown full-screen, then printed."""
    process = TerminalProcess([sys.executable, "-c", FAREWELL, ARGUMENT])
    try:
        process.expect("cannot start")
        process.press(b"q")
        assert process.end() == 6
        assert "owned" not in process.text
        # what the console itself sends to draw is not counted: only what follows its last sequence
        last_words = process.text.rpartition("\x1b[?1049l")[2].rpartition("\x1b")[2]
        assert "alert(1)" in last_words
        harmless(last_words)
    finally:
        process.close()


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A cluster file whose name is the enemy's, and so is every value that may be any text."""
    text = CLUSTER.replace("systemctl stop mysqld", 'echo `id` </td> **b** [/x] é日 \\"q\\"')
    text = text.replace("fan failure", "<b>**fan**</b> [x](y)")
    path = tmp_path / "px\x1b[2J\u202e\n# x.toml"
    path.write_text(text)
    return path


def test_the_plan_in_every_manner(named: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for manner in ([], ["--markdown"], ["--json"]):
        assert main(["plan", os.fspath(named), *manner]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        harmless(out)
        assert "echo `id` </td>" in out
        if manner == ["--json"]:
            assert out.isascii()
            assert all(json.loads(line) for line in out.splitlines())


def test_an_import_whose_file_name_and_hosts_are_hostile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "x\n[ssh]\nuser = 'root'\x1b[2J"
    source.write_text("#PX-HARDWARE\nDISHOSTVERSION 4\nHOSTNAME: a\nADAPTER: a 1 2 3\n")
    assert main(["import", os.fspath(source)]) == 0
    out, _ = capsys.readouterr()
    harmless(out)
    assert "\n[ssh]" not in out
    for host in ("[1-9999999]", "-oProxyCommand=x", "a;id", "a\x1b[2J$(id)", "px[1-3]", "x" * 100_000):
        source.write_text(f"DISHOSTVERSION 4\nHOSTNAME: {host}\nADAPTER: a 1 2 3\n")
        assert main(["import", os.fspath(source)]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert ", line 2: " in err
        assert len(err) < 1000


@pytest.mark.parametrize(
    "words",
    [
        ["plan", ARGUMENT],
        ["watch", ARGUMENT],
        ["report", ARGUMENT],
        ["runs", "--state-dir", ARGUMENT],
        ["run", ARGUMENT, "--plain"],
        ["demo", "--fault", ARGUMENT],
        ["status", ARGUMENT],
        ["import", ARGUMENT],
        [ARGUMENT],
        ["plan", "x", ARGUMENT],
    ],
    ids=["plan", "watch", "report", "runs", "run", "demo", "status", "import", "command", "more"],
)
def test_what_was_typed_comes_back_harmless(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(words)
    out, err = capsys.readouterr()
    harmless(out + err)
    assert "a fault in Rollcall itself" not in err


def test_an_error_on_a_terminal_that_takes_only_ascii(tmp_path: Path) -> None:
    process = TerminalProcess(
        rollcall("plan", f"{tmp_path}/{ARGUMENT[-40:]}é"), {"PYTHONIOENCODING": "ascii"}
    )
    try:
        assert process.end() == 1
        assert process.text.isascii()
        harmless(process.text)
    finally:
        process.close()


def looked_at(seat: Seat) -> None:
    bad = {sign for sign in seat.text if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn")}
    assert bad <= {"\n"}
    assert "owned" not in seat.text


async def test_the_console_asks_for_a_secret_with_a_nodes_words() -> None:
    person = PersonPrompt()
    engine = begin(StoryEngine())

    async def open_engine() -> Engine:
        return engine

    async with seated(engine, config=ConsoleConfig(open_engine, person=person)) as seat:
        await seat.shows("waiting")
        answer: Future[str | None] = Future()
        seat.app._ask_person(Question(EVIL, lines=(EVIL,), title=EVIL), answer)
        await seat.shows("Kept in memory")
        looked_at(seat)
        await seat.press(*"s3cret")
        assert "s3cret" not in seat.text
        await seat.press("enter")
        assert answer.result(0) == "s3cret"
        assert "s3cret" not in repr(vars(seat.app)) + repr(engine.events())


async def test_the_console_tells_why_it_cannot_start() -> None:
    async def open_engine() -> Engine:
        raise OSError(EVIL)

    config = ConsoleConfig(open_engine, explain=lambda error: ExitSummary(6, (str(error),)))
    async with seated(StoryEngine(), config=config) as seat:
        await seat.shows("cannot start", "alert(1)")
        looked_at(seat)


@pytest.mark.parametrize("read_only", [False, True])
async def test_every_screen_to_its_end(read_only: bool) -> None:
    """Journal, plan, checks, summary and help with everything in them, not only their first page."""
    engine = hostile()
    engine.read_only = read_only
    async with seated(engine, 100, 30) as seat:
        for key in ("j", "l", "c", "S", "question_mark"):
            await seat.press(key)
            for move in ("pagedown", "end"):
                await seat.press(move)
                looked_at(seat)
            while not seat.on_board:
                await seat.press("escape")


async def test_the_palette_and_a_search_with_hostile_words() -> None:
    async with seated(hostile(), 100, 30) as seat:
        for opens in ("ctrl+p", "slash"):
            await seat.press(opens, "[", "/", "]", "*")
            looked_at(seat)
            await seat.press("enter", "escape", "escape")
