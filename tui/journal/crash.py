"""The last resort: a fault of Rollcall's own becomes one sentence; what a developer needs goes to a file."""

from __future__ import annotations

import os
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path


def keep(error: BaseException, directory: Path | None = None) -> str:
    """Write the traceback (no values, only places in the code) to a private file and say where it is.

    The file is in ``directory``, without one where temporary files go. The sentence has no full stop.
    """
    words = "".join(_places(error))
    prefix = f"{'' if directory else 'rollcall-'}crash-{time.strftime('%Y%m%d-%H%M%S')}-"
    try:
        descriptor, path = tempfile.mkstemp(prefix=prefix, suffix=".txt", dir=directory)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(words)
    except OSError:
        path = ""
    kept = f"; where it happened is in {path}" if path else ""
    return f"a fault in Rollcall itself ({type(error).__name__}){kept}"


def _places(error: BaseException) -> Iterator[str]:
    """Each exception's class and places; its words are left out, since a secret could be in them."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield f"{type(at).__qualname__}\n"
        yield from traceback.format_tb(at.__traceback__)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
