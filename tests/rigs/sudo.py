"""A user who becomes root with the real sudo, doas or su, where /etc is the test's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

USER = "rollcallop"
PASSWORD = "s3cr3t pw$x"
_HASH = "$6$rollcall$0QhSxa40gSCTlHqctqxt98rk0xBwuh5GYYCIq7E4TLjnUXEmm8EbQQFHdJSPhWjnjYk6YDki2g7VsphZbzk6Y."
ROOT_PASSWORD = 'r00t\'s "pw" $y'
_ROOT_HASH = (
    "$6$rollcall$ef16kdN.m8HcaUbJvroceN14P5I74nfzhCNi8svZKdgpDl.BI1UcU9wlJgPt5pxMsQK/W0Frt7yh8UKjxc4vi."
)
_UID = 64242

needs_sudo = pytest.mark.root("sudo")
"""Marks a test that is skipped where there is no sudo, or no root to change /etc for it."""
needs_doas = pytest.mark.root("doas")
"""The same for doas."""


def no_program(name: str) -> str:
    """Why it cannot be used here; empty when it can."""
    present = os.getuid() == 0 and shutil.which(name) and shutil.which("unshare")
    return "" if present else f"needs root, {name} and unshare (the login becomes root with the real {name})"


PAM = """auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
"""


def private_etc(directory: Path, rules: str = "", **files: str) -> list[str]:
    """Make an /etc with ``USER`` and these sudoers rules; returns the command under which it is in place.

    ``files``: doas (doas.conf), su and the like (the service's PAM file), root_shell (root's login shell),
    nologin (what is said while nobody but root may log in),
    root_since, user_since (the day, since 1970, of the password; 0: it has expired).
    """
    upper, work, home = directory / "etc-upper", directory / "etc-work", directory / "home"
    for path in (upper / "pam.d", work, home):
        path.mkdir(parents=True)
    os.chown(home, _UID, _UID)
    etc = Path("/etc")
    root, *others = (etc / "passwd").read_text().splitlines(keepends=True)
    root = f"{root.rpartition(':')[0]}:{files.pop('root_shell', '/bin/sh')}\n"
    user = f"{USER}:x:{_UID}:{_UID}::{home}:{files.pop('shell', '/bin/sh')}\n"
    write(upper / "passwd", "".join([root, *others, user]), 0o644)
    write(upper / "group", (etc / "group").read_text() + f"{USER}:x:{_UID}:\n", 0o644)
    others = [line for line in (etc / "shadow").read_text().splitlines(True) if not line.startswith("root:")]
    hashes = [f"root:{_ROOT_HASH}:{files.pop('root_since', '19000')}:0:99999:7:::\n"]
    hashes += [f"{USER}:{_HASH}:{files.pop('user_since', '19000')}:0:99999:7:::\n"]
    write(upper / "shadow", "".join([*others, *hashes]), 0o640)
    write(upper / "sudoers", f"Defaults lecture=never, passwd_tries=3\n{rules}\n", 0o440)
    write(upper / "doas.conf", files.pop("doas", "") + "\n", 0o600)
    if "nologin" in files:
        write(upper / "nologin", files.pop("nologin"), 0o644)
    for service, text in {"sudo": PAM, "doas": PAM, "su": PAM, **files}.items():
        write(upper / "pam.d" / service, text, 0o644)
    mount = f"mount -t overlay overlay -o lowerdir=/etc,upperdir={upper},workdir={work} /etc"
    return ["unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh"]


def write(path: Path, text: str, mode: int) -> None:
    path.write_text(text)
    path.chmod(mode)
