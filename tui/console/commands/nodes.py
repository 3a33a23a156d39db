"""Commands about the selected node: rerun, skip, hold."""

from __future__ import annotations

from abc import abstractmethod

from textual.content import Content
from typing_extensions import override

from tui.console.commands.base import Board, RunCommand
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import reason_dialog
from tui.console.dialogs.stale import node_changed
from tui.model.intents import HoldNode, ReleaseNode, RerunStep, SkipNode
from tui.model.run import Node, Step
from tui.model.states import RerunScope
from tui.text.sanitize import sanitize_line


def _name(node: Node) -> str:
    return sanitize_line(node.name, 64)


class NodeCommand(RunCommand):
    """Grey while something runs on the node."""

    @override
    def why_not(self, board: Board) -> str:
        node = board.selected
        if node is None:
            return f"{self.word}: no node is selected"
        why = self.why_not_on(node)
        if not why and (active := node.active_step) is not None:
            why = f"{active.name.words} is running on {_name(node)}; cancel it first"
        return f"{self.word}: {why}" if why else ""

    @override
    async def run(self, board: Board) -> None:
        if (node := board.selected) is not None:
            await self.run_on(board, node)

    def why_not_on(self, node: Node) -> str:
        """The command's own reasons to be grey."""
        return ""

    @abstractmethod
    async def run_on(self, board: Board, node: Node) -> None:
        """Do it to this node."""


class Rerun(NodeCommand):
    """Do a step again."""

    id, keys, word, footer = "rerun", "r", "rerun", 3
    sentence = "Do a step of the selected node again: this step, from this step on, or the whole node."

    @override
    def why_not_on(self, node: Node) -> str:
        return "" if _tried(node) else f"nothing has run on {_name(node)} yet"

    @override
    async def run_on(self, board: Board, node: Node) -> None:
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
        chosen = await board.ask(ChooseDialog(f"Rerun on {_name(node)}", items, stale=stale))
        if chosen is not None:
            step, scope, _ = offers[chosen]
            board.submit(RerunStep(node=node.name, step=step.name, scope=scope))


def _tried(node: Node) -> list[Step]:
    return [step for step in node.steps.values() if step.attempts]


class Skip(NodeCommand):
    """Leave a node out of this run."""

    id, keys, word, footer = "skip-node", "s", "skip", 4
    sentence = "Leave the selected node out of this run, with a reason; it keeps the version it has."

    @override
    def why_not_on(self, node: Node) -> str:
        progress = node.progress
        return f"{_name(node)} is {progress.words} already" if progress.done else ""

    @override
    async def run_on(self, board: Board, node: Node) -> None:
        name = _name(node)
        stale = node_changed(board.model.run, node.name)
        why = f"This run will not update {name}. Why?"
        if (reason := await board.ask(reason_dialog(f"Skip {name}", why, stale=stale))) is not None:
            board.submit(SkipNode(node=node.name, reason=reason))


class Hold(NodeCommand):
    """Keep the run's hands off a node, or let it in again."""

    id, keys, word, footer = "hold-node", "h", "hold", 5
    sentence = "Keep the run's hands off the selected node, with a reason; the same key releases it."

    @override
    def label(self, board: Board) -> str:
        return "release" if board.selected is not None and board.selected.hold else "hold"

    @override
    async def run_on(self, board: Board, node: Node) -> None:
        name, stale = _name(node), node_changed(board.model.run, node.name)
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
        if (reason := await board.ask(reason_dialog(f"Hold {name}", why, stale=stale))) is not None:
            board.submit(HoldNode(node=node.name, reason=reason))


COMMANDS = (Rerun, Skip, Hold)
