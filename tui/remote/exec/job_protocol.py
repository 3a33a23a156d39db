"""Detached jobs on a node: what is said to the runner (``node/job.sh``) and what its answers mean."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tui.remote.errors import RemoteError
from tui.remote.options import Place
from tui.remote.shell.answers import parse_line, whole_number
from tui.remote.shell.scripts import call, script, with_prelude

JobState = Literal["none", "claimed", "running", "exited", "orphan", "lost", "rebooted"]
END_STATES: frozenset[JobState] = frozenset({"exited", "lost", "rebooted"})

_JOB_ID = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True)
class JobStatus:
    """What the node knows of a job.

    ``none``: no such job. ``claimed``: it is there but was never started. ``running``. ``exited``: it
    ended with ``exit_code`` (128 + n for signal n). ``orphan``: its supervisor is gone, the job itself
    still runs, its exit code will not be known. ``lost``: both are gone without an exit code.
    ``rebooted``: the node was restarted while it ran. ``size`` is the output so far, in bytes.
    ``term``: a shutdown of the node met it. The epoch is in seconds by the node's clock.
    """

    job_id: str
    state: JobState
    exit_code: int | None = None
    size: int = 0
    started_boot_id: str | None = None
    started_epoch: int | None = None
    cancelled: bool = False
    term: bool = False
    script_sha256: str | None = None
    boot_id: str | None = None
    last: str = ""
    """The last job begun in this boot that changes the node, or a word for none; empty: it cannot be told."""

    @property
    def ended(self) -> bool:
        """Nothing more will come of it: also of one that was cancelled before it was started."""
        return self.state in END_STATES or (self.state == "claimed" and self.cancelled)


@dataclass(frozen=True)
class Preparation:
    """What a node says before a job that changes it is begun; ``uptime`` in seconds."""

    last: str
    boot_id: str
    uptime: int | None


@dataclass(frozen=True)
class StartTerms:
    """Under which alone a job that changes the node may begin; the node checks them under its own lock.

    ``after``: the last such job as `Preparation` told it, in the boot ``boot_id``. ``deadline``: seconds of
    the node's uptime (None: it keeps none). A start that was held up on its way starts nothing late.
    """

    after: str
    boot_id: str
    deadline: int | None


@dataclass(frozen=True)
class JobTraces:
    """What is left of a job on a node: its own account, and the processes that carry its id."""

    status: JobStatus
    processes: tuple[str, ...]


def checked_job_id(node: str, job_id: str) -> str:
    """``job_id`` if it can name a directory and a unit; RemoteError otherwise."""
    if not _JOB_ID.fullmatch(job_id):
        sentence = (
            f"{node}: {job_id!r} cannot name a job: use up to 128 of A-Z a-z 0-9 . _ - and no dot in front."
        )
        raise RemoteError("bad-job-id", node, sentence)
    return job_id


def start_call(
    place: Place, job_id: str, job_script: bytes, terms: StartTerms | None = None, console: str = ""
) -> tuple[str, bytes]:
    """(script for the node, what it reads on stdin) to start ``job_script`` once under ``job_id``.

    ``terms`` for a job that changes the node; ``console`` is then the id under which this console leads.
    """
    supervise = with_prelude(script("supervise")).encode()
    under: tuple[str | int, ...] = ("", "", "", "", "")
    if terms is not None:
        deadline = "" if terms.deadline is None else terms.deadline
        under = (1, console, deadline, terms.after, terms.boot_id)
    asked = call("job", "start", *place, job_id, len(supervise), len(job_script), *under)
    return asked, supervise + job_script


def sha256(job_script: bytes) -> str:
    """What ``JobStatus.script_sha256`` is for this script."""
    return hashlib.sha256(job_script).hexdigest()


def parse_answer(node: str, state_dir: str, answer: bytes) -> list[JobStatus]:
    """One status per line; RemoteError if the runner refused, or wrote what it never writes."""
    # what no line end follows was cut short: half a size or an exit code would be a wrong one
    *lines, _cut = answer.decode("utf-8", "replace").split("\n")
    answers = [parse_line(node, state_dir, line) for line in lines]
    return [_status(node, words) for words in answers if "state" in words]


def parse_preparation(node: str, place: str, answer: bytes) -> Preparation:
    """The answer to "prepare"; RemoteError if the node refused or did not answer in full."""
    words = _whole_line(node, place, answer)
    if not words.get("last") or not words.get("boot"):
        sentence = f"{node} does not say which job was the last to begin there; look at /run/rollcall."
        raise RemoteError("unsafe-place", node, sentence)
    return Preparation(words["last"], words["boot"], whole_number(words.get("uptime")))


def parse_void(node: str, place: str, answer: bytes) -> bool:
    """The answer to "void": whether the job has not begun and never will."""
    return _whole_line(node, place, answer).get("void") == "1"


def parse_traces(node: str, place: str, answer: bytes) -> JobTraces:
    """The answer to "search"."""
    first, _, rest = answer.partition(b"\n")  # below it stand command lines, which may hold any words
    found = parse_answer(node, place, first + b"\n")
    if not found:
        raise RemoteError("killed", node, f"{node}: the job runner's answer was cut.")
    lines = rest.decode("utf-8", "replace").splitlines()
    processes = (line.removeprefix("process=").strip() for line in lines if line.startswith("process="))
    return JobTraces(found[0], tuple(processes))


def _whole_line(node: str, place: str, answer: bytes) -> dict[str, str]:
    line, end, _ = answer.decode("utf-8", "replace").partition("\n")
    if not end:
        raise RemoteError("killed", node, f"{node}: the job runner's answer was cut.")
    return parse_line(node, place, line)


def _status(node: str, words: dict[str, str]) -> JobStatus:
    state = words["state"]
    numbers = {key: whole_number(words.get(key)) for key in ("code", "size", "epoch")}
    if state not in get_args(JobState) or any(words.get(key) and numbers[key] is None for key in numbers):
        # No guess: an exit code or a size that was misread would be worse than none.
        sentence = f"{node}: the job runner's answer is not one of its own; look at the node by hand."
        raise RemoteError("job-failed-to-start", node, sentence)
    return JobStatus(
        job_id=words.get("id", ""),
        state=cast(JobState, state),
        exit_code=numbers["code"],
        size=numbers["size"] or 0,
        started_boot_id=words.get("started_boot") or None,
        started_epoch=numbers["epoch"],
        cancelled=words.get("cancelled") == "1",
        term=words.get("term") == "1",
        script_sha256=words.get("sha256") or None,
        boot_id=words.get("boot") or None,
        last=words.get("last", ""),
    )
