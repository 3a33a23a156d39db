"""The line on a node that says what is out of service there: it outlives the console that wrote it.

The console's machine may be lost with its journal while the node is out. `<state>/out` is on disk before a
command that takes something out is run, and goes when the node serves again; the file holds:

    run=ID  cluster=NAME  who=USER@HOST  step=STEP  since=EPOCH   (each on a line of its own)
    line=WHAT | STATE BEFORE | HOW TO UNDO                        (one for each thing that is out)
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tui.expressware.commands import NodePath
from tui.expressware.tagged import Answer, whole_number
from tui.text.sanitize import words_of

USUAL = "/var/lib/rollcall"
"""Where it lies unless the cluster file names another place."""
THEN = "# what was confirmed"
"""The line of a job after which the step's own command stands."""
NOT_WRITTEN = 74
"""Exit code of a job whose command was not run because the line could not be written."""

What = Literal["applications", "services", "node"]


@dataclass(frozen=True, slots=True)
class OutLine:
    """One thing that is out: what, the state it was in before, how to undo it."""

    what: What
    before: str
    undo: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a node's line says. One that cannot be understood has no run: then nothing of it is known."""

    run: str = ""
    cluster: str = ""
    who: str = ""
    step: str = ""
    since: int | None = None
    lines: tuple[OutLine, ...] = ()


def write_shell(state: str, left: LeftOut) -> str:
    """Shell text that puts the line on disk, or ends the job; `since` is the node's own time."""
    words = {"run": left.run, "cluster": left.cluster, "who": left.who, "step": left.step}
    lines = [f"{key}={words_of(value)}" for key, value in words.items()]
    lines += [f"line={line.what} | {words_of(line.before)} | {words_of(line.undo)}" for line in left.lines]
    text = " ".join(shlex.quote(line) for line in lines)
    return f"""out={NodePath(state).script}/out
(
  umask 077
  mkdir -p "${{out%/*}}" && {{ printf '%s\\n' {text}; printf 'since=%s\\n' "$(date +%s)"; }} >"$out.new" &&
    {{ sync "$out.new" 2>/dev/null || sync; }} && mv -f "$out.new" "$out" &&
    {{ sync "${{out%/*}}" 2>/dev/null || sync; }}
) || {{
  echo "Rollcall could not write down on this node what goes out of service; the command was not run."
  exit {NOT_WRITTEN}
}}
{THEN}
"""


def remove_shell(state: str, runs: Iterable[str]) -> str:
    """Shell text that removes the line, if it is one of these runs' (empty: not understood)."""
    known = " | ".join(shlex.quote(f"run={run}") for run in dict.fromkeys(runs))
    return f"""out={NodePath(state).script}/out
run='run='
while IFS= read -r line; do case $line in run=*) run=$line; break ;; esac; done 2>/dev/null <"$out"
case $run in {known}) rm -f "$out" "$out.new" ;; esac
exit 0
"""


def left_out_shell(state: str) -> str:
    """Shell lines of a looking script that read the line, where the file says and in the usual place."""
    places = " ".join(NodePath(place).script for place in dict.fromkeys((state, USUAL)))
    return f"""
for place in {places}; do
  if [ -e "$place/out" ]; then
    say out.begin "$place"
    head -c 65536 "$place/out" | say_lines out
  fi
done
"""


def read_left_out(answer: Answer) -> tuple[LeftOut, ...]:
    """Read the answer of `left_out_shell`. Never raises."""
    found: list[list[str]] = []
    for key, value in answer.lines:
        if key == "out.begin":
            found.append([])
        elif key == "out" and found:
            found[-1].append(value)
    return tuple(_read(lines) for lines in found)


def _read(lines: list[str]) -> LeftOut:
    words: dict[str, str] = {}
    out: list[OutLine] = []
    for line in lines:
        key, _, value = line.partition("=")
        if key == "line":
            what, before, undo = (part.strip() for part in ([*value.split(" | ", 2), "", ""])[:3])
            if what in get_args(What):
                out.append(OutLine(cast(What, what), before, undo))
        else:
            words.setdefault(key, value)
    if not words.get("run") or not out:
        return LeftOut()
    return LeftOut(
        words["run"],
        words.get("cluster", ""),
        words.get("who", ""),
        words.get("step", ""),
        whole_number(words.get("since")),
        tuple(out),
    )
