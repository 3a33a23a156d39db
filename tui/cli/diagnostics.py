"""What developers get: where a fault of our own was, and the log that ``ROLLCALL_DEBUG=file`` asks for.

Neither holds a secret: of a fault only its places are kept, and nobody logs an answer to a prompt, a script
or a node's output.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import tempfile
import traceback
from collections.abc import Iterator

VARIABLE = "ROLLCALL_DEBUG"
FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


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


def begin_log() -> None:
    """Log from here on into the file that is named. Raises OSError when it cannot be written."""
    name = os.environ[VARIABLE]
    handler = logging.StreamHandler(
        os.fdopen(_opened(name), "a", encoding="utf-8", errors="backslashreplace")
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    for logger, level in (("tui", logging.DEBUG), ("paramiko", logging.INFO)):
        logging.getLogger(logger).addHandler(handler)
        logging.getLogger(logger).setLevel(level)


def _opened(name: str) -> int:
    """The file, which only its owner can read from here on."""
    said = f"{VARIABLE}={name}"
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, said) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file", said)
    os.fchmod(descriptor, 0o600)
    return descriptor
