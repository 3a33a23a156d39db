"""Packages hold for one kernel: a node that comes back with another one has no driver for it."""

from __future__ import annotations

from dataclasses import replace

from tui.model.events import NodeFacts
from tui.model.states import StepName
from tui.rollout.procedure.packages import package_key, sia_sha256
from tui.rollout.procedure.step import Outcome, StepContext, failed

OTHER_KERNEL = "other-kernel"


def other_kernel(context: StepContext, facts: NodeFacts) -> Outcome | None:
    """What it means that these are the node's facts now; None when what was installed was built for them.

    What was installed is read off the command of the installation: it names packages by what they hold for.
    """
    install = context.other(StepName.INSTALL).attempt
    if install is None or context.node.management:
        return None
    if package_key(sia_sha256(context.run()), replace(context.node, facts=facts)) in install.begun.command:
        return None
    return failed(
        OTHER_KERNEL,
        f"{context.node_name} runs kernel {facts.kernel} now; "
        "the installed packages were built for another one",
        "build packages again: rerun the node from log in; or have it boot the kernel that it had",
    )
