"""Who leads a cluster, in words that its machines keep and a person understands."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tui.remote import ClaimAnswer, ClaimRecord


@dataclass(frozen=True, slots=True)
class LockOwner:
    """One console, as its record says; empty where that says nothing."""

    who: str = ""
    """``user@host``."""
    host: str = ""
    pid: str = ""
    start: str = ""
    """When the process began, in ticks of its boot: numbers of processes are used again."""
    boot: str = ""
    """Boot id of the console's own machine."""
    run: str = ""
    cluster: str = ""
    """As its cluster file names it."""

    @classmethod
    def this_console(cls, who: str, run_id: str, cluster: str) -> LockOwner:
        """The process that asks."""
        pid = os.getpid()
        return cls(who, socket.gethostname(), str(pid), _start(pid), boot_id(), run_id, cluster)

    @classmethod
    def of(cls, record: ClaimRecord | None) -> LockOwner:
        """What a record says."""
        words = record.owner if record is not None else {}
        return cls(**{key: words.get(key, "") for key in cls.__slots__})

    @property
    def words(self) -> dict[str, str]:
        """For the node to keep."""
        return asdict(self)

    @property
    def died_here(self) -> bool:
        """True when it ran on this machine and is gone for sure; what cannot be known counts as alive.

        For a caller that leads the run's own journal: no other run of this process can do so, too.
        """
        if not (self.boot and self.host and self.pid.isdecimal()):
            return False
        here = boot_id()
        if (self.boot, self.pid) == (here, str(os.getpid())):
            return True  # an earlier run of this very process
        if self.boot != here:  # before this machine was restarted, or on another one
            return bool(here) and self.host == socket.gethostname()
        return _start(int(self.pid)) != self.start

    def __str__(self) -> str:
        """``anna@console1, process 4711 on console1 (boot 5f0c…)``."""
        if not self.who:
            return "someone who left no name"
        return f"{self.who}, process {self.pid} on {self.host} (boot {self.boot})"

    @property
    def brief(self) -> str:
        """``anna@console1, run 20261122-171500-9f3c``."""
        who = self.who or "someone who left no name"
        return f"{who}, run {self.run}" if self.run else who


def described(answer: ClaimAnswer, node: str) -> str:
    """Everything that is known of the holder, as one sentence without its end."""
    owner = LockOwner.of(answer.holder)
    since = answer.holder.since if answer.holder is not None else None
    parts = [
        str(owner),
        f"since {by_clock(since)}" if since is not None else "",
        f"cluster {owner.cluster}" * bool(owner.cluster),
        f"run {owner.run}" * bool(owner.run),
    ]
    parts.append(f"last heartbeat {answer.age} s ago (claim on {node})")
    return ", ".join(part for part in parts if part)


def by_clock(epoch: int) -> str:
    """A node's time for people; far-away numbers of a damaged record do no harm."""
    try:
        return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return "an unknown time"


def is_this_machine(boot: str) -> bool:
    """Whether the machine of that boot id is this console's own: one boot id is one running kernel."""
    return bool(boot) and boot == boot_id()


def boot_id() -> str:
    """The boot of this console's own machine; empty when it does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _start(pid: int) -> str:
    """Field 22 of the process's stat; empty when there is no such process, or only its zombie."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(") ")[2]
            .split()
        )
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]
