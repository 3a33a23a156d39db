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
    parts: list[tuple[str, str]] = [
        (f"{step.name.words} {step.status.words}. ", "bold $ink-bad"),
        (plain(paragraph(step.reason, 6)), ""),
    ]
    if step.remedy:
        parts.append((f"\n{plain(paragraph(step.remedy, 8))}", "$ink-accent"))
    return Content.assemble(*parts, "\n")


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
