"""The command line's words: commands, options, and what is said about a wrong one."""

from __future__ import annotations

import argparse
import difflib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import tui
from tui.cli.errors import UsageError

Command = Callable[[argparse.Namespace], int]
LINES = "one JSON object a line"


class Parser(argparse.ArgumentParser):
    """argparse, with an error as one sentence that is raised."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and leaving with 2."""
        raise UsageError(f"{self._with_hint(message)}; see `{self.prog} --help`.")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse an unknown option where it stands: only this command knows which ones are near."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            known = [text for action in self._actions for text in action.option_strings]
            self.error(f"unknown argument {unknown[0]}{nearest(unknown[0], known)}")
        return found, unknown

    def _with_hint(self, message: str) -> str:
        chosen = re.match(r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)", message)
        if chosen is None:
            return message.removeprefix("argument ")
        known = [word.strip("' ") for word in chosen[3].split(",")]
        hint = nearest(chosen[2], known) or f"; there are {', '.join(known)}"
        return f"there is no {chosen[1].lower()} {chosen[2]}{hint}"


def nearest(word: str, known: Sequence[str]) -> str:
    """``; did you mean --plain?``, or nothing."""
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


def number(text: str) -> float:
    """A pace, a speed or seconds."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or not 0.01 <= float(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not a number between 0.01 and 1000")
    return float(text)


def whole(text: str) -> int:
    """A whole number."""
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return int(text)


def build_parser(functions: Mapping[str, Command]) -> Parser:
    """The whole command line; ``command`` of the result is the function to call."""
    about = "A rolling update of a Dolphin eXpressWare cluster, one node at a time."
    parser = Parser(prog="rollcall", description=about)
    parser.add_argument("--version", action="version", version=f"rollcall {tui.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for name, function in functions.items():
        words = function.__doc__ or ""
        sub = commands.add_parser(name, help=words[:1].lower() + words[1:].rstrip("."), description=words)
        sub.add_argument("--state-dir", metavar="DIR", help="where runs are recorded")
        sub.set_defaults(command=function)
        if name in ("run", "check", "plan", "rehearse", "status", "unlock"):
            sub.add_argument("cluster", metavar="CLUSTER", help="the cluster file (TOML)")
        options = _OPTIONS.get(name)
        if options is not None:
            options(sub)
    return parser


def _demo(parser: Parser) -> None:
    parser.add_argument("--nodes", type=whole, metavar="N", help="how many Cluster Nodes (8)")
    parser.add_argument("--family", choices=("MX", "PX", "IX", "DX"), help="hardware family (PX)")
    parser.set_defaults(cluster="demo")
    _rehearse(parser)


def _rehearse(parser: Parser) -> None:
    words = "order a fault (repeatable)"
    parser.add_argument("--fault", action="append", default=[], metavar="NODE=FAULT", help=words)
    parser.add_argument("--seed", type=whole, metavar="S", help="seed of the simulation (1)")
    parser.add_argument("--pace", type=number, metavar="X", help="how many times as fast (1)")
    _front_end(parser, simulated=True, read_only=False, chosen=None, enforce=None, nodes=None, family=None)


def _run(parser: Parser) -> None:
    parser.add_argument("--nodes", dest="chosen", metavar="SET", help="only these nodes, such as px[01-04]")
    parser.add_argument("--read-only", action="store_true", help="look, do nothing")
    parser.add_argument("--enforce", metavar="SET", help="install these again, though they have the target")
    _front_end(parser, simulated=False)


def _front_end(parser: Parser, **fixed: object) -> None:
    """What `run`, `demo` and `rehearse` share; ``fixed``: what only another of them lets a person choose."""
    parser.set_defaults(not_simulated=(), **fixed)
    parser.add_argument("--plain", action="store_true", help="line by line instead of the console")
    parser.add_argument("--yes", action="store_true", help="with --plain: confirm what was planned")
    parser.add_argument("--json", action="store_true", help=f"with --plain: {LINES}")
    modes = ("every-step", "every-node", "first-node", "none")
    parser.add_argument("--pause", choices=modes, help="how often to wait for a person")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="take up the unfinished run")
    words = "begin a new run; an unfinished one is canceled, if nothing of it is out of service"
    again.add_argument("--new", action="store_true", help=words)


def _plan(parser: Parser) -> None:
    manner = parser.add_mutually_exclusive_group()
    manner.add_argument("--markdown", action="store_true", help="a runbook to do it by hand")
    manner.add_argument("--json", action="store_true", help=LINES)

    words = "a runbook for the complete update: all nodes at once, for versions that may not be mixed"
    parser.add_argument("--complete", action="store_true", help=words)


def _json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help=LINES)


def _status(parser: Parser) -> None:
    _json(parser)
    parser.add_argument("--watch", action="store_true", help="sweep after sweep, a line for each change")
    words = "with --watch: seconds between two sweeps (5)"
    parser.add_argument("--every", type=number, default=5.0, metavar="S", help=words)


def _watch(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help="run id or cluster (else the newest)")


def _replay(parser: Parser) -> None:
    _watch(parser)
    parser.add_argument("--speed", type=number, default=1.0, metavar="X", help="how many times as fast")


def _report(parser: Parser) -> None:
    _watch(parser)
    for name in ("html", "json", "markdown"):
        parser.add_argument(f"--{name}", metavar="F", help="write it there (- for standard output)")
    parser.add_argument("--verify", action="store_true", help="read every byte of output, however much")


def _import(parser: Parser) -> None:
    parser.add_argument("dishosts", metavar="DISHOSTS", help="such as /etc/dis/dishosts.conf")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there instead of printing it")


def state_dir(arguments: argparse.Namespace) -> Path:
    """Where runs are recorded."""
    from platformdirs import user_state_dir  # noqa: PLC0415  not for `rollcall version`

    return Path(arguments.state_dir or user_state_dir("rollcall")).absolute()


def typed_again(arguments: argparse.Namespace, *words: str) -> str:
    """The command as a person would type it again."""
    where = ["--state-dir", arguments.state_dir] if arguments.state_dir else []
    return shlex.join(["rollcall", *words, *where])


_OPTIONS: dict[str, Callable[[Parser], None]] = {
    "demo": _demo,
    "run": _run,
    "check": _json,
    "plan": _plan,
    "rehearse": _rehearse,
    "status": _status,
    "runs": _json,
    "watch": _watch,
    "replay": _replay,
    "report": _report,
    "import": _import,
}
