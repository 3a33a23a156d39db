"""A node's file tree in a directory, and a real shell that runs scripts below it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rigs.waiting import patience
from tui.expressware.tagged import Answer, read_answer

PRELUDE = """
R=${ROLLCALL_SYSROOT:-}
if [ -n "$R" ]; then
  PATH=$R/usr/sbin:$R/usr/bin:$R/sbin:$R/bin:/usr/sbin:/usr/bin:/sbin:/bin
fi
LC_ALL=C
export PATH LC_ALL
"""

_CANDIDATES = (["/bin/sh"], ["dash"], ["busybox", "sh"], ["bash", "--posix"])


def _usable(shell: list[str]) -> bool:
    """Whether the shell is there and looks programs up in PATH: some builds of busybox prefer their own."""
    if shutil.which(shell[0]) is None:
        return False
    asked = subprocess.run([*shell, "-c", "PATH=/nonexistent; id"], capture_output=True, check=False)
    return asked.returncode == 127


SHELLS = [pytest.param(shell, id="-".join(shell)) for shell in _CANDIDATES if _usable(shell)]
"""Every POSIX shell of this machine; /bin/sh is always among them."""


@dataclass(frozen=True)
class Tree:
    """The files of a node below `root`."""

    root: Path

    def file(self, path: str, text: str = "") -> Path:
        """Write a file at a node's absolute path."""
        target = Path(f"{self.root}{path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def program(self, path: str, body: str) -> Path:
        """Write a program; `body` is POSIX sh."""
        target = self.file(path, f"#!/bin/sh\n{body}\n")
        target.chmod(0o755)
        return target

    def module(self, name: str, version: str, srcversion: str, refcnt: int = 0) -> None:
        """Load a kernel module."""
        for field, value in (("version", version), ("srcversion", srcversion), ("refcnt", str(refcnt))):
            self.file(f"/sys/module/{name}/{field}", value + "\n")
        Path(f"{self.root}/sys/module/{name}/holders").mkdir()


def run(
    script: str, root: Path | None, shell: list[str], stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a script as a node does: on the shell's stdin, after the prelude; `stdin` follows it there."""
    environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    if root is not None:
        environ["ROLLCALL_SYSROOT"] = str(root)
    return subprocess.run(
        [*shell, "-s"],
        input=f"{PRELUDE}\n{script}\n".encode() + stdin,
        env=environ,
        capture_output=True,
        check=False,
        timeout=60 * patience(),
    )


def answered(output: bytes | str, exit_code: int | None = 0) -> Answer:
    """An output as the answer of a script that ended so."""
    return read_answer(output, exit_code=exit_code, asked_at=0.0)


def looked(script: str, root: Path | None, shell: list[str]) -> Answer:
    """Run a script that looks, as `run` does; its answer."""
    done = run(script, root, shell)
    return answered(done.stdout, done.returncode)
