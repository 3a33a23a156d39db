"""The plan: every command for every node, before anything runs; the same by hand, as Markdown."""

from __future__ import annotations

from tui.expressware.commands import complete_update_procedure
from tui.model.clusterfile import ClusterFile
from tui.model.events import PlanFrozen, StepPlan
from tui.model.run import Run
from tui.rollout.interface import PlannedCommand
from tui.rollout.procedure.notices import notices
from tui.rollout.procedure.order import procedure_steps
from tui.rollout.procedure.step import ProcedureStep


def node_order(config: ClusterFile) -> tuple[str, ...]:
    """Every machine that the run updates, in order: the management node first, last, or not at all."""
    management = config.cluster.management_node
    if management is None or config.cluster.update_management == "no":
        return config.nodes
    first = config.cluster.update_management == "first"
    return (management, *config.nodes) if first else (*config.nodes, management)


def frozen_plan(config: ClusterFile, sia_sha256: str) -> PlanFrozen:
    """What the run will do, as an event."""
    management = config.cluster.management_node in node_order(config)
    return PlanFrozen(
        sia=config.target.sia,
        sia_sha256=sia_sha256,
        order=node_order(config),
        allowed_down=config.policy.allowed_down,
        steps=_steps(config, management=False),
        management_steps=_steps(config, management=True) if management else (),
        notices=notices(config),
    )


def _steps(config: ClusterFile, management: bool) -> tuple[StepPlan, ...]:
    return tuple(_step(config, step) for step in procedure_steps(management))


def _step(config: ClusterFile, step: ProcedureStep) -> StepPlan:
    warn_after, stop_after = step.limits(config)
    return StepPlan(
        step=step.name,
        command=step.planned(config),
        abort_class=step.abort_class,
        confirm=step.confirm,
        warn_after=warn_after,
        stop_after=stop_after,
    )


def planned_commands(config: ClusterFile, run: Run | None = None) -> tuple[PlannedCommand, ...]:
    """One line a step and node; notes tell what stands in the run already."""
    lines = []
    for name in node_order(config):
        hold = config.node[name].hold if name in config.node else None
        for step in procedure_steps(name == config.cluster.management_node):
            node = run.nodes.get(name) if run is not None else None
            known = node.steps.get(step.name) if node is not None else None
            note = f"on hold: {hold}" if hold else (str(known.status) if known is not None else "")
            lines.append(PlannedCommand(name, step.name, step.planned(config), note))
    return tuple(lines)


def markdown(config: ClusterFile, source: str) -> str:
    """The plan as a runbook to do it by hand, with boxes to tick."""
    head = [
        f"# Rolling update of {config.cluster.name} to {config.target.version}",
        "",
        f"From `{source}`. One node at a time. Begin with a node only when all others are active.",
    ]
    body: list[str] = []
    current = ""
    for line in planned_commands(config):
        if line.node != current:
            current = line.node
            body += ["", f"## {current}" + (f" ({line.note})" if line.note else ""), ""]
        body.append(f"- [ ] **{line.step.words}**: `{line.command}`")
    return "\n".join([*head, *body, ""])


def complete_update(config: ClusterFile, installed: str) -> tuple[str, ...]:
    """The procedure for a version pair that the release notes do not allow to be mixed."""
    return complete_update_procedure(config.target.sia, installed, config.target.version)
