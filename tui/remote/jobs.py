"""Detached jobs on a node: what is said to the runner (``node/job.sh``) and what its answers mean."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tui.remote.answers import parse_line, whole_number
from tui.remote.errors import RemoteError
from tui.remote.node_scripts import call, script, with_prelude
from tui.remote.options import Place

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

    @property
    def ended(self) -> bool:
        """Nothing more will come of it: also of one that was cancelled before it was started."""
        return self.state in END_STATES or (self.state == "claimed" and self.cancelled)


def checked_job_id(node: str, job_id: str) -> str:
    """``job_id`` if it can name a directory and a unit; RemoteError otherwise."""
    if not _JOB_ID.fullmatch(job_id):
        sentence = (
            f"{node}: {job_id!r} cannot name a job: use up to 128 of A-Z a-z 0-9 . _ - and no dot in front."
        )
        raise RemoteError("bad-job-id", node, sentence)
    return job_id


def start_call(place: Place, job_id: str, job_script: bytes) -> tuple[str, bytes]:
    """(script for the node, what it reads on stdin) to start ``job_script`` once under ``job_id``."""
    supervise = with_prelude(script("supervise")).encode()
    return call("job", "start", *place, job_id, len(supervise), len(job_script)), supervise + job_script


def status_call(place: Place, job_id: str) -> str:
    """What is known of one job."""
    return call("job", "status", *place, job_id)


def list_call(place: Place) -> str:
    """What is known of all jobs."""
    return call("job", "list", *place)


def follow_call(place: Place, job_id: str, offset: int) -> str:
    """Output from ``offset`` on as raw bytes on stdout, then the job's status on stderr."""
    return call("job", "follow", *place, job_id, offset)


def cancel_call(place: Place, job_id: str, grace: float) -> str:
    """TERM, and KILL after ``grace`` seconds (whole ones on the node)."""
    return call("job", "cancel", *place, job_id, math.ceil(grace))


def remove_call(place: Place, job_id: str) -> str:
    """Delete what is left of an ended job."""
    return call("job", "remove", *place, job_id)


def sha256(job_script: bytes) -> str:
    """What ``JobStatus.script_sha256`` is for this script."""
    return hashlib.sha256(job_script).hexdigest()


def parse_answer(node: str, state_dir: str, answer: bytes) -> list[JobStatus]:
    """One status per line; RemoteError if the runner refused, or wrote what it never writes."""
    # what no line end follows was cut short: half a size or an exit code would be a wrong one
    *lines, _cut = answer.decode("utf-8", "replace").split("\n")
    answers = [parse_line(node, state_dir, line) for line in lines]
    return [_status(node, words) for words in answers if "state" in words]


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
    )
