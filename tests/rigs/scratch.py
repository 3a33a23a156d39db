"""Where tests keep their files: in memory where there is room, since whole clusters are written there."""

from __future__ import annotations

import os
from pathlib import Path

_MEMORY = Path("/dev/shm")
_VARIABLE = "PYTEST_DEBUG_TEMPROOT"
"""Where pytest makes the directories of ``tmp_path``, in its own processes and in those of xdist."""
_ROOM = 4 << 30


def keep_in_memory() -> None:
    """Unless somebody has said where; the programs of simulated nodes are run from there."""
    if _fits():
        os.environ.setdefault(_VARIABLE, str(_MEMORY))


def _fits() -> bool:
    if not (_MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)):
        return False
    disk = os.statvfs(_MEMORY)
    return not disk.f_flag & os.ST_NOEXEC and disk.f_bavail * disk.f_frsize >= _ROOM
