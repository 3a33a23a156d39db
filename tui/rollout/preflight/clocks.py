"""Clocks: the nodes' against each other and against this machine, as exactly as a round trip tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tui.expressware.readiness import Interval, Readiness
from tui.model.events import PreflightResult
from tui.model.nodeset import folded
from tui.rollout.preflight.finding import Finding, Verdict, about, finding, passed

SLIGHT, GROSS = 2.0, 60.0
"""Seconds: a warning above the first, an error above the second."""

_IMPACT = "logs cannot be compared; certificates and the maintenance window may be misjudged"
_REMEDY = "let chronyd or ntpd set it, then check again"


def offset(readiness: Readiness, asked: float, answered: float) -> Interval | None:
    """How far the node's clock is ahead of ours: at least and at most, in seconds.

    Its first reading was taken after we ``asked`` and its last one before it had ``answered`` (epoch seconds
    by our clock). Time on the way widens the interval and never makes a good clock look wrong.
    """
    if readiness.began is None or readiness.ended is None:
        return None
    bounds = (readiness.ended[0] - answered, readiness.began[1] - asked)
    return min(bounds), max(bounds)


def judge(offsets: Mapping[str, Interval]) -> Iterable[Finding]:
    """One finding for each node whose clock is off; one for this machine's if it alone differs."""
    if not offsets:
        return
    apart = _apart(offsets.values())
    off = {name: _distance(bounds) for name, bounds in offsets.items() if abs(_distance(bounds)) > SLIGHT}
    if apart <= SLIGHT and len(off) == len(offsets):
        least = min(off.values(), key=abs)
        words = f"this machine's clock is {_words(-least)} that of all {len(offsets)} machines of the cluster"
        yield Finding(None, _bad(abs(least), words, "let chronyd or ntpd set it here, then check again"))
    elif off:
        for name, seconds in off.items():
            words = f"its clock is {_words(seconds)} this machine's"
            yield about(name, _bad(abs(seconds), words, _REMEDY))
    elif apart > SLIGHT:
        first = min(offsets, key=lambda name: offsets[name][1])
        last = max(offsets, key=lambda name: offsets[name][0])
        words = f"the clock of {last} is {apart:.1f} s ahead of that of {first}"
        yield Finding(None, _bad(apart, words, "let chronyd or ntpd set both, then check again"))
    well = {name: bounds for name, bounds in offsets.items() if name not in off}
    if well and _apart(well.values()) <= SLIGHT:
        yield Finding(
            None, passed("clock", f"{folded(well)}: clocks agree within {SLIGHT:.0f} s, here included")
        )


def _distance(bounds: Interval) -> float:
    """How far it is ahead (positive) or behind (negative) for certain."""
    least, most = bounds
    return least if least > 0 else min(most, 0.0)


def _apart(offsets: Iterable[Interval]) -> float:
    """Seconds between the earliest and the latest clock, for certain."""
    bounds = list(offsets)
    return max(0.0, max(low for low, _ in bounds) - min(high for _, high in bounds))


def _words(seconds: float) -> str:
    amount = f"{abs(seconds):.1f} s" if abs(seconds) < GROSS else f"{abs(seconds) / 60:.0f} min"
    return f"{amount} {'ahead of' if seconds > 0 else 'behind'}"


def _bad(seconds: float, words: str, remedy: str) -> PreflightResult:
    verdict: Verdict = "error" if seconds > GROSS else "warning"
    return finding(verdict, "clock", words, _IMPACT, remedy)
