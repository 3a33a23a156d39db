"""What is taken out of service and put back: by this run, and by runs of consoles that were lost."""

from __future__ import annotations

from typing import Literal

from tui.model.events.base import NodePayload
from tui.model.strict import StrictModel


class LedgerAdded(NodePayload):
    """Something is about to be taken out of service; written before it is."""

    type = "ledger.added"
    line: str
    what: Literal["applications", "services", "node"]
    before: str
    undo: str


class LedgerUndone(NodePayload):
    """A ledger line is closed: put back, or signed off by a person."""

    type = "ledger.undone"
    line: str
    how: Literal["undone", "signed-off"] = "undone"
    reason: str = ""


class LeftLine(StrictModel):
    """One thing that another run has left out of service on a node."""

    what: Literal["applications", "services", "node"]
    before: str
    undo: str


class OutFound(NodePayload):
    """A node says that another run took something out of service there and has not put it back.

    ``since``: seconds of the epoch by the node's clock. No ``run``: what the node says cannot be understood.
    """

    type = "out.found"
    run: str = ""
    cluster: str = ""
    who: str = ""
    step: str = ""
    since: int | None = None
    lines: tuple[LeftLine, ...] = ()


class OutSettled(NodePayload):
    """A person took over what another run had left out on a node (its lines follow), or has seen to it."""

    type = "out.settled"
    run: str = ""
    how: Literal["adopted", "signed-off"]
    reason: str = ""
