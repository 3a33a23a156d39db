"""What happens to one node: picked, moved along, looked at, left out."""

from __future__ import annotations

from typing import Literal

from tui.model.events.base import NodePayload
from tui.model.states import Health, Progress


class NodeSelected(NodePayload):
    """A node was picked as the one to work on."""

    type = "node.selected"
    reason: str = ""


class NodeProgress(NodePayload):
    """The run moved a node along."""

    type = "node.progress"
    progress: Progress
    reason: str = ""


class NodeHealth(NodePayload):
    """A node's observed health changed."""

    type = "node.health"
    health: Health
    detail: str = ""


class NodeFacts(NodePayload):
    """What a node said of itself, in one SSH session."""

    type = "node.facts"
    hostname: str
    machine_id: str
    boot_id: str
    kernel: str
    arch: str
    distribution: str
    installed: str | None
    """Version on disk."""
    active: str | None
    """Version loaded in the kernel; None when no driver is loaded."""
    active_is_installed: bool
    """The loaded driver is the one on disk (version and source version agree)."""
    sia_present: bool
    sia_sha256: str | None = None
    free_bytes: int | None = None
    host_key: str = ""
    """Type and fingerprint of its host key; empty in journals of versions that did not keep it."""
    machine_id_changes: bool = False
    """It came out of a boot with another machine id (a stateless node): that tells nothing about it."""


class NodeReadiness(NodePayload):
    """What a look at a node before it is picked told of what picking it means."""

    type = "node.readiness"
    users: tuple[str, ...] = ()
    """Who uses PCI Express there and can be stopped, in words: programs, SuperSockets, SISCI."""
    kernel_users: tuple[str, ...] = ()
    """Kernel modules that hold a driver."""
    users_known: bool = True
    """False when a witness could not be heard: somebody may be missing above."""
    sockets: int | None = None
    """Open SuperSockets; None where nobody could count them."""
    next_kernel: str = ""
    """The kernel of its next boot; empty where that is not known."""
    lacks: tuple[str, ...] = ()
    """What a build there would miss."""


class NodeErrors(NodePayload):
    """How far a node's error counters had come: before it went out, at its return, and when it was stable."""

    type = "node.errors"
    moment: Literal["before", "return", "quiet"]
    counts: dict[str, int] = {}  # noqa: RUF012  # pydantic copies it
    unknown: str = ""
    """Why there are none, or not all."""


class NodeBaseline(NodePayload):
    """What a node was like when it was seen to be well: later looks at the same version are compared with it.

    The services that it listed, all of them running, and those of them whose driver was loaded.
    """

    type = "node.baseline"
    version: str
    """Version loaded in the kernel."""
    services: tuple[str, ...]
    drivers: tuple[str, ...] = ()
    exit_code: int = 0
    """How ``dis_services status`` ended."""
    added: tuple[str, ...] = ()
    """Services that its version before did not have."""
    removed: tuple[str, ...] = ()
    """Services that only its version before had: seen and agreed to by a person."""


class NodeSkipped(NodePayload):
    """A person decided that this run does not update the node."""

    type = "node.skipped"
    reason: str


class NodeHeld(NodePayload):
    """A person put a node on hold, or (``released``) took the hold away."""

    type = "node.held"
    reason: str = ""
    released: bool = False


class NodeLeft(NodePayload):
    """A person said, by typing its name, that a node has left the cluster: it counts no more."""

    type = "node.left"
    reason: str
