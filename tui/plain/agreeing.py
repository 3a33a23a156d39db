"""A person's word on a cluster file that has changed since the run began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.plain.terminal import Terminal

if TYPE_CHECKING:
    from tui.rollout.options import Agree


def agreement(terminal: Terminal) -> Agree:
    """Asks on the terminal: only the cluster's name, typed, is a yes."""

    async def agree(cluster: str, changes: tuple[str, ...]) -> bool:
        terminal.remark("The cluster file has changed since this run began:")
        for line in changes:
            terminal.remark(f"  {line}")
        question = f"Type {cluster} to agree to that, Enter to go on with the old: "
        return await terminal.ask(question) == cluster

    return agree
