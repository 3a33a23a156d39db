"""Keys and the files by which an SSH client finds the simulated machines."""

from __future__ import annotations

import json
import os
import pwd
import socket
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tui.rehearsal.layout import Layout
from tui.rehearsal.plan import Plan

LOOPBACK = "127.0.0.1"


def new_key(path: Path) -> str:
    """Write a new ed25519 key to `path` and `path.pub`; return the public line.

    Keys come from the system's randomness and not from the seed: whoever could guess the client key could run
    commands as the user who rehearses.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    line = public.decode()
    path.with_name(path.name + ".pub").write_text(line + "\n")
    return line


def public_line(path: Path) -> str:
    """The public line of the key at `path`."""
    return path.with_name(path.name + ".pub").read_text().strip()


def login_name(plan: Plan) -> str:
    """As whom one logs in: a real sshd only knows real users, and without root only the one who runs it."""
    return pwd.getpwuid(os.geteuid()).pw_name if plan.face == "openssh" else "root"


def reserve(layout: Layout, plan: Plan) -> dict[str, socket.socket]:
    """Bind one loopback port per machine, if possible the one used before, and write the client files.

    A bound port that nobody listens on refuses connections, and no other program can be given it, so a
    machine keeps its port while it is off.
    """
    before = json.loads(layout.ports.read_text()) if layout.ports.exists() else {}
    sockets = {name: _bind(before.get(name, 0)) for name in plan.machines}
    ports = {name: each.getsockname()[1] for name, each in sockets.items()}
    if ports != before:
        layout.ports.write_text(json.dumps(ports) + "\n")
        _write_client_files(layout, plan, ports)
    return sockets


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
        if not port:
            # Only a port that was bound by its number survives shutdown().
            port = bound.getsockname()[1]
            bound.close()
            return _bind(port)
    except OSError:
        bound.close()
        if not port:
            raise
        return _bind(0)
    return bound


def _write_client_files(layout: Layout, plan: Plan, ports: Mapping[str, int]) -> None:
    config, known = [], []
    for name in plan.machines:
        known.append(f"[{LOOPBACK}]:{ports[name]} {public_line(layout.machine(name).host_key)}\n")
        config += [f"Host {name}", f"  HostName {LOOPBACK}", f"  Port {ports[name]}"]
        config += [f"  {line}" for line in _common_options(layout, login_name(plan))] + [""]
    layout.known_hosts.write_text("".join(known))
    layout.ssh_config.write_text("\n".join(config))


def _common_options(layout: Layout, user: str) -> list[str]:
    return [
        f"User {user}",
        f"IdentityFile {_word(layout.client_key)}",
        "IdentitiesOnly yes",
        f"UserKnownHostsFile {_word(layout.known_hosts)}",
        "GlobalKnownHostsFile /dev/null",
        "StrictHostKeyChecking yes",
        "LogLevel ERROR",
    ]


def _word(path: Path) -> str:
    """A path as ssh_config wants it."""
    return f'"{path}"' if " " in str(path) else str(path)
