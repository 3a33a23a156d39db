"""Adding a line to known_hosts as ssh(1) does: what is there already is never changed."""

from __future__ import annotations

import base64
import errno
import os
import re
import stat
from pathlib import Path

from tui.remote.ssh.hostkey.names import hashed_name, name_bytes

_NO_NAME = re.compile(r"[\s\x00-\x1f,*?!|@#]")


def writable_name(name: str) -> bool:
    """Whether a line can bear this name; a HostKeyAlias may be a pattern, or break the line."""
    return bool(name) and not _NO_NAME.search(name)


def host_line(name: str, key_type: str, blob: bytes, *, hashed: bool) -> bytes:
    """The line that says that ``name`` has this key."""
    shown = hashed_name(name) if hashed else name
    return name_bytes(f"{shown} {key_type} {base64.b64encode(blob).decode()}\n")


def append(path: str, line: bytes) -> bool:
    """Add ``line`` to the file, which may not be there yet, nor its directory; raises OSError.

    False: it is /dev/null, which keeps nothing.
    """
    Path(path).parent.mkdir(mode=0o700, exist_ok=True)
    # read as well, for the last byte; not to wait for whoever reads from a pipe
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(file)
        if os.path.samestat(found, os.stat(os.devnull)):
            return False
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if found.st_size and os.pread(file, 1, found.st_size - 1) != b"\n":
            line = b"\n" + line
        if os.write(file, line) != len(line):  # in one piece: others may append to it, too
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    finally:
        os.close(file)
    return True
