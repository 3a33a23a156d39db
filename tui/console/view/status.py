"""The line that always says why: what is waited for, and what to do next."""

from __future__ import annotations

from textual.content import Content

from tui.console.look.glyphs import Glyphs
from tui.console.view.text import behind, fit_words, wrapped
from tui.rollout.interface import Advice
from tui.text.sanitize import sanitize_line


def status(
    advice: Advice, said: str, width: int, glyphs: Glyphs, *, well: bool = False, most: int = 2
) -> Content:
    """Why; and below it the next action, or what was just ``said``: a refusal, or (``well``) what is done.

    Each of the two sentences takes at most ``most`` lines.
    """
    urgent = advice.urgent
    lines = _lines(
        advice.why, glyphs.live if urgent else "", "bold $ink-accent" if urgent else "", width, glyphs, most
    )
    if said:
        sign, ink = (glyphs.done, "") if well else (glyphs.warn, "$ink-warn")
        lines += _lines(said, sign, ink, width, glyphs, most)
    elif advice.next_action:
        lines += _lines(advice.next_action, glyphs.arrow, "$ink-quiet", width, glyphs, most)
    else:
        lines.append(Content())
    return Content("\n").join(lines)


def _lines(sentence: str, sign: str, ink: str, width: int, glyphs: Glyphs, most: int) -> list[Content]:
    """A sentence behind its sign, in as few lines as it needs."""
    head = f" {sign} " if sign else " "
    room = width - len(head) - 1
    pieces = wrapped(glyphs.plain(sanitize_line(sentence, 800)), room)
    shown = [fit_words(" ".join(pieces[most - 1 :]), room, glyphs)] if len(pieces) > most else []
    lines = [*pieces[: most - len(shown)], *shown]
    sign_ink = "$ink-warn" if sign == glyphs.warn else "$ink-accent"
    return behind(head, sign_ink, lines, ink)
