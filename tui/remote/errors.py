"""What can go wrong between here and a node, as one sentence a person can act on."""

from __future__ import annotations

from typing import Literal

from tui.model.failures import FINAL, FinalFailure, PassingFailure

Kind = (
    FinalFailure
    | PassingFailure
    | Literal[  # what happens there
        "too-many-sessions",
        "killed",
        "disk-full",
        "read-only",
        "no-permission",
        "unsafe-place",
        "tool-missing",
        "bad-job-id",
        "job-gone",
        "job-busy",
        "job-failed-to-start",
        # why a start was not taken, although it could have been
        "node-busy",
        "late",
        "other-boot",
        "overtaken",
        "began-before",
        "not-the-leader",
        "transfer",
        "lock-failed",
        "no-return",
    ]
)

FINAL_KINDS: frozenset[Kind] = frozenset(FINAL)
"""Failures that another try cannot cure: a person has to act first."""


class RemoteError(Exception):
    """A failure on the way to a node or on it; ``str()`` is one sentence: what, where, what to do."""

    def __init__(self, kind: Kind, node: str, sentence: str) -> None:
        super().__init__(kind, node, sentence)
        self.kind: Kind = kind
        self.node = node
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class NodeRefusalError(RemoteError):
    """The node's own word, given whole: it will not do what it was asked for."""
