"""The facts of a node, collected in one look: who it is, what is installed, what is active.

`installed` (on disk) and `active` (loaded in the kernel) are two facts and are never derived from each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.expressware import versions
from tui.expressware.commands import NodePath
from tui.expressware.left_out import LeftOut, left_out_shell, read_left_out
from tui.expressware.modules import (
    IRM,
    Module,
    active_version,
    disk_modules_shell,
    disk_version,
    loaded_modules_shell,
    read_modules,
)
from tui.expressware.packaging import sia_installs
from tui.expressware.tagged import Answer, looking_script

TOOLS = ("flock", "setsid", "mktemp", "tail", "stat", "sha256sum", "timeout", "modinfo")
"""Programs that a node must have besides a POSIX shell."""

# Debian's archive has a file manager and an emulator named dolphin: only the vendor's components count.
_NODE_PACKAGE = re.compile(r"dolphin-(?:mx|px|ix|dx|sci|sisci|supersockets|smartio)(?![a-z])", re.IGNORECASE)
_DRIVER_PACKAGE = re.compile(r"dolphin-(?:mx|px|ix|dx|sci)", re.IGNORECASE)
_FRONTEND_PACKAGE = re.compile(r"dolphin-network(?:manager|hosts|admin)(?![a-z])", re.IGNORECASE)
_DF = re.compile(r"\s[0-9]+\s+[0-9]+\s+([0-9]{1,18})\s+(?:[0-9]+%|-)\s")


class FactsError(Exception):
    """A node did not tell what Rollcall cannot do without. The message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one look at a node found. None means that the node did not say.

    `epoch` is the node's clock in seconds, `free_bytes` the space left for Rollcall's own files there,
    `packages` the vendor's packages with their versions, `disk_version` the version of the `dis_irm` file,
    `left_out` what a console has said there that it took out of service.
    """

    hostname: str
    boot_id: str
    uid: int
    machine_id: str | None
    epoch: int | None
    kernel: str | None
    arch: str | None
    distribution: str | None
    packages: Mapping[str, str]
    disk_version: str | None
    modules: tuple[Module, ...]
    sia_present: bool
    sia_sha256: str | None
    free_bytes: int | None
    systemd: bool
    services_present: bool
    missing_tools: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def node_packages(self) -> Mapping[str, str]:
        """The packages that the SIA installs on a Cluster Node, the one with the driver first."""
        names = [n for n in self.packages if _NODE_PACKAGE.match(n) and sia_installs(n)]
        names.sort(key=lambda name: not _DRIVER_PACKAGE.fullmatch(name))
        return {name: self.packages[name] for name in names}

    @property
    def packaged(self) -> str | None:
        """The version of the node's packages: that of the one with the driver."""
        return next((versions.from_package(version) for version in self.node_packages.values()), None)

    @property
    def installed(self) -> str | None:
        """The version on disk: of the node's packages, else of the driver's file, else of the management's.

        Packages and file are two witnesses. A package often cannot name a build (RPM allows no hyphen in a
        version), so of `5.26.0` and `5.26.0-d` the file's word is taken; where the two name different builds
        of one number, both are returned: such a text is equal to no version. None when nothing is there.
        """
        package, file = self.packaged, self.disk_version
        if self.disputed:
            return f"{package} or {file}"
        if versions.builds_of_one(package, file):
            return file
        return package or file or self.installed_frontend

    @property
    def disputed(self) -> str:
        """What the two witnesses say where they name different builds of one number; empty where not."""
        package, file = self.packaged, self.disk_version
        if package is None or not versions.has_suffix(package) or not versions.builds_of_one(package, file):
            return ""
        return f"the packages say {package}, the driver's file says {file}"

    @property
    def installed_frontend(self) -> str | None:
        """The version of the management node's packages."""
        named = (version for name, version in self.packages.items() if _FRONTEND_PACKAGE.match(name))
        return next((versions.from_package(version) for version in named), None)

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """Node packages of another version than the driver's: what an installation that broke off leaves."""
        driver = self.packaged
        return tuple(
            name
            for name, version in self.node_packages.items()
            if not versions.same(versions.from_package(version), driver)
        )

    @property
    def active(self) -> str | None:
        """The version loaded in the kernel; None when no module is loaded or none states a version."""
        return active_version(self.modules)

    @property
    def stale_modules(self) -> tuple[str, ...]:
        """Loaded modules whose file on disk is another build."""
        return tuple(module.name for module in self.modules if module.stale)

    @property
    def stale(self) -> bool:
        """Whether the kernel runs other drivers than the installed ones: a restart or reboot is pending."""
        return versions.differ(self.active, self.installed) or bool(self.stale_modules)


def facts_script(dis: str, sia: str | None, state: str = "/var/lib/rollcall", more: str = "") -> str:
    """Return the POSIX-sh script that answers with a node's facts; it needs the prelude that sets `R`.

    `dis` is the install base (`/opt/DIS`), `sia` the archive to look for, `state` the directory for
    Rollcall's own files, which need not exist yet. Hashing the archive is what takes time. `more` are shell
    lines of another look that is to be answered with it.
    """
    parts = [
        _IDENTITY,
        _PACKAGES,
        loaded_modules_shell(),
        disk_modules_shell(dis),
        _DISK_MODULES.format(irm=IRM),
        f"[ -x {(NodePath(dis) / 'sbin/dis_services').script} ] && say services yes",
        _SPACE.format(state=NodePath(state).script),
        left_out_shell(state),
        _TOOLS.format(tools=" ".join(TOOLS)),
    ]
    parts += [more] if more else []
    if sia is not None:
        file = NodePath(sia).script
        parts.append(f'[ -f {file} ] && say sia yes && say sha256 "$(sha256sum <{file})"')
    return looking_script("\n".join(part.strip() for part in parts))


_IDENTITY = """
say hostname "$(hostname || uname -n)"
say uid "$(id -u)"
say epoch "$(date +%s)"
first_line "$R"/proc/sys/kernel/osrelease || line=$(uname -r)
say kernel "$line"
say arch "$(uname -m)"
say_file boot_id "$R"/proc/sys/kernel/random/boot_id
say_file machine_id "$R"/etc/machine-id
say_lines os <"$R"/etc/os-release
[ -d "$R"/run/systemd/system ] && say systemd yes
"""

# A query that failed has told nothing: no packages is an answer, and only a query that ended well gives it.
# dpkg-query ends with 1 where a pattern has no match.
_PACKAGES = r"""
if command -v rpm >/dev/null; then
  found=$(rpm -qa --queryformat '%{NAME} %{VERSION} %{RELEASE}\n' 'Dolphin-*')
  say query "$? rpm"
  say_each package "$found"
fi
if command -v dpkg-query >/dev/null; then
  found=$(dpkg-query -W -f '${Status} ${Package} ${Version}\n' 'dolphin-*' 'Dolphin-*')
  code=$?
  [ "$code" -ne 1 ] || code=0
  say query "$code dpkg-query"
  [ -z "$found" ] || printf '%s\n' "$found" | while read -r _ _ status name version; do
    [ "$status" = installed ] && say package "$name $version"
  done
fi
"""

_DISK_MODULES = """
set --
for module in "$R"/sys/module/dis_*; do
  [ -d "$module" ] && set -- "$@" "${{module##*/}}"
done
[ -d "$R"/sys/module/{irm} ] || set -- "$@" {irm}
disk_modules "$@"
"""

_SPACE = """
space={state}
until [ -d "$space" ] || [ -z "$space" ]; do space=${{space%/*}}; done
say_each df "$(df -Pk "${{space:-/}}")"
"""

_TOOLS = """
for tool in {tools}; do command -v "$tool" >/dev/null || say missing "$tool"; done
command -v rpm >/dev/null || command -v dpkg-query >/dev/null || say missing 'rpm or dpkg-query'
"""


def parse_facts(answer: Answer) -> Facts:
    """Read the answer of `facts_script`. Raises FactsError when it lacks what every step depends on."""
    hostname, boot_id, uid = answer.one("hostname"), answer.one("boot_id"), answer.number("uid")
    if not answer.complete:
        raise FactsError(
            "The node's answer broke off before its end: connect again and collect the facts anew."
        )
    if hostname is None or boot_id is None or uid is None:
        wanted = {"host name": hostname, "boot id (is /proc mounted?)": boot_id, "user id": uid}
        lacking = " and ".join(name for name, value in wanted.items() if value is None)
        raise FactsError(f"The node does not tell its {lacking}: log in there by hand and see what is wrong.")
    packages = _packages(answer)
    for query in answer.all("query"):
        code, _, program = query.partition(" ")
        if code != "0" and not packages:  # else the other package manager has told
            raise FactsError(
                f"The node's package query failed ({program} ended with exit code {code}), so what is "
                f"installed is not known: run {program} there by hand and see what is wrong."
            )
    sha256 = (answer.one("sha256") or "").partition(" ")[0]
    return Facts(
        hostname=hostname,
        boot_id=boot_id,
        uid=uid,
        machine_id=answer.one("machine_id"),
        epoch=answer.number("epoch"),
        kernel=answer.one("kernel"),
        arch=answer.one("arch"),
        distribution=_distribution(answer),
        packages=packages,
        disk_version=disk_version(answer),
        modules=read_modules(answer),
        sia_present=answer.one("sia") is not None,
        sia_sha256=sha256 if re.fullmatch("[0-9a-f]{64}", sha256) else None,
        free_bytes=_free_bytes(answer),
        systemd=answer.one("systemd") is not None,
        services_present=answer.one("services") is not None,
        missing_tools=tuple(answer.all("missing")),
        left_out=read_left_out(answer),
    )


def _distribution(answer: Answer) -> str | None:
    """Return `ID VERSION_ID` of os-release, for example `rocky 9.4`."""
    fields = dict(value.partition("=")[::2] for value in answer.all("os"))
    words = (fields.get(key, "").strip("\"'") for key in ("ID", "VERSION_ID"))
    return " ".join(word for word in words if word) or None


def _packages(answer: Answer) -> dict[str, str]:
    """Name and version of the vendor's packages; a release that names a build belongs to the version."""
    found: dict[str, str] = {}
    for value in answer.all("package"):
        name, version, release = [*value.split(), "", "", ""][:3]
        if version and (_NODE_PACKAGE.match(name) or _FRONTEND_PACKAGE.match(name)):
            found[name] = versions.with_release(version, release)
    return found


def _free_bytes(answer: Answer) -> int | None:
    found = [match for value in answer.all("df") if (match := _DF.search(value))]
    return int(found[-1][1]) * 1024 if found else None
