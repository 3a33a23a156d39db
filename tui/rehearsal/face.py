"""What a machine asks of its SSH server, whichever program serves it."""

from __future__ import annotations

from typing import Protocol


class Face(Protocol):
    """The SSH server of one machine."""

    def listen(self) -> None:
        """Take connections from now on; returns when the port answers."""

    def refuse(self) -> None:
        """Take no new connections and start no new commands; what is connected stays."""

    def cut(self) -> None:
        """Drop every connection; the commands behind them live on as under any sshd."""

    def connections(self) -> int:
        """How many connections there are."""
