"""Commands about the selected node: rerun, skip, hold."""

from __future__ import annotations

from abc import abstractmethod

from textual.content import Content
from typing_extensions import override

from tui.console.commands.base import Board, RunCommand
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import reason_dialog
from tui.console.dialogs.stale import node_changed
from tui.model.intents import HoldNode, ReleaseNode, SkipNode
from tui.model.run import Node
from tui.rollout.decisions.reruns import reruns
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

    id, keys, footer = "rerun", "r", 3

    @override
    def why_not_on(self, node: Node) -> str:
        return "" if reruns(node) else f"nothing has run on {_name(node)} yet"

    @override
    async def run_on(self, board: Board, node: Node) -> None:
        choices = reruns(node)
        items = [Item(choice.word, choice.sentence) for choice in choices]
        stale = node_changed(board.model.run, node.name)
        chosen = await board.ask(ChooseDialog(f"Rerun on {_name(node)}", items, stale=stale))
        if chosen is not None:
            board.submit(choices[chosen].intent)


class Skip(NodeCommand):
    """Leave a node out of this run."""

    id, keys, footer = "skip-node", "s", 4

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

    id, keys, footer = "hold-node", "h", 5

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
