"""The line that always says why: what is waited for, and what to do next."""

from __future__ import annotations

from textual.content import Content

from tui.console.foreign import one_line
from tui.console.glyphs import Glyphs
from tui.console.view.text import shorten
from tui.rollout.desk import Advice


def status(advice: Advice, said: str, width: int, glyphs: Glyphs) -> Content:
    """Two lines: why; and the next action, or what was just ``said`` (a refusal, an answer)."""
    urgent = advice.urgent
    why = Content.assemble(
        (f" {glyphs.live if urgent else ' '} " if urgent else " ", "$ink-accent"),
        (glyphs.plain(one_line(advice.why, 400)), "bold $ink-accent" if urgent else ""),
    )
    if said:
        second = Content.assemble(
            (f" {glyphs.bad} ", "$ink-warn"), (glyphs.plain(one_line(said, 400)), "$ink-warn")
        )
    elif advice.next_action:
        second = Content.assemble(
            (f" {glyphs.arrow} ", "$ink-accent"),
            (glyphs.plain(one_line(advice.next_action, 400)), "$ink-quiet"),
        )
    else:
        second = Content()
    return Content("\n").join([shorten(why, width, glyphs), shorten(second, width, glyphs)])
