"""The plan: every command for every node, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from tui.expressware.commands import NodePath, complete_update_procedure
from tui.model.clusterfile import ClusterFile
from tui.model.events import PlanFrozen, StepPlan
from tui.model.nodeset import folded
from tui.model.run import Node, Run
from tui.model.steps import StepName
from tui.rollout.interface import PlannedCommand
from tui.rollout.procedure.notices import notices
from tui.rollout.procedure.order import procedure_steps
from tui.rollout.procedure.packages import planned_directory, workdir
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
            note = f"on hold: {hold}" if hold else (known.status.words if known is not None else "")
            lines.append(
                PlannedCommand(name, step.name, _with_key(step.planned(config), config, run, node), note)
            )
    return tuple(lines)


def _with_key(command: str, config: ClusterFile, run: Run | None, node: Node | None) -> str:
    """The command with the directory of the packages, which is known when the node has told what it is."""
    if run is None or run.plan is None or node is None or node.facts is None:
        return command
    return command.replace(
        NodePath(planned_directory(config)).display, NodePath(workdir(config, run, node)).display
    )


def alike(
    commands: Iterable[PlannedCommand],
) -> tuple[tuple[tuple[str, ...], tuple[PlannedCommand, ...]], ...]:
    """Nodes that have the same planned, with the lines of the first of them; in order of the first."""
    found: dict[tuple[tuple[StepName, str, str], ...], list[str]] = {}
    first: dict[str, tuple[PlannedCommand, ...]] = {}
    for node, of_node in groupby(commands, key=lambda planned: planned.node):
        lines = tuple(of_node)
        first[node] = lines
        found.setdefault(tuple((line.step, line.command, line.note) for line in lines), []).append(node)
    return tuple((tuple(names), first[names[0]]) for names in found.values())


def plan_lines(config: ClusterFile) -> Iterator[str]:
    """The plan for people: a node, its commands, and who has the same."""
    for names, lines in alike(planned_commands(config)):
        if lines[0].note:
            yield f"{folded(names):<12} {lines[0].note}; nothing is run"
            continue
        for line in lines:
            yield f"{line.node:<12} {line.step.words:<22} {line.command}"
        if names[1:]:
            yield f"{folded(names[1:]):<12} as {names[0]}"


def complete_update(config: ClusterFile, installed: str) -> tuple[str, ...]:
    """The procedure for a version pair that the release notes do not allow to be mixed."""
    return complete_update_procedure(config.target.sia, installed, config.target.version)
