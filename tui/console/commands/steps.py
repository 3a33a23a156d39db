"""Commands that move the run along: next, confirm or decide, rerun, skip, hold, cancel."""

from __future__ import annotations

from textual.content import Content
from typing_extensions import override

from tui.console.commands.base import Board, RunCommand
from tui.console.commands.cancel import Cancel
from tui.console.commands.decide import decide
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.confirm import ConfirmDialog
from tui.console.dialogs.entry import reason_dialog
from tui.console.dialogs.stale import node_changed
from tui.model.intents import (
    CancelRun,
    ConfirmStep,
    DeclineStep,
    HoldNode,
    ReleaseNode,
    RerunStep,
    SelectNode,
    SkipNode,
)
from tui.model.run import Node, Run, Step
from tui.model.states import RerunScope, RunStatus
from tui.rollout.interface import Candidate
from tui.text.sanitize import sanitize_line


def _name(node: str) -> str:
    return sanitize_line(node, 64)


def _still_running(word: str, node: Node) -> str:
    """The refusal while an attempt is under way on the node; empty when none is."""
    active = node.active_step
    return f"{word}: {active.name.words} is running on {_name(node.name)}; cancel it first" if active else ""


class Next(RunCommand):
    """Pick the next node."""

    id, keys, word, footer = "next-node", "n", "next", 2
    sentence = "Propose the best next node and pick one; the gate's verdict stands beside each."

    @override
    def why_not(self, board: Board) -> str:
        run = board.model.run
        if run.status.final:
            return "next: this run is over"
        if run.current is not None:
            return f"next: {_name(run.current)} is being worked on; finish, skip or hold it first"
        candidates = board.model.engine.candidates()
        if not candidates:
            return f"next: no node is left to pick; {board.model.engine.advice().why}"
        if run.status is not RunStatus.RUNNING and not any(candidate.eligible for candidate in candidates):
            return f"next: {board.model.engine.advice().why}"
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

        dialog = ChooseDialog("Pick the next node", items(), stale=stale, fresh=items)
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


class ConfirmOrDecide(RunCommand):
    """Confirm what is offered, or choose what to do about what stopped."""

    id, keys, word, footer = "confirm", "enter", "confirm", 1
    sentence = "Show the offered step and confirm it, or choose what to do after a failure."

    @override
    def label(self, board: Board) -> str:
        return "decide" if board.model.run.offer is None and _stands(board) else "confirm"

    @override
    def why_not(self, board: Board) -> str:
        if board.model.run.offer is None and not _stands(board):
            return f"confirm: nothing is offered now; {board.model.engine.advice().why}"
        return ""

    @override
    async def run(self, board: Board) -> None:
        if board.model.run.offer is not None:
            await self._confirm(board)
        else:
            await decide(board)

    async def _confirm(self, board: Board) -> None:
        model, offer = board.model, board.model.run.offer
        assert offer is not None
        answer = await board.ask(ConfirmDialog(offer, model.now, simulated=model.run.simulated))
        if answer is None:
            return
        said, typed = answer
        token = offer.offered.token
        board.submit(ConfirmStep(token=token, typed=typed) if said == "yes" else DeclineStep(token=token))


def _stands(board: Board) -> bool:
    """Whether something waits for a decision; ending the run is always possible and has a key of its own."""
    run = board.model.run
    step = run.working.current_step if run.working is not None else None
    if run.status is RunStatus.RUNNING and run.current is not None and not (step and step.status.broken):
        return False  # it goes on by itself
    return any(not isinstance(choice.intent, CancelRun) for choice in board.model.engine.choices())


class Rerun(RunCommand):
    """Do a step again."""

    id, keys, word, footer = "rerun", "r", "rerun", 3
    sentence = "Do a step of the selected node again: this step, from this step on, or the whole node."

    @override
    def why_not(self, board: Board) -> str:
        node = board.selected
        if node is None or not _tried(node):
            return f"rerun: nothing has run on {_name(node.name) if node else 'this node'} yet"
        return _still_running("rerun", node)

    @override
    async def run(self, board: Board) -> None:
        node = board.selected
        assert node is not None
        tried = _tried(node)
        broken = next((step for step in tried if step.status.broken), tried[-1])
        offers: list[tuple[Step, RerunScope, str]] = [
            (broken, RerunScope.STEP, "this step alone, as a new attempt"),
            (broken, RerunScope.FROM_HERE, "this step and every one after it"),
            (tried[0], RerunScope.NODE, "every step from the first one"),
        ]
        offers += [(step, RerunScope.STEP, "this earlier step alone") for step in tried if step is not broken]
        words = {RerunScope.FROM_HERE: "from {} on", RerunScope.NODE: "the whole node"}
        items = [
            Item(words.get(scope, "{}").format(step.name.words), sentence) for step, scope, sentence in offers
        ]
        stale = node_changed(board.model.run, node.name)
        chosen = await board.ask(ChooseDialog(f"Rerun on {_name(node.name)}", items, stale=stale))
        if chosen is not None:
            step, scope, _ = offers[chosen]
            board.submit(RerunStep(node=node.name, step=step.name, scope=scope))


def _tried(node: Node) -> list[Step]:
    return [step for step in node.steps.values() if step.attempts]


class Skip(RunCommand):
    """Leave a node out of this run."""

    id, keys, word, footer = "skip-node", "s", "skip", 4
    sentence = "Leave the selected node out of this run, with a reason; it keeps the version it has."

    @override
    def why_not(self, board: Board) -> str:
        node = board.selected
        if node is None:
            return "skip: no node is selected"
        if node.progress.done:
            return f"skip: {_name(node.name)} is {node.progress.value.replace('-', ' ')} already"
        return _still_running("skip", node)

    @override
    async def run(self, board: Board) -> None:
        node = board.selected
        assert node is not None
        name = _name(node.name)
        stale = node_changed(board.model.run, node.name)
        why = f"This run will not update {name}. Why?"
        reason = await board.ask(reason_dialog(f"Skip {name}", why, stale=stale))
        if reason is not None:
            board.submit(SkipNode(node=node.name, reason=reason))


class Hold(RunCommand):
    """Keep the run's hands off a node, or let it in again."""

    id, keys, word, footer = "hold-node", "h", "hold", 5
    sentence = "Keep the run's hands off the selected node, with a reason; the same key releases it."

    @override
    def label(self, board: Board) -> str:
        return "release" if board.selected is not None and board.selected.hold else "hold"

    @override
    def why_not(self, board: Board) -> str:
        node = board.selected
        if node is None:
            return "hold: no node is selected"
        return _still_running("hold", node)

    @override
    async def run(self, board: Board) -> None:
        node = board.selected
        assert node is not None
        name, stale = _name(node.name), node_changed(board.model.run, node.name)
        if node.hold:
            items = [
                Item(f"release {name}", "the run may pick it again"),
                Item("keep the hold", "nothing changes"),
            ]
            intro = Content.assemble("Held: ", (sanitize_line(node.hold, 200), "$ink-held"), "\n")
            if await board.ask(ChooseDialog(f"Release {name}", items, intro=intro, stale=stale)) == 0:
                board.submit(ReleaseNode(node=node.name))
            return
        why = f"The run keeps its hands off {name}. Why?"
        reason = await board.ask(reason_dialog(f"Hold {name}", why, stale=stale))
        if reason is not None:
            board.submit(HoldNode(node=node.name, reason=reason))


COMMANDS = (Next, ConfirmOrDecide, Rerun, Skip, Hold, Cancel)
