"""Commands that move the run along: the next node, and what is offered or has to be decided."""

from __future__ import annotations

from typing_extensions import override

from tui.console.commands.base import Board, RunCommand
from tui.console.commands.decide import decide
from tui.console.dialogs.base import Dialog
from tui.console.dialogs.choose import Item
from tui.console.dialogs.confirm import ConfirmDialog
from tui.console.dialogs.pick import PickDialog
from tui.console.dialogs.reading import ReadingDialog
from tui.console.view_model import ViewModel
from tui.model.intents import CancelRun, Intent, SelectNode
from tui.model.run import Offer, Run
from tui.model.states import RunStatus
from tui.rollout.interface import Candidate
from tui.text.sanitize import sanitize_line


def _name(node: str) -> str:
    return sanitize_line(node, 64)


class Next(RunCommand):
    """Pick the next node."""

    id, keys, footer = "next-node", "n", 2
    outlives_run = False

    @override
    def why_not(self, board: Board) -> str:
        run = board.model.run
        if run.current is not None:
            return f"next: {_name(run.current)} is being worked on; finish, skip or hold it first"
        candidates = board.model.engine.candidates()
        if not candidates:
            return "next: no node is left to pick"
        if run.status is not RunStatus.RUNNING and not any(candidate.eligible for candidate in candidates):
            return "next: no node can be picked yet; the line above says why"
        return ""

    @override
    async def run(self, board: Board) -> None:
        names = [candidate.node for candidate in board.model.engine.candidates()]

        def items() -> list[Item]:
            now = {candidate.node: candidate for candidate in board.model.engine.candidates()}
            best = next((name for name, candidate in now.items() if candidate.eligible), None)
            return [_candidate(name, now.get(name), best) for name in names]

        def stale(run: Run) -> str:
            if run.current is not None:
                return f"{_name(run.current)} has been picked meanwhile"
            return "the run has ended meanwhile" if run.status.final else ""

        def about(index: int) -> list[tuple[str, str]]:
            now = {candidate.node: candidate for candidate in board.model.engine.candidates()}
            return _rows(now.get(names[index]))

        dialog = PickDialog(items(), about, stale=stale, fresh=items)
        chosen = await board.ask(dialog)
        if chosen is not None and board.submit(SelectNode(node=names[chosen])):
            board.nodes.turn_to(board.model.run.current)


def _candidate(name: str, candidate: Candidate | None, best: str | None) -> Item:
    """A node that could be next, with the gate's verdict as it is now."""
    if candidate is None:
        return Item(_name(name), "", why_not="it is no longer waiting")
    why = sanitize_line(candidate.why, 300)
    if candidate.eligible:
        return Item(_name(name), why, recommended=name == best)
    return Item(_name(name), "", why_not=why)


def _rows(candidate: Candidate | None) -> list[tuple[str, str]]:
    """Everything there is to say about it, as safe text."""
    if candidate is None:
        return []
    first = [("proposed", candidate.proposal)] if candidate.proposal else []
    first += [("in the way", candidate.why)] if not candidate.eligible else []
    return [(word, sanitize_line(text, 600)) for word, text in (*first, *candidate.about())]


class ConfirmOrDecide(RunCommand):
    """Confirm what is offered, or choose what to do about what stopped."""

    id, keys, footer = "confirm", "enter", 1

    @override
    def label(self, board: Board) -> str:
        return "decide" if not _offered(board) and _stands(board) else "confirm"

    @override
    def why_not(self, board: Board) -> str:
        if not _offered(board) and not _stands(board):
            return "confirm: nothing is offered now"
        return ""

    @override
    async def run(self, board: Board) -> None:
        if _offered(board):
            await self._confirm(board)
        else:
            await decide(board)

    async def _confirm(self, board: Board) -> None:
        model, offer = board.model, board.model.run.offer
        assert offer is not None
        dialog = _dialog(model, offer)
        answer = await board.ask(dialog)
        if answer is not None:
            board.submit(answer)
        elif not dialog.closed_because:
            board.opening.put_away(offer.offered.token)


def _dialog(model: ViewModel, offer: Offer) -> Dialog[Intent]:
    run = model.run
    if not offer.offered.by_reading:
        return ConfirmDialog(offer, model.now, simulated=run.simulated)
    serves = run.out_words(offer.node) != "out of service"
    return ReadingDialog(offer, model.engine.reading, serves=serves, simulated=run.simulated)


def _offered(board: Board) -> bool:
    """Whether an offer can be confirmed; one of a run that is paused waits until that goes on."""
    run = board.model.run
    return run.offer is not None and run.status is RunStatus.RUNNING


def _stands(board: Board) -> bool:
    """Whether something waits for a decision; ending the run is always possible and has a key of its own."""
    run = board.model.run
    step = run.working.current_step if run.working is not None else None
    if run.status is RunStatus.RUNNING and run.current is not None and not (step and step.status.broken):
        return False  # it goes on by itself
    return any(not isinstance(choice.intent, CancelRun) for choice in board.model.engine.choices())


COMMANDS = (Next, ConfirmOrDecide)
