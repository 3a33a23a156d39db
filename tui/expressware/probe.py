"""The periodic look at a node's health: services, loaded modules, boot id. Cheap, made to run in a loop."""

import shlex
from dataclasses import dataclass

from tui.expressware.commands import NodePath
from tui.expressware.modules import (
    IRM,
    Module,
    active_version,
    disk_modules_shell,
    disk_version,
    loaded_modules_shell,
    read_modules,
)
from tui.expressware.status import ServiceStatus, all_running, parse_status
from tui.expressware.tagged import Answer, ended_badly, looking_script, whole_number

STATUS_SECONDS = 10
"""How long `dis_services status` may take on the node before the probe goes on without it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample of a node's health. None means that the node did not say.

    `installed` is the version of the driver's file, `active` that of the driver in the kernel; the versions
    in `services` are the ones on disk as well. `status_exit` is how `dis_services status` ended; None where
    that program is not there. `unknown` says in words why nothing that runs on the node can be told from this
    sample: the answer was cut, or its status did not end by itself. Empty when it can. `claim` is the id of
    the console that has claimed the machine, empty for none. `last_job` is the last job of Rollcall that has
    begun to change the node in this boot, by the node's own record; empty where that tells nothing. `uptime`
    is in whole seconds.
    """

    boot_id: str | None
    services: tuple[ServiceStatus, ...]
    modules: tuple[Module, ...]
    active: str | None
    installed: str | None
    status_exit: int | None
    complete: bool
    unknown: str
    claim: str = ""
    last_job: str = ""
    uptime: int | None = None

    @property
    def services_running(self) -> bool:
        """Whether the node gave a whole answer in which every service is said to run."""
        return not self.unknown and all_running(self.services)


def probe_script(dis: str, console: str = "") -> str:
    """Return the POSIX-sh script of one probe; it needs the prelude that sets `R`.

    `console` is the id of the console that looks: where it has a claim, the look is its sign of life.

    One shell can run it any number of times. Besides `dis_services status` under `timeout` it starts
    `modinfo` once.
    """
    services = (NodePath(dis) / "sbin/dis_services").script
    return looking_script(f"""
first_line "$R"/run/rollcall/claim && {{
  say claim "${{line#id=}}"
  [ "$line" != {shlex.quote(f"id={console}")} ] || true >"$R"/run/rollcall/beat
}}
say_file last "$R"/run/rollcall/last
say_file uptime "$R"/proc/uptime || say_file uptime /proc/uptime
say_file boot_id "$R"/proc/sys/kernel/random/boot_id
{loaded_modules_shell().strip()}
{disk_modules_shell(dis).strip()}
disk_modules {IRM}
if [ -x {services} ]; then
  status=$(timeout {STATUS_SECONDS} {services} status 2>&1)
  say status.exit "$?"
  say_each status "$status"
fi
""")


def glance_script(console: str = "") -> str:
    """Return POSIX sh that sets `seen` to what tells that something has moved, without a fork: the loaded
    modules, the claim, the last job. It knows no services, so it is no look: a change in it calls for one.

    Where `console` has a claim, the glance is its sign of life, as the look is.
    """
    return f"""
for module in "$R"/sys/module/dis_*; do
  line=
  {{ IFS= read -r line <"$module"/srcversion; }} 2>/dev/null
  seen="$seen ${{module##*/}}=$line"
done
line=
{{ IFS= read -r line <"$R"/run/rollcall/last; }} 2>/dev/null
seen="$seen last=$line"
line=
{{ IFS= read -r line <"$R"/run/rollcall/claim; }} 2>/dev/null
seen="$seen claim=$line"
[ "$line" != {shlex.quote(f"id={console}")} ] || {{ true >"$R"/run/rollcall/beat; }} 2>/dev/null
"""


def parse_probe(answer: Answer) -> Probe:
    """Read the answer of `probe_script`. Never raises."""
    modules = read_modules(answer)
    services = parse_status("\n".join(answer.all("status")))
    told = answer.one("status.exit")
    status_exit = whole_number(told)
    unknown = ""
    if not answer.complete:
        unknown = "its answer broke off before the end"
    elif told is not None or services:
        unknown = ended_badly("dis_services", status_exit)
    boot_id = answer.one("boot_id")
    last_job, _, its_boot = (answer.one("last") or "").partition(" ")
    return Probe(
        boot_id=boot_id,
        services=services,
        modules=modules,
        active=active_version(modules),
        installed=disk_version(answer),
        status_exit=status_exit,
        complete=answer.complete,
        unknown=unknown,
        claim=answer.one("claim") or "",
        last_job=last_job if boot_id is not None and its_boot.strip() == boot_id else "",
        uptime=whole_number((answer.one("uptime") or "").partition(".")[0]),
    )
