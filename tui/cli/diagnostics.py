"""The log that ``ROLLCALL_DEBUG=file`` asks for.

It holds no secret: nobody logs an answer to a prompt, a script or a node's output.
"""

from __future__ import annotations

import errno
import logging
import os
import stat

VARIABLE = "ROLLCALL_DEBUG"
FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


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
