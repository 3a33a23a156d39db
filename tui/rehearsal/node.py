"""A handle on one simulated machine: what it is, what ran on it, and ways to interfere."""

from __future__ import annotations

from tui.rehearsal import control, faults, processes
from tui.rehearsal.layout import Layout
from tui.rehearsal.plan import Plan


class SimulatedNode:
    """One machine of a rehearsal. Looks are reads of its files and work whether its server lives or not."""

    def __init__(self, layout: Layout, plan: Plan, name: str) -> None:
        self.name = name
        self._layout = layout
        self._plan = plan
        self._files = layout.machine(name)
        self.sysroot = self._files.sysroot
        """The machine's `/`."""
        self._applications = self.sysroot / "run/applications"

    @property
    def boot_id(self) -> str:
        """The boot id of its running, or if it is off its last, kernel."""
        return self._files.boot_id.read_text().strip()

    @property
    def power(self) -> str:
        """`up`, `booting` or `off`."""
        return self._files.power.read_text().strip()

    @property
    def installed(self) -> str | None:
        """The version on disk, as the package database tells it."""
        management = self.name == self._plan.management
        package = "Dolphin-NetworkManager" if management else f"Dolphin-{self._plan.family}"
        if self._plan.platform == "debian":
            package = package.lower()
        path = self.sysroot / "var/lib/packages" / package
        if not path.exists():
            return None
        fields = dict(line.split(": ", 1) for line in path.read_text().splitlines() if ": " in line)
        return fields["Version"]

    @property
    def active(self) -> str | None:
        """The version that is loaded in the kernel; None when the driver is not loaded."""
        path = self.sysroot / "sys/module/dis_irm/version"
        return path.read_text().strip() if path.exists() else None

    @property
    def services_running(self) -> bool:
        """Whether all Dolphin services of the machine run."""
        if self.name == self._plan.management:
            return (self.sysroot / "var/run/dis_networkmgr.pid").exists()
        wanted = ("var/run/dis_nodemgr.pid", "sys/module/dis_sisci/version", "sys/module/dis_ssocks/version")
        return all((self.sysroot / path).exists() for path in wanted)

    @property
    def app_running(self) -> bool:
        """Whether any application runs."""
        return any(self._applications.glob("*/transport"))

    @property
    def app_transport(self) -> str | None:
        """`pcie`, or `ethernet` when it was started while PCI Express was down; None when all are stopped."""
        found = {path.read_text().strip() for path in self._applications.glob("*/transport")}
        return next((word for word in ("pcie", "ethernet") if word in found), None)

    @property
    def applications(self) -> tuple[str, ...]:
        """The names of the applications that run."""
        return tuple(sorted(path.parent.name for path in self._applications.glob("*/transport")))

    @property
    def log(self) -> list[str]:
        """What ran: one line per SIA, dis_services start or stop, systemctl start or stop, and reboot."""
        return self._files.log.read_text().splitlines()

    def processes(self) -> list[int]:
        """The ids of the machine's live processes."""
        return processes.of_sysroots(self.sysroot)

    def cut(self) -> None:
        """Drop all of its SSH connections; what runs goes on."""
        self._ask("cut")

    def power_off(self) -> None:
        """Pull the plug; returns when nothing runs any more."""
        self._ask("off")

    def power_on(self) -> None:
        """Press the power button; returns when its SSH server answers. Services start a little later."""
        self._ask("on")

    def reboot(self) -> None:
        """Restart it as its own `reboot` would; returns when it is down."""
        self._ask("reboot")

    def set_fault(self, name: str) -> None:
        """Order a fault; see `tui.rehearsal.faults`. Raises RehearsalError for an unknown one."""
        faults.order(self._files.control, self.sysroot, name)

    def clear_fault(self, name: str) -> None:
        """Take an order back."""
        faults.clear(self._files.control, self.sysroot, name)

    def _ask(self, verb: str) -> None:
        control.ask(self._layout.control_socket, f"{verb} {self.name}")
