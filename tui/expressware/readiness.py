"""Whether a node is ready to be updated: everything a check wants to know beside the facts, in one look."""

import re
from dataclasses import dataclass, field

from tui.expressware.commands import NodePath
from tui.expressware.ground import Ground, ground_shell, read_ground
from tui.expressware.kernels import Kernels, kernels_shell, read_kernels
from tui.expressware.membership import Membership, membership_shell, read_membership
from tui.expressware.packaging import Packaging, packaging_shell, read_packaging
from tui.expressware.tagged import Answer, looking_script
from tui.expressware.users import Users, parse_users, users_shell
from tui.expressware.watchdogs import Watchdog, read_watchdogs, watchdogs_shell

BUILD_TOOLS = ("make", "gcc", "rpmbuild")
"""Programs that a build needs; the last one only where packages are RPMs."""

OTHER_PLACES = ("/var/tmp", "/tmp", "/")  # noqa: S108  # only looked at
"""Where a build or an installation may write besides the state directory and the install base."""

_DF = re.compile(r".*\s[0-9]+\s+[0-9]+\s+([0-9]{1,18})\s+(?:[0-9]+%|-)\s+(/.*)")
_CLOCK = re.compile(r"([0-9]{9,12})(?:\.([0-9]{9}))?")

Interval = tuple[float, float]
"""A moment that is known only so well: not before the first, not after the second (epoch seconds)."""


@dataclass(frozen=True, slots=True)
class Space:
    """The free bytes for what is written below `path`, and the mount point of its file system."""

    path: str
    mount: str
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """What one look found. `began` and `ended` are the node's clock at the start and the end of the look;
    None where it has none. `tools` are the build tools that are there, `headers` tells whether the files to
    build for exactly the running kernel are, `debian` whether packages are DEBs.
    """

    began: Interval | None
    ended: Interval | None
    spaces: tuple[Space, ...]
    kernels: Kernels
    tools: frozenset[str]
    headers: bool
    debian: bool
    packaging: Packaging
    watchdogs: tuple[Watchdog, ...]
    users: Users
    membership: Membership
    complete: bool
    sia_bytes: int | None = None
    """Size of the archive there."""
    ground: Ground = field(default_factory=Ground)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a build on this node would miss, in words."""
        wanted = BUILD_TOOLS[:-1] if self.debian else BUILD_TOOLS
        missing = [tool for tool in wanted if tool not in self.tools]
        if not self.headers:
            package = "linux-headers" if self.debian else "kernel-devel"
            missing.append(f"{package} of the running kernel {self.kernels.running or ''}".rstrip())
        return tuple(missing)


def lookup_shell() -> str:
    """Shell lines that define `there PROGRAM`: whether the node has it; nothing outside `$R` counts."""
    return """
there() {
  for place in usr/local/sbin usr/local/bin usr/sbin usr/bin sbin bin; do
    [ -x "$R/$place/$1" ] && return 0
  done
  return 1
}
"""


def readiness_script(dis: str, state: str, sia: str = "") -> str:
    """Return the POSIX-sh script of the look; it needs the prelude that sets `R`.

    `dis` is the install base (`/opt/DIS`), `state` the directory for Rollcall's own files, `sia` the archive
    where its size is wanted. The clock is read
    first and last, so that whoever knows when the answer was asked for and when it came can tell the time
    on the way from a clock that is wrong.
    """
    places = (state, dis, *OTHER_PLACES)
    parts = [
        'say clock.begin "$(date +%s.%N)"',
        lookup_shell(),
        _SPACE.format(paths=" ".join(NodePath(path).script for path in places), count=len(places)),
        _SIZE.format(path=NodePath(sia).script) if sia else "",
        kernels_shell(),
        _BUILD.format(tools=" ".join(BUILD_TOOLS)),
        packaging_shell(),
        watchdogs_shell(),
        users_shell(dis),
        membership_shell(),
        ground_shell(filter(None, (state, dis, sia))),
        'say clock.end "$(date +%s.%N)"',
    ]
    return looking_script("\n".join(part.strip() for part in parts))


_SPACE = """
set --
for path in {paths}; do
  directory=$path
  until [ -d "$directory" ] || [ -z "$directory" ]; do directory=${{directory%/*}}; done
  set -- "$@" "${{directory:-/}}"
done
# one line for each, in the same order, below the heading; if not, each of them by itself
told=$(df -Pk "$@") each=
IFS='
'
set -f
set -- heading $told
[ "$#" -eq "$(({count} + 2))" ] || each=yes
unset IFS
set +f
[ "$#" -lt 2 ] || shift 2
for path in {paths}; do
  if [ "$each" ]; then
    directory=$path
    until [ -d "$directory" ] || [ -z "$directory" ]; do directory=${{directory%/*}}; done
    df -Pk "${{directory:-/}}" | while IFS= read -r line; do say space "${{path#"$R"}}:$line"; done
  else
    say space "${{path#"$R"}}:$1"
    shift
  fi
done
"""

_SIZE = """
[ -f {path} ] && say sia.bytes "$(stat -L -c %s {path})"
"""

_BUILD = """
for tool in {tools}; do there "$tool" && say build.tool "$tool"; done
[ -e "$R/lib/modules/$running/build/Makefile" ] && say build.headers yes
[ -e "$R"/etc/debian_version ] && say debian yes
"""


def parse_readiness(answer: Answer) -> Readiness:
    """Read the answer of `readiness_script`. Never raises."""
    return Readiness(
        began=_moment(answer.one("clock.begin")),
        ended=_moment(answer.one("clock.end")),
        spaces=_spaces(answer),
        kernels=read_kernels(answer),
        tools=frozenset(answer.all("build.tool")),
        headers=answer.one("build.headers") is not None,
        debian=answer.one("debian") is not None,
        packaging=read_packaging(answer),
        watchdogs=read_watchdogs(answer),
        users=parse_users(answer),
        membership=read_membership(answer),
        complete=answer.complete,
        sia_bytes=answer.number("sia.bytes"),
        ground=read_ground(answer),
    )


def _moment(text: str | None) -> Interval | None:
    """A clock without parts of a second (`date` does not know `%N` everywhere) is known to the second."""
    found = _CLOCK.match(text or "")
    if found is None:
        return None
    second = float(found[1])
    if found[2] is None:
        return second, second + 1.0
    exact = second + int(found[2]) / 1e9
    return exact, exact


def _spaces(answer: Answer) -> tuple[Space, ...]:
    """One for each path that `df` knew."""
    found = []
    for value in answer.all("space"):
        path, _, line = value.partition(":")
        if columns := _DF.fullmatch(line):
            found.append(Space(path, columns[2], int(columns[1]) * 1024))
    return tuple(found)
