"""The manual's procedure for one node, in the manual's order and words. Start reading here.

The steps are classes in the files beside this one, which only gives their order for each machine.
"""

from __future__ import annotations

from tui.model.steps import StepName
from tui.rollout.procedure.applications import StartApplications, StopApplications
from tui.rollout.procedure.install import Install, InstallFrontend
from tui.rollout.procedure.login import LogIn
from tui.rollout.procedure.packages import Packages
from tui.rollout.procedure.put_back import PutBack
from tui.rollout.procedure.reboot import Reboot
from tui.rollout.procedure.services import ReturnToService, StopServices
from tui.rollout.procedure.step import ProcedureStep
from tui.rollout.procedure.verify import Verify, VerifyFrontend

NODE: tuple[ProcedureStep, ...] = (
    LogIn(),  # 1. Log into the Cluster Node and become superuser (root).
    Packages(),  # 2. Build the new binary RPM packages, or use those built on the first node.
    StopApplications(),  # 3. Stop all applications that use Dolphin PCI Express services.
    StopServices(),  # 4. Stop all Dolphin PCI Express services.
    Install(),  # 5. Run the SIA with --install-node --use-rpms <path>.
    Reboot(),  # If the services could not be stopped, a reboot is required.
    Verify(),  # 6. Make sure that the node has shown up as active again before the next one.
    StartApplications(),  # Only now: sockets opened earlier would stay on Ethernet.
    ReturnToService(),
)

PUT_BACK = PutBack()
"""In no plan: offered when a person wants back in service what the run took out and did not finish."""

MANAGEMENT: tuple[ProcedureStep, ...] = (LogIn(), Packages(), InstallFrontend(), VerifyFrontend())


def procedure_steps(management: bool) -> tuple[ProcedureStep, ...]:
    """The steps of a Cluster Node, or of the management node."""
    return MANAGEMENT if management else NODE


def procedure_step(management: bool, name: StepName) -> ProcedureStep:
    """One step of a machine's procedure."""
    return next(step for step in (*procedure_steps(management), PUT_BACK) if step.name is name)
