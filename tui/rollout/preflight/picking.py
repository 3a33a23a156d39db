"""What the look at a node tells whoever picks the next one."""

from __future__ import annotations

from tui.expressware.kernels import Kernels
from tui.expressware.users import Users
from tui.model.events import NodeReadiness
from tui.rollout.preflight.inspected import InspectedNode
from tui.rollout.preflight.services import kernel_users, used_by


def readiness(node: InspectedNode) -> NodeReadiness:
    """The event; what the node did not say stays unknown in it."""
    users = node.readiness.users
    return NodeReadiness(
        users=used_by(users),
        kernel_users=kernel_users(users),
        users_known=users.certain,
        sockets=_sockets(users),
        next_kernel=_next(node.readiness.kernels) or "",
        lacks=node.readiness.lacking,
    )


def _sockets(users: Users) -> int | None:
    if not users.ssocks_loaded and users.complete:
        return 0
    return None if users.stream is None or users.dgram is None else users.stream + users.dgram


def _next(kernels: Kernels) -> str | None:
    """Where no boot loader tells, a kernel that is the only one is also the next one."""
    alone = kernels.installed == (kernels.running,) and kernels.silent
    return kernels.default or (kernels.running if alone else None)
