"""Questions apart from the run's steps: one at a time, and nobody gets what was typed for another."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.plain.terminals import TerminalProcess
from tests.rigs.waiting import wait_until
from tui.plain.prompts import agreement
from tui.plain.terminal import Terminal

CHANGES = ("policy.allowed_down: 1 -> 2",)


@pytest.mark.parametrize(
    ("typed", "agreed"), [("demo\n", True), ("y\n", False), ("\n", False), ("", False), ("demo2\n", False)]
)
async def test_only_the_name_is_a_yes(typed: str, agreed: bool) -> None:
    source, sink = os.pipe()
    os.write(sink, typed.encode())
    os.close(sink)
    out = io.StringIO()
    assert await agreement(Terminal(out, source=source))("demo", CHANGES) is agreed
    os.close(source)
    assert CHANGES[0] in out.getvalue()
    assert "Type demo to agree to that" in out.getvalue()


ASK = """
import sys, threading
from tui.plain.prompts import ask_person
from tui.remote import Question

asked = [
    Question("Is it so? ", hidden=False, lines=("One thing.", "Another.")),
    Question("Password of root: "),
]
got = []
threads = [threading.Thread(target=lambda q=q: got.append(ask_person(q)), daemon=True) for q in asked]
try:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
except KeyboardInterrupt:
    sys.exit(130)
print("GOT", got)
"""


@pytest.fixture
def asking() -> Iterator[TerminalProcess]:
    """Two threads that ask at once: one visibly, one not."""
    process = TerminalProcess([sys.executable, "-c", ASK])
    yield process
    process.close()


def answer(asking: TerminalProcess, visible: str, hidden: str) -> None:
    """Answer both, in whatever order they come."""
    for _ in range(2):
        first = asking.expect(r"One thing\.\nAnother\.\nIs it so\? |Password of root: ").group()
        asking.type(visible if "so" in first else hidden)


def test_two_that_ask_at_once_are_answered_one_after_the_other(asking: TerminalProcess) -> None:
    answer(asking, "yes, it is", "s3cret")
    assert asking.end() == 0
    assert "'yes, it is'" in asking.text.rpartition("GOT")[2]
    assert "'s3cret'" in asking.text.rpartition("GOT")[2]
    assert asking.text.count("yes, it is") == 2  # its echo, too
    assert asking.text.count("s3cret") == 1


def test_enter_alone_is_an_answer_and_the_end_of_input_is_none(asking: TerminalProcess) -> None:
    for _ in range(2):
        asking.press(b"\n" if "so" in asking.expect("so\\? |root: ").group() else b"\x04")
    assert asking.end() == 0
    assert asking.text.rpartition("GOT ")[2].strip() in ("['', None]", "[None, '']")


def test_ctrl_c_gives_the_terminal_back_with_its_echo(asking: TerminalProcess) -> None:
    if "so" in asking.expect("so\\? |root: ").group():
        asking.type("")
        asking.expect("root: ")
    wait_until(lambda: not asking.echoes, what="nothing is echoed")
    asking.press(b"\x03")
    assert asking.end() == 130
    assert asking.echoes


def test_without_a_terminal_nobody_is_asked() -> None:
    code = "from tui.plain.prompts import ask_person\nfrom tui.remote import Question\n"
    code += "print(ask_person(Question('x', hidden=False)))"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, start_new_session=True, check=True)
    assert (ended.stdout, ended.stderr) == ("None\n", "")


BOTH = """
import asyncio, threading
from tui.plain.prompts import ask_person
from tui.plain.terminal import Terminal
from tui.remote import Question

async def main():
    got = []
    thread = threading.Thread(target=lambda: got.append(ask_person(Question("Password: "))), daemon=True)
    ask = asyncio.create_task(Terminal().ask("Which? "))
    await asyncio.sleep(0)
    thread.start()
    said = [await ask, await Terminal().ask("And which? ")]
    thread.join()
    print("RUN", said, "THREAD", got)

asyncio.run(main())
"""


def test_a_thread_that_asks_does_not_get_what_is_typed_for_the_run() -> None:
    asking = TerminalProcess([sys.executable, "-c", BOTH])
    try:
        asking.expect("Which\\? ")
        asking.type("one")
        for _ in range(2):
            secret = "Pass" in asking.expect("And which\\? |Password: ").group()
            asking.type("s3cret" if secret else "two")
        assert asking.end() == 0
        assert "RUN ['one', 'two'] THREAD ['s3cret']" in asking.text
    finally:
        asking.close()


AGAIN = """
import asyncio, termios
from tui.plain.terminal import Terminal

async def main():
    termios.tcsetwinsize(1, (24, 46))
    terminal = Terminal()
    ask = asyncio.create_task(terminal.ask("Which node is next? Type its number or its name: "))
    await asyncio.sleep(0)
    terminal.sentence("px03 is degraded: not running Node Manager, SISCI, SuperSockets")
    terminal.remark("Command: cd /var/lib/rollcall/packages && sh eXpressWare.sh --build-rpm")
    print("GOT", await ask)

asyncio.run(main())
"""


def test_a_question_is_asked_again_below_what_was_said_and_lines_break_between_words() -> None:
    asking = TerminalProcess([sys.executable, "-c", AGAIN])
    try:
        question = "Which node is next? Type its number or its\n    name: "
        said = "px03 is degraded: not running Node Manager,\n    SISCI, SuperSockets\n"
        command = "Command: cd /var/lib/rollcall/packages && sh eXpressWare.sh --build-rpm\n"
        asking.expect(f"^{re.escape(question)}\n{re.escape(said + command + question)}$")
        asking.type("2")
        assert asking.end() == 0
        assert asking.text.endswith("GOT 2\n")
    finally:
        asking.close()


OUTPUT = """
import sys, threading, time
from tui.plain.prompts import ask_person
from tui.plain.terminal import TURN, Terminal
from tui.remote import Question

def ask():
    question = Question("Is it so?", False, refuse=lambda typed: "" if typed == "yes" else "Not that.")
    print("GOT", ask_person(question))

terminal = Terminal()
thread = threading.Thread(target=ask, daemon=True)
thread.start()
while not TURN.later(lambda: None):
    time.sleep(0.01)
terminal.line("withheld")
terminal.line("a line of the run")
if sys.argv[1] == "answer":
    print("READY", flush=True)
if sys.argv[1] == "withdraw":
    TURN.withdraw()
if sys.argv[1] != "end":
    thread.join()
"""


@pytest.fixture
def working(request: pytest.FixtureRequest) -> Iterator[TerminalProcess]:
    """A thread asks while the run has something to say."""
    process = TerminalProcess([sys.executable, "-c", OUTPUT, request.param])
    yield process
    process.close()


@pytest.mark.parametrize("working", ["answer"], indirect=True)
def test_what_is_no_answer_is_asked_again_and_lines_of_the_run_come_afterwards(
    working: TerminalProcess,
) -> None:
    working.expect("READY")  # the run has had its say
    for number, typed in enumerate(("no", "perhaps", "yes")):
        if number:
            working.expect("Is it so\\? ")
        working.type(typed)
    assert working.end() == 0
    said = working.text.replace("READY", "").replace("\n", "")  # that came at any time
    talk = "Is it so? noNot that.Is it so? perhapsNot that.Is it so? yes"
    assert said.startswith(talk)
    afterwards = ("GOT yes", "withheld", "a line of the run")
    assert all(words in said[len(talk) :] for words in afterwards)
    assert len(said) == len(talk) + sum(map(len, afterwards))


@pytest.mark.parametrize("working", ["withdraw", "end"], indirect=True)
def test_nothing_that_was_withheld_is_lost(working: TerminalProcess) -> None:
    assert working.end() == 0
    assert "withheld\na line of the run\n" in working.text
    assert ("GOT None" in working.text) == ("withdraw" in working.process.args)  # type: ignore[operator]
    assert working.echoes
