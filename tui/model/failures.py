"""How the way to a node can fail: the words that connections, preflight and exit codes share."""

from __future__ import annotations

from typing import Literal, get_args

FinalFailure = Literal[
    # who the node is
    "unknown-host-key",
    "changed-host-key",
    "revoked-host-key",
    "bad-host-certificate",
    "another-machine",
    # who we are
    "auth",
    "no-root",
    "wrong-password",
    "need-password",
    "not-allowed",
    "tty-required",
    # how we get there
    "config",
    "incompatible",
    "session-limit",
]
"""Another try cannot cure it: a person has to act first."""

PassingFailure = Literal[
    "unknown-host",
    "unreachable",
    "refused",
    "timeout",
    "no-banner",
    "unnamed",
    "proxy",
    "lost",
    "closed",
]
"""It may be over with the next try."""

FINAL: frozenset[FinalFailure] = frozenset(get_args(FinalFailure))
PASSING: frozenset[PassingFailure] = frozenset(get_args(PassingFailure))
