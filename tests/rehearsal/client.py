"""A plain SSH client for the tests: paramiko as any program uses it, none of Rollcall's own code."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko

from tests.rigs.waiting import overdue
from tui.rehearsal import Rehearsal

# What a console sends ahead of its commands: a node's own programs first.
PRELUDE = (
    "R=$ROLLCALL_SYSROOT; "
    "PATH=$R/usr/local/sbin:$R/usr/local/bin:$R/usr/sbin:$R/usr/bin:$R/sbin:$R/bin:$PATH; export R PATH; cd; "
)
SERVICES = '"$R"/opt/DIS/sbin/dis_services '
SIA = 'sh "$R"/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh '
VIEW = '"$R"/opt/DIS/sbin/dxadmin_commandline -fabric 0 get-cluster-info'
LIMIT = 20.0
_open: dict[tuple[str, str], paramiko.Transport] = {}


@dataclass(frozen=True)
class Done:
    """How a command ended; `code` is -1 when it died of a signal."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def wait_until(true: Callable[[], object], what: str = "the condition", limit: float = LIMIT) -> None:
    begun = time.monotonic()
    while not true():
        assert not overdue(begun, limit), f"waited {limit} s for {what}"
        time.sleep(0.01)


@contextmanager
def login(rehearsal: Rehearsal, name: str, user: str | None = None) -> Iterator[paramiko.Transport]:
    """A connection of its own that is closed in the end."""
    transport = connect(rehearsal, name, user)
    try:
        yield transport
    finally:
        close(transport)


def connect(rehearsal: Rehearsal, name: str, user: str | None = None) -> paramiko.Transport:
    """Log in as the rehearsal's ssh_config and known_hosts say; raises what paramiko raises."""
    entry = paramiko.SSHConfig.from_path(str(rehearsal.ssh_config)).lookup(name)
    host, port = entry["hostname"], int(entry["port"])
    connection = socket.create_connection((host, port), timeout=LIMIT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(connection)
    try:
        transport.start_client(timeout=LIMIT)
        known = paramiko.HostKeys(entry["userknownhostsfile"])
        if not known.check(f"[{host}]:{port}", transport.get_remote_server_key()):
            raise paramiko.BadHostKeyException(name, transport.get_remote_server_key(), paramiko.PKey())
        key = paramiko.Ed25519Key.from_private_key_file(entry["identityfile"][0])
        transport.auth_publickey(user or entry["user"], key)
    except BaseException:
        close(transport)
        raise
    return transport


def close(transport: paramiko.Transport) -> None:
    transport.close()
    transport.sock.close()
    transport.join(LIMIT)


def start(transport: paramiko.Transport, command: str) -> paramiko.Channel:
    channel = transport.open_session(timeout=LIMIT)
    channel.settimeout(LIMIT)
    channel.exec_command(PRELUDE + command)
    return channel


def run_on(transport: paramiko.Transport, command: str, stdin: bytes = b"") -> Done:
    channel = start(transport, command)
    out, err = [], []
    # stdin in slices between reads, so that a command which echoes it never blocks both sides
    for index in range(0, len(stdin), 32768):
        channel.sendall(stdin[index : index + 32768])
        while channel.recv_ready():
            out.append(channel.recv(65536))
    channel.shutdown_write()
    out += list(iter(lambda: channel.recv(65536), b""))
    err += list(iter(lambda: channel.recv_stderr(65536), b""))
    channel.status_event.wait(LIMIT)
    code = channel.exit_status
    channel.close()
    return Done(code, b"".join(out), b"".join(err))


def run(rehearsal: Rehearsal, name: str, command: str, stdin: bytes = b"") -> Done:
    """One command, over the connection of the last one where that still stands: logins cost the most here."""
    key = (str(rehearsal.directory), name)
    transport = _open.get(key)
    if transport is None or not transport.is_active():
        hang_up(key)
        transport = _open[key] = connect(rehearsal, name)
    return run_on(transport, command, stdin)


def hang_up(*keys: tuple[str, str]) -> None:
    """Close kept connections, all of them when none is named."""
    for key in keys or list(_open):
        if key in _open:
            close(_open.pop(key))


def detach(rehearsal: Rehearsal, name: str, script: str) -> int:
    """Start a script on a machine that nothing but the machine's own end can stop; returns its process id."""
    done = run(rehearsal, name, f"setsid sh -c '{script}' </dev/null >/dev/null 2>&1 & echo $!")
    assert done.code == 0, done
    return int(done.text)


def boot(rehearsal: Rehearsal, name: str) -> None:
    """Reboot a machine from inside and wait until its application runs again."""
    node = rehearsal.node(name)
    before = node.boot_id
    run(rehearsal, name, "reboot")
    wait_until(lambda: node.boot_id != before, "a new boot id")
    wait_until(lambda: node.app_running, "the application after the boot")


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""
