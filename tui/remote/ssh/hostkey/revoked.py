"""RevokedHostKeys: lists of keys that are never taken, as plain lines or as a KRL of ssh-keygen(1)."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import tempfile

from tui.remote.errors import RemoteError
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.hostkey.certificate import first_string

_KRL = b"SSHKRL\n\0"


def revoking_file(endpoint: Endpoint, plain: bytes, certificate: bytes | None, authority: bytes) -> str:
    """The file that revokes a shown key, its certificate or who signed that; "" if none does.

    Raises RemoteError for a file that cannot be read: nobody knows then what it revokes.
    """
    for path in endpoint.host_keys.revoked:
        try:
            data = _content(path)
            if data.startswith(_KRL):
                revoked = _in_krl(path, certificate or plain)
            else:
                revoked = not _keys(data).isdisjoint({plain, authority})
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            why = getattr(error, "strerror", "") or str(error)
            sentence = (
                f"{endpoint.node}: cannot tell what RevokedHostKeys of ssh_config revokes ({path}: {why}), "
                "so no host key is taken; correct the file, or ssh_config."
            )
            raise RemoteError("config", endpoint.node, sentence) from error
        if revoked:
            return path
    return ""


def _content(path: str) -> bytes:
    """What a file holds; nobody is waited for who writes into a pipe. ValueError where it is no file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) and path != os.devnull:
            raise ValueError("it is not a file")
        return b"".join(iter(lambda: os.read(descriptor, 1 << 20), b""))
    finally:
        os.close(descriptor)


def _keys(data: bytes) -> set[bytes]:
    """The keys of a plain list; ValueError for a line that is none, which ends ssh(1), too."""
    found = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = line.split()
        if words and not words[0].startswith(b"#"):
            blob = _decoded(words[1]) if len(words) > 1 else b""
            if first_string(blob) != words[0] or b"-cert-" in words[0]:
                raise ValueError(f"line {number} is not a public key")
            found.add(blob)
    return found


def _decoded(word: bytes) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except ValueError:
        return b""


def _in_krl(path: str, blob: bytes) -> bool:
    with tempfile.NamedTemporaryFile(prefix="rollcall-", suffix=".pub") as file:
        file.write(first_string(blob) + b" " + base64.b64encode(blob) + b"\n")
        file.flush()
        done = subprocess.run(
            ["ssh-keygen", "-Q", "-f", path, file.name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
    if done.returncode not in (0, 1):
        raise ValueError(" ".join(done.stderr.split()) or f"ssh-keygen ends with {done.returncode}")
    return done.returncode == 1
