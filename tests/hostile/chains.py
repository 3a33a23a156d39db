"""Journals made of any events, numbered and chained as if Rollcall had written them; and a poisoned run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.journal.story import Story
from tui.journal import run_directory
from tui.journal.chain import Head, digest
from tui.journal.files import EVENTS, HEAD
from tui.model import events as ev
from tui.model.states import Confirm, Health, Progress, RunStatus
from tui.model.steps import StepName

RUN = "20261122-221500-9f3c"
EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"' --> ]]> &lt; {{ 7*7 }} {% x %} "
    "| `x` ``y`` **b** [a](javascript:x) ![i](//e/x) # h \\ ~~s~~ http://e.example/x [bold] [/x] "
    "\x1b]0;owned\x07\x1b[2J\x9b31m\r\b\u202e\u2066\u061c\u200f\u2028\u2029\x00\x7f end"
    "\n# two\n\n    code\n---"
)
EVIL_NODE = "px02<b>|[x](y)\x1b[2J\u202e"
STEERING = frozenset("\x1b\x9b\x07\x00\x7f\r\b\u202e\u2066\u061c\u200f\u2028\u2029")
# Enums, identities, and what ties events together; every other string is free text.
_KEPT = frozenset(
    (
        *("seq", "time", "type", "node", "step", "attempt", "prev"),
        *(
            "run_id",
            "cluster",
            "nodes",
            "management_node",
            "order",
            "down",
            "token",
            "line",
            "what",
            "output",
        ),
        *(
            "status",
            "progress",
            "health",
            "moment",
            "verdict",
            "confirm",
            "abort_class",
            "confirm_class",
            "pause_mode",
            "how",
        ),
        *("sha256", "sia_sha256", "boot_id"),
    )
)


def chained(events: list[dict[str, Any]]) -> tuple[bytes, bytes]:
    """The journal and its head for these events."""
    previous, out, seq = digest(b""), [], -1
    for event in events:
        seq += 1
        fields = {"seq": seq, "prev": previous}
        line = json.dumps({key: fields.get(key, value) for key, value in event.items()}).encode()
        previous = digest(line)
        out.append(line + b"\n")
    return b"".join(out), Head(seq, previous).encode()


def poisoned(value: Any, key: str = "") -> Any:
    """The event with every free text in it replaced, and one node's name."""
    match value:
        case dict():
            return {poisoned(name, "node"): poisoned(inner, name) for name, inner in value.items()}
        case list():
            return [poisoned(inner, key) for inner in value]
        case str() if key in _KEPT:
            return value.replace("px02", EVIL_NODE)
        case str():
            return EVIL
    return value


def poisoned_run(state: Path) -> Path:
    """A run with events of every kind, poisoned, with its output; returns the run's directory."""
    story = Story(state / "honest", nodes=("px01", "px02"))
    story.say(ev.LockTaken(host="console1", pid=4711, on="px01"), actor="anna")
    story.say(ev.LockBroken(holder="bert", on="px01"), actor="anna")
    story.say(ev.OperatorJoined(host="console1", front_end="plain"), actor="anna")
    story.say(ev.PreflightResult(check="disk", verdict="error", summary="s", impact="i", remedy="r"), "px01")
    story.say(ev.NodeHeld(reason="fan"), "pxmgmt", actor="anna")
    story.update("px01")
    story.say(ev.NodeHealth(health=Health.DEGRADED, detail="links"), "px02")
    story.say(ev.GateSample(moment="pick", open=False, reasons=("a", "b"), down=("px01",)), "px02")
    story.offer("px02", StepName.REBOOT, confirm=Confirm.TYPE_NAME)
    story.say(ev.OverrideUsed(check="gate", reason="why"), "px02", step=StepName.REBOOT, actor="anna")
    story.fail_install("px02", EVIL.encode() + b"\n\xff\xfe\x9b2J" + b"\n[FAILED]\n")
    story.say(ev.NodeSkipped(reason="later"), "pxmgmt", actor="anna")
    story.say(ev.NodeProgress(progress=Progress.SKIPPED, reason="later"), "pxmgmt")
    story.say(ev.NoteAdded(text="note"), actor="anna")
    story.say(ev.OperatorLeft(reason="home"), actor="anna")
    story.status(RunStatus.CANCELED, "summary", "code", "next")
    honest = story.close()
    directory = run_directory(state, "px-prod", RUN)
    directory.parent.mkdir(parents=True)
    honest.rename(directory)
    (directory / "output/px02").rename(directory / "output" / EVIL_NODE)
    lines = (directory / EVENTS).read_bytes().splitlines()
    journal, head = chained([poisoned(json.loads(line)) for line in lines])
    (directory / EVENTS).write_bytes(journal)
    (directory / HEAD).write_bytes(head)
    return directory
