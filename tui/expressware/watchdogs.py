"""Who would start a Dolphin service again that was stopped on purpose: monit, systemd, cron.

Only their files are read: whether a watchdog runs at this moment says nothing about the night of the update.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tui.expressware.tagged import Answer

WatchdogKind = Literal["monit", "systemd", "cron"]

_UNIT = re.compile(
    r"(?P<place>.*)/systemd/system/(?P<unit>dis_[\w.@-]+?\.service)(?P<dropin>\.d/[^/]+\.conf)?"
)
_PLACES = ("/usr/lib", "/run", "/etc")
"""Where units lie, the weightiest last."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """One of them: where it is written down, and the line that says so."""

    kind: WatchdogKind
    path: str
    line: str


def watchdogs_shell() -> str:
    """Shell lines that tell of every line in which a watchdog names a Dolphin service."""
    return r"""
watchdog() {
  kind=$1 pattern=$2
  shift 2
  for file; do
    shift
    [ -f "$file" ] && set -- "$@" "$file"
  done
  [ "$#" -gt 0 ] || return 0
  naming=$(grep -lE -e "$pattern" "$@")
  [ -z "$naming" ] || printf '%s\n' "$naming" | while IFS= read -r file; do
    text=$(grep -E -e "$pattern" "$file" | tail -n 1)
    say watchdog "$kind ${file#"$R"}:$text"
  done
}
watchdog monit '^[^#]*dis_[a-z]' "$R"/etc/monitrc "$R"/etc/monit.conf "$R"/etc/monit/monitrc \
  "$R"/etc/monit.d/* "$R"/etc/monit/conf.d/* "$R"/etc/monit/conf-enabled/*
set --
for place in /usr/lib /run /etc; do
  set -- "$@" "$R$place"/systemd/system/dis_*.service "$R$place"/systemd/system/dis_*.service.d/*.conf
done
watchdog systemd '^[[:space:]]*Restart=' "$@"
watchdog cron '^[^#]*(start.*dis_[a-z]|dis_[a-z].*start)' "$R"/etc/crontab "$R"/etc/cron.d/* \
  "$R"/etc/cron.hourly/* "$R"/etc/cron.daily/* "$R"/var/spool/cron/* "$R"/var/spool/cron/crontabs/*
"""


def read_watchdogs(answer: Answer) -> tuple[Watchdog, ...]:
    """Return the watchdogs of an answer: one for each file, and for systemd one for each unit."""
    found: list[Watchdog] = []
    units: dict[str, list[Watchdog]] = {}
    for value in answer.all("watchdog"):
        kind, _, rest = value.partition(" ")
        path, _, line = rest.partition(":")
        if kind not in get_args(WatchdogKind) or not line:
            continue
        watchdog = Watchdog(cast(WatchdogKind, kind), path, line.strip())
        unit = _UNIT.fullmatch(path)
        if kind != "systemd":
            found.append(watchdog)
        elif unit is not None:
            units.setdefault(unit["unit"], []).append(watchdog)
    for lines in units.values():
        last = max(lines, key=_weight)
        if re.fullmatch(r"Restart=(?!no\b)\w[\w-]*", last.line):
            found.append(last)
    return tuple(found)


def _weight(watchdog: Watchdog) -> tuple[bool, int]:
    """A drop-in outweighs its unit, and /etc outweighs what packages bring."""
    unit = _UNIT.fullmatch(watchdog.path)
    assert unit is not None
    place = _PLACES.index(unit["place"]) if unit["place"] in _PLACES else 0
    return unit["dropin"] is not None, place
