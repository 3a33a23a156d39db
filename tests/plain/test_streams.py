import io
from pathlib import Path

from tests.journal.story import Story
from tui.journal.output import OutputFile
from tui.model import events as ev
from tui.model.fold import fold
from tui.model.run import Run
from tui.model.states import StepStatus
from tui.model.steps import StepName
from tui.plain.output import TextOutput
from tui.plain.streams import QUIET_LOOKS, Streams
from tui.plain.terminal import Terminal

STEP = StepName.INSTALL


class Following:
    """A journal and its output files, followed as a front end does."""

    def __init__(self, directory: Path, run: Run | None = None) -> None:
        self.story = Story(directory)
        self.file = self.story.journal.output("px01", STEP, 1)
        self.out = io.StringIO()
        self.streams = Streams(self.read, run or Run(), TextOutput(Terminal(self.out)))

    def read(self, node: str, step: StepName, attempt: int, offset: int, limit: int) -> bytes:
        return OutputFile(self.story.directory, node, step, attempt).read(offset, min(limit, 10))

    def say(self, payload: ev.Payload) -> None:
        self.streams.pump()
        self.streams.on_event(self.story.say(payload, "px01", step=STEP, attempt=1))

    def begin(self) -> None:
        begun = ev.AttemptStarted(job_id="j", boot_id="b", command="c", output="o", confirmed_by="anna")
        self.say(begun)

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()


def test_output_is_said_in_whole_lines_and_to_its_last_byte(tmp_path: Path) -> None:
    following = Following(tmp_path / "run")
    following.begin()
    following.file.write(b"one line of words\nhalf a")
    following.streams.pump()
    assert following.lines == ["px01 install| one line of words"]
    following.file.write(b" line\nno end")
    following.say(ev.AttemptEnded(status=StepStatus.SUCCEEDED))
    assert following.lines[1:] == ["px01 install| half a line", "px01 install| no end"]
    following.file.write(b"too late\n")
    following.streams.pump()
    assert len(following.lines) == 3


def test_a_question_without_a_line_end_is_shown_after_a_while(tmp_path: Path) -> None:
    following = Following(tmp_path / "run")
    following.begin()
    following.file.write(b"Continue? [Y/n]")
    for _ in range(3 * QUIET_LOOKS):
        following.streams.pump()
    assert following.lines == ["px01 install| Continue? [Y/n] (the line has not ended yet)"]


def test_an_attempt_of_an_earlier_console_goes_on_where_that_one_noted(tmp_path: Path) -> None:
    before = Following(tmp_path / "before")
    before.begin()
    before.say(ev.AttemptOutput(offset=len(b"seen before\n")))
    following = Following(tmp_path / "run", fold(before.story.journal.events))
    following.file.write(b"seen before\nnew\n")
    following.streams.pump()
    assert following.lines == ["px01 install| new"]
