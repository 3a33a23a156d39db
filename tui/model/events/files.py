"""The files of a node on which its next start rests: configuration, module options, units."""

from __future__ import annotations

from typing import Literal

from tui.model.events.base import NodePayload
from tui.model.strict import StrictModel


class WatchedFile(StrictModel):
    """One file as it was seen; ``sha256`` is empty for what has no content of its own."""

    path: str
    sha256: str = ""
    link: str = ""
    """Where it leads, for a symbolic link."""


class FileChange(StrictModel):
    """How one file is another than before."""

    path: str
    how: Literal["changed", "appeared", "vanished"]
    difference: tuple[str, ...] = ()
    """Lines of a unified diff, or a sentence where there is none; cut to what a person reads."""


class NodeFiles(NodePayload):
    """The watched files of a node, all of them.

    ``first``: as it was first seen in this run. ``install``: as our own installation left it. ``found``: not
    as it was known, and nobody has agreed to it yet. ``agreed``: a person goes on with what was found.
    """

    type = "node.files"
    how: Literal["first", "install", "found", "agreed"]
    files: tuple[WatchedFile, ...] | None
    """None where they are not known."""
    changes: tuple[FileChange, ...] = ()
    """Compared with what was known before."""
    unknown: str = ""
    """Why they, or what changed, are not known."""
