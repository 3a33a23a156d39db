"""`run`, `demo` and `rehearse`: the console or plain mode on a cluster file, and the run as both open it.

Light to import: what is heavy comes in ``open``, behind the console's first paint.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.arguments import state_dir, typed_again
from tui.cli.errors import LeftError, UsageError, told

# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from tui.model.events import Event
    from tui.plain.outcome import RunOutcome
    from tui.rehearsal import Plan
    from tui.remote import AskPerson
    from tui.rollout.interface import Engine
    from tui.rollout.open_run import OpenRun
    from tui.rollout.options import Agree, RunOptions
    from tui.rollout.viewer.viewer import Viewer

    Find = Callable[[AskPerson | None], Path]
    """Gives the cluster file; whom it may ask is there or not."""


class Opening:
    """Opens the run at most once; ``resume`` is how it is taken up again, ``until`` how long that works."""

    def __init__(
        self, find: Callable[[], Path], options: Callable[[], RunOptions], resume: str, until: str = ""
    ) -> None:
        self._find = find
        self._options = options
        self._resume = resume
        self._until = until
        self._opened: OpenRun | None = None
        self._viewer: Viewer | None = None
        self._report = ""
        self._no_report = ""

    async def open(self, agree: Agree | None = None) -> Engine:
        """Find the cluster file (a rehearsal is started for it), then open the run, or only look at it.

        ``agree`` asks a person about a file that has changed since the run began.
        """
        from dataclasses import replace

        from tui.remote import on_thread

        cluster_file = await on_thread("aside", self._find)
        options = replace(self._options(), agree=agree)
        if options.read_only:
            from tui.rollout.viewer.viewer import Viewer

            self._viewer = await Viewer.open(cluster_file, options)
            return self._viewer
        from tui.rollout.open_run import OpenRun

        self._opened = await OpenRun.open(cluster_file, options)
        return self._opened.engine

    async def close(self, reason: str = "") -> None:
        """Leave the run and write its reports, if it is ours to write about."""
        from tui.journal import JournalError
        from tui.report import write_reports

        if self._viewer is not None:
            await self._viewer.close()
            return
        assert self._opened is not None
        await self._opened.close(reason)
        if self._opened.engine.read_only:
            return
        try:
            self._report = str(write_reports(self._opened.run_dir)[0])
        except JournalError as error:
            self._no_report = str(error)

    def outcome(self, stopped: str = "") -> RunOutcome:
        """How it stands; ``stopped`` is why the front end left before the run was over."""
        from tui.plain.outcome import RunOutcome

        if self._viewer is not None:
            return RunOutcome(self._viewer.state, stopped, "", "")
        assert self._opened is not None
        engine = self._opened.engine
        lost = engine.read_only
        return RunOutcome(
            engine.state,
            stopped,
            self._resume,
            self._report,
            self._no_report,
            report_to_be="" if lost else str(self._opened.run_dir / "report.html"),
            locked_out=lost,
            resume_until=self._until,
        )

    def events(self, after: int) -> list[Event]:
        """What the journal has after event number ``after``. Raises JournalError."""
        from tui.journal import read_events

        if self._viewer is not None:
            return [event for event in self._viewer.events() if event.seq > after]
        assert self._opened is not None
        return [event for event in read_events(self._opened.run_dir) if event.seq > after]


def run(arguments: Namespace) -> int:
    """The console (or plain mode) on a real cluster; an unfinished run of it is taken up first."""
    cluster_file = Path(arguments.cluster)
    try:
        cluster_file.open().close()  # a wrong name is told before any screen is taken
    except FileNotFoundError:
        if not _has_something_out(cluster_file, arguments):
            raise UsageError(f"{cluster_file}: there is no such cluster file.") from None
    except OSError:
        if not _has_something_out(cluster_file, arguments):
            raise
    return _front_end(arguments, lambda _ask: cluster_file, typed_again(arguments, "run", arguments.cluster))


def _has_something_out(cluster_file: Path, arguments: Namespace) -> bool:
    """Whether an unfinished run of that file goes on without it."""
    from tui.journal import unfinished_run

    record = unfinished_run(state_dir(arguments), None, cluster_file)
    return record is not None and record.run.anything_out


def demo(arguments: Namespace) -> int:
    """The console on a simulated cluster: no hardware, no root, no network."""
    from tui.cli.rehearse import demo_plan

    count = 8 if arguments.nodes is None else arguments.nodes
    family = arguments.family or "PX"
    plan = demo_plan(count, family, arguments.fault, arguments.seed or 1, arguments.pace or 1.0)
    return _rehearsal(arguments, plan, "demo", typed_again(arguments, "demo"))


def rehearse(arguments: Namespace) -> int:
    """The operator's own cluster file on simulated nodes of the same names."""
    from tui.cli.own_file import not_simulated, plan_of
    from tui.rollout.opening.file import load_cluster_file

    source = Path(arguments.cluster)
    config = load_cluster_file(source)
    plan = plan_of(config, source, arguments.fault, arguments.seed or 1, arguments.pace or 1.0)
    arguments.not_simulated = not_simulated(config, plan)
    command = typed_again(arguments, "rehearse", arguments.cluster)
    return _rehearsal(arguments, plan, f"rehearsals/{plan.name}", command)


def _rehearsal(arguments: Namespace, plan: Plan, place: str, command: str) -> int:
    from tui.cli.rehearse import KeptRehearsal, stays_up

    chosen = (arguments.nodes, arguments.family, arguments.seed, arguments.pace)
    asked = bool(arguments.fault) or any(option is not None for option in chosen)
    state = state_dir(arguments)
    again = partial(typed_again, arguments)
    kept = KeptRehearsal(state / place, state, command, plan, asked, arguments.resume, arguments.new, again)

    def find(ask: AskPerson | None) -> Path:
        found = kept.open(ask)
        arguments.resume, arguments.new = kept.resume, kept.new
        return found

    try:
        return _front_end(arguments, find, command, stays_up(plan))
    finally:
        kept.close()


def _front_end(arguments: Namespace, find: Find, command: str, until: str = "") -> int:
    """On the cluster file that ``find`` gives; ``command`` with --resume takes the run up again."""
    if (arguments.yes or arguments.json) and not arguments.plain:
        raise UsageError("--yes and --json belong to --plain; add it.")
    if not arguments.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the console needs a terminal; add --plain to go line by line.")
    if not arguments.plain:
        return _console(arguments, find, f"{command} --resume", until)
    import asyncio

    from tui.plain.prompts import ask_person
    from tui.plain.running import PlainOptions, run_plain

    options = partial(_run_options, arguments, ask_person)
    ask = ask_person if sys.stdin.isatty() and not arguments.yes else None
    opening = Opening(partial(find, ask), options, f"{command} --plain --resume", until)
    return asyncio.run(run_plain(opening, PlainOptions(arguments.yes, arguments.json)))


def _console(arguments: Namespace, find: Find, resume: str, until: str) -> int:
    from platformdirs import user_config_path

    from tui.console.app import ConsoleConfig, ExitSummary, run_console
    from tui.console.prompts import AgreementPrompt, PersonPrompt

    person, agreement = PersonPrompt(), AgreementPrompt()
    opening = Opening(partial(find, person.ask), lambda: _run_options(arguments, person.ask), resume, until)

    def ending(_engine: Engine) -> ExitSummary:
        last = opening.outcome()
        return ExitSummary(last.exit_code, tuple(last.lines()))

    def explain(error: Exception) -> ExitSummary:
        from tui.console.commands.keymap import KeysFileError

        if isinstance(error, KeysFileError):
            return ExitSummary(1, (str(error),))
        sentence, code = told(error)
        return ExitSummary(code, (sentence,), at_once=isinstance(error, LeftError))

    config = ConsoleConfig(
        open_engine=lambda: opening.open(agreement.ask),
        ending=ending,
        explain=explain,
        close_engine=lambda _engine: opening.close(),
        keys_file=user_config_path("rollcall") / "keys.toml",
        person=person,
        agreement=agreement,
    )
    return run_console(config, title=Path(arguments.cluster).stem)


def _run_options(arguments: Namespace, ask_person: AskPerson) -> RunOptions:
    from tui.model.states import PauseMode
    from tui.rollout.options import RunOptions

    return RunOptions(
        state_dir=state_dir(arguments),
        front_end="plain" if arguments.plain else "console",
        read_only=arguments.read_only,
        resume=arguments.resume,
        new=arguments.new,
        simulated=arguments.simulated,
        not_simulated=arguments.not_simulated,
        pause=PauseMode(arguments.pause) if arguments.pause else None,
        nodes=arguments.chosen,
        enforce=arguments.enforce,
        ask_person=ask_person,
    )
