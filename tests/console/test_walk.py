"""What is true of every screen and dialog: ASCII where it must be, contrast, and where the cursor stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.widgets import Input

from tests.console.screen import Seat
from tests.console.walk import stations, walking
from tui.console.look.glyphs import ASCII
from tui.console.look.themes import DARK, LIGHT
from tui.console.terminal.driver import _ascii

CONTRAST = 4.5
FRAMES = set("─│╭╮╰╯━┼═║╔╗╚╝▁▂▃▄▅▆▇|+-=# ")


def contrast(one: Color, other: Color) -> float:
    """As WCAG 2 reckons it: 1 to 21."""

    def luminance(colour: Color) -> float:
        parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def segments(seat: Seat) -> Iterator[Segment]:
    """What is drawn; of what lies under a dialog nothing, for that is dimmed on purpose."""
    screen = seat.app.screen
    frame = next(iter(screen.query("#dialog, CommandPalette > Vertical")), None)
    region = frame.region if frame is not None else screen.region
    for strip in screen._compositor.render_strips()[region.y : region.bottom]:
        yield from strip.crop(region.x, region.right)


def faint(seat: Seat) -> set[tuple[str, str, str]]:
    """Text, ink and ground of what cannot be read well; the lines of frames aside."""
    found = set()
    for text, style, _ in segments(seat):
        if set(text) <= FRAMES or style is None:
            continue
        assert style.color is not None
        assert style.bgcolor is not None
        fore, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        if style.dim:
            fore = fore.blend(back, 0.5)
        if contrast(fore, back) < CONTRAST:
            found.add((text.strip(), fore.hex, back.hex))
    return found


@pytest.mark.slow
async def test_every_screen_can_be_read_in_both_themes_and_is_ascii_where_it_must_be() -> None:
    bad: set[tuple[str, ...]] = set()
    async with walking(80, 24, ASCII) as seat:
        async for name in stations(seat):
            bad |= {(name, sign) for sign in seat.text if not sign.isascii()}
            focused, place = seat.app.focused, seat.app.cursor_position
            assert focused is not None, name
            assert focused.region.contains_point(place), (name, place, focused.region)
            assert not isinstance(focused, Input) or not focused.cursor_blink, name
            if not isinstance(focused, Input):
                assert seat.text.split("\n")[place.y][place.x :].strip(), (name, place)
            for theme in (LIGHT.name, DARK.name):
                bad |= {(name, *each) for each in faint(seat)}
                seat.app.theme = theme
                await seat.pilot.pause()
    assert sorted(bad) == []


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_ink_can_be_read_on_every_ground(theme: object) -> None:
    assert isinstance(theme, type(DARK))
    inks = {name: Color.parse(value) for name, value in theme.variables.items() if name.startswith("ink-")}
    inks["foreground"] = Color.parse(theme.foreground or "")
    grounds = [Color.parse(each or "") for each in (theme.background, theme.surface, theme.panel)]
    faint = {
        (name, back.hex) for name, ink in inks.items() for back in grounds if contrast(ink, back) < CONTRAST
    }
    assert faint == set()


def test_whatever_is_drawn_in_ascii_keeps_its_columns() -> None:
    assert "".join(map(_ascii, "ab•…╭漢\x1b[0m")) == "ab*.???\x1b[0m"


async def test_under_a_dialog_all_is_laid_out_anew_with_the_terminal() -> None:
    async with walking(120, 36) as seat:
        await seat.press("m")
        await seat.pilot.resize_terminal(80, 24)
        begun = seat.board._ticks
        await seat.until(lambda: seat.board._ticks > begun + 1, "a tick has passed")
        assert "reboot; its other steps follow" in seat.text
        await seat.press("escape")
        assert re.search(r"✘ install +failed  2:15 │", seat.text)
        assert len(seat.text.split("\n")) == 24
        await seat.pilot.resize_terminal(60, 20)
        await seat.shows("Rollcall needs 80 columns and 24 rows")
