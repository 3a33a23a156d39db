"""Opens a run for a front end: cluster file, lock, journal, connections, engine; and closes it again."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import tui
from tui.journal import ClusterLock, Journal, JournalError, RunRecord, find_runs, new_run_id, run_directory
from tui.journal.files import make_private
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile, ClusterFileError, parse_cluster_file
from tui.model.nodeset import node_names
from tui.model.states import PauseMode, RunStatus
from tui.remote import FINAL_KINDS, Endpoint, Fleet, Options, RemoteError, resolve
from tui.rollout.engine import Engine
from tui.rollout.lease import Lease

AskSecret = Callable[[str], str | None]

TO_BEGIN = 15.0
"""Seconds that the lock's node may fail to answer before a new run is given up."""


class SessionError(Exception):
    """The run cannot be opened; one sentence, with the exit code of the contract."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Wish:
    """How the operator wants the run to be opened."""

    state_dir: Path
    front_end: str
    read_only: bool = False
    resume: bool = False
    """Take up the latest unfinished run; an error when there is none."""
    new: bool = False
    """Begin a new run even when an unfinished one exists; that one is canceled, if nothing of it is out."""
    simulated: bool = False
    """The nodes are as new as the run: whatever an earlier one took out of service is gone with its nodes."""
    pause: PauseMode | None = None
    nodes: str | None = None
    """Only these nodes; the others are skipped."""
    ask_secret: AskSecret | None = None


def who() -> str:
    """The operator as the journal names them: ``user@host``."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def load_cluster_file(path: Path) -> ClusterFile:
    """Read and check a cluster file. Raises ClusterFileError with one sentence."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ClusterFileError(f"{path}: there is no such cluster file.") from None
    except UnicodeDecodeError:
        raise ClusterFileError(f"{path}: not UTF-8 text, so not a TOML file.") from None
    except OSError as error:
        raise ClusterFileError(f"{path} cannot be read: {error.strerror}.") from None
    return parse_cluster_file(text, str(path))


def make_fleet(config: ClusterFile, ask_secret: AskSecret | None, only: Iterable[str] | None = None) -> Fleet:
    """Connections to every machine of the cluster (or some), not yet opened. Raises SessionError."""
    options = Options(
        become=config.ssh.become,
        keepalive=config.ssh.keepalive,
        state_dir=config.paths.state,
        cluster=config.cluster.name,
        console_id=secrets.token_hex(8),
        ask_secret=ask_secret,
    )
    try:
        return Fleet([_endpoint(config, name) for name in only or config.machines], options)
    except RemoteError as error:
        raise SessionError(error.sentence, 6) from None


def _endpoint(config: ClusterFile, name: str) -> Endpoint:
    entry = config.node.get(name)
    ssh = config.ssh
    return resolve(
        name,
        host=entry.host if entry else None,
        port=entry.port if entry else None,
        user=ssh.user,
        ssh_config=os.path.expanduser(ssh.ssh_config) if ssh.ssh_config else None,
        known_hosts=os.path.expanduser(ssh.known_hosts) if ssh.known_hosts else None,
    )


def unfinished(state_dir: Path, cluster: str) -> RunRecord | None:
    """The latest run of a cluster, when it has not ended."""
    for record in find_runs(state_dir, cluster):
        # a journal without its first event belongs to a console that died before anything was said; but of
        # one that cannot be read nobody knows what that run has taken out of service
        if (record.run.run_id or record.error) and not record.run.status.final:
            return record
    return None


class Session:
    """An open run. ``async with Session.open(...)`` gives the engine; leaving it leaves jobs running."""

    def __init__(self, engine: Engine, journal: Journal, lock: ClusterLock) -> None:
        self.engine = engine
        self.run_dir = journal.directory
        self._lock = lock

    @classmethod
    async def open(cls, cluster_path: Path, wish: Wish) -> Session:
        """Open a new run, or take up an unfinished one.

        Raises SessionError, ClusterFileError, JournalError or LockHeldError, each one sentence.
        """
        config = load_cluster_file(cluster_path)
        chosen = _chosen(config, wish.nodes)
        async with AsyncExitStack() as stack:
            lock = stack.enter_context(ClusterLock(wish.state_dir, config.cluster.name))
            lock.acquire(who())
            found = _to_take_up(config, wish)
            run_id = found.run_id if found is not None else new_run_id(datetime.now(UTC))
            directory = run_directory(wish.state_dir, config.cluster.name, run_id)
            make_private(directory)  # by it a lock is known as ours, even if this process dies right after
            stack.callback(_remove_if_empty, directory)
            fleet = make_fleet(config, wish.ask_secret)
            stack.push_async_callback(fleet.close)
            await fleet.start()
            lease = Lease.of_run(config, fleet, lock, wish.state_dir, who(), run_id)
            stack.push_async_callback(lease.release)
            await _take(lease, new=found is None)
            journal = _journal(config, cluster_path, wish, chosen, found, run_id)
            engine = Engine(config, journal, fleet, lease, who())
            engine.note(ev.OperatorJoined(host=socket.gethostname(), front_end=wish.front_end), who())
            await engine.start()
            stack.pop_all()
        return cls(engine, journal, lock)

    async def close(self, reason: str = "") -> None:
        """Leave the run; what runs on a node goes on there."""
        try:
            await self.engine.close(reason)
        finally:
            self._lock.release()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _chosen(config: ClusterFile, nodes: str | None) -> tuple[str, ...] | None:
    if nodes is None:
        return None
    try:
        names = node_names(nodes)
    except ValueError as error:
        raise SessionError(f"--nodes: {error}.", 1) from None
    unknown = [name for name in names if name not in config.machines]
    if unknown:
        verb = "is" if len(unknown) == 1 else "are"
        raise SessionError(f"--nodes: {', '.join(unknown)} {verb} not in the cluster file.", 1)
    return names


async def _take(lease: Lease, *, new: bool) -> None:
    """Take the cluster's lock before a word is written about the run.

    A new run does not begin without it. An unfinished one is opened while the lock's node cannot be reached
    (it may be the one that reboots now); the engine then waits for the lock before it does anything.
    """
    try:
        await lease.take(TO_BEGIN if new else 0.0)
    except RemoteError as error:
        if new or error.kind in FINAL_KINDS:
            sentence = f"the lock of the cluster, kept by {lease.node}, cannot be taken: {error}"
            raise SessionError(f"{sentence} Nothing was begun; `--read-only` only looks.", 6) from None


def _remove_if_empty(directory: Path) -> None:
    with suppress(OSError):
        directory.rmdir()


def _to_take_up(config: ClusterFile, wish: Wish) -> RunRecord | None:
    """The unfinished run to go on with; None to begin a new one."""
    latest = unfinished(wish.state_dir, config.cluster.name)
    if wish.new and latest is not None and not wish.simulated:
        _let_go(latest)
    found = None if wish.new else latest
    if found is None and wish.resume:
        raise SessionError(
            f"{config.cluster.name} has no unfinished run to resume; start it without --resume.", 1
        )
    return found


def _let_go(record: RunRecord) -> None:
    """An unfinished run that a new one is to replace: nobody else knows what it has taken out of service."""
    run = record.run
    out = [f"{line.added.what} on {line.node}" for line in run.open_ledger]
    out += [
        f"{step.name.words} under way on {node.name}"
        for node in run.nodes.values()
        for step in node.steps.values()
        if step.status.active
    ]
    if out:
        sentence = f"run {record.run_id} of {record.cluster} still has out of service: {', '.join(out)}"
        remedy = "take it up with `--resume`, and put that back or end the run there; then begin a new one"
        raise SessionError(f"{sentence}; {remedy}.", 4)


def _journal(
    config: ClusterFile,
    path: Path,
    wish: Wish,
    chosen: tuple[str, ...] | None,
    found: RunRecord | None,
    run_id: str,
) -> Journal:
    if found is not None:
        journal = _opened(found)
        if wish.pause is not None and found.run is not None:
            run = found.run
            payload = ev.RunState(
                status=run.status,
                code=run.code,
                summary=run.summary,
                next_action=run.next_action,
                pause_mode=wish.pause,
            )
            journal.append(payload, actor=who())
        return journal
    replaced = unfinished(wish.state_dir, config.cluster.name)
    if replaced is not None:
        old = _opened(replaced)
        payload = ev.RunState(
            status=RunStatus.CANCELED, code="replaced", summary="a new run was begun instead"
        )
        old.append(payload, actor=who())
        old.close()
    return _new_journal(config, path, wish, chosen, run_id)


def _opened(record: RunRecord) -> Journal:
    """Its journal, if every line of it is what Rollcall wrote. Raises JournalError."""
    if record.error is not None:
        raise JournalError(record.error)
    return Journal.open(record.directory)


def _new_journal(
    config: ClusterFile, path: Path, wish: Wish, chosen: tuple[str, ...] | None, run_id: str
) -> Journal:
    journal = Journal.create(run_directory(wish.state_dir, config.cluster.name, run_id))
    held = {name: entry.hold for name, entry in config.node.items() if entry.hold}
    created = ev.RunCreated(
        run_id=run_id,
        cluster=config.cluster.name,
        cluster_file=str(path.resolve()),
        target=config.target.version,
        nodes=config.nodes,
        management_node=config.cluster.management_node,
        held=held,
        pause_mode=wish.pause or config.policy.pause,
        host=socket.gethostname(),
        version=tui.__version__,
    )
    journal.append(created, actor=who())
    for name in config.machines:
        if chosen is not None and name not in chosen and name not in held:
            journal.append(ev.NodeSkipped(reason="not in --nodes"), actor=who(), node=name)
    return journal
