"""A user who becomes root with the real sudo, in a mount namespace whose /etc is the test's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

USER = "rollcallop"
PASSWORD = "s3cr3t pw$x"
_HASH = "$6$rollcall$0QhSxa40gSCTlHqctqxt98rk0xBwuh5GYYCIq7E4TLjnUXEmm8EbQQFHdJSPhWjnjYk6YDki2g7VsphZbzk6Y."
_UID = 64242

needs_sudo = pytest.mark.root("sudo")
"""Marks a test that is skipped where there is no sudo, or no root to change /etc for it."""


def no_sudo() -> str:
    """Why it cannot be used here; empty when it can."""
    present = os.getuid() == 0 and shutil.which("sudo") and shutil.which("unshare")
    return "" if present else "needs root, sudo and unshare (the login becomes root with the real sudo)"


_PAM = """auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
"""


def private_etc(directory: Path, rules: str) -> list[str]:
    """Make an /etc with ``USER`` and these sudoers rules; returns the command under which it is in place."""
    upper, work, home = directory / "etc-upper", directory / "etc-work", directory / "home"
    for path in (upper / "pam.d", work, home):
        path.mkdir(parents=True)
    os.chown(home, _UID, _UID)
    etc = Path("/etc")
    write(upper / "passwd", (etc / "passwd").read_text() + f"{USER}:x:{_UID}:{_UID}::{home}:/bin/sh\n", 0o644)
    write(upper / "group", (etc / "group").read_text() + f"{USER}:x:{_UID}:\n", 0o644)
    write(upper / "shadow", (etc / "shadow").read_text() + f"{USER}:{_HASH}:19000:0:99999:7:::\n", 0o640)
    write(upper / "pam.d/sudo", _PAM, 0o644)
    write(upper / "sudoers", f"Defaults lecture=never, passwd_tries=3\n{rules}\n", 0o440)
    mount = f"mount -t overlay overlay -o lowerdir=/etc,upperdir={upper},workdir={work} /etc"
    return ["unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh"]


def write(path: Path, text: str, mode: int) -> None:
    path.write_text(text)
    path.chmod(mode)
