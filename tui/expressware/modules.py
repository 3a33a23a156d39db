"""Dolphin's kernel modules: the ones loaded, beside the files on disk that would be loaded next.

Only this comparison shows whether an update is active. `dis_services status` prints the version of the file
on disk, with "is running" beside it, even while the kernel still runs the old driver.
"""

from dataclasses import dataclass

from tui.expressware import versions
from tui.expressware.commands import NodePath
from tui.expressware.tagged import Answer, whole_number

IRM = "dis_irm"
"""The module whose version speaks for the driver stack: every family has it."""


@dataclass(frozen=True, slots=True)
class Module:
    """A loaded `dis_*` module. Versions are the modules' own text (`Dolphin IRM 5.21.2 ( ... )`).

    None where the kernel or the file does not say; `disk_...` is None as well where it was not asked for.
    """

    name: str
    version: str | None = None
    srcversion: str | None = None
    refcnt: int | None = None
    disk_version: str | None = None
    disk_srcversion: str | None = None

    @property
    def stale(self) -> bool | None:
        """Whether the file on disk is another build than the module loaded; None when nothing tells."""
        pairs = ((self.version, self.disk_version), (self.srcversion, self.disk_srcversion))
        known = [loaded != disk for loaded, disk in pairs if loaded and disk]
        return any(known) if known else None


def loaded_modules_shell() -> str:
    """Shell lines that tell of every loaded `dis_*` module, without starting a process."""
    return """
for module in "$R"/sys/module/dis_*; do
  [ -d "$module" ] || continue
  name=${module##*/}
  say module "$name"
  say_file loaded.version "$module"/version "$name "
  say_file loaded.srcversion "$module"/srcversion "$name "
  say_file loaded.refcnt "$module"/refcnt "$name "
done
"""


def disk_modules_shell(dis: str) -> str:
    """Shell lines that define `disk_modules NAME...`: it tells of their files on disk, by one `modinfo`."""
    return f"""
disk_modules() {{
  first_line "$R"/proc/sys/kernel/osrelease || line=$(uname -r)
  for name; do
    shift
    file={NodePath(dis).script}/lib/modules/$line/$name.ko
    [ -f "$file" ] || file=$name
    set -- "$@" "$file"
  done
  name=
  told=$(modinfo "$@")
  IFS='
'
  set -f
  for line in $told; do
    value=${{line#*:}}
    value=${{value#"${{value%%[! 	]*}}"}}
    case $line in
      filename:*) name=${{value##*/}} ;;
      version:* | srcversion:*) [ -z "$value" ] || say "disk.${{line%%:*}}" "${{name%%.*}} $value" ;;
    esac
  done
  set +f
  unset IFS
}}
"""


def read_modules(answer: Answer) -> tuple[Module, ...]:
    """Return the loaded modules of an answer, in its order."""
    loaded = {kind: _by_name(answer, f"loaded.{kind}") for kind in ("version", "srcversion", "refcnt")}
    disk = {kind: _by_name(answer, f"disk.{kind}") for kind in ("version", "srcversion")}
    return tuple(
        Module(
            name=name,
            version=loaded["version"].get(name),
            srcversion=loaded["srcversion"].get(name),
            refcnt=whole_number(loaded["refcnt"].get(name)),
            disk_version=disk["version"].get(name),
            disk_srcversion=disk["srcversion"].get(name),
        )
        for name in dict.fromkeys(answer.all("module"))
    )


def active_version(modules: tuple[Module, ...]) -> str | None:
    """Return the version that runs in the kernel: that of `dis_irm`, else of the first module with one.

    None when no module is loaded, or none states a version. A text without a version is returned whole: it is
    then shown, and equals no target.
    """
    first = sorted((module for module in modules if module.version), key=lambda module: module.name != IRM)
    return short(first[0].version) if first else None


def disk_version(answer: Answer) -> str | None:
    """Return the version of the `dis_irm` file on disk, whether or not it is loaded."""
    return short(_by_name(answer, "disk.version").get(IRM))


def short(version: str | None) -> str | None:
    """Return the version inside a longer text, or the text itself if there is none in it."""
    return (versions.extract(version) or version) if version else None


def _by_name(answer: Answer, key: str) -> dict[str, str]:
    pairs = (value.partition(" ") for value in answer.all(key))
    # the kernel has an underscore in a module's name where its file may have a hyphen
    return {name.replace("-", "_"): value.strip() for name, _, value in pairs if value.strip()}
