"""What `dis_services stop|start|restart` says, whatever platform it says it on.

Result marks differ: `[  OK  ]` in column 60 (Red Hat), a dot or `... failed!` (Debian), `(via systemctl)`,
nothing at all where there are no LSB functions. Which lines appear depends on the hardware family and the
generation, so nothing here counts lines or expects names; a line is known by the service word in it.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from tui.text.marks import Verdict, split_mark, split_prefix, split_star
from tui.text.sanitize import brief, words_of
from tui.text.terminal import plain


class Service(StrEnum):
    """A Dolphin service; the value is the word by which its lines are known."""

    SUPERSOCKETS = "SuperSockets"
    SISCI = "SISCI"
    NODE_MANAGER = "Node Manager"
    NETWORK_MANAGER = "Network Manager"
    IRM = "IRM"
    KOSIF = "KOSIF"
    SMARTIO = "SmartIO"
    MX = "MX"
    PX = "PX"
    IX = "IX"
    DX = "DX"


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service in the output: its words without the mark, the verdict, and the reason if one was given."""

    service: Service | None
    words: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServicesReport:
    """The lines of one call, in the order in which they were written."""

    lines: tuple[ServiceLine, ...]

    @property
    def failed(self) -> tuple[ServiceLine, ...]:
        """The lines that report a failure."""
        return tuple(line for line in self.lines if line.verdict is Verdict.FAILED)

    @property
    def all_ok(self) -> bool:
        """Whether there is at least one line and every line reports success."""
        return bool(self.lines) and all(line.verdict is Verdict.OK for line in self.lines)


# The leftmost name decides: "Dolphin Node Manager ( Node - Network Manager version 5)" is the node manager.
_NAMES = re.compile(
    r"(?P<SUPERSOCKETS>(?i:super ?sockets)|dis_ssocks\b)"
    r"|(?P<NODE_MANAGER>\bNode Manager\b|dis[\w.]{0,20}_nodemgr)"
    r"|(?P<NETWORK_MANAGER>\bNetwork Manager\b|dis[\w.]{0,20}_networkmgr)"
    r"|(?P<SISCI>\bSISCI\b|dis_sisci)|(?P<IRM>\bIRM\b|dis_irm)|(?P<KOSIF>\bKOSIF\b|dis_kosif)"
    r"|(?P<SMARTIO>\bSmartIO\b|dis_smartio)"
    r"|(?P<MX>\bMX\b|dis_mx(?![a-z0-9]))|(?P<PX>\bPX\b|dis_px(?![a-z0-9]))"
    r"|(?P<IX>\bIX\b|dis_ix(?![a-z0-9]))|(?P<DX>\bDX\b|dis_dx(?![a-z0-9]))"
)

_SEVERITY = (Verdict.UNKNOWN, Verdict.OK, Verdict.WARNING, Verdict.FAILED)
_OPENS = re.compile(r"(?:re)?(?:starting|stopping)\b|shutting down\b", re.IGNORECASE)
_TROUBLE = re.compile(r"\b(?:failed|failure|error|cannot|unable|not found|denied|refused)\b", re.IGNORECASE)
# Sentences that are a failure without any mark; login scripts write "failed" too, so nothing wider will do.
_FAILURE = re.compile(
    r"(?:rmmod|insmod|modprobe)\b.{0,200}\b(?:failed|error|fatal)|no valid module|Must be root"
    r"|BASEDIR not set|: (?:startup|shutdown) failed|^Job for dis|^Failed to (?:re)?(?:stop|start) ",
    re.IGNORECASE,
)
_ADVICE = re.compile(r"(?:check|see|please)\b", re.IGNORECASE)


def service_in(words: str) -> Service | None:
    """Return the service that a text names first, by its words or by the name of its module or script."""
    found = _NAMES.search(words)
    return Service[found.lastgroup] if found and found.lastgroup else None


def parse_report(output: bytes | str) -> ServicesReport:
    r"""Read the output of `dis_services stop`, `start` or `restart`. Never raises.

    Pass the output as it was written, with its last `\n`: where no marks are used, a line without an error
    after it is a success, and only its line end tells a finished line from one that was cut short.
    """
    text = plain(output)
    reader = _Reader()
    for line in text.split("\n"):
        reader.take(words_of(line))
    return reader.report(finished=text.endswith("\n"))


@dataclass(slots=True)
class _Entry:
    service: Service | None
    words: str
    verdict: Verdict = Verdict.UNKNOWN
    marked: bool = False
    reasons: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, reason: str = "") -> None:
        """Take note of a verdict; a worse one is never forgotten."""
        self.verdict = max(self.verdict, verdict, key=_SEVERITY.index)
        if reason:
            self.reasons.append(reason)

    @property
    def is_open(self) -> bool:
        return not (self.marked and self.verdict is Verdict.OK)


class _Reader:
    """Collects lines into entries; one stays open for what follows until a mark says that it went well."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.marks_seen = False

    def take(self, line: str) -> None:
        line, starred = split_star(line)
        words, mark = split_mark(line)
        self.marks_seen = self.marks_seen or mark is not None
        words, prefix = split_prefix(words)
        if starred and mark is None and prefix is None and service_in(words) and not _OPENS.match(words):
            mark = Verdict.FAILED if _TROUBLE.search(words) else Verdict.WARNING
        if prefix is None and _OPENS.match(words):
            self._open(words, mark)
            return
        verdict = max((v for v in (mark, prefix) if v), key=_SEVERITY.index, default=None)
        last = self.entries[-1] if self.entries and self.entries[-1].is_open else None
        if verdict is None:
            self._unmarked(words, last)
        elif words:
            self._marked(words, verdict, mark is not None, last)
        elif last is not None:
            last.add(verdict)
            last.marked = True
        elif verdict is not Verdict.OK:
            self._new(words, verdict)

    def report(self, *, finished: bool) -> ServicesReport:
        for entry in self.entries:
            cut_short = entry is self.entries[-1] and not finished
            if entry.verdict is Verdict.UNKNOWN and not self.marks_seen and not cut_short:
                entry.verdict = Verdict.OK
        return ServicesReport(
            tuple(
                ServiceLine(e.service, brief(e.words), e.verdict, brief("; ".join(e.reasons)))
                for e in self.entries
            )
        )

    def _new(self, words: str, verdict: Verdict, reason: str = "") -> _Entry:
        entry = _Entry(service_in(words), words)
        entry.add(verdict, reason)
        self.entries.append(entry)
        return entry

    def _open(self, words: str, mark: Verdict | None) -> None:
        """A line that says what is being started or stopped."""
        if mark is None and words.endswith(".") and not _TROUBLE.search(words):
            words, mark = words.rstrip("."), Verdict.OK
            self.marks_seen = True
        ours = service_in(words) is not None or "dolphin" in words.lower()
        if not ours and mark not in (Verdict.FAILED, Verdict.WARNING):
            return
        entry = self._new(words, mark or Verdict.UNKNOWN)
        entry.marked = mark is not None
        if _TROUBLE.search(words):
            entry.add(Verdict.FAILED, words.partition(": ")[2])

    def _unmarked(self, words: str, last: _Entry | None) -> None:
        """A line without mark or prefix: mostly noise, sometimes the failure of the line before it."""
        if last is not None and last.verdict is Verdict.FAILED and _ADVICE.match(words):
            last.add(Verdict.FAILED, words)
        elif _FAILURE.search(words) or (
            last is not None and last.verdict is Verdict.UNKNOWN and _TROUBLE.search(words)
        ):
            self._marked(words, Verdict.FAILED, False, last)

    def _marked(self, words: str, verdict: Verdict, marked: bool, last: _Entry | None) -> None:
        """A line with a verdict of its own: about the open entry, or about something else."""
        reason = words.removeprefix(":").lstrip()
        service = service_in(words)
        another = last is not None and last.marked and marked and service not in (None, last.service)
        if verdict is Verdict.FAILED and last is not None and not another:
            # An error belongs to what was under way, whatever log file it names.
            last.add(verdict, reason)
            last.marked = last.marked or marked
        elif verdict is Verdict.WARNING and last is not None and service in (None, last.service):
            last.add(verdict, reason)
        elif verdict is Verdict.UNKNOWN and service is None:
            return  # brackets in somebody else's line; what is open stays without a result
        elif verdict is not Verdict.OK:
            self._new(words, verdict, reason)
        elif service is not None:
            self._new(words, verdict).marked = True
