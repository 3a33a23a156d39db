"""Breaking a lock: shown first, confirmed by typing, written down, and fatal for whoever held it."""

from __future__ import annotations

from pathlib import Path

from tui.journal import JournalError
from tui.model import verdict
from tui.model.clusterfile import ClusterFile
from tui.plain.terminal import Terminal
from tui.remote import AskSecret, RemoteError
from tui.rollout.lease import lock_node
from tui.rollout.locks import Found, Locks
from tui.rollout.session import make_fleet, who


async def unlock(
    config: ClusterFile, state_dir: Path, terminal: Terminal, ask_secret: AskSecret | None
) -> int:
    """Show who leads the cluster, by both of its locks; break them once the cluster's name is typed.

    A holder that is alive takes a second confirm. Nothing is broken while the cluster's lock cannot be seen.
    """
    async with make_fleet(config, ask_secret, only=[lock_node(config)]) as fleet:
        locks = Locks(config, state_dir, fleet)
        try:
            found = await locks.look()
        except RemoteError as error:
            here = locks.look_here()
            terminal.line(f"The lock on this machine is {f'held by {here}' if here else 'free'}.")
            terminal.line(f"The lock on {locks.node} cannot be seen: {error} Nothing was done.")
            return verdict.CONNECTION
        for line in found.lines():
            terminal.line(line)
        if found.free:
            terminal.line(f"Nobody leads {config.cluster.name}; there is nothing to break.")
            return 0
        if not await _agreed(found, terminal):
            terminal.line("Nothing was done.")
            return verdict.LOCKED
        try:
            if not await locks.break_both(found, who(), alive=found.alive):
                terminal.line(
                    "The lock has changed hands, or its holder is back; nothing was done. Look again."
                )
                return verdict.LOCKED
        except JournalError as error:
            terminal.line(f"The lock is broken, but that could not be written down: {error}")
            return 0
    terminal.line(f"The lock of {config.cluster.name} is broken; the next `rollcall run` may lead it.")
    return 0


async def _agreed(found: Found, terminal: Terminal) -> bool:
    terminal.line(
        "If that console still works, breaking its lock stops it; a job on a node goes on by itself."
    )
    if await terminal.ask(f"Type {found.cluster} to break the lock: ") != found.cluster:
        return False
    if not found.alive:
        return True
    terminal.line(
        "That console is alive: it has shown life within the last minute. Speak with its operator first."
    )
    words = f"{found.cluster} is alive"
    return await terminal.ask(f'Type "{words}" to break the lock all the same: ') == words
