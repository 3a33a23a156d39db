"""What the SIA (the self-installing archive) says while it builds or installs, explained from the manual.

No sample of a run, no list of its messages and no table of its exit codes is known. So the exit code alone
decides whether a run succeeded, and the pattern book below only explains words that other Dolphin scripts are
known to use; a run whose words are not in the book is shown as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tui.text.marks import split_mark
from tui.text.sanitize import brief, words_of
from tui.text.terminal import plain


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message that was found: its words, what they mean, what helps, and where that is known from.

    ``general``: only that it is an error or a warning is known, not what of.
    """

    words: str
    meaning: str
    remedy: str
    source: str
    general: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    meaning: str
    remedy: str
    source: str


def _rule(pattern: str, meaning: str, remedy: str, source: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), meaning, remedy, source)


_UPDATE = "manual, Rolling Update"
_SCRIPTS = "Dolphin's service scripts"

_BOOK = (
    _rule(
        r"rmmod failed|Module \S+ is in use",
        "A driver could not be unloaded: an application or another kernel module still uses it.",
        "Stop what uses PCI Express and rerun the step; or go on, then the node must be rebooted.",
        f"{_UPDATE}, steps 4 and 5",
    ),
    _rule(
        r"insmod failed",
        "A driver could not be loaded, often because memory is too fragmented for it.",
        "Reboot the node; read the log file that the message names if that does not help.",
        f"{_UPDATE}, step 6",
    ),
    _rule(
        r"no (?:SCI|DX|IX|PX|MX) device",
        "The driver found no adapter.",
        "Check that the card is seated and listed by lspci. On a machine without one, ignore the message.",
        _SCRIPTS,
    ),
    _rule(
        r"module built for kernel|running on kernel|no valid module|Invalid module format|version magic",
        "The driver was built for another kernel than the one that runs.",
        "Build the packages on this node (--build-rpm), with the kernel headers of exactly its kernel.",
        "manual, kernel build machine; Dolphin's service scripts",
    ),
    _rule(
        r"networkmanager\.conf not found",
        "The Network Manager has no configuration.",
        "Restore /etc/dis/networkmanager.conf, or create it with dis_netconfig on the management node.",
        _SCRIPTS,
    ),
    _rule(
        r"Must be root",
        "The command ran without root's rights.",
        "Log in as root, or let Rollcall become root ([ssh] become in the cluster file).",
        _SCRIPTS,
    ),
    _rule(
        r"\benforce\b|(?:same|older) version|Dolphin.{0,80}(?:already|newer).{0,40}\binstalled",
        "The version is the one installed or an older one, which the SIA refuses unless told to go on.",
        "If that version is meant, rerun install with --enforce. The SIA's wording is not known: read it.",
        f"{_UPDATE}, step 5",
    ),
    _rule(
        r": (?:startup|shutdown) failed",
        "A manager daemon did not start or stop.",
        "Read the log that the message names (/var/log/dis_nodemgr.log); a reboot starts it afresh.",
        f"{_SCRIPTS}; {_UPDATE}, step 6",
    ),
    _rule(
        r"no device links found",
        "A driver is loaded, but its device files are missing.",
        "Restart the services on this node; reboot it if the message comes back.",
        _SCRIPTS,
    ),
    _rule(
        r"not running, but \S+ exists",
        "A service is down and has left its lock file: it did not stop in an orderly way.",
        "Start the services again, and look into the service's log for the reason.",
        _SCRIPTS,
    ),
    _rule(
        r"No space left on device",
        "A file system is full.",
        "Make room on the node and rerun the step.",
        "the operating system",
    ),
    _rule(
        r"#\* ?ERROR|\bERROR:",
        "Dolphin's scripts report an error in these words.",
        "Read the line and the log that it names; then rerun the step or reboot the node.",
        _SCRIPTS,
    ),
    _rule(
        r"#\* ?WARNING|\bWARNING:",
        "Dolphin's scripts report a warning in these words.",
        "Read the line; a warning alone does not stop an installation.",
        _SCRIPTS,
    ),
)

_GENERAL = _BOOK[-2:]


def explain(output: bytes | str) -> tuple[Explanation, ...]:
    """Return an explanation of each kind of known message, in the order of their first lines. Never raises.

    A line is explained by the first rule of the book that it matches; other lines are left to the reader.
    """
    found: dict[_Rule, str] = {}
    for line in _interesting(plain(output)):
        rule = next((rule for rule in _BOOK if rule.pattern.search(line)), None)
        if rule is not None:
            found.setdefault(rule, brief(split_mark(line)[0]))
    return tuple(
        Explanation(line, rule.meaning, rule.remedy, rule.source, rule in _GENERAL)
        for rule, line in found.items()
    )


def _interesting(text: str) -> Iterator[str]:
    """Lines that any rule matches: one search over the whole text is far cheaper than one for each line."""
    wanted = re.compile("|".join(f"(?:{rule.pattern.pattern})" for rule in _BOOK), re.IGNORECASE)
    end = -1
    for match in wanted.finditer(text):
        if match.start() < end:
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.start())
        end = len(text) if end < 0 else end
        yield words_of(text[start:end])
