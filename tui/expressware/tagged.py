"""Scripts that look at a node and change nothing, and the tagged lines in which they answer.

An answer is lines of `@key value`. Every other line before the end is ignored: login scripts print what they
like. The last line is `@end`, so that an answer which was cut short is never taken for a complete one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tui.text.terminal import decode, plain

_TAGGED = re.compile(r"@([a-z][a-z0-9_.]{0,40})(?: ([^\n]*))?")

_TIMED_OUT, _SIGNAL = 124, 128

_SHELL = r"""say() { printf '@%s %s\n' "$1" "$2"; }
first_line() { line=; [ -r "$1" ] && { IFS= read -r line <"$1" || [ -n "$line" ]; }; }
say_file() { first_line "$2" && say "$1" "$3$line"; }
say_lines() { while IFS= read -r line || [ -n "$line" ]; do say "$1" "$line"; done; }
say_each() {
  tag=$1 IFS='
'
  set -f
  for line in $2; do say "$tag" "$line"; done
  set +f
  unset IFS
}
"""


def looking_script(body: str) -> str:
    """Wrap `body` (POSIX sh with `say`, `first_line`, `say_file`, `say_lines`) into a script that answers.

    `say_each TAG TEXT` says each line of a text but blank ones, without another process.

    It is one subshell that leaves no variable, function, trap or directory behind, so one shell can run it
    again and again; and it reads nothing from stdin, which is where the shell's own script may come from. It
    must name no daemon's path: the node's service scripts find their daemon by looking for that path in `ps`.
    """
    return f"(\nset +e +u +f\nexec </dev/null 2>/dev/null\n{_SHELL}printf '\\n'\n{body.strip()}\nsay end\n)\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node answered to one of these scripts: the tagged lines in order, how it ended, and when it was
    asked (monotonic seconds): an answer is as old as its question, however late it arrived.

    `exit_code` is the script's own; None when nobody knows how it ended. `ended` tells that our end mark
    came, once, and nothing after it.
    """

    lines: tuple[tuple[str, str], ...]
    exit_code: int | None
    asked_at: float
    ended: bool

    @property
    def complete(self) -> bool:
        """Whether this is the whole answer of a script that ended well: half of one is none."""
        return self.ended and self.exit_code == 0

    def one(self, key: str) -> str | None:
        """The first value of `key` that says anything."""
        return next((value for value in self.all(key) if value), None)

    def all(self, key: str) -> Iterator[str]:
        """Every value of `key`."""
        return (value for found, value in self.lines if found == key)

    def number(self, key: str) -> int | None:
        """The first value of `key` as a whole number, if it is one."""
        return whole_number(self.one(key))


def whole_number(text: str | None) -> int | None:
    """Return a text of decimal digits as a number, None for anything else."""
    return int(text) if text and len(text) <= 18 and text.isascii() and text.isdecimal() else None


def read_answer(output: bytes | str, *, exit_code: int | None, asked_at: float) -> Answer:
    """Collect the tagged lines of an output. Never raises.

    Lines are told apart before their control characters are removed: a carriage return in a quoted line must
    not overwrite the tag before it.
    """
    written = [line.rstrip("\r") for line in decode(output).split("\n")]
    found = [_TAGGED.fullmatch(line) for line in written]
    lines = tuple((line[1], plain(line[2] or "").strip()) for line in found if line)
    last = next((line for line in reversed(written) if line.strip()), "")
    ends = sum(key == "end" for key, _ in lines)
    return Answer(lines, exit_code, asked_at, ended=ends == 1 and last.rstrip(" ") == "@end")


def ended_badly(program: str, exit_code: int | None) -> str:
    """Why an exit code is no end of `program` at all, as words for people; empty for one that it may choose.

    124 to 127 come from `timeout` and the shell, those above 128 from a signal.
    """
    if exit_code is None:
        return f"how {program} ended is not known"
    if exit_code == _TIMED_OUT:
        return f"{program} did not answer in time"
    if exit_code > _SIGNAL:
        return f"{program} ended by signal {exit_code - _SIGNAL}"
    if exit_code > _TIMED_OUT:
        return f"{program} could not be run (exit code {exit_code})"
    return ""
