"""Where everything of a rehearsal lies below its directory."""

from __future__ import annotations

from pathlib import Path


class MachineFiles:
    """The directory of one simulated machine: its file system and what the machinery keeps about it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sysroot = directory / "root"
        """The machine's `/`: ROLLCALL_SYSROOT of every process of it."""
        self.control = directory / "control"
        """Settings, faults, log and power state; the simulated programs find it beside their sysroot."""
        self.log = self.control / "log"
        """One line per invocation of a program that changes something."""
        self.power = self.control / "power"
        """`up`, `booting` or `off`."""
        self.boot_id = self.sysroot / "proc/sys/kernel/random/boot_id"
        self.kernel = self.sysroot / "proc/sys/kernel/osrelease"
        """Files that a real kernel would give under the same path."""
        self.host_key = directory / "host_key"
        """The private host key that the machine's SSH server shows."""


class Layout:
    """The directory of a rehearsal."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.plan = directory / "plan.json"
        """The plan as JSON; a directory without it is not a rehearsal."""
        self.cluster_file = directory / "cluster.toml"
        """The cluster file that Rollcall is given."""
        self.ssh_config = directory / "ssh_config"
        """Host entries of all machines."""
        self.known_hosts = directory / "known_hosts"
        """The public host keys of all machines."""
        self.client_key = directory / "client_key"
        """The private key with which one logs in everywhere; the public one has `.pub` appended."""
        self.ports = directory / "ports.json"
        """The machines' ports as JSON, written when the server has them."""
        self.lock = directory / "server.lock"
        """Locked by the server for as long as it lives; holds its process id."""
        self.server_log = directory / "server.log"
        """What the server process has to complain about."""
        self.control_socket = directory / "control.sock"
        """Where the server takes orders from tests and from the console that started it."""
        self.requests = directory / "requests"
        """The pipe through which simulated programs ask for a reboot and the like."""

    def machine(self, name: str) -> MachineFiles:
        """The files of machine `name`."""
        return MachineFiles(self.directory / "nodes" / name)
