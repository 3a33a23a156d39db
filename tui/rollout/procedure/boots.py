"""A reboot that nobody ordered: what was stopped runs again, so the steps before do not stand any more."""

from __future__ import annotations

from tui.model.states import StepName
from tui.rollout.procedure.step import Outcome, StepContext, failed

REBOOTED_MEANWHILE = "rebooted-meanwhile"
LOST_BY_REBOOT = "lost-by-reboot"
AFTER_VERIFY = (StepName.START_APPLICATIONS, StepName.RETURN)
"""Steps that rest on what was verified in this boot; those before, on what was found and stopped in it."""

_JUDGE_BY_THEMSELVES = (StepName.LOG_IN, StepName.REBOOT, StepName.VERIFY, StepName.PUT_BACK)


def rebooted_meanwhile(context: StepContext) -> Outcome | None:
    """What a changed boot id means for a step that is about to begin; None when it rests on the same boot.

    The boot id known is that of the facts: read at the log-in, after an installation, a reboot and a verify.
    """
    look, facts = context.monitor.last(context.node_name), context.node.facts
    seen = look.probe.boot_id if look is not None and look.probe is not None else None
    if context.step_name in _JUDGE_BY_THEMSELVES or facts is None or seen in (None, facts.boot_id):
        return None
    again = "verify it again" if context.step_name in AFTER_VERIFY else "rerun the node from log in"
    reason = f"{context.node_name} has rebooted since the step before, and nobody ordered that here"
    return failed(REBOOTED_MEANWHILE, reason, f"look at the node and why it did, then {again}")
