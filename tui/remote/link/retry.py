"""Whether a failed try is a verdict, and how long to wait before the next one."""

from __future__ import annotations

import random

from tui.remote.errors import FINAL_KINDS, Kind, RemoteError
from tui.remote.options import Options

_ALWAYS: frozenset[Kind] = frozenset(
    {
        # who the node is
        "unknown-host-key",
        "changed-host-key",
        "revoked-host-key",
        "bad-host-certificate",
        "another-machine",
        # a password that is tried again by itself locks an account
        "wrong-password",
        "need-password",
    }
)

_AFTER_REFUSAL_S = 6.5
"""OpenSSH 9.8 and newer shuts out for 5 s more (PerSourcePenalties) whoever failed to log in."""


def is_final(kind: Kind | None, *, restarting: bool) -> bool:
    """Whether no further try helps until a person has acted. While a node restarts, a refused login is no
    verdict: nobody may log in until it is up.
    """
    return kind in (_ALWAYS if restarting else FINAL_KINDS)


def pause(error: RemoteError, failures: int, options: Options) -> float:
    """Seconds before the next try, after so many that failed. Not the same for everybody: many nodes, and
    many consoles, may be dropped by one server at one moment.
    """
    first, limit = options.backoff_first, options.backoff_limit
    seconds = min(limit, first * 1.3 ** max(0, failures - 1))
    if error.kind == "auth":
        seconds = max(seconds, min(_AFTER_REFUSAL_S, 2 * limit))
    spread = 0.6 if error.kind == "no-banner" else 0.2
    return seconds * random.uniform(1 - spread, 1 + spread)  # noqa: S311  # only spreads the load
