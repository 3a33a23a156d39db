"""KnownHostsCommand: a local program that prints lines as known_hosts has them, for one host."""

from __future__ import annotations

import base64
import re
import subprocess
from typing import Literal

from tui.remote.errors import RemoteError
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.hostkey.certificate import first_string
from tui.remote.ssh.hostkey.known_hosts import fingerprint
from tui.remote.ssh.hostkey.lines import Entry, Lines
from tui.remote.ssh.hostkey.names import entry_name
from tui.text.sanitize import sanitize_line

SOURCE = "KnownHostsCommand of ssh_config"
_LIMIT_S = 20


def listed_by_command(
    endpoint: Endpoint,
    why: Literal["ORDER", "HOSTNAME", "ADDRESS"],
    host: str,
    port: int,
    shown: tuple[bytes, bytes | None] | None = None,
) -> list[Entry]:
    """What the command prints of a host, nothing if ssh_config has none; ``shown`` are key and certificate.

    Raises RemoteError where the command fails, as ssh(1) ends then: what it would have said is not known.
    """
    command = endpoint.host_keys.command
    if not command:
        return []
    name = entry_name(host, port)
    key = (shown[1] or shown[0]) if shown else b""
    tokens = {
        "%": "%",
        "H": name,
        "I": why,
        "t": first_string(key).decode("ascii", "replace") or "NONE",
        "f": fingerprint(shown[0]) if shown else "NONE",
        "K": base64.b64encode(key).decode() or "NONE",
    }
    program, *words = command
    words = [re.sub("%(.)", lambda found: tokens.get(found[1], found[0]), word) for word in words]
    try:
        done = subprocess.run(
            [program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise _failure(endpoint, getattr(error, "strerror", "") or "it does not come back") from error
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        raise _failure(endpoint, f"exit code {done.returncode}, last words: {sanitize_line(said, 200)}")
    return Lines(SOURCE, done.stdout).select(name)


def _failure(endpoint: Endpoint, why: str) -> RemoteError:
    sentence = f"{endpoint.where}: {SOURCE} fails ({why}), so no host key is taken; correct it."
    return RemoteError("config", endpoint.node, sentence)
