"""``ROLLCALL_DEBUG=file``: what happens goes to that file through `logging`, for developers.

It has no secrets, since nobody logs one: no answers to prompts, no scripts, no output of a node.
"""

from __future__ import annotations

import os
import stat

from tui.cli.errors import UsageError

VARIABLE = "ROLLCALL_DEBUG"
FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


def begin() -> None:
    """Log from here on if a file is named. Raises UsageError when it cannot be written."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    import logging  # noqa: PLC0415  not before the console's first paint, unless asked for

    handler = logging.StreamHandler(
        os.fdopen(_opened(name), "a", encoding="utf-8", errors="backslashreplace")
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    for logger, level in (("tui", logging.DEBUG), ("paramiko", logging.INFO)):
        logging.getLogger(logger).addHandler(handler)
        logging.getLogger(logger).setLevel(level)


def _opened(name: str) -> int:
    """The file, which only its owner can read from here on."""
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise UsageError(f"{VARIABLE}={name}: no log can be written there: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"{VARIABLE}={name}: no log can be written there: it is not a file.")
    os.fchmod(descriptor, 0o600)
    return descriptor
