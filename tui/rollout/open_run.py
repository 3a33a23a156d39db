"""Opens a run for a front end: cluster file, lock, journal, connections, engine; and closes it again."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tui.journal import ClusterLock, Journal, JournalError, RunRecord, new_run_id, run_directory
from tui.journal.files import make_private
from tui.model import events as ev
from tui.model.change import Change
from tui.model.clusterfile import ClusterFile, ClusterFileError
from tui.model.nodeset import node_names
from tui.remote import Fleet, RemoteError
from tui.remote.link.threads import on_thread
from tui.rollout.engine import LiveEngine
from tui.rollout.leadership.lease import Lease
from tui.rollout.opening import binding
from tui.rollout.opening.binding import Terms
from tui.rollout.opening.connections import make_fleet
from tui.rollout.opening.file import OpeningError, load_cluster_file
from tui.rollout.opening.found import Found, find
from tui.rollout.opening.recording import new_journal, replace_unfinished, resumed_journal
from tui.rollout.options import RunOptions, who
from tui.rollout.procedure.login import identity_of

__all__ = [
    "OpenRun",
    "OpeningError",
    "RunOptions",
    "load_cluster_file",
    "make_fleet",
    "who",
]

ENFORCE_NEW = "--enforce is for a new run; in one that is taken up, rerun install with --enforce."

TO_BEGIN = 15.0
"""Seconds that machines may fail to answer before a new run is given up."""


class OpenRun:
    """An open run: ``async with await OpenRun.open(...)``. Leaving it leaves jobs on nodes running."""

    def __init__(self, engine: LiveEngine, journal: Journal, lock: ClusterLock) -> None:
        self.engine = engine
        self.run_dir = journal.directory
        self._lock = lock

    @classmethod
    async def open(cls, cluster_path: Path, options: RunOptions) -> OpenRun:
        """Open a new run, or take up an unfinished one.

        Raises OpeningError, ClusterFileError, JournalError or LockHeldError, each one sentence.
        """
        async with AsyncExitStack() as stack:
            lock, found, record = _locked(stack, cluster_path, options)
            terms = await _terms(found, record, options)
            chosen = _chosen(terms.config, options.nodes, "--nodes")
            enforce = _chosen(terms.config, options.enforce, "--enforce")
            if enforce and record is not None:
                raise OpeningError(ENFORCE_NEW, 1)
            run_id = record.run_id if record is not None else new_run_id(datetime.now(UTC))
            directory = run_directory(options.state_dir, terms.config.cluster.name, run_id)
            make_private(directory)  # by it a lock is known as ours, even if this process dies right after
            stack.callback(_remove_if_empty, directory)
            terms, fleet = await on_thread("aside", partial(_fleet, terms, options))
            stack.push_async_callback(fleet.close)
            _bind(fleet, record)
            await fleet.start()
            lease = Lease(terms.config, fleet, lock, options.state_dir, who(), run_id)
            stack.push_async_callback(lease.release)
            await _take(lease, new=record is None)
            machines = binding.reached(fleet)
            if record is not None:
                journal = resumed_journal(record, terms, machines, options)
            else:
                replace_unfinished(found)
                journal = new_journal(terms.config, machines, cluster_path, options, chosen, run_id, enforce)
            engine = LiveEngine(terms.config, journal, fleet, lease, who())
            engine.note(ev.OperatorJoined(host=socket.gethostname(), front_end=options.front_end), who())
            await engine.start()
            stack.pop_all()
        return cls(engine, journal, lock)

    async def close(self, reason: str = "") -> None:
        """Leave the run; what runs on a node goes on there."""
        try:
            await self.engine.close(reason)
        finally:
            self._lock.release()

    async def __aenter__(self) -> OpenRun:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _chosen(config: ClusterFile, nodes: str | None, option: str) -> tuple[str, ...] | None:
    if nodes is None:
        return None
    try:
        names = node_names(nodes)
    except ValueError as error:
        raise OpeningError(f"{option}: {error}.", 1) from None
    if unknown := [name for name in names if name not in config.machines]:
        verb = "is" if len(unknown) == 1 else "are"
        raise OpeningError(f"{option}: {', '.join(unknown)} {verb} not in the cluster file.", 1)
    return names


async def _take(lease: Lease, *, new: bool) -> None:
    """Claim the machines before a word is written about the run.

    A new run does not begin without more than half of the Cluster Nodes. An unfinished one is opened while
    none can be reached (it may be the one that reboots now); the engine then waits before it does anything.
    """
    try:
        await lease.take(TO_BEGIN if new else 0.0, new=new)
    except RemoteError as error:
        why = f"{lease.minority}: " if lease.minority else ""
        sentence = f"the cluster's machines cannot be claimed: {why}{error}"
        raise OpeningError(f"{sentence} Nothing was begun; `--read-only` only looks.", 6) from None


def _remove_if_empty(directory: Path) -> None:
    with suppress(OSError):
        directory.rmdir()


def _bind(fleet: Fleet, record: RunRecord | None) -> None:
    """Let in only the machines that the run has seen: before the first connection, so before any command."""
    for node in record.run.nodes.values() if record is not None else ():
        if node.facts is not None and node.name in fleet.nodes:
            fleet.client(node.name).bind(identity_of(node.facts))


def _locked(
    stack: AsyncExitStack, path: Path, options: RunOptions
) -> tuple[ClusterLock, Found, RunRecord | None]:
    """The lock beside the journals, the file, and the run to go on with; None to begin a new one."""
    name = find(path, options.state_dir).cluster
    lock = _lock(stack, options.state_dir, name)
    found = find(path, options.state_dir)  # as another console has left it, until it gave the lock back
    if found.cluster != name:
        raise OpeningError(f"{path} and its run have just been changed by another console; start again.", 4)
    record = _to_take_up(found, options)
    if record is None and found.file is not None and found.file.cluster.name != name:
        lock = _lock(stack, options.state_dir, found.file.cluster.name)
    return lock, found, record


def _lock(stack: AsyncExitStack, state_dir: Path, cluster: str) -> ClusterLock:
    lock = stack.enter_context(ClusterLock(state_dir, cluster))
    lock.acquire(who())
    return lock


def _to_take_up(found: Found, options: RunOptions) -> RunRecord | None:
    """The unfinished run to go on with; None to begin a new one."""
    record = found.record
    if options.new and record is not None and not options.simulated:
        _let_go(record)
    if options.new and found.file is None:
        raise ClusterFileError(found.unusable)
    if record is None and options.resume:
        raise OpeningError(f"{found.cluster} has no unfinished run to resume; start it without --resume.", 1)
    if record is None or options.new or (record.error is None and binding.replaces(record.run, found)):
        return None
    return record


async def _terms(found: Found, record: RunRecord | None, options: RunOptions) -> Terms:
    """What the run goes by: its file, or what an unfinished one is bound to and may take of it."""
    if record is None:
        if found.file is None:
            raise ClusterFileError(found.unusable)
        return binding.begun(found.file)
    if record.error is not None:
        raise JournalError(record.error)
    return await binding.resumed_terms(record.run, found, options.agree)


def _fleet(terms: Terms, options: RunOptions) -> tuple[Terms, Fleet]:
    """Connections by the terms; where a changed way to a machine cannot be used, by the way of before."""
    try:
        return terms, make_fleet(terms.config, options.ask_person, leads=True)
    except OpeningError:
        before = terms.without(Change.SAME_MACHINE)
        if before.config == terms.config:
            raise
        return before, make_fleet(before.config, options.ask_person, leads=True)


def _let_go(record: RunRecord) -> None:
    """An unfinished run that a new one is to replace: nobody else knows what it has taken out of service."""
    run = record.run
    out = [f"{line.added.what} on {line.node}" for line in run.open_ledger]
    out += [
        f"{step.name.words} under way on {node.name}"
        for node in run.nodes.values()
        if (step := node.active_step) is not None
    ]
    if out:
        sentence = f"run {record.run_id} of {record.cluster} still has out of service: {', '.join(out)}"
        remedy = "take it up with `--resume`, and put that back or end the run there; then begin a new one"
        raise OpeningError(f"{sentence}; {remedy}.", 4)
