"""A disk of a few pages, that can be full, grow, or be read-only: needs root and leave to mount."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    """A tmpfs at ``place``."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._filler = place / ".filler"

    def remount(self, options: str) -> None:
        """Change it while it is in use: ``ro``, ``rw``, ``size=64m``."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.place)], check=True)

    def fill(self) -> None:
        """Leave not a single free page."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def free(self) -> None:
        """Take it back."""
        self._filler.unlink()


@contextlib.contextmanager
def small_disk(place: Path, size: str) -> Iterator[SmallDisk]:
    """Mounted at ``place``. Where that is not allowed the test is skipped; in CI as root it fails instead."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)]
    mounted = os.getuid() == 0 and not subprocess.run(command, capture_output=True, check=False).returncode
    if not mounted:
        if os.environ.get("CI") and os.getuid() == 0:
            pytest.fail("CI as root has to be able to mount a small disk")
        pytest.skip("needs root and leave to mount a small disk")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
