"""The command line: one function a command, whose first line is its help. What they do stands beside."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tui
from tui.cli import launch
from tui.cli.arguments import build_parser, state_dir
from tui.cli.errors import UsageError, told

# Everything else is imported by the command that needs it: `rollcall version` has to be instant, and the
# console's first paint must not wait for SSH. The cluster file comes first: a wrong one needs no more.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from tui.model.clusterfile import ClusterFile
    from tui.plain.terminal import Terminal

CANCELED = 7


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is one sentence on standard error and the contract's exit code."""
    before = os.umask(0o077)  # whatever is written, by what we start as well, is the operator's only
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # nobody's code is looked for, and none runs
    try:
        parser, words = build_parser(COMMANDS), sys.argv[1:] if argv is None else argv
        if not words:  # no success: by the contract that would say that all nodes are updated
            parser.print_help()
            return 1
        arguments = parser.parse_args(words)
        if os.environ.get("ROLLCALL_DEBUG"):
            from tui.cli.diagnostics import begin_log

            begin_log()
        return int(arguments.command(arguments))
    except KeyboardInterrupt:
        return _fail("interrupted.", CANCELED)
    except UsageError as error:
        return _fail(str(error), 1)
    except Exception as error:  # noqa: BLE001  the last door: nobody is shown a traceback
        return _fail(*told(error))
    finally:
        os.umask(before)


def check(arguments: Namespace) -> int:
    """Preflight only: every check of every node, and nothing else."""
    config, where = _with_target(arguments), state_dir(arguments)
    from tui.cli import look
    from tui.plain.prompts import ask_person

    return _awaited(look.check(config, _terminal(), ask_person, arguments.json, where))


def plan(arguments: Namespace) -> int:
    """Every command for every node; nothing is run."""
    config, whole = _with_target(arguments), arguments.complete
    from tui.cli.plan import say_plan

    manner = "json" if arguments.json else "markdown" if arguments.markdown else "lines"
    return say_plan(config, arguments.cluster, _terminal(), manner, whole=whole)


def status(arguments: Namespace) -> int:
    """One sweep over all nodes."""
    config = _cluster(arguments)
    from tui.cli import look
    from tui.plain.prompts import ask_person

    what = (config, _terminal(), ask_person, arguments.json)
    return _awaited(look.watch_status(*what, arguments.every) if arguments.watch else look.status(*what))


def runs(arguments: Namespace) -> int:
    """Recorded runs, the newest first."""
    from tui.journal.files import run_directories
    from tui.journal.listed import listed

    terminal, place = _terminal(), state_dir(arguments)
    directories = run_directories(place)
    for row, words in map(listed, directories):
        if arguments.json:
            terminal.data(row)
        else:
            terminal.line(f"{row['run']}  {row['cluster']:<16} {row['status'].replace('-', ' '):<26} {words}")
    if not directories and not arguments.json:
        terminal.line(f"There are no recorded runs in {place}.")
    return 0


def watch(arguments: Namespace) -> int:
    """Follow a run read-only."""
    from tui.cli import runs

    return _awaited(runs.watch(runs.choose(state_dir(arguments), arguments.run), _terminal()))


def replay(arguments: Namespace) -> int:
    """Play a recorded run back with its own pauses."""
    from tui.cli import runs

    directory = runs.choose(state_dir(arguments), arguments.run)
    return _awaited(runs.replay(directory, _terminal(), arguments.speed))


def report(arguments: Namespace) -> int:
    """Write the reports of a run again, or some of them to other places."""
    from tui.cli import runs

    directory = runs.choose(state_dir(arguments), arguments.run)
    wanted = (arguments.html, arguments.json, arguments.markdown)
    return runs.report(directory, _terminal(), *wanted, verify=arguments.verify)


def import_(arguments: Namespace) -> int:
    """A cluster file from the management node's dishosts.conf."""
    from tui.cli.import_dishosts import import_dishosts

    target = Path(arguments.output) if arguments.output else None
    imported = import_dishosts(Path(arguments.dishosts), target)
    if target is None:
        _terminal().document(imported.text)
    for warning in imported.warnings:
        _say(f"{arguments.dishosts}: {warning}.")
    if target is not None:
        _say(f"{target} is written; fill in [target], then `rollcall check {target}`.")
    return 0


def unlock(arguments: Namespace) -> int:
    """Show who holds a cluster's lock; break it after a typed confirm."""
    config = _cluster(arguments)
    from tui.cli.unlock import unlock as break_lock
    from tui.plain.prompts import ask_person

    return _awaited(break_lock(config, state_dir(arguments), _terminal(), ask_person))


def version(_arguments: Namespace) -> int:
    """Which Rollcall this is."""
    sys.stdout.write(f"rollcall {tui.__version__}\n")
    return 0


COMMANDS = {
    "demo": launch.demo,
    "run": launch.run,
    "check": check,
    "plan": plan,
    "rehearse": launch.rehearse,
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


def _awaited(work: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(work)


def _cluster(arguments: Namespace) -> ClusterFile:
    from tui.rollout.opening.file import load_cluster_file

    return load_cluster_file(Path(arguments.cluster))


def _with_target(arguments: Namespace) -> ClusterFile:
    """The cluster file, with what it is to be updated to. Raises UsageError."""
    from tui.model.clusterfile import NOT_KNOWN_YET

    config = _cluster(arguments)
    if config.target.version == NOT_KNOWN_YET:
        why = "`rollcall import` cannot know what you update to: fill in [target] first"
        raise UsageError(f"{arguments.cluster}: target.version is still {NOT_KNOWN_YET}; {why}.")
    return config


def _terminal() -> Terminal:
    from tui.plain.terminal import Terminal

    return Terminal()
