"""Stop a running step, or end the run: what each means is shown before either is asked for."""

from __future__ import annotations

from tui.console.commands.base import Board, Command
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import name_dialog, reason_dialog
from tui.console.ground import both, same_ledger, same_work
from tui.console.view.marks import abort_words
from tui.model.intents import CancelRun, CancelStep
from tui.model.run import Run, Step
from tui.model.states import AbortClass
from tui.text.sanitize import sanitize_line


class Cancel(Command):
    """Stop a running step, or end the run."""

    id, keys, word, group, footer, changes, dangerous = "cancel", "c", "cancel", "The run", 7, True, True
    sentence = "Stop the running step on its node, or end the run; what each means now is shown first."

    def why_not(self, board: Board) -> str:
        """What stands in the way now."""
        return "cancel: this run is over" if board.model.run.status.final else ""

    async def run(self, board: Board) -> None:
        """Ask what has to be asked, then do it."""
        run = board.model.run
        items, nothing = [], Item("go back", "nothing is stopped", default=True)
        node = run.working
        step = node.active_step if node else None
        if node is not None and step is not None:
            plan = run.planned(node, step.name)
            meaning = "what it leaves behind is not known"
            if plan is not None:
                meaning = f"aborting it {abort_words(plan.abort_class)}"
            cannot = plan is not None and plan.abort_class is AbortClass.CANNOT
            word = f"stop {step.name.words} on {sanitize_line(node.name, 64)}"
            items.append(
                Item(
                    word,
                    meaning,
                    why_not=f"{step.name.words} cannot be aborted" if cannot else "",
                    dangerous=True,
                )
            )
        ending = "ends the run here; nodes that are not done keep the version they have"
        if run.open_ledger:
            count = len(run.open_ledger)
            still = f"{count} thing{'s' if count > 1 else ''} still out of service"
            ending += f"; {still} must be put back or signed off"
        items += [Item("end the run", ending, dangerous=True), nothing]

        void = both(same_work(run), same_ledger(run))
        chosen = await board.ask(ChooseDialog("Cancel", [nothing, *items[:-1]], void=void))
        if chosen is None or chosen == 0:
            return
        if items[chosen - 1].word == "end the run":
            reason = await board.ask(reason_dialog("End the run", "The run ends here. Why?", void=void))
            if reason is not None:
                board.submit(CancelRun(reason=reason))
        elif node is not None and step is not None:
            await self._cancel_step(board, node.name, step)

    async def _cancel_step(self, board: Board, node: str, step: Step) -> None:
        def void(run: Run) -> str:
            return _ended(run, node, step)

        meaning = f"{step.name.words} is stopped on {sanitize_line(node, 64)} by its process group."
        typed = await board.ask(name_dialog(f"Stop {step.name.words}", node, meaning, void=void))
        if typed is not None:
            board.submit(CancelStep(node=node, typed=typed))


def _ended(run: Run, node: str, step: Step) -> str:
    """That the step which was to be stopped is over; empty while it runs."""
    now = run.nodes[node].steps.get(step.name)
    return "" if now is not None and now.status.active else f"{step.name.words} has ended meanwhile"
