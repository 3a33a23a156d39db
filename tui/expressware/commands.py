"""The command lines of a rolling update: one value for the text shown and the text run.

A `Command` is built from words and node paths, never from shell text, so no value of a cluster file can
become syntax. Its two renderings differ only in where paths point: `display` is what the operator could type
on the node, `script` puts every path below `"$R"` (the sysroot set by the script's prelude, empty on a real
node).
"""

import shlex
from dataclasses import dataclass
from typing import Literal

from tui.expressware.versions import needs_enforce

Verb = Literal["start", "stop", "restart", "status"]


@dataclass(frozen=True, slots=True)
class NodePath:
    """An absolute path on a node. Raises ValueError for a relative path or one that holds a NUL."""

    path: str

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or "\0" in self.path:
            raise ValueError(f"{self.path!r} is not an absolute path: write it from the root, as in /opt/DIS")

    def __truediv__(self, name: str) -> "NodePath":
        return NodePath(f"{self.path.rstrip('/')}/{name}")

    @property
    def display(self) -> str:
        """The path as a person types it, quoted where the shell needs it."""
        return shlex.quote(self.path)

    @property
    def script(self) -> str:
        """The path as a word of a script that runs below the sysroot."""
        return f'"$R"{shlex.quote(self.path)}'


@dataclass(frozen=True, slots=True)
class Command:
    """One program call: words and node paths, and the directory in which it runs.

    Raises ValueError when there is no program or a word holds a NUL, which no program can be given.
    """

    argv: tuple[str | NodePath, ...]
    cwd: NodePath | None = None

    def __post_init__(self) -> None:
        if not self.argv or any("\0" in word for word in self.argv if isinstance(word, str)):
            raise ValueError(f"{self.argv!r} is not a command: it needs a program and words without NUL")

    @property
    def display(self) -> str:
        """Exactly what the operator sees and could type on the node."""
        line = " ".join(shlex.quote(word) if isinstance(word, str) else word.display for word in self.argv)
        return line if self.cwd is None else f"cd {self.cwd.display} && {line}"

    @property
    def script(self) -> str:
        """The same for /bin/sh below the sysroot; the prelude must have set `R`."""
        line = " ".join(shlex.quote(word) if isinstance(word, str) else word.script for word in self.argv)
        return line if self.cwd is None else f"cd {self.cwd.script} && {line}"


@dataclass(frozen=True, slots=True)
class ShellText:
    """A command that the operator wrote in the cluster file, run by a shell of its own exactly as written.

    Only a path that opens the text is read below the sysroot; what follows is the operator's own syntax.
    """

    text: str

    @property
    def display(self) -> str:
        """The text as the operator wrote it."""
        return self.text

    @property
    def script(self) -> str:
        """The text as one quoted word for `sh -c`."""
        text = self.text.lstrip()
        if text.startswith(("/", "'/", '"/')):
            # The inner shell expands R: a sysroot pasted in here could hold blanks and split the word.
            below = f'"$R"{text}'
            return f'R="$R" sh -c {shlex.quote(below)}'
        return f"sh -c {shlex.quote(text)}"


NodeCommand = Command | ShellText
"""Anything that has a `display` for people and a `script` for the node."""


def build_packages(sia: str, workdir: str) -> Command:
    """Build binary packages: `node_RPMS` and `frontend_RPMS` appear in `workdir`, which must exist."""
    return Command(("sh", NodePath(sia), "--build-rpm"), cwd=NodePath(workdir))


def install_node(sia: str, use_rpms: str, *, batch: bool, reboot: bool, enforce: bool) -> Command:
    """Install on a Cluster Node; `use_rpms` is the directory of the build, which holds `node_RPMS`."""
    return _install("--install-node", sia, use_rpms, batch=batch, reboot=reboot, enforce=enforce)


def install_frontend(sia: str, use_rpms: str, *, batch: bool, reboot: bool, enforce: bool) -> Command:
    """Install on the management node; `use_rpms` is the directory that holds `frontend_RPMS`."""
    return _install("--install-frontend", sia, use_rpms, batch=batch, reboot=reboot, enforce=enforce)


def install_all(sia: str, *, batch: bool, reboot: bool, enforce: bool) -> Command:
    """Update every machine of the cluster at once, from the management node and over SSH."""
    wanted = (("--batch", batch), ("--reboot", reboot), ("--enforce", enforce))
    return Command(("sh", NodePath(sia), "--install-all", *(option for option, given in wanted if given)))


def _install(mode: str, sia: str, use_rpms: str, *, batch: bool, reboot: bool, enforce: bool) -> Command:
    wanted = (("--batch", batch), ("--reboot", reboot), ("--enforce", enforce))
    options = (option for option, given in wanted if given)
    return Command(("sh", NodePath(sia), mode, "--use-rpms", NodePath(use_rpms), *options))


def services(dis: str, verb: Verb) -> Command:
    """Call `dis_services` by its full path: a login without a terminal rarely has it in PATH."""
    return Command((NodePath(dis) / "sbin/dis_services", verb))


def ssocks_stat(dis: str) -> Command:
    """Count the open SuperSockets."""
    return Command((NodePath(dis) / "bin/dis_ssocks_stat", "-G"))


def reboot() -> Command:
    """Reboot the node."""
    return Command(("reboot",))


def complete_update_procedure(sia: str, installed: str, target: str) -> tuple[str, ...]:
    """Return the complete update as lines for people, for two versions that may not run side by side.

    `sia` is the archive's absolute path on the management node; `installed` and `target` are versions.
    """
    enforce = " --enforce" if needs_enforce(installed, target) else ""
    run = Command(("sh", NodePath(sia), "--install-all")).display + enforce
    return (
        f"A rolling update from {installed} to {target} is not allowed: nodes of the two versions may not "
        "understand each other. It takes a complete update, of the whole cluster at once:",
        "1. Plan the downtime: no node has PCI Express meanwhile (about 30 minutes for 16 nodes).",
        "2. Stop all applications that use PCI Express on all nodes (not needed with --reboot in step 4).",
        "3. Log in to the management node and become root; it needs ssh without a password to every node.",
        f"4. Run there: {run}",
        "   Add --reboot to reboot every machine afterwards. Add --batch to be asked nothing: safe only "
        "if the configuration stays as it is and the applications are stopped.",
        "5. When it has reported no errors, check that dis_admin shows every node active (green), and that "
        "dis_services status lists every service as running on each node.",
        "6. Start the applications again.",
    )
