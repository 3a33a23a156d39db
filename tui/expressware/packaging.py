"""The state of a node's package database: what was left unfinished, and who is changing it at this moment."""

import re
from dataclasses import dataclass

from tui.expressware.tagged import Answer

MANAGERS = (
    *("apt", "apt-get", "aptitude", "aptd", "apt.systemd.dai", "unattended-upgr", "dpkg"),
    *("dnf", "dnf-3", "dnf5", "dnf-automatic", "microdnf", "packagekitd", "rpm", "rpmdb", "yum", "yum-cron"),
    *("transactional-u", "zypper", "Zypp-main"),
)
"""Names of processes that install packages, as the kernel cuts them to 15 characters."""

IDLING = frozenset({"packagekitd"})
"""Those that stay for a while after their work is done."""


# The SIA builds these with the others and installs none of them: a person did, in whatever version.
_NOT_INSTALLED = re.compile(r"-(?:devel|dev|doc|debuginfo|debugsource|dbg|dbgsym)(?![a-z])", re.IGNORECASE)


def sia_installs(package: str) -> bool:
    """Return whether the SIA installs a package of this name; `Dolphin-SISCI-devel` it only builds."""
    return _NOT_INSTALLED.search(package) is None


@dataclass(frozen=True, slots=True)
class Packaging:
    """`unfinished` are sentences without a full stop; `duplicates` the Dolphin packages that the database
    holds in more than one version; `managers` who was there at two looks: program names with process ids.
    `unasked` are the queries that failed, as sentences without a full stop: what they would have told is not
    known.
    """

    unfinished: tuple[str, ...]
    duplicates: tuple[str, ...]
    managers: tuple[tuple[str, int], ...]
    unasked: tuple[str, ...] = ()


def packaging_shell() -> str:
    """Shell lines that tell of the package database; they need `there` (see `lookup_shell`).

    Package managers are found by the names of processes. A monitoring agent's query is over in a moment, so
    whoever is found is looked for once more a second later.
    """
    names = "|".join(MANAGERS)
    return rf"""
managers() {{
  for process in "$R"/proc/[0-9]*; do
    first_line "$process"/comm || continue
    case $line in
      {names}) ;;
      *) continue ;;
    esac
    name=$line
    case $(tr '\0' ' ' <"$process"/cmdline) in
      *unattended-upgrade-shutdown*) continue ;;
    esac
    found=yes
    say "$1" "${{process##*/}} $name"
  done
}}
found=
managers manager.first
[ -z "$found" ] || {{ sleep 1; managers manager.second; }}

for file in "$R"/var/lib/yum/transaction-all.*; do
  case $file in
    *.disabled) ;;
    *) [ -e "$file" ] && say unfinished "yum ${{file##*/}}" ;;
  esac
done
for directory in "$R"/var/lib/rpmrebuilddb.*; do
  [ -d "$directory" ] && say unfinished "rebuild ${{directory##*/}}"
done
for file in "$R"/var/lib/dpkg/updates/[0-9]*; do
  [ -e "$file" ] && {{ say unfinished dpkg; break; }}
done
[ -e "$R"/system-update ] || [ -L "$R"/system-update ] && say unfinished offline
if there dpkg-query; then
  found=$(timeout 20 dpkg-query -W -f '${{db:Status-Abbrev}}:${{Package}}\n')
  code=$?
  [ "$code" -ne 1 ] || [ -n "$found" ] || code=0 # it knows no package at all, and says so by this
  say packages.exit "$code dpkg-query"
  [ -z "$found" ] || printf '%s\n' "$found" | grep -E '^(.[HUFWt]|..R)' | say_lines half
fi
if there rpm; then
  found=$(timeout 20 rpm -qa --queryformat '%{{NAME}}\n' 'Dolphin-*')
  say packages.exit "$? rpm"
  seen=' ' twice=' '
  for name in $found; do
    case $seen,$twice in
      *" $name "*,*" $name "*) ;;
      *" $name "*,*) twice="$twice$name " && say duplicate "$name" ;;
    esac
    seen="$seen$name "
  done
fi
"""


def read_packaging(answer: Answer) -> Packaging:
    """Return what an answer says."""
    second = set(answer.all("manager.second"))
    stayed = [value.partition(" ") for value in answer.all("manager.first") if value in second]
    return Packaging(
        unfinished=(*map(_unfinished, answer.all("unfinished")), *_half(answer)),
        duplicates=tuple(filter(sia_installs, answer.all("duplicate"))),
        managers=tuple(
            (name, int(pid)) for pid, _, name in stayed if name and re.fullmatch("[0-9]{1,9}", pid)
        ),
        unasked=tuple(
            f"{program} ended with exit code {code}"
            for code, _, program in (value.partition(" ") for value in answer.all("packages.exit"))
            if code != "0"
        ),
    )


def _unfinished(value: str) -> str:
    kind, _, name = value.partition(" ")
    sentences = {
        "yum": f"yum has not completed a transaction ({name})",
        "rebuild": f"a rebuild of the rpm database broke off ({name})",
        "dpkg": "dpkg was interrupted (/var/lib/dpkg/updates is not empty)",
        "offline": "an offline update is prepared: the next reboot would install it",
    }
    return sentences.get(kind, value)


def _half(answer: Answer) -> tuple[str, ...]:
    """Packages that dpkg has not brought to an end, in one sentence."""
    names = [value.partition(":")[2] for value in answer.all("half")]
    if not names:
        return ()
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    verb = "is" if len(names) == 1 else "are"
    return (f"{', '.join(names[:3])}{more} {verb} only half installed (dpkg)",)
