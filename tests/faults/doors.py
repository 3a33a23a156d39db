"""A real sshd before each simulated machine, for a test to kill, freeze, limit or give another key.

The simulated machine, its programs and its files are the rehearsal's; only the way in is the test's own.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.rigs.netns import Cable
from tests.rigs.openssh import OpenSshNode, generate_key, kill
from tests.rigs.waiting import patience, wait_until
from tui.rehearsal import Rehearsal


class Door(OpenSshNode):
    """One sshd, and what can happen to it while somebody is inside."""

    hog: socket.socket | None = None

    def restart(self, *extra: str) -> None:
        """Down with the listener and every session, by SIGKILL; up again, with these lines in its config."""
        self.stop()
        self.extra = list(extra)
        self.start()

    def crowd(self) -> None:
        """Somebody who does not log in takes the only place that MaxStartups leaves; the others are cut."""
        if self.hog is None or self.hog.fileno() < 0:
            wait_until(self._push_in, what="the only place before the login")
        wait_until(lambda: any(map(_before_login, self.sessions())), what="sshd says who waits for a login")
        kill([pid for pid in self.sessions() if not _before_login(pid)])

    def _push_in(self) -> bool:
        """False when somebody else is in the place just now."""
        self.hog = socket.create_connection((self.host, self.port), 10)
        with contextlib.suppress(ConnectionError):
            if self.hog.recv(4) == b"SSH-":
                return True
        self.hog.close()
        return False

    def leave(self) -> None:
        """The place is free again."""
        assert self.hog is not None
        self.hog.close()

    def slam(self) -> None:
        """Another instance takes over as an administrator's restart does; then every session is cut."""
        old, victims = self._process, self.sessions()
        assert old is not None
        old.terminate()
        old.wait(10 * patience())
        self.start()
        kill(victims)

    def change_key(self) -> None:
        """As after a reinstallation: another host key, and nobody has told known_hosts."""
        self.stop()
        for path in self.directory.glob("host_ed25519*"):
            path.unlink()
        self.host_key = generate_key(self.directory / "host_ed25519")
        self.start()

    def accept_key(self) -> None:
        """What a person does who has made sure: replace the node's line in known_hosts."""
        lines = self.known_hosts.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(f"{self.known_as} ")]
        self.known_hosts.write_text("\n".join([*kept, f"{self.known_as} {' '.join(self.host_key)}"]) + "\n")


def _before_login(pid: int) -> bool:
    """What sshd says of its process in the process list: nobody has logged in there yet."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"[accepted]" in title or b"[net]" in title


@contextlib.contextmanager
def doors(
    rehearsal: Rehearsal,
    directory: Path,
    *,
    extra: Sequence[str] = (),
    keepalive: str = "5s",
    cables: Mapping[str, Cable] | None = None,
) -> Iterator[dict[str, Door]]:
    """Doors for all machines; the rehearsal's cluster file leads through them from now on.

    ``extra`` are lines of their sshd_config; a machine with a cable is at its far end.
    """
    made: dict[str, Door] = {}
    try:
        for name in rehearsal.plan.machines:
            cable = (cables or {}).get(name)
            host, wrapper = (cable.address, cable.wrapper) if cable else ("127.0.0.1", [])
            root = rehearsal.node(name).sysroot
            made[name] = Door(directory, name, root, extra, host=host, wrapper=wrapper)
            made[name].start()
        first = next(iter(made.values()))
        text = rehearsal.cluster_file.read_text().splitlines()
        ssh = {"ssh_config": str(first.ssh_config), "known_hosts": str(first.known_hosts)}
        kept = [line for line in text if line.split(" = ")[0] not in ssh]
        at = kept.index("[ssh]") + 1
        kept[at:at] = [f'{key} = "{value}"' for key, value in {**ssh, "keepalive": keepalive}.items()]
        rehearsal.cluster_file.write_text("\n".join(kept) + "\n")
        yield made
    finally:
        for door in made.values():
            door.stop()
