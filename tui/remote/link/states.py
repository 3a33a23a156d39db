"""What is known of a node's connection, and what it said last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.remote.errors import Kind

Phase = Literal["new", "connecting", "up", "silent", "lost", "backoff", "refused"]


@dataclass(frozen=True)
class ConnectionState:
    """The connection to one node. Times are on the monotonic clock, ``rtt`` in seconds.

    ``new``: not tried yet. ``connecting``. ``up``: it answers. ``silent``: the connection stands, the
    node has not answered for a while. ``lost``: it is gone. ``backoff``: the next try is due soon.
    ``refused``: no further try helps until a person has acted (``reason`` says what to do).
    """

    node: str
    phase: Phase = "new"
    reason: str = ""
    error_kind: Kind | None = None
    since: float = 0.0
    last_seen: float | None = None
    rtt: float | None = None
    boot_id: str | None = None


@dataclass(frozen=True)
class Sample:
    """One answer to the watch script: its output as ``text`` and how it ended, or why there is none as
    ``error``.

    ``asked_at`` is when the question was sent, or could not be, ``at`` when the answer arrived (monotonic):
    what is known is as old as the question. Whoever gets two samples of the same ``asked_at`` has one answer,
    twice. ``exit_code`` is the script's; None when that is not known. ``rtt``: the seconds the probe took,
    ``uptime``: the node's, in seconds.
    """

    node: str
    at: float
    asked_at: float
    boot_id: str | None = None
    uptime: float | None = None
    text: str | None = None
    exit_code: int | None = None
    error: str | None = None
    rtt: float | None = None
