"""What another boot means for a step: nobody ordered it, or its kernel has no driver among the packages."""

from __future__ import annotations

from dataclasses import replace

from tui.model import problems
from tui.model.events import NodeFacts
from tui.model.steps import StepName
from tui.rollout.procedure.packages import package_key, sia_sha256
from tui.rollout.procedure.step import Outcome, StepContext, failed


def rebooted_meanwhile(context: StepContext) -> Outcome | None:
    """What a changed boot id means for a step that is about to begin; None when it rests on the same boot.

    The boot id known is that of the facts: read at the log-in, after an installation, a reboot and a verify.
    """
    seen, facts = context.boot_in_look, context.node.facts
    row = context.step_name.row
    if row.any_boot or facts is None or seen in ("", facts.boot_id):
        return None
    again = "verify it again" if row.rests_on_verify else "rerun the node from log in"
    reason = f"{context.node_name} has rebooted since the step before, and nobody ordered that here"
    return failed(problems.REBOOTED_MEANWHILE, reason, f"look at the node and why it did, then {again}")


def other_kernel(context: StepContext, facts: NodeFacts) -> Outcome | None:
    """What it means that these are the node's facts now; None when what was installed was built for them.

    What was installed is read off the command of the installation: it names packages by what they hold for.
    """
    install = context.other(StepName.INSTALL).attempt
    if install is None or context.node.management:
        return None
    if package_key(sia_sha256(context.run), replace(context.node, facts=facts)) in install.begun.command:
        return None
    return failed(
        problems.OTHER_KERNEL,
        f"{context.node_name} runs kernel {facts.kernel} now; "
        "the installed packages were built for another one",
    )
