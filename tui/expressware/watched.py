"""The files on which a node's next start rests: Dolphin's configuration, its modules' options, its units.

Two looks: which there are with their SHA-256 (one program for all of them), and the contents of some. The
sets are whole: a file that appears or goes counts. Where a file may hold a secret (the environment of a
unit), its value goes no further than here.
"""

import base64
import binascii
import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui.expressware.commands import NodePath
from tui.expressware.tagged import Answer, looking_script
from tui.model.events import WatchedFile
from tui.text.terminal import decode

MOST = 400
"""Files of one node; more than that is no configuration of these services."""
LARGEST = 262_144
"""Bytes of a file whose content is kept; a `dishosts.conf` of 1024 nodes takes about a third of it."""
NOT_KEPT = "(not kept)"
"""What stands for a value that may be a secret."""

_MODPROBE = ("etc", "run", "usr/local/lib", "usr/lib")
_UNITS = ("etc", "run", "usr/local/lib", "usr/lib")
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_SECRET = re.compile(
    r"(?i)(^\s*(?:Environment|SetCredential\w*)\s*=\s*"
    r"|(?:passw|passphrase|secret|token|api_?key)[^=:\s]*(?:\s*[=:]\s*|\s+))\S.*$"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """The watched files of a node; None, with the reason in words, where they are not known."""

    files: tuple[WatchedFile, ...] | None
    unknown: str = ""


def watched_script(dis: str) -> str:
    """Return the POSIX-sh script of the first look; it needs the prelude that sets `R`.

    `dis` is the install base: drivers have options of their own below it.
    """
    own = NodePath(dis).path.lstrip("/")
    options = " ".join(f"{root}/modprobe.d/*.conf" for root in _MODPROBE)
    units = " ".join(
        f"{root}/systemd/system/{name}"
        for root in _UNITS
        for name in ("dis_*", "dis_*.d/*.conf", "*.wants/dis_*", "*.requires/dis_*")
    )
    return looking_script(f"""
cd "$R/" || exit 1
# keep PATH...: those that are there, after those kept before; $R/lib counts where it is not /usr/lib itself
old=; [ -L lib ] || old='lib/systemd/system/dis_* lib/systemd/system/dis_*.d/*.conf'
oldoptions=; [ -L lib ] || oldoptions='lib/modprobe.d/*.conf'
set --
for path in {options} $oldoptions; do [ -f "$path" ] && set -- "$@" "$path"; done
naming=
if [ "$#" -gt 0 ]; then
  naming=$(grep -lE '(^|[^A-Za-z0-9_])dis_[a-z]' "$@")
  [ "$?" -le 1 ] || say watched.why "module options below modprobe.d"
fi
set --
for path in etc/dis/*.conf {shlex.quote(own)}/lib/modules/*.conf etc/init.d/dis_* {units} $old; do
  [ -e "$path" ] || [ -L "$path" ] || continue
  [ -d "$path" ] && [ ! -L "$path" ] && continue
  set -- "$@" "$path"
done
IFS='
'
set -f
set -- "$@" $naming
set +f
unset IFS
say watched.count "$#"
[ "$#" -le {MOST} ] || set --
for path; do
  case $path in *[!A-Za-z0-9_.@:+/-]*) say watched.why "a file whose name cannot be told" ;; esac
  if [ -L "$path" ]; then say watched.link "$path $(readlink "$path")"; else say watched.file "$path"; fi
done
files=
for path; do [ -f "$path" ] && files=yes; done
if [ "$files" ]; then
  for path; do shift; [ -f "$path" ] && set -- "$@" "$path"; done
  sums=$(sha256sum -- "$@")
  say watched.exit "$?"
  printf '%s\\n' "$sums" | say_lines watched.sum
fi
""")


def parse_watched(answer: Answer) -> Watched:
    """Read the answer of `watched_script`. Never raises; what is not whole is not known."""
    count = answer.number("watched.count")
    if not answer.complete or count is None:
        return Watched(None, "its answer broke off before the end")
    if count > MOST:
        return Watched(None, f"there are {count} of them, and no more than {MOST} are watched")
    sums = {found[2]: found[1] for line in answer.all("watched.sum") if (found := _SUM.fullmatch(line))}
    files = {
        path: WatchedFile(path=f"/{path}", sha256=sums.get(path, "")) for path in answer.all("watched.file")
    }
    for line in answer.all("watched.link"):
        path, _, link = line.partition(" ")
        files[path] = WatchedFile(path=f"/{path}", sha256=sums.get(path, ""), link=link or "?")
    unread = [file.path for file in files.values() if not (file.sha256 or file.link)]
    why = [*answer.all("watched.why"), *unread]
    if why:
        return Watched(None, f"cannot be read: {', '.join(why[:3])}")
    if len(files) != count or (sums and answer.number("watched.exit") != 0):
        return Watched(None, "sha256sum has not answered for all of them")
    return Watched(tuple(files[path] for path in sorted(files)))


def contents_script(paths: Iterable[str]) -> str:
    """Return the script of the second look: the contents of these files."""
    wanted = " ".join(shlex.quote(path.lstrip("/")) for path in paths)
    return looking_script(f"""
cd "$R/" || exit 1
for path in {wanted}; do
  say content.of "$path"
  head -c {LARGEST} "$path" | base64 | say_lines content
done
""")


def parse_contents(answer: Answer, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """The contents by SHA-256; only those that are whole. `wanted`: path to SHA-256. Never raises."""
    texts: dict[str, list[str]] = {}
    for key, value in answer.lines:
        if key == "content.of":
            texts[f"/{value}"] = []
        elif key == "content" and texts:
            texts[next(reversed(texts))].append(value)
    found = {}
    for path, lines in texts.items():
        try:
            content = base64.b64decode("".join(lines), validate=True)
        except binascii.Error:
            continue
        if (digest := hashlib.sha256(content).hexdigest()) == wanted.get(path):
            found[digest] = content
    return found


def without_secrets(content: bytes) -> str:
    """The text of a file as it may be kept and shown: names stay, values that may be secrets do not."""
    lines, goes_on = [], False
    for line in decode(content).split("\n"):
        shown = NOT_KEPT if goes_on else _SECRET.sub(rf"\1{NOT_KEPT}", line)
        goes_on = shown != line and line.endswith("\\")
        lines.append(shown)
    return "\n".join(lines)
