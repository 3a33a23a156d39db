"""The last resort: a fault of Rollcall's own becomes one sentence; what a developer needs goes to a file."""

from __future__ import annotations

import os
import tempfile
import traceback


def keep(error: Exception) -> str:
    """Write the traceback (no values, only places in the code) to a private file and say where it is."""
    words = "".join(traceback.format_exception(error))
    try:
        descriptor, path = tempfile.mkstemp(prefix="rollcall-fault-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(words)
    except OSError:
        path = ""
    kept = f"; where it happened is in {path}" if path else ""
    return f"a fault in Rollcall itself ({type(error).__name__}){kept}. What ran on a node goes on there."
