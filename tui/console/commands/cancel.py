"""Stop a running step, or end the run: what each means is shown before either is asked for."""

from __future__ import annotations

from typing_extensions import override

from tui.console.commands.base import Board, RunCommand
from tui.console.dialogs.choose import ChooseDialog, Item
from tui.console.dialogs.entry import name_dialog, reason_dialog
from tui.console.dialogs.stale import first_of, ledger_changed, work_changed
from tui.console.look.marks import abort_words
from tui.model.intents import CancelRun, CancelStep
from tui.model.run import Node, Run, Step
from tui.model.states import AbortClass
from tui.text.sanitize import sanitize_line


class Cancel(RunCommand):
    """Stop a running step, or end the run."""

    id, keys, footer, dangerous = "cancel", "c", 7, True
    outlives_run = False

    @override
    async def run(self, board: Board) -> None:
        run, node = board.model.run, board.model.run.working
        step = node.active_step if node else None
        end = Item("end the run", _ending(run), dangerous=True)
        items = [Item("go back", "nothing is stopped", default=True), end]
        if node is not None and step is not None:
            items.insert(1, _stopping(run, node, step))
        stale = first_of(work_changed(run), ledger_changed(run))
        chosen = await board.ask(ChooseDialog("Cancel", items, stale=stale))
        if not chosen:
            return
        if items[chosen] is end:
            reason = await board.ask(reason_dialog("End the run", "The run ends here. Why?", stale=stale))
            if reason is not None:
                board.submit(CancelRun(reason=reason))
        elif node is not None and step is not None:
            await self._cancel_step(board, node.name, step)

    async def _cancel_step(self, board: Board, node: str, step: Step) -> None:
        def stale(run: Run) -> str:
            now = run.nodes[node].steps.get(step.name)
            running = now is not None and now.status.active
            return "" if running else f"{step.name.words} has ended meanwhile"

        meaning = f"{step.name.words} is stopped on {sanitize_line(node, 64)} by its process group."
        typed = await board.ask(name_dialog(f"Stop {step.name.words}", node, meaning, stale=stale))
        if typed is not None:
            board.submit(CancelStep(node=node, typed=typed))


def _stopping(run: Run, node: Node, step: Step) -> Item:
    plan = run.planned(node, step.name)
    meaning = f"aborting it {abort_words(plan.abort_class)}" if plan else "what it leaves behind is not known"
    cannot = plan is not None and plan.abort_class is AbortClass.CANNOT
    why_not = f"{step.name.words} cannot be aborted" if cannot else ""
    word = f"stop {step.name.words} on {sanitize_line(node.name, 64)}"
    return Item(word, meaning, why_not=why_not, dangerous=True)


def _ending(run: Run) -> str:
    ending = "ends the run here; nodes that are not done keep the version they have"
    if not run.open_ledger:
        return ending
    count = len(run.open_ledger)
    still = f"{count} thing{'s' if count > 1 else ''} still out of service"
    return f"{ending}; {still} must be put back or signed off"


COMMANDS = (Cancel,)
