"""Breaking locks: shown first, confirmed by typing, written down, and fatal for whoever held them."""

from __future__ import annotations

from pathlib import Path

from tui.journal import JournalError
from tui.model import verdict
from tui.model.clusterfile import ClusterFile
from tui.plain.terminal import Terminal
from tui.remote import AskPerson
from tui.rollout.leadership.unlock import Locks, LockSurvey
from tui.rollout.opening.connections import make_fleet
from tui.rollout.options import who


async def unlock(
    config: ClusterFile, state_dir: Path, terminal: Terminal, ask_person: AskPerson | None
) -> int:
    """Show who leads the cluster, by the lock here and the claims on its machines; break them all once the
    cluster's name is typed.

    A holder that is alive takes a second confirm. Nothing is broken while no machine can be asked.
    """
    async with make_fleet(config, ask_person) as fleet:
        locks = Locks(config, state_dir, fleet)
        found = await locks.look()
        for line in found.lines():
            terminal.line(line)
        if len(found.silent) == len(found.there):
            terminal.line("No machine of the cluster can be asked who leads it. Nothing was done.")
            return verdict.CONNECTION
        if found.free:
            terminal.line(f"Nobody leads {config.cluster.name}; there is nothing to break.")
            return verdict.CONNECTION if found.silent else 0
        if not await _agreed(found, terminal):
            terminal.line("Nothing was done.")
            return verdict.LOCKED
        try:
            left = await locks.break_all(found, who(), alive=found.alive)
        except JournalError as error:
            terminal.line(f"The locks are broken, but that could not be written down: {error}")
            return 0
        if left:
            terminal.line(f"Not all is broken: {'; '.join(left)}. Look again.")
            return verdict.LOCKED
    terminal.line(f"The locks of {config.cluster.name} are broken; the next `rollcall run` may lead it.")
    return 0


async def _agreed(found: LockSurvey, terminal: Terminal) -> bool:
    terminal.line(
        "If that console still works, breaking its locks stops it; a job on a node goes on by itself."
    )
    if await terminal.ask(f"Type {found.cluster} to break them: ") != found.cluster:
        return False
    if not found.alive:
        return True
    terminal.line(
        "That console is alive: it has shown life within the last minute. Speak with its operator first."
    )
    words = f"{found.cluster} is alive"
    return await terminal.ask(f'Type "{words}" to break them all the same: ') == words
