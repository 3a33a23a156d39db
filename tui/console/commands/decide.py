"""What a person can do about what stopped: the engine's choices, with the reason or the name they need."""

from __future__ import annotations

from textual.content import Content

from tui.console.commands.base import Board
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import name_dialog, reason_dialog
from tui.console.dialogs.stale import StaleCheck
from tui.model.intents import Intent
from tui.model.run import Run
from tui.rollout.interface import Choice
from tui.text.sanitize import paragraph, sanitize_line

LOW = 30
"""Rows below which a screen is low."""


async def decide(board: Board) -> None:
    """Let a person choose from what the engine says is possible now."""
    engine, run = board.model.engine, board.model.run
    choices = engine.choices()
    asked = [choice.intent for choice in choices]
    items = [
        Item(
            sanitize_line(c.word, 120),
            sanitize_line(c.sentence, 400),
            recommended=c.recommended,
            dangerous=c.dangerous,
        )
        for c in choices
    ]

    def stale(_run: Run) -> str:
        return "" if [c.intent for c in engine.choices()] == asked else "the choices have changed meanwhile"

    node = run.working
    title = f"What to do about {sanitize_line(node.name, 64)}" if node else "What to do now"
    chosen = await board.ask(ChooseDialog(title, items, intro=_trouble(board), stale=stale))
    if chosen is not None and (intent := await complete(board, choices[chosen], stale)) is not None:
        board.submit(intent)


def _trouble(board: Board) -> Content | None:
    """What went wrong, in the engine's words."""
    node = board.model.run.working
    step = node.current_step if node else None
    advice = board.model.engine.advice()
    plain = board.model.glyphs.plain
    if step is None or not step.status.broken:
        return Content.assemble(sanitize_line(advice.why, 400), "\n")
    # On a low screen the choices need the room; the steps behind the dialog tell all of it.
    low = board.app.size.height < LOW
    head = f"{step.name.words} {step.status.words}. "
    reason = _cut(plain(paragraph(step.reason, 6)), len(head), 2 if low else 6, board)
    parts: list[tuple[str, str]] = [(head, "bold $ink-bad"), (reason, "")]
    if step.remedy:
        remedy = _cut(plain(paragraph(step.remedy, 8)), 0, 3 if low else 8, board)
        parts.append((f"\n{remedy}", "$ink-accent"))
    return Content.assemble(*parts, "\n")


def _cut(text: str, before: int, most: int, board: Board) -> str:
    """At most so many rows of ``text``, where so many columns stand before it; cut with a sign."""
    room = min(94, board.app.size.width - 6) * most - before
    more = board.model.glyphs.more
    return text if len(text) <= room else f"{text[: room - 8].rpartition(' ')[0]} {more}"


async def complete(board: Board, choice: Choice, stale: StaleCheck) -> Intent | None:
    """The choice's intent with the reason and the typed name it needs; None when a person turned back."""
    intent, fields = choice.intent, {}
    word = sanitize_line(choice.word, 80)
    if choice.needs_reason:
        reason = await board.ask(reason_dialog(f"Why: {word}", sanitize_line(choice.sentence, 400), stale))
        if reason is None:
            return None
        fields["reason"] = reason
    if wanted := choice.to_type:
        typed = await board.ask(
            name_dialog(f"Sure: {word}", wanted, sanitize_line(choice.sentence, 400), stale)
        )
        if typed is None:
            return None
        if "typed" in type(intent).model_fields:
            fields["typed"] = typed
    return intent.model_copy(update=fields) if fields else intent
