"""The command line: one function per command, arguments in, exit code out. What they do lives below."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import tui
from tui.cli.arguments import build_parser
from tui.cli.errors import UsageError, told

# Everything else is imported by the command that needs it: `rollcall version` has to be instant, and the
# console's first paint must not wait for SSH.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from tui.model.clusterfile import ClusterFile
    from tui.plain.terminal import Terminal
    from tui.rehearsal import Plan
    from tui.remote import AskSecret
    from tui.rollout.open_run import RunOptions

CANCELED = 7


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is one sentence on standard error and the contract's exit code."""
    before = os.umask(0o077)  # whatever is written, by what we start as well, is the operator's only
    try:
        arguments = build_parser(COMMANDS).parse_args(argv)
        return int(arguments.command(arguments))
    except KeyboardInterrupt:
        return _fail("interrupted.", CANCELED)
    except UsageError as error:
        return _fail(str(error), 1)
    except Exception as error:  # noqa: BLE001  the last door: nobody is shown a traceback
        return _fail(*told(error))
    finally:
        os.umask(before)


def demo(arguments: Namespace) -> int:
    """The console on a simulated cluster: no hardware, no root, no network."""
    from tui.cli.rehearse import demo_plan

    count = 8 if arguments.nodes is None else arguments.nodes
    family = arguments.family or "PX"
    plan = demo_plan(count, family, arguments.fault, arguments.seed or 1, arguments.pace or 1.0)
    return _on_stage(arguments, plan, "demo", _command(arguments, "demo"))


def rehearse(arguments: Namespace) -> int:
    """The operator's own cluster file on simulated nodes of the same names."""
    from tui.cli.own_file import not_simulated, plan_of

    config, source = _cluster(arguments), Path(arguments.cluster)
    plan = plan_of(config, source, arguments.fault, arguments.seed or 1, arguments.pace or 1.0)
    arguments.not_simulated = not_simulated(config, plan)
    command = _command(arguments, "rehearse", arguments.cluster)
    return _on_stage(arguments, plan, f"rehearsals/{plan.name}", command)


def _on_stage(arguments: Namespace, plan: Plan, place: str, command: str) -> int:
    from tui.cli.rehearse import Stage

    options = (arguments.seed, arguments.pace, *(vars(arguments).get(key) for key in ("nodes", "family")))
    asked = bool(arguments.fault) or any(option is not None for option in options)
    state = _state_dir(arguments)
    stage = Stage(state / place, state, command, plan, asked, arguments.resume, arguments.new)
    try:
        return _front_end(arguments, stage.open, command)
    finally:
        stage.close()


def run(arguments: Namespace) -> int:
    """The console (or plain mode) on a real cluster; an unfinished run of it is taken up first."""
    cluster_file = Path(arguments.cluster)
    try:
        cluster_file.open().close()  # a wrong name is told before any screen is taken
    except OSError:
        if not _has_something_out(cluster_file, arguments):
            raise
    return _front_end(arguments, lambda: cluster_file, _command(arguments, "run", arguments.cluster))


def _has_something_out(cluster_file: Path, arguments: Namespace) -> bool:
    """Whether an unfinished run of that file goes on without it."""
    from tui.journal import unfinished_run

    record = unfinished_run(_state_dir(arguments), None, cluster_file)
    return record is not None and record.run.anything_out


def _front_end(arguments: Namespace, find: Callable[[], Path], command: str) -> int:
    from tui.cli.launch import Opening

    if (arguments.yes or arguments.json) and not arguments.plain:
        raise UsageError("--yes and --json belong to --plain; add it.")
    if not arguments.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the console needs a terminal; add --plain to go line by line.")
    if arguments.plain:
        from tui.plain.prompts import ask_secret
        from tui.plain.running import PlainOptions, run_plain

        wish = partial(_wish, arguments, ask_secret)
        opening = Opening(find, wish, f"{command} --plain --resume")
        return asyncio.run(run_plain(opening, PlainOptions(arguments.yes, arguments.json)))
    return _console(arguments, find, f"{command} --resume")


def _console(arguments: Namespace, find: Callable[[], Path], resume: str) -> int:
    from tui.cli.launch import Opening
    from tui.console.app import ConsoleConfig, ExitSummary, run_console
    from tui.console.prompts import AgreementPrompt, SecretPrompt

    secrets, agreement = SecretPrompt(), AgreementPrompt()
    opening = Opening(find, lambda: _wish(arguments, secrets.ask), resume)

    def ending() -> ExitSummary:
        last = opening.outcome()
        return ExitSummary(last.exit_code, tuple(last.lines()))

    def explain(error: Exception) -> ExitSummary:
        sentence, code = told(error)
        return ExitSummary(code, (sentence,))

    config = ConsoleConfig(
        open_engine=lambda: opening.open(agreement.ask),
        ending=lambda _engine: ending(),
        explain=explain,
        close_engine=lambda _engine: opening.close(),
        secrets=secrets,
        agreement=agreement,
    )
    return run_console(config, title=Path(vars(arguments).get("cluster", "demo")).stem)


def check(arguments: Namespace) -> int:
    """Preflight only: every check of every node, and nothing else."""
    from tui.cli import check_status
    from tui.plain.prompts import ask_secret

    return asyncio.run(check_status.check(_cluster(arguments), _terminal(), ask_secret, arguments.json))


def plan(arguments: Namespace) -> int:
    """Every command for every node; nothing is run."""
    from tui.cli.plan import say_plan

    manner = "json" if arguments.json else "markdown" if arguments.markdown else "lines"
    return say_plan(_cluster(arguments), arguments.cluster, _terminal(), manner)


def status(arguments: Namespace) -> int:
    """One sweep over all nodes."""
    from tui.cli import check_status
    from tui.plain.prompts import ask_secret

    look = check_status.watch_status if arguments.watch else check_status.status
    return asyncio.run(look(_cluster(arguments), _terminal(), ask_secret, arguments.json))


def runs(arguments: Namespace) -> int:
    """Recorded runs, the newest first."""
    from tui.cli.runs import list_runs

    return list_runs(_state_dir(arguments), _terminal(), arguments.json)


def watch(arguments: Namespace) -> int:
    """Follow a run read-only."""
    from tui.cli import runs

    return asyncio.run(runs.watch(runs.choose(_state_dir(arguments), arguments.run), _terminal()))


def replay(arguments: Namespace) -> int:
    """Play a recorded run back with its own pauses."""
    from tui.cli import runs

    record = runs.choose(_state_dir(arguments), arguments.run)
    return asyncio.run(runs.replay(record, _terminal(), arguments.speed))


def report(arguments: Namespace) -> int:
    """Write the reports of a run again, or some of them to other places."""
    from tui.cli import runs

    record = runs.choose(_state_dir(arguments), arguments.run)
    return runs.report(record, _terminal(), arguments.html, arguments.json, arguments.markdown)


def import_(arguments: Namespace) -> int:
    """A cluster file from the management node's dishosts.conf."""
    from tui.cli.import_dishosts import import_dishosts

    target = Path(arguments.output) if arguments.output else None
    imported = import_dishosts(Path(arguments.dishosts), target)
    if target is None:
        _terminal().document(imported.text)
    for warning in imported.warnings:
        _say(f"{arguments.dishosts}: {warning}.")
    return 0


def unlock(arguments: Namespace) -> int:
    """Show who holds a cluster's lock; break it after a typed confirm."""
    from tui.cli.unlock import unlock as break_lock
    from tui.plain.prompts import ask_secret

    return asyncio.run(break_lock(_cluster(arguments), _state_dir(arguments), _terminal(), ask_secret))


def version(_arguments: Namespace) -> int:
    """Which Rollcall this is."""
    sys.stdout.write(f"rollcall {tui.__version__}\n")
    return 0


COMMANDS = {
    "demo": demo,
    "run": run,
    "check": check,
    "plan": plan,
    "rehearse": rehearse,
    "status": status,
    "runs": runs,
    "watch": watch,
    "replay": replay,
    "report": report,
    "import": import_,
    "unlock": unlock,
    "version": version,
}


def _fail(sentence: str, code: int) -> int:
    _say(sentence)
    return code


def _say(sentence: str) -> None:
    """Foreign words in it are cleaned: they may come from a file or a node."""
    from tui.text.sanitize import ascii_line

    sys.stderr.write(f"rollcall: {ascii_line(sentence)}\n")


def _command(arguments: Namespace, *words: str) -> str:
    """The command as a person would type it again."""
    where = ["--state-dir", arguments.state_dir] if arguments.state_dir else []
    return shlex.join(["rollcall", *words, *where])


def _state_dir(arguments: Namespace) -> Path:
    from platformdirs import user_state_dir

    return Path(arguments.state_dir or user_state_dir("rollcall")).absolute()


def _cluster(arguments: Namespace) -> ClusterFile:
    from tui.rollout.open_run import load_cluster_file

    return load_cluster_file(Path(arguments.cluster))


def _terminal() -> Terminal:
    from tui.plain.terminal import Terminal

    return Terminal()


def _wish(arguments: Namespace, ask_secret: AskSecret) -> RunOptions:
    from tui.model.states import PauseMode
    from tui.rollout.open_run import RunOptions

    return RunOptions(
        state_dir=_state_dir(arguments),
        front_end="plain" if arguments.plain else "console",
        read_only=vars(arguments).get("read_only", False),
        resume=arguments.resume,
        new=arguments.new,
        simulated="fault" in vars(arguments),
        not_simulated=vars(arguments).get("not_simulated", ()),
        pause=PauseMode(arguments.pause) if arguments.pause else None,
        nodes=vars(arguments).get("chosen"),
        enforce=vars(arguments).get("enforce"),
        ask_secret=ask_secret,
    )
