"""The first words of a journal: of a run that begins, of one that is taken up, of one that gives way."""

from __future__ import annotations

import socket
from pathlib import Path

import tui
from tui.journal import Journal, JournalError, RunRecord, run_directory
from tui.model import events as ev
from tui.model.binding import as_data
from tui.model.clusterfile import ClusterFile
from tui.model.problems import REPLACED
from tui.model.states import RunStatus
from tui.rollout.opening.binding import Machines, Terms, consequences
from tui.rollout.opening.found import Found
from tui.rollout.options import RunOptions, who


def resumed_journal(record: RunRecord, terms: Terms, machines: Machines, options: RunOptions) -> Journal:
    """Its journal, if every line of it is what Rollcall wrote, bound anew. Raises JournalError."""
    journal = Journal.open(record.directory)
    run = record.run
    for payload, node in consequences(run, terms, machines):
        journal.append(payload, actor=who(), node=node)
    if options.pause is not None:
        journal.append(run.with_pause_mode(options.pause), actor=who())
    return journal


def replace_unfinished(found: Found) -> None:
    """End the unfinished run that a new one is begun instead of. Raises JournalError."""
    if found.record is None:
        return
    if found.record.error is not None:
        raise JournalError(found.record.error)
    old = Journal.open(found.record.directory)
    why = "a new run was begun instead"
    payload = ev.RunState(status=RunStatus.CANCELED, code=REPLACED.code, summary=why)
    old.append(payload, actor=who())
    old.close()


def new_journal(
    config: ClusterFile,
    machines: Machines,
    path: Path,
    options: RunOptions,
    chosen: tuple[str, ...] | None,
    run_id: str,
    enforce: tuple[str, ...] | None = None,
) -> Journal:
    """The journal of a run that begins, bound to its cluster file. Raises JournalError."""
    journal = Journal.create(run_directory(options.state_dir, config.cluster.name, run_id))
    held = {name: entry.hold for name, entry in config.node.items() if entry.hold}
    created = ev.RunCreated(
        run_id=run_id,
        cluster=config.cluster.name,
        cluster_file=str(path.resolve()),
        target=config.target.version,
        nodes=config.nodes,
        management_node=config.cluster.management_node,
        held=held,
        enforce=enforce or (),
        pause_mode=options.pause or config.policy.pause,
        host=socket.gethostname(),
        version=tui.__version__,
        simulated=options.simulated,
        not_simulated=options.not_simulated,
    )
    journal.append(created, actor=who())
    journal.append(ev.RunBound(file=as_data(config), machines=dict(machines)), actor=who())
    for name in config.machines:
        if chosen is not None and name not in chosen and name not in held:
            journal.append(ev.NodeSkipped(reason="not in --nodes"), actor=who(), node=name)
    return journal
