"""A mark is read in every platform's wording, and a pane says of a line what the parsers take it for."""

from __future__ import annotations

import pytest

from tui.expressware.services import parse_report
from tui.text.marks import Verdict, mark_start, split_mark, verdict_of

OK, WARNING, FAILED, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.FAILED, Verdict.UNKNOWN
MARKED = [
    ("Stopping Dolphin IRM driver    [  OK  ]", OK),
    ("Stopping Dolphin IRM driver [PASSED]", OK),
    ("[ ok ] Stopping Dolphin IRM driver", OK),
    ("[  OK  ] Stopping Dolphin IRM driver", OK),
    ("Starting Dolphin PX driver   [FAILED]", FAILED),
    ("[ FAIL ] Starting Dolphin PX driver", FAILED),
    ("Starting Dolphin PX driver [WARNING]  ", WARNING),
    ("[warn] Starting Dolphin PX driver", WARNING),
    ("Stopping Dolphin IRM driver ... (warning).", WARNING),
    ("Stopping Dolphin IRM driver ... (warning)", WARNING),
    ("Stopping Dolphin IRM driver ... failed!", FAILED),
]


@pytest.mark.parametrize(("text", "found"), MARKED)
def test_the_pane_says_what_the_parser_reads(text: str, found: Verdict) -> None:
    assert verdict_of(text) is found
    [line] = parse_report(f"{text}\n").lines
    assert (line.verdict, line.words.split()[1]) == (found, "Dolphin")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ERROR: rmmod failed - see /var/log/dis_mx.log and syslog ... failed!", FAILED),
        ("#* ERROR: nothing built", FAILED),
        ("#* ERROR: nothing built [see above]", FAILED),
        ("#* WARNING: kernel differs", WARNING),
        ("Stopping Dolphin IRM driver.", None),
        ("Stopping Dolphin IRM driver [FEHLGESCHLAGEN]", None),
        ("the word OK] and [x]", None),
        ("it has failed before", None),
        ("[root@n01 ~]", None),
        ("[....] Stopping Dolphin IRM driver", None),
        ("", None),
    ],
)
def test_a_line_says_something_of_itself_or_not(text: str, found: Verdict | None) -> None:
    assert verdict_of(text) is found


def test_words_and_mark_are_told_apart() -> None:
    assert split_mark("Stopping IRM [ OK ]") == ("Stopping IRM", OK)
    assert split_mark("[....] Stopping IRM") == ("Stopping IRM", None)
    assert split_mark("Stopping IRM [FEHLGESCHLAGEN]") == ("Stopping IRM", UNKNOWN)
    assert mark_start("Stopping IRM   [  OK  ]  ") == 15
    assert mark_start("Stopping IRM ... failed!") is None
    assert mark_start("see [1]") is None
