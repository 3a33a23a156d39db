"""What a person can do about what stopped: the engine's choices, with the reason or the name they need."""

from __future__ import annotations

from textual.content import Content

from tui.console.commands.base import Board
from tui.console.dialogs.choose import LOW, ChooseDialog, Item
from tui.console.dialogs.entry import name_dialog, reason_dialog
from tui.console.dialogs.stale import StaleCheck
from tui.console.view.text import wrapped
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
    chosen = await board.ask(ChooseDialog(title, items, intro=_trouble(board, len(items)), stale=stale))
    if chosen is not None and (intent := await complete(board, choices[chosen], stale)) is not None:
        board.submit(intent)


def _trouble(board: Board, choices: int) -> Content | None:
    """What went wrong, in the engine's words; with a row for each of so many choices below it."""
    node = board.model.run.working
    step = node.current_step if node else None
    advice = board.model.engine.advice()
    plain = board.model.glyphs.plain
    if step is None or not step.status.broken:
        return Content.assemble(sanitize_line(advice.why, 400), "\n")
    size = board.app.size
    width, most = min(94, size.width - 6), max(6, size.height - 8 - choices) if size.height < LOW else 14
    head = f"{step.name.words} {step.status.words}. "
    remedy, rows = _cut(plain(paragraph(step.remedy, 8)), width, most - 2, board)
    told, _ = _cut(f"{head}{plain(paragraph(step.reason, 8))}", width, most - rows, board)
    below = (f"\n{remedy}" if remedy else "", "$ink-accent")
    return Content.assemble((head, "bold $ink-bad"), told[len(head) :], below, "\n")


def _cut(text: str, width: int, most: int, board: Board) -> tuple[str, int]:
    """At most so many rows of ``text``, with a sign where there were more; and how many rows they are."""
    lines = wrapped(text, width)
    if len(lines) <= most:
        return text, len(lines) if text else 0
    return " ".join(lines[:most])[:-4].rpartition(" ")[0] + f" {board.model.glyphs.more}", most


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
