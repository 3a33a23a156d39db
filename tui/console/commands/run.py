"""Commands about the run as a whole: pause, pause mode, note, quit."""

from __future__ import annotations

from textual.content import Content
from typing_extensions import override

from tui.console.commands.base import Board, KeyCommand, RunCommand
from tui.console.commands.cancel import Cancel
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import EntryDialog, name_dialog, reason_dialog
from tui.console.dialogs.stale import ledger_changed, mode_changed, work_changed
from tui.model.intents import AddNote, ChangePauseMode, Pause, Resume, SignOff
from tui.model.run import Node, Run
from tui.model.states import RunStatus
from tui.text.commands import MODES
from tui.text.sanitize import sanitize_line


class PauseOrResume(RunCommand):
    """Start nothing more, or go on."""

    id, keys, footer = "pause", "p", 6
    outlives_run = False
    asks = False

    @override
    def label(self, board: Board) -> str:
        status = board.model.run.status
        return "resume" if status.paused or status is RunStatus.PAUSE_PENDING else "pause"

    @override
    async def run(self, board: Board) -> None:
        board.submit(Resume() if self.label(board) == "resume" else Pause())


class Mode(RunCommand):
    """How often the run waits for a person."""

    id, keys, footer = "pause-mode", "m", 14
    outlives_run = False

    @override
    async def run(self, board: Board) -> None:
        now = board.model.run.pause_mode
        items = [Item(word, sentence, default=mode is now) for mode, (word, sentence) in MODES.items()]
        intro = Content.assemble("Now: ", (MODES[now][0], "bold $ink-accent"), "\n")
        stale = mode_changed(board.model.run)
        chosen = await board.ask(ChooseDialog("When to wait for a person", items, intro=intro, stale=stale))
        if chosen is not None:
            board.submit(ChangePauseMode(mode=list(MODES)[chosen]))


class SignOffLedger(RunCommand):
    """Close a line of the ledger by hand."""

    id, keys = "sign-off", "x"

    @override
    def why_not(self, board: Board) -> str:
        return "" if board.model.run.open_ledger else "sign off: nothing is out of service by this run"

    @override
    async def run(self, board: Board) -> None:
        lines, stale = board.model.run.open_ledger, ledger_changed(board.model.run)
        items = [
            Item(
                f"{sanitize_line(line.node, 64)}: {line.added.what}",
                f"before: {sanitize_line(line.added.before, 200)}; "
                f"undo: {sanitize_line(line.added.undo, 200)}",
            )
            for line in lines
        ]
        chosen = await board.ask(ChooseDialog("Sign off what is out of service", items, stale=stale))
        if chosen is None:
            return
        line = lines[chosen]
        thing = f"{line.added.what} on {sanitize_line(line.node, 64)}"
        reason = await board.ask(
            reason_dialog(f"Sign off {thing}", "It stays as it is. Why is that right?", stale=stale)
        )
        if reason is None:
            return
        meaning = f"The run no longer puts back the {thing}."
        typed = await board.ask(name_dialog(f"Sign off {thing}", line.thing, meaning, stale=stale))
        if typed is not None and board.submit(SignOff(line=line.line, reason=reason, typed=typed)):
            board.say(f"signed off: {thing}", well=True)


class Note(RunCommand):
    """Write into the journal."""

    id, keys = "note", "a"

    @override
    async def run(self, board: Board) -> None:
        question = Content("What should the journal say?")
        if (text := await board.ask(EntryDialog("Note", question))) is not None:
            board.submit(AddNote(text=text))


class Quit(KeyCommand):
    """Leave the console."""

    id, keys, group, footer = "quit", "q,ctrl+q,ctrl+c", "What is shown", 1

    @override
    async def run(self, board: Board) -> None:
        run = board.model.run
        if run.status.final or board.model.engine.read_only:
            board.leave()
            return
        items = [
            Item("stay", "nothing changes", default=True),
            _leaving(run.working),
            Item("cancel", "choose what to stop first", dangerous=True),
        ]
        changed = work_changed(run)

        def stale(now: Run) -> str:
            return f"{said}; {self.key} asks again" if (said := changed(now)) else ""

        intro = Content.assemble(sanitize_line(board.model.engine.advice().why, 300), "\n")
        chosen = await board.ask(ChooseDialog("Quit", items, intro=intro, stale=stale))
        if chosen == 1:
            board.leave()
        elif chosen == 2:
            await Cancel().run(board)


def _leaving(node: Node | None) -> Item:
    if node is None:
        return Item("quit", "no node is being worked on; the next start resumes the run here")
    name = sanitize_line(node.name, 64)
    if (step := node.active_step) is None:
        return Item("quit", f"{name} stays as it is now; the next start resumes the run there")
    sentence = f"{step.name.words} continues on {name}; the next start resumes the run there"
    return Item("leave it running and quit", sentence)


COMMANDS = (PauseOrResume, Mode, SignOffLedger, Note, Quit)
