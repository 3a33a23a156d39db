"""Building the file systems of the simulated machines.

One template per role is installed by the simulated SIA itself, so that the layout of an installation is
written down in one place only; every machine is a copy of its template with a name and identity of its own.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import uuid
from importlib import resources
from pathlib import Path

from tui.rehearsal import faults
from tui.rehearsal.errors import RehearsalError
from tui.rehearsal.layout import Layout, MachineFiles
from tui.rehearsal.plan import Plan
from tui.rehearsal.played import place_of, script_of

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IN_USR_BIN = ("hostname", "uname", "id", "date", "modinfo", "lsmod", "rpm", "dpkg-query")
IN_NODE_BIN = ("systemctl", "service", "rehearsed", "ip")
BUILD_TOOLS = ("make", "gcc", "rpmbuild")
IN_CONTROL = ("simulation.sh", "boot.sh", "full_disk", "login")
DIRECTORIES = (
    "etc/dis",
    "proc/sys/kernel/random",
    "root",
    "run",
    "sys/class/net/eth0",
    "sys/class/net/lo",
    "sys/module",
    "tmp",
    "usr/bin",
    "usr/sbin",
    "var/lib",
    "var/lock/subsys",
    "var/log",
    "var/run",
)
# kernel, architecture of packages, marks, os-release
PLATFORMS = {
    "redhat": (
        "5.14.0-427.13.1.el9_4.x86_64",
        "x86_64",
        "column",
        'NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\n'
        'VERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
    ),
    "debian": (
        "5.15.0-105-generic",
        "amd64",
        "debian",
        'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n',
    ),
}
PAYLOAD_BYTES = 150_000


def identity(plan: Plan, name: str, what: str) -> uuid.UUID:
    """An identifier that follows from the plan's seed, the machine's name and the purpose."""
    digest = hashlib.sha256(f"{plan.seed}/{name}/{what}".encode()).digest()
    return uuid.UUID(bytes=digest[:16], version=4)


def archive(plan: Plan, version: str) -> bytes:
    """The simulated SIA of `version`: a shell script with a binary payload behind its last line."""
    script = _program("sia.sh").replace("@VERSION@", version).replace("@FAMILY@", plan.family)
    payload = random.Random(f"{plan.seed}/{version}").randbytes(PAYLOAD_BYTES)  # noqa: S311 - not a secret
    return script.encode() + payload


def environment(files: MachineFiles, user: str = "root") -> dict[str, str]:
    """The environment of every process of a machine."""
    return {
        "HOME": str(files.sysroot / "root"),
        "LOGNAME": user,
        "PATH": SYSTEM_PATH,
        "ROLLCALL_SYSROOT": str(files.sysroot),
        "SHELL": "/bin/sh",
        "USER": user,
    }


def build(layout: Layout, plan: Plan) -> str:
    """Create every machine's directory, with services and application running; return the SIA's SHA-256."""
    target = archive(plan, plan.target)
    templates: dict[str, MachineFiles] = {}
    for name in plan.machines:
        role = "management" if name == plan.management else "node"
        if role not in templates:
            templates[role] = _template(layout, plan, role, target)
        files = layout.machine(name)
        shutil.copytree(templates[role].directory, files.directory, symlinks=True)
        _personalise(layout, plan, files, name)
    for template in templates.values():
        shutil.rmtree(template.directory)
    return hashlib.sha256(target).hexdigest()


def _template(layout: Layout, plan: Plan, role: str, target: bytes) -> MachineFiles:
    files = MachineFiles(layout.directory / f"template-{role}")
    for directory in DIRECTORIES:
        (files.sysroot / directory).mkdir(parents=True)
    for directory in ("faults", "spent"):
        (files.control / directory).mkdir(parents=True)
    sbin = f"{plan.dis.lstrip('/')}/sbin"
    places = dict.fromkeys((*IN_USR_BIN, *IN_NODE_BIN), "usr/bin") | {
        "reboot": "usr/sbin",
        "dis_services": sbin,
    }
    if role == "management":
        places["dxadmin_commandline"] = sbin
        (files.sysroot / "etc/dis/networkmanager.conf").write_text(_networkmanager(plan))
    else:
        places |= {"dis_ssocks_stat": f"{plan.dis.lstrip('/')}/bin", "dis_diag": sbin}
    (files.sysroot / "etc/dis/dishosts.conf").write_text(_dishosts(plan))
    for name, place in places.items():
        _executable(files.sysroot / place / name, _program(name).encode())
    for name in IN_CONTROL:
        _executable(files.control / name, _program(name).encode())
    _operating_system(plan, files)
    (files.control / "role").write_text(f"{role}\n")
    _operators_commands(plan, files, role)
    (files.sysroot / "etc/os-release").write_text(PLATFORMS[plan.platform][3])
    _executable(files.sysroot / plan.sia_path.lstrip("/"), target)
    _write_settings(layout, plan, files, "template", pace=1e6)
    _install(plan, files, role)
    return files


def _operators_commands(plan: Plan, files: MachineFiles, role: str) -> None:
    """Stubs where the operator's own commands want a program, and what they answer to."""
    script = script_of(plan.applications, plan.dis, plan.state)
    lines = [
        f"{'holder' if uses else 'other'} {'yes' if started else 'no'} {name}\n"
        for name, (uses, started) in script.names.items()
    ]
    (files.control / "applications").write_text("".join(lines if role == "node" else []))
    (files.control / "commands").write_text("".join(f"{role} {words}\n" for role, words in script.generic))
    places = [(place, "rehearsed") for place in script.places] if role == "node" else []
    if role == "management" and plan.view and (view := place_of(plan.view, plan.state)) is not None:
        places = [(view, "dxadmin_commandline")]
    for place, program in places:
        path = files.sysroot / place.path.lstrip("/")
        if not path.exists():
            _executable(path, _program(program).encode())


def _operating_system(plan: Plan, files: MachineFiles) -> None:
    """One kernel, the default one, with the headers and the programs that a build of modules for it needs."""
    kernel = PLATFORMS[plan.platform][0]
    image = files.sysroot / f"boot/vmlinuz-{kernel}"
    modules = files.sysroot / f"lib/modules/{kernel}"
    for path in (image, modules / "modules.dep", modules / "build/Makefile"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (files.sysroot / "proc/sys/kernel/osrelease").write_text(f"{kernel}\n")
    for tool in BUILD_TOOLS[: 2 if plan.platform == "debian" else 3]:
        _executable(files.sysroot / "usr/bin" / tool, _program("compiler").encode())
    if plan.platform == "debian":
        (files.sysroot / "etc/debian_version").write_text("bookworm/sid\n")


def _install(plan: Plan, files: MachineFiles, role: str) -> None:
    """Bring the installed version onto a template with the simulated programs, and start everything."""
    sia = files.sysroot / "tmp/sia.sh"
    sia.write_bytes(archive(plan, plan.installed))
    mode = "--install-frontend" if role == "management" else "--install-node"
    script = 'sh ./sia.sh "$1" --batch && . "$2" && start_apps'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "install", mode, files.control / "simulation.sh"],
        cwd=sia.parent,
        env=environment(files),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        words = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()[-1:]
        raise RehearsalError(f"The simulated machines could not be prepared: {' '.join(words)}")
    shutil.rmtree(sia.parent)
    sia.parent.mkdir()
    files.log.unlink()


def _personalise(layout: Layout, plan: Plan, files: MachineFiles, name: str) -> None:
    _write_settings(layout, plan, files, name, pace=plan.pace)
    (files.sysroot / "etc/hostname").write_text(f"{name}\n")
    (files.sysroot / "etc/machine-id").write_text(f"{identity(plan, name, 'machine').hex}\n")
    files.boot_id.write_text(f"{identity(plan, name, 'boot 0')}\n")
    (files.sysroot / "proc/mounts").write_text("/dev/vda1 / xfs rw 0 0\n")
    # a plain file cannot count: it says how long the machine was up when it was last written
    (files.sysroot / "proc/uptime").write_text("86400.00 86400.00\n")
    (files.control / "addresses").write_text("eth0 192.0.2.7/24\n")
    (files.control / "routes").touch()
    files.power.write_text("up\n")
    files.log.touch()
    for fault in plan.faults.get(name, ()):
        faults.order(files.control, files.sysroot, fault)


def _write_settings(layout: Layout, plan: Plan, files: MachineFiles, name: str, pace: float) -> None:
    kernel, package_arch, marks, _ = PLATFORMS[plan.platform]
    files.kernel.write_text(f"{kernel}\n")
    (files.control / "settings").write_text(
        f"NODE={name}\nROLE={(files.control / 'role').read_text()}FAMILY={plan.family}\nDIS={plan.dis}\n"
        f"PLATFORM={plan.platform}\nKERNEL={kernel}\nARCH=x86_64\nPACKAGE_ARCH={package_arch}\n"
        f"MARKS={plan.marks or marks}\nPACE={round(pace * 1000)}\nPID_BASE=2000\n"
        f"REQUESTS={_quoted(str(layout.requests))}\nVIEW_LINE={_quoted(plan.view_line)}\n"
    )


def _dishosts(plan: Plan) -> str:
    lines = [f"#{plan.family}-HARDWARE", "# Written for a rehearsal", "DISHOSTVERSION 4"]
    for index, node in enumerate(plan.nodes):
        lines += [f"HOSTNAME: {node}", f"ADAPTER:  {node}_a0 {8 + 4 * index} 0 8"]
    lines.append("SOCKETADAPTER: sockad_0 SINGLE 0")
    lines += [f"SOCKET: {node} {node}_a0" for node in plan.nodes]
    return "\n".join(lines) + "\n"


def _networkmanager(plan: Plan) -> str:
    return (
        f"#{plan.family}-HARDWARE\nNETWORKMANAGER_CONF_VERSION 1;\n-distribute;\n-sctt 1;\n"
        "-managerinterval 5;\n-admininterval 60;\n-session;\n#end\n"
    )


def _program(name: str) -> str:
    return resources.files("tui.rehearsal").joinpath("programs", name).read_text(encoding="utf-8")


def _executable(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)


def _quoted(text: str) -> str:
    """A text as a word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
