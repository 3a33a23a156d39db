"""A login that ends its processes when its connection ends, as logind does with KillUserProcesses=yes.

Used as sshd's ForceCommand. Everything that a command leaves behind, however far it has detached itself,
stays below a process of ours (a child subreaper), which waits for the connection's end and then kills it all.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    connection = os.getppid()
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        code = os.read(reader, 8)
        os._exit(int(code) if code else 255)
    os.close(reader)
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    command = os.fork()
    if not command:
        os.close(writer)
        os.execv("/bin/sh", ["sh", "-c", os.environ["SSH_ORIGINAL_COMMAND"]])
    # the session's pipes are the command's alone: sshd must see them end with it
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    _, status = os.waitpid(command, 0)
    os.write(writer, str(os.waitstatus_to_exitcode(status) % 256).encode())
    os.close(writer)
    while Path(f"/proc/{connection}").exists():
        time.sleep(0.01)
    while victims := descendants(os.getpid()):
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        reap()


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


if __name__ == "__main__":
    main()
