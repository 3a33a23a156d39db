"""The app: themes, start-up and leaving. It paints first and opens the run afterwards."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.screen import ModalScreen, Screen
from textual.worker import Worker, WorkerState
from typing_extensions import override

from tui.console.crash import crash_sentence
from tui.console.listening import ListeningApp, paint_anew, quick
from tui.console.look.glyphs import Glyphs, choose_glyphs
from tui.console.look.themes import DARK, LIGHT, defaults
from tui.console.palette import BoardCommands
from tui.console.prompts import AgreementPrompt, PersonPrompt
from tui.console.screens.welcome import FailedScreen, WelcomeScreen
from tui.console.terminal.driver import driver_for
from tui.text.sanitize import ascii_line, sanitize_line
from tui.text.width import for_terminal

if TYPE_CHECKING:
    from tui.console.board import BoardScreen
    from tui.remote import Question
    from tui.rollout.interface import Engine

OpenEngine = Callable[[], "Awaitable[Engine]"]
LOOK_AGAIN_S = 0.1
"""Seconds after which it is looked again whether a question that came meanwhile can be shown."""


@dataclass(frozen=True, slots=True)
class ExitSummary:
    """How the console leaves: its exit code, and sentences for the terminal it gives back."""

    code: int
    sentences: tuple[str, ...] = ()
    at_once: bool = False
    """A person chose it: there is nothing to show before."""


def _plain_failure(error: Exception) -> ExitSummary:
    return ExitSummary(1, (str(error) or type(error).__name__,))


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    """What the console needs from whoever starts it."""

    open_engine: OpenEngine
    """Opens the run; awaited after the first paint."""
    ending: Callable[[Engine], ExitSummary] = lambda _engine: ExitSummary(0)
    """Exit code and last words for the state that the person leaves."""
    explain: Callable[[Exception], ExitSummary] = _plain_failure
    """Exit code and one sentence for an error of ``open_engine``."""
    close_engine: Callable[[Engine], Awaitable[None]] | None = None
    """Awaited when the person leaves."""
    keys_file: PurePath | None = None
    """The person's own keys, if the file exists."""
    person: PersonPrompt | None = None
    agreement: AgreementPrompt | None = None


class RollcallApp(ListeningApp, inherit_bindings=False):
    """Thin: what happens on the board is the board's."""

    TITLE = "Rollcall"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/welcome.tcss"]
    COMMANDS: ClassVar[set[type[Provider]]] = {BoardCommands}  # type: ignore[assignment]
    # Before what any screen or dialog has, but for a line that takes "?" as text.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", show=False, id="help", priority=True),
        Binding("ctrl+l", "redraw", "Redraw", show=False, priority=True),
    ]

    def __init__(
        self,
        config: ConsoleConfig,
        *,
        title: str = "",
        glyphs: Glyphs | None = None,
        now: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        stands: Callable[[], None] = lambda: None,
    ) -> None:
        """``stands`` is called once the board is drawn."""
        self._glyphs = glyphs or choose_glyphs(os.environ)
        super().__init__(monotonic, driver_class=driver_for(ascii_only=self._glyphs.ascii))
        self._config, self._cluster, self._now, self._stands = config, title, now, stands
        self.keys: dict[str, str] = {}
        """Each command's key, once they are known."""
        self.engine: Engine | None = None
        self.board: BoardScreen | None = None
        self.failure: ExitSummary | None = None
        self.crash = ""
        """Not empty: the console itself broke, and how, as a sentence."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if self.no_color:
            # A theme of the terminal's own sixteen colours turns black on black without colour.
            for name in [name for name, theme in self.available_themes.items() if theme.ansi]:
                self.unregister_theme(name)
        self.theme = DARK.name

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    @override
    def get_default_screen(self) -> Screen[Any]:
        return WelcomeScreen(self._cluster, self._glyphs)

    @override
    def pop_screen(self) -> AwaitComplete:
        # Textual keeps what each widget has drawn for as long as it remembers the colours of that widget, and
        # of a thousand it does.
        StylesCache.get_inner_outer.cache_clear()
        return super().pop_screen()

    @on(events.Mount)
    def _begin(self) -> None:
        self.set_class(self._glyphs.ascii, "-ascii")
        if self._config.person is not None:
            self._config.person.attach(self._ask_person)
        if self._config.agreement is not None:
            self._config.agreement.attach(self._ask_to_agree)

    def on_ready(self) -> None:
        """Open the run once the first frame is painted."""
        self.run_worker(self._open(), exit_on_error=False)

    async def _open(self) -> None:
        """Open the run behind the first paint, then show the board."""
        from tui.console.board import BoardScreen  # noqa: PLC0415 - after the first paint
        from tui.console.commands.keymap import commands_of  # noqa: PLC0415 - as above
        from tui.console.view_model import ViewModel  # noqa: PLC0415 - as above
        from tui.journal.clock import utc_now  # noqa: PLC0415 - as above

        own, commands = commands_of(self._config.keys_file)
        self.set_keymap(own)
        self.keys = {command.id: command.key for command in commands}
        self.engine = await self._config.open_engine()
        while isinstance(self.screen, ModalScreen):  # noqa: ASYNC110  what is being typed stays in sight
            await asyncio.sleep(LOOK_AGAIN_S)
        model = ViewModel(self.engine, glyphs=self._glyphs, now=self._now or utc_now, ending=self.ending)
        self.board = BoardScreen(model, commands)
        await self.push_screen(self.board)
        self.call_after_refresh(self._stands)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show why the run could not be opened: whatever it is, a person gets one sentence."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            self.failure = self._config.explain(error)
            if self.failure.at_once:
                self.exit()
                return
            sentence = " ".join(self.failure.sentences)
            self.push_screen(FailedScreen(sentence, self.failure.code, self._glyphs))

    def ending(self) -> tuple[str, ...]:
        """The last words for the state as it is now."""
        return self._config.ending(self.engine).sentences if self.engine is not None else ()

    def farewell(self) -> ExitSummary:
        """Exit code and last words, once the terminal is given back."""
        if self.failure is not None:
            return self.failure
        left = self._config.ending(self.engine) if self.engine is not None else ExitSummary(7)
        return ExitSummary(left.code or 4, (self.crash, *left.sentences)) if self.crash else left

    def _fatal_error(self) -> None:
        """An error of this program itself: one sentence instead of a traceback.

        Textual's own would print every local variable, and a password could be one of them.
        """
        error = self._exception
        if error is not None and not self.crash:
            self.crash = crash_sentence(error)
        self._close_messages_no_wait()

    @override
    def stirred(self) -> None:
        if self.board is not None:
            self.board.redraw()

    def action_redraw(self) -> None:
        """Whatever stands on the terminal, show the screen as it is."""
        paint_anew(self, asked=True)

    @override
    async def action_quit(self) -> None:
        if self.board is not None and self.screen is self.board:
            self.board.action_command("quit")
        elif self.board is None:
            self.exit()

    @override
    def action_command_palette(self) -> None:
        if self.board is not None and self.screen is self.board:
            self.push_screen(CommandPalette(id="--command-palette", placeholder="find a command"))

    def action_help(self) -> None:
        """Show every key, over whatever stands there; the same key leaves it."""
        from tui.console.finding import help_screen  # noqa: PLC0415 - not for first paint

        help_screen(self, self.board, self._glyphs)

    async def _ask_to_agree(self, cluster: str, changes: tuple[str, ...]) -> bool:
        """Called by the worker that opens the run, before the board is there."""
        from tui.console.dialogs.entry import agree_dialog  # noqa: PLC0415 - rarely needed

        dialog = agree_dialog(cluster, changes)
        dialog.glyphs = self._glyphs
        dialog.set_class(not quick(self), "-slow")
        return await self.push_screen_wait(dialog) is not None

    def _ask_person(self, question: Question, future: Future[str | None]) -> None:
        """Called on a connecting thread: show the question on the loop, answer through the future."""
        self.call_later(self._show_question, question, future)

    def _show_question(self, question: Question, future: Future[str | None]) -> None:
        from tui.console.dialogs.entry import question_dialog  # noqa: PLC0415 - rarely needed

        def answer(typed: str | None) -> None:
            if not future.done():
                future.set_result(typed)

        waits = f"a question waits until this is closed: {sanitize_line(question.title, 60)}"
        board = self.board
        if self._person_is_typing:
            if board is not None and not board.status.said:
                board.say(waits)
            self.set_timer(LOOK_AGAIN_S, partial(self._show_question, question, future))
            return
        if board is not None and board.status.said == waits:
            board.say("")
        dialog = question_dialog(question)
        dialog.glyphs = self._glyphs
        self.push_screen(dialog, answer)

    @property
    def _person_is_typing(self) -> bool:
        """A dialog or a search line has the keys, or the board is about to be put over everything."""
        from textual.widgets import Input  # noqa: PLC0415 - not for first paint

        busy = self.board.busy if self.board is not None else self.engine is not None
        return busy or isinstance(self.screen, ModalScreen) or isinstance(self.focused, Input)


def _settle() -> None:
    """What lives now lives long: keep the collector away from it, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 5, 5)


def run_console(config: ConsoleConfig, *, title: str = "", mouse: bool = True) -> int:
    """Run the console until the person leaves; returns the exit code.

    ``title`` is the cluster's name for the first paint. An error of ``config.open_engine`` is shown
    full-screen and printed after the terminal is restored.
    """
    app = RollcallApp(config, title=title, stands=_settle)
    asyncio.run(_run(app, config, mouse))
    farewell = app.farewell()
    for sentence in farewell.sentences:
        print(for_terminal(ascii_line(sentence), sys.stdout))  # noqa: T201 - the terminal is the person's again
    return farewell.code


async def _run(app: RollcallApp, config: ConsoleConfig, mouse: bool) -> None:
    try:
        await app.run_async(mouse=mouse)
    finally:
        if config.person is not None:
            config.person.detach()
        if app.engine is not None and config.close_engine is not None:
            await config.close_engine(app.engine)
