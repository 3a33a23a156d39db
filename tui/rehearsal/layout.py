"""Where everything of a rehearsal lies below its directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MachineFiles:
    """The directory of one simulated machine: its file system and what the machinery keeps about it."""

    directory: Path

    @property
    def sysroot(self) -> Path:
        """The machine's `/`: ROLLCALL_SYSROOT of every process of it."""
        return self.directory / "root"

    @property
    def control(self) -> Path:
        """Settings, faults, log and power state; the simulated programs find it beside their sysroot."""
        return self.directory / "control"

    @property
    def log(self) -> Path:
        """One line per invocation of a program that changes something."""
        return self.control / "log"

    @property
    def power(self) -> Path:
        """`up`, `booting` or `off`."""
        return self.control / "power"

    @property
    def boot_id(self) -> Path:
        """The file that a real kernel would give under the same path."""
        return self.sysroot / "proc/sys/kernel/random/boot_id"

    @property
    def host_key(self) -> Path:
        """The private host key that the machine's SSH server shows."""
        return self.directory / "host_key"


@dataclass(frozen=True)
class Layout:
    """The directory of a rehearsal."""

    directory: Path

    def machine(self, name: str) -> MachineFiles:
        """The files of machine `name`."""
        return MachineFiles(self.directory / "nodes" / name)

    @property
    def plan(self) -> Path:
        """The plan as JSON; a directory without it is not a rehearsal."""
        return self.directory / "plan.json"

    @property
    def cluster_file(self) -> Path:
        """The cluster file that Rollcall is given."""
        return self.directory / "cluster.toml"

    @property
    def ssh_config(self) -> Path:
        """Host entries of all machines."""
        return self.directory / "ssh_config"

    @property
    def known_hosts(self) -> Path:
        """The public host keys of all machines."""
        return self.directory / "known_hosts"

    @property
    def client_key(self) -> Path:
        """The private key with which one logs in everywhere; the public one has `.pub` appended."""
        return self.directory / "client_key"

    @property
    def ports(self) -> Path:
        """The machines' ports as JSON, written when the server has them."""
        return self.directory / "ports.json"

    @property
    def lock(self) -> Path:
        """Locked by the server for as long as it lives; holds its process id."""
        return self.directory / "server.lock"

    @property
    def server_log(self) -> Path:
        """What the server process has to complain about."""
        return self.directory / "server.log"

    @property
    def control_socket(self) -> Path:
        """Where the server takes orders from tests and from the console that started it."""
        return self.directory / "control.sock"

    @property
    def requests(self) -> Path:
        """The pipe through which simulated programs ask for a reboot and the like."""
        return self.directory / "requests"
