"""Who still uses PCI Express on a node: what has to end before its services can be stopped.

Four witnesses are heard: the count of open SuperSockets, the use count of `dis_sisci`, kernel modules that
are not Dolphin's own but hold one of Dolphin's, and processes that have one of its libraries mapped. The use
count of `dis_ssocks` is no witness: that module is locked against unloading even when idle, to keep its
configuration, and its service script knows how to unlock it.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tui.expressware.commands import NodePath, ssocks_stat
from tui.expressware.modules import loaded_modules_shell, read_modules
from tui.expressware.tagged import Answer, ended_badly, looking_script, whole_number

LIBRARIES = ("libksupersockets", "libsisci")
"""Libraries whose presence in a process makes it a user; the first is SuperSockets' preload library."""

HolderKind = Literal["process", "sisci", "kernel"]


@dataclass(frozen=True, slots=True)
class Holder:
    """One user: a process, the sum of SISCI's open references, or a kernel module."""

    kind: HolderKind
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Users:
    """Who uses PCI Express. `stream` and `dgram` count open SuperSockets, connected or not; None: not known.

    `ssocks_loaded` tells whether SuperSockets is there at all; `ip_interface` names the interface of IP over
    PCIe when it exists, whose users (mounts, iSCSI, any service) no list of processes can show.
    """

    stream: int | None
    dgram: int | None
    holders: tuple[Holder, ...]
    ssocks_loaded: bool = False
    ip_interface: str | None = None
    complete: bool = True
    unheard: tuple[str, ...] = ()
    """Witnesses that were asked and failed, as words for people: what they would have said is not known."""

    @property
    def in_use(self) -> bool:
        """Whether any witness names a user."""
        return bool(self.stream or self.dgram or self.holders)

    @property
    def certain(self) -> bool:
        """Whether every witness could be heard; if not, `in_use` may miss somebody."""
        counted = not self.ssocks_loaded or None not in (self.stream, self.dgram)
        return self.complete and not self.unheard and counted

    def sentences(self) -> tuple[str, ...]:
        """Return one sentence for each finding, for people; the dot is left to whoever joins them."""
        said = []
        for count, kind in ((self.stream, "STREAM (TCP)"), (self.dgram, "DGRAM (UDP)")):
            if count:
                said.append(f"{count} {kind} SuperSocket{'s are' if count > 1 else ' is'} open")
        said.extend(_sentence(holder) for holder in self.holders)
        if not self.complete:
            said.append("The node's answer broke off: look again")
            return tuple(said)
        said.extend(f"It is not known who uses PCI Express: {why}" for why in self.unheard)
        if self.ssocks_loaded and None in (self.stream, self.dgram):
            said.append(
                "How many SuperSockets are open is not known: run dis_ssocks_stat -G on the node to see"
            )
        if self.ip_interface:
            said.append(
                f"Interface {self.ip_interface} (IP over PCIe) is there: "
                "mounts and services that use its address do not show up here"
            )
        return tuple(said)


def _sentence(holder: Holder) -> str:
    if holder.kind == "process":
        return f"Process {holder.name} uses {holder.detail}"
    if holder.kind == "kernel":
        return f"Kernel module {holder.name} uses {holder.detail}"
    return f"SISCI is in use: {holder.name} has {holder.detail}"


def users_script(dis: str) -> str:
    """Return the POSIX-sh script that hears the witnesses; it needs the prelude that sets `R`."""
    return looking_script(users_shell(dis))


def users_shell(dis: str) -> str:
    """Shell lines that hear the witnesses."""
    stat = ssocks_stat(dis)
    program = (NodePath(dis) / "bin/dis_ssocks_stat").script
    return f"""
if [ -x {program} ]; then
  sockets=$(timeout 10 {stat.script} 2>&1)
  say ssocks.exit "$?"
  say_each ssocks "$sockets"
fi
{loaded_modules_shell().strip()}
for holder in "$R"/sys/module/dis_*/holders/*; do
  [ -e "$holder" ] || [ -L "$holder" ] || continue
  module=${{holder%/holders/*}}
  say holder "${{module##*/}} ${{holder##*/}}"
done
mappings=$(timeout 10 grep -Ho {" ".join(f"-e {library}" for library in LIBRARIES)} "$R"/proc/[0-9]*/maps)
code=$? newline='
'
for library in {" ".join(LIBRARIES)}; do
  say maps.exit "$code $library"
  IFS=$newline seen=' '
  set -f
  for mapping in $mappings; do
    process=${{mapping%/maps:*}} process=${{process##*/}}
    case ${{mapping##*:}},$seen in
      *,*" $process "*) ;;
      "$library",*)
        seen="$seen$process "
        first_line "$R/proc/$process"/comm
        say process "$process $library $line"
        ;;
    esac
  done
  set +f
  unset IFS
done
[ -d "$R"/sys/class/net/dis0 ] && say interface dis0
"""


def parse_users(answer: Answer) -> Users:
    """Read the answer of `users_script`, or of a script that holds `users_shell`. Never raises."""
    counted = answer.one("ssocks.exit") == "0"
    stream, dgram = count_sockets(list(answer.all("ssocks"))) if counted else (None, None)
    ssocks_loaded = "dis_ssocks" in answer.all("module")
    return Users(
        stream=stream,
        dgram=dgram,
        holders=(*_kernel_holders(answer), *_sisci(answer), *_processes(answer)),
        ssocks_loaded=ssocks_loaded,
        ip_interface=answer.one("interface"),
        complete=answer.complete,
        unheard=tuple(_unheard(answer, ssocks_loaded)),
    )


def _unheard(answer: Answer, ssocks_loaded: bool) -> Iterator[str]:
    """Witnesses that were asked and failed. Without its module `dis_ssocks_stat` has nothing to count; `grep`
    ends with 2 when a process has gone meanwhile.
    """
    code = answer.one("ssocks.exit")
    if ssocks_loaded and code not in (None, "0"):
        program = "dis_ssocks_stat -G"
        yield ended_badly(program, whole_number(code)) or f"{program} ended with exit code {code}"
    for value in answer.all("maps.exit"):
        code, _, library = value.partition(" ")
        if why := ended_badly(f"the search for processes that use {library}", whole_number(code)):
            yield why
    sisci = next((module for module in read_modules(answer) if module.name == "dis_sisci"), None)
    if sisci is not None and sisci.refcnt is None:
        yield "the use count of dis_sisci could not be read"


# The manual tells that the first line counts both kinds, but not its format.
_STREAM, _DGRAM = (rf"(?<![a-z])(?:{words})s?(?![a-z])" for words in ("stream|tcp", "dgram|udp"))
_COUNT = re.compile(
    rf"(?P<S>{_STREAM})|(?P<D>{_DGRAM})|(?<![\w.])(?P<N>[0-9]{{1,9}})(?!\w|\.[0-9])", re.IGNORECASE
)
_SOCKET_WORD = re.compile(f"{_STREAM}|{_DGRAM}", re.IGNORECASE)


def count_sockets(lines: list[str]) -> tuple[int | None, int | None]:
    """Return the numbers of STREAM and DGRAM sockets that `dis_ssocks_stat -G` gives; None where unclear.

    A number may stand after its word (`STREAM: 3 DGRAM: 1`) or before it (`3 TCP, 1 UDP`), in one line or in
    two. Lines below those list single sockets and are not read.
    """
    found: dict[str, int] = {}
    for line in [line for line in lines if _SOCKET_WORD.search(line)][:2]:
        found = (_counts(line) or _second_field(line)) | found
        if len(found) == 2:
            break
    return found.get("S"), found.get("D")


def _second_field(line: str) -> dict[str, int]:
    """Scripts in the field take the second field of the line with STREAM in it for its count."""
    fields = line.split()
    alone = re.search(_STREAM, line, re.IGNORECASE) and not re.search(_DGRAM, line, re.IGNORECASE)
    number = whole_number(fields[1]) if alone and len(fields) > 1 else None
    return {} if number is None else {"S": number}


def _counts(line: str) -> dict[str, int]:
    """The number beside each word, if reading the line one way only gives every word one."""
    tokens: list[tuple[str, str]] = []
    for found in _COUNT.finditer(line):
        kind = found.lastgroup or ""
        # "TCP (STREAM)" is one word.
        if not (tokens and kind != "N" and tokens[-1][0] == kind):
            tokens.append((kind, found.group()))
    pairs = list(itertools.pairwise(tokens))
    after = {word: int(text) for (word, _), (kind, text) in pairs if word != "N" and kind == "N"}
    before = {word: int(text) for (kind, text), (word, _) in pairs if word != "N" and kind == "N"}
    words = sum(kind != "N" for kind, _ in tokens)
    readings = [reading for reading in (after, before) if reading and len(reading) == words]
    return readings[0] if len(readings) == 1 else {}


def _kernel_holders(answer: Answer) -> list[Holder]:
    held: dict[str, list[str]] = {}
    for value in answer.all("holder"):
        module, _, holder = value.partition(" ")
        if holder and not holder.startswith("dis_"):
            held.setdefault(holder, []).append(module)
    return [Holder("kernel", name, " and ".join(modules)) for name, modules in held.items()]


def _sisci(answer: Answer) -> list[Holder]:
    """SISCI's open references; each holding module accounts for one of the use count."""
    holders = sum(value.startswith("dis_sisci ") for value in answer.all("holder"))
    counts = [module.refcnt or 0 for module in read_modules(answer) if module.name == "dis_sisci"]
    open_references = max(counts, default=0) - holders
    if open_references <= 0:
        return []
    plural = "s" if open_references > 1 else ""
    return [Holder("sisci", "dis_sisci", f"{open_references} open reference{plural}")]


def _processes(answer: Answer) -> list[Holder]:
    found: dict[str, tuple[str, list[str]]] = {}
    for value in answer.all("process"):
        pid, _, rest = value.partition(" ")
        library, _, program = rest.partition(" ")
        # Dolphin's own daemons go when the services stop.
        if pid.isdigit() and library and not re.match(r"dis_(?:[a-z]+_)?(?:node|network)m", program):
            found.setdefault(pid, (program, []))[1].append(library)
    return [
        Holder("process", f"{pid} ({program})" if program else pid, " and ".join(libraries))
        for pid, (program, libraries) in found.items()
    ]
