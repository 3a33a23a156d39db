"""Lines for PAM, with which the real sshd asks for passwords, one-time codes and whatever else it may."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from pathlib import Path

import pytest

from tests.rigs.sudo import USER, private_etc, write

needs_pam = pytest.mark.root("pam")
"""Marks a test that is skipped where there is no root to give sshd an /etc of its own, or no pam_oath."""


def no_pam() -> str:
    """Why it cannot be used here; empty when it can."""
    oath = any(Path("/usr/lib").glob("*/security/pam_oath.so"))
    present = os.getuid() == 0 and oath and shutil.which("unshare")
    return "" if present else "needs root, unshare and libpam-oath (sshd asks for one-time codes)"


ASKED = ("UsePAM yes", "PasswordAuthentication yes", "KbdInteractiveAuthentication yes")
"""Lines of sshd_config with which PAM is asked by both methods."""
QUESTIONS = ("UsePAM yes", "KbdInteractiveAuthentication yes")
PASSWORDS = ("UsePAM yes", "PasswordAuthentication yes")

UNIX = "auth required pam_unix.so nodelay\n"
OATH = "auth required pam_oath.so usersfile=/etc/users.oath window=5\n"
_REST = "account required pam_unix.so\nsession required pam_permit.so\npassword required pam_unix.so\n"
_SEED = b"rollcall-one-time-seed"


def pam_etc(directory: Path, auth: str = UNIX, **files: str) -> list[str]:
    """Make an /etc where sshd goes by these lines; returns the command under which it is in place."""
    wrapper = private_etc(directory, sshd=auth + _REST, **files)
    write(directory / "etc-upper/users.oath", f"HOTP {USER} - {_SEED.hex()}\n", 0o600)
    return wrapper


def one_time_code(count: int) -> str:
    """What ``USER``'s token shows for the login with that number, from 0 (RFC 4226)."""
    digest = hmac.digest(_SEED, count.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
