"""Finding and ending the processes of a simulated machine, and of nothing else.

A machine's processes carry its ROLLCALL_SYSROOT in their environment, whoever started them and however far
they have detached themselves; that is the only mark that a setsid'ed job keeps.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

VARIABLE = "ROLLCALL_SYSROOT"
_VARIABLE = VARIABLE.encode()


def of_sysroots(*sysroots: Path) -> list[int]:
    """The ids of all live processes of machines with one of these file systems, without this process."""
    marks = [os.fsencode(f"\0{VARIABLE}={sysroot}\0") for sysroot in sysroots]
    return [pid for pid in _all_pids() if pid != os.getpid() and _has(pid, marks)]


def descendants(pid: int) -> list[int]:
    """The ids of the children of process `pid`, their children, and so on."""
    children: dict[int, list[int]] = {}
    for each in _all_pids():
        children.setdefault(_parent(each), []).append(each)
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def end_all(find: Callable[[], list[int]], grace: float) -> None:
    """TERM to what `find` returns and, unless it is 0, `grace` seconds to end; then KILL what is left."""
    if grace:
        deadline = time.monotonic() + grace
        send(find(), signal.SIGTERM)
        while find() and time.monotonic() < deadline:
            time.sleep(0.01)
    deadline = time.monotonic() + 5
    # looked for twice: for a moment, a process that is just becoming another program shows no environment
    while (left := find() or find()) and time.monotonic() < deadline:
        send(left, signal.SIGKILL)
        time.sleep(0.005)


def wait_for_end(pid: int, limit: float) -> None:
    """Return when process `pid` is gone or a zombie, or after `limit` seconds."""
    deadline = time.monotonic() + limit
    # its files, ports among them, are closed only when it is a zombie
    while _status(pid)[0] not in "ZX" and time.monotonic() < deadline:
        time.sleep(0.005)


def command_line(pid: int) -> bytes:
    """The command line of process `pid`; empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _all_pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def _has(pid: int, marks: list[bytes]) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
            environ = b"\0" + file.readall() + b"\0"
    except OSError:  # gone, another user's, or a kernel thread
        return False
    return _VARIABLE in environ and any(mark in environ for mark in marks)


def _parent(pid: int) -> int:
    return int(_status(pid)[1])


def _status(pid: int) -> tuple[str, str]:
    """State letter and parent's id of a process; `X` and -1 when it is gone."""
    try:
        # the name in parentheses may hold blanks and parentheses of its own
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "X", "-1"
    return fields[0], fields[1]
