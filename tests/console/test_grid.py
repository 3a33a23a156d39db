"""The node grid: from one node to 1,024, the most detail that fits, and the cursor where it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.console.screen import same_as_snapshot, seated
from tests.console.story import begin, pick, start
from tests.console.story_engine import StoryEngine
from tui.console.view.grid_layout import Detail, lay_out
from tui.model.steps import StepName


@given(st.integers(1, 1024), st.integers(1, 64), st.integers(76, 400), st.integers(3, 40), st.booleans())
def test_what_is_laid_out_fits(count: int, longest: int, width: int, height: int, may_fold: bool) -> None:
    placed = lay_out(count, longest, width, height, may_fold)
    assert placed.columns * placed.cell <= width
    if placed.detail is not Detail.FOLDED:
        assert placed.columns * placed.rows >= count
        assert placed.rows <= height or not may_fold
    else:
        assert may_fold


@pytest.mark.parametrize(
    ("count", "width", "height", "detail"),
    [
        (1, 158, 11, Detail.FULL),
        (9, 158, 11, Detail.FULL),
        (9, 118, 7, Detail.FULL),
        (9, 118, 4, Detail.USUAL),
        (9, 78, 3, Detail.WORD),
        (60, 158, 11, Detail.WORD),
        (150, 158, 11, Detail.SIGN),
        (1024, 158, 11, Detail.FOLDED),
        (64, 78, 3, Detail.FOLDED),
    ],
)
def test_the_detail_that_fits(count: int, width: int, height: int, detail: Detail) -> None:
    assert lay_out(count, 4, width, height, may_fold=True).detail is detail


def big(count: int = 1024) -> StoryEngine:
    engine = begin(StoryEngine(f"n[0001-{count:04}]"), held={"n0100": "fan"})
    engine.tell("node.progress", "n0002", progress="failed", reason="the driver did not start")
    engine.tell("node.health", "n0007", health="degraded", detail="x4")
    pick(engine, "n0040")
    start(engine, "n0040", StepName.INSTALL, output=b"working\n")
    return engine


async def test_a_thousand_nodes_fold_by_state_what_needs_a_person_first() -> None:
    async with seated(big(), 160, 48) as seat:
        same_as_snapshot("grid-1024-160x48", "\n".join(seat.text.split("\n")[:10]))
        await seat.resize(80, 24)
        await seat.shows("✘ failed", "► install", "◦ waiting")


async def test_a_folded_line_opens_and_the_filter_finds_one() -> None:
    async with seated(big(), 120, 36) as seat:
        await seat.press("home", "space")
        await seat.shows("n0002 ✘ failed", '1 of 1025 with "failed", esc shows all')
        await seat.press("escape")
        await seat.shows("◦ waiting")
        await seat.press("slash", *"n0077", "enter")
        await seat.shows("n0077 ∙ waiting", "n0077 ◦ waiting")
        await seat.press("slash", *["backspace"] * 5, *"degraded", "enter")
        await seat.shows("n0007 ∙ waiting", "! degraded")
        await seat.press("escape")
        await seat.shows("► install")


async def test_a_filter_that_lets_nothing_through_says_so() -> None:
    async with seated(big(64), 120, 36) as seat:
        await seat.press("slash", *"zzz", "enter")
        await seat.shows('0 of 65 with "zzz"')
        await seat.press("n", "s", "h", "r", "f", "f", "escape")
        await seat.shows("n0001")


async def test_the_cursor_stays_on_its_node_through_every_size() -> None:
    async with seated(big(64), 160, 48) as seat:
        await seat.press("home", *["right"] * 20)
        await seat.shows("n0020 ∙ waiting")
        for width, height in ((80, 24), (200, 60), (79, 20), (120, 36)):
            await seat.resize(width, height)
        await seat.shows("n0020 ∙ waiting")


async def test_the_arrows_stay_inside() -> None:
    async with seated(begin(StoryEngine("px[01-08]")), 120, 36) as seat:
        await seat.press("up", "left", "up")
        await seat.shows("mgmt ∙ waiting")
        await seat.press("end", "right", "down")
        await seat.shows("px08 ∙ waiting")


async def test_one_node_is_a_cluster_too() -> None:
    async with seated(begin(StoryEngine("solo")), 80, 24) as seat:
        await seat.press("end")
        await seat.shows("Nodes 1 + mgmt ∙ 1 waiting", "solo ∙ waiting")


async def test_a_click_chooses_a_node() -> None:
    async with seated(begin(StoryEngine()), 120, 36) as seat:
        row = next(i for i, line in enumerate(seat.text.split("\n")) if "px05 ◦" in line)
        column = seat.text.split("\n")[row].index("px05")
        await seat.pilot.click(offset=(column + 1, row))
        await seat.shows("px05 ∙ waiting")
