"""The last resort: a fault of Rollcall's own becomes one sentence; what a developer needs goes to a file."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Iterator


def keep(error: Exception) -> str:
    """Write the traceback (no values, only places in the code) to a private file and say where it is."""
    words = "".join(_places(error))
    try:
        descriptor, path = tempfile.mkstemp(prefix="rollcall-fault-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(words)
    except OSError:
        path = ""
    kept = f"; where it happened is in {path}" if path else ""
    return f"a fault in Rollcall itself ({type(error).__name__}){kept}. What ran on a node goes on there."


def _places(error: BaseException) -> Iterator[str]:
    """Each exception's class and places; its words are left out, since a secret could be in them."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield f"{type(at).__qualname__}\n"
        yield from traceback.format_tb(at.__traceback__)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
