"""Clocks: a round trip never makes a good clock look wrong, and a wrong one is told from here or there."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import answered
from tui.expressware.readiness import parse_readiness
from tui.rollout.preflight import clocks
from tui.rollout.preflight.finding import Finding

NOW = 1_800_000_000.0
skews = st.floats(-1e6, 1e6)
delays = st.floats(0, 50)


def answer(began: float, ended: float, exact: bool) -> str:
    first, last = (f"{clock:.9f}" if exact else f"{clock // 1:.0f}.N" for clock in (began, ended))
    return f"@clock.begin {first}\n@clock.end {last}\n@end \n"


@given(skews, delays, delays, delays, st.booleans())
def test_the_true_offset_lies_within_the_bounds(
    skew: float, there: float, look: float, back: float, exact: bool
) -> None:
    asked = NOW
    readiness = parse_readiness(answered(answer(asked + there + skew, asked + there + look + skew, exact)))
    bounds = clocks.offset(readiness, asked, asked + there + look + back)
    assert bounds is not None
    slack = 0.001  # what floats and nine digits lose
    assert bounds[0] - slack <= skew <= bounds[1] + slack
    width = there + back + (0 if exact else 2)
    assert bounds[1] - bounds[0] <= width + slack


def test_a_node_without_a_clock_is_not_judged() -> None:
    empty = parse_readiness(answered("@end \n"))
    assert clocks.offset(empty, NOW, NOW) is None
    assert clocks.offset(replace(empty, began=(1.0, 1.0)), NOW, NOW) is None


def said(**offsets: float | tuple[float, float]) -> list[tuple[str | None, str, str]]:
    bounds = {name: (off, off) if isinstance(off, float) else off for name, off in offsets.items()}
    findings: list[Finding] = list(clocks.judge(bounds))
    assert all(each.result.check == "clock" for each in findings)
    return [(each.node, each.result.verdict, each.result.summary) for each in findings]


def test_all_agree() -> None:
    assert said(a1=0.1, a2=-1.5, a3=0.4) == [
        (None, "passed", "a[1-3]: clocks agree within 2 s, here included")
    ]
    assert said() == []


def test_one_node_is_off() -> None:
    assert said(a1=0.0, a2=-5.25, a3=0.1) == [
        ("a2", "warning", "a2: its clock is 5.2 s behind this machine's"),
        (None, "passed", "a[1,3]: clocks agree within 2 s, here included"),
    ]
    assert said(a1=0.0, a2=61.0)[0] == ("a2", "error", "a2: its clock is 1 min ahead of this machine's")


def test_this_machine_is_off() -> None:
    assert said(a1=-100.0, a2=-99.0) == [
        (None, "error", "this machine's clock is 2 min ahead of that of all 2 machines of the cluster")
    ]
    assert said(a1=3.0, a2=3.5) == [
        (None, "warning", "this machine's clock is 3.0 s behind that of all 2 machines of the cluster")
    ]


def test_two_nodes_are_apart_though_each_is_near_enough() -> None:
    assert said(a1=1.5, a2=-1.5) == [(None, "warning", "the clock of a1 is 3.0 s ahead of that of a2")]


def test_a_slow_answer_accuses_nobody() -> None:
    assert said(a1=(-40.0, 40.0), a2=(-1.0, 30.0))[0][1] == "passed"
    assert said(a1=(-40.0, 40.0), a2=(500.0, 530.0))[0][:2] == ("a2", "error")


@given(st.dictionaries(st.sampled_from(["n1", "n2", "n3", "n4"]), st.floats(-2, 2)))
def test_nobody_is_accused_within_the_limit(offsets: dict[str, float]) -> None:
    near = {name: (off / 2, off / 2) for name, off in offsets.items()}
    assert all(each.result.verdict == "passed" for each in clocks.judge(near))
