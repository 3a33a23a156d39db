"""The periodic look at a node's health: services, loaded modules, boot id. Cheap, made to run in a loop."""

from dataclasses import dataclass

from tui.expressware.commands import NodePath
from tui.expressware.modules import (
    IRM,
    Module,
    active_version,
    disk_module_shell,
    disk_version,
    loaded_modules_shell,
    read_modules,
)
from tui.expressware.status import ServiceStatus, all_running, parse_status
from tui.expressware.tagged import looking_script, read_answer

STATUS_SECONDS = 10
"""How long `dis_services status` may take on the node before the probe goes on without it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample of a node's health. None means that the node did not say.

    `installed` is the version of the driver's file, `active` that of the driver in the kernel; the versions
    in `services` are the ones on disk as well. `complete` is False for an answer that was cut short.
    """

    boot_id: str | None
    services: tuple[ServiceStatus, ...]
    modules: tuple[Module, ...]
    active: str | None
    installed: str | None
    timed_out: bool
    complete: bool

    @property
    def services_running(self) -> bool:
        """Whether the node gave a whole answer in which every service runs."""
        return self.complete and not self.timed_out and all_running(self.services)


def probe_script(dis: str) -> str:
    """Return the POSIX-sh script of one probe; it needs the prelude that sets `R`.

    One shell can run it any number of times. Besides `dis_services status` under `timeout` it starts `uname`
    once and `modinfo` twice.
    """
    services = (NodePath(dis) / "sbin/dis_services").script
    return looking_script(f"""
say_file boot_id "$R"/proc/sys/kernel/random/boot_id
{loaded_modules_shell().strip()}
{disk_module_shell(dis).strip()}
disk_module {IRM}
if [ -x {services} ]; then
  status=$(timeout {STATUS_SECONDS} {services} status 2>&1)
  say status.exit "$?"
  printf '%s\\n' "$status" | say_lines status
fi
""")


def parse_probe(output: bytes | str) -> Probe:
    """Read the answer of `probe_script`. Never raises."""
    answer = read_answer(output)
    modules = read_modules(answer)
    return Probe(
        boot_id=answer.one("boot_id"),
        services=parse_status("\n".join(answer.all("status"))),
        modules=modules,
        active=active_version(modules),
        installed=disk_version(answer),
        timed_out=answer.number("status.exit") == 124,
        complete=answer.complete,
    )
