"""What is known of a node's connection, and what it said last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.remote.errors import Kind

Phase = Literal["new", "connecting", "up", "silent", "lost", "backoff", "refused"]


@dataclass(frozen=True)
class LinkState:
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
    """One answer to the watch script: its output as ``text``, or why there is none as ``error``.

    ``at`` is when the answer arrived (monotonic), ``rtt`` the seconds the probe took, ``uptime`` the
    node's, in seconds.
    """

    node: str
    at: float
    boot_id: str | None = None
    uptime: float | None = None
    text: str | None = None
    error: str | None = None
    rtt: float | None = None
