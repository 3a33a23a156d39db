"""What happens next: a pure function of the run. The executor only carries it out.

Because nothing else decides, a console that was killed goes on from its journal as if it had never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui.model import actors, problems
from tui.model import intents as it
from tui.model.run import Offer, Run
from tui.model.states import Confirm, ConfirmClass, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName

DID_NOT_RUN, DID_RUN = "did-not-run", "did-run"
"""What a person may have found where it is not known, as the checks that an override names."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do without a person or an event."""


@dataclass(frozen=True, slots=True)
class PauseNow:
    """A pause was asked for, and this is the point where it can be honoured."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Choose the next node: the pause mode says that no person is waited for."""


@dataclass(frozen=True, slots=True)
class StepAction:
    """What is done with one step of the node in work."""

    node: str
    step: StepName


class OfferStep(StepAction):
    """Offer the step, or find that it is not needed."""


class AutoConfirm(StepAction):
    """Confirm the offer without a person: the pause mode, or the step itself, asks for none."""


class Begin(StepAction):
    """Start the confirmed step."""


class Continue(StepAction):
    """Take up an attempt that was begun before this console: follow it, never start it again."""


class Stop(StepAction):
    """The step that is next has not passed before: one that was done again came between, and has ended."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Every step of the node has passed."""

    node: str


@dataclass(frozen=True, slots=True)
class Complete:
    """No node is left to work on."""


Action = Wait | PauseNow | Pick | OfferStep | AutoConfirm | Begin | Continue | Stop | Finish | Complete

_FOLLOWING = (RunStatus.RUNNING, RunStatus.PAUSE_PENDING)


def next_action(run: Run) -> Action:
    """The next thing to do in this run."""
    if run.status not in _FOLLOWING and not run.status.paused:
        return Wait()
    node = run.working
    step = run.next_step
    if node is not None and step is not None and step.status.active and step.open_attempt is not None:
        return Continue(node.name, step.name)
    if run.status.paused:
        return Wait()
    if run.status is RunStatus.PAUSE_PENDING:
        return PauseNow()
    if node is None:
        return _without_node(run)
    if step is None:
        return Finish(node.name)
    match step.status:
        case StepStatus.PENDING:
            return OfferStep(node.name, step.name)
        case StepStatus.AWAITING_CONFIRM if not waits_for_confirm(run):
            return AutoConfirm(node.name, step.name)
        case StepStatus.CONFIRMED:
            return Begin(node.name, step.name)
        case status if status.broken:
            return Stop(node.name, step.name)
        case _:
            return Wait()


def resumed_words(run: Run) -> str:
    """Where a run stands that was taken up again: what was under way may have ended meanwhile, and the file
    may have changed.
    """
    node = run.working
    step = run.next_step
    passed = [done for done in node.steps.values() if done.status is StepStatus.SUCCEEDED] if node else []
    if node is None or step is None:
        words = "no node is in work"
    elif step.status is StepStatus.PENDING and passed:
        words = f"{node.name} is done with {passed[-1].name.words}"
    else:
        words = f"{node.name} is at {step.name.words}"
    return f"taken up again: {words}{_of_another_file(run)}"


def _of_another_file(run: Run) -> str:
    """What the cluster file says now and this run does not go by, as the rest of a sentence."""
    bound = run.bound
    if bound is None:
        return ""
    if gone := [name for name in bound.gone if not run.nodes[name].left]:
        stay = "stays" if len(gone) == 1 else "stay"
        return f"; {', '.join(gone)} left the cluster file and {stay} in the run"
    kept = [changed.key for changed in bound.changed if not changed.taken]
    return f"; {', '.join(kept)} changed in the file, the run goes on with what it began with" if kept else ""


def remaining(run: Run) -> tuple[str, ...]:
    """The nodes that this run still has to update, in order."""
    return tuple(name for name in run.order if not run.nodes[name].progress.done)


def not_yet(run: Run, name: str) -> str:
    """Why it is not the node's turn, else empty: the management node goes first or last, as the file says."""
    if run.status is not RunStatus.RUNNING:
        return run.summary or f"the run is {run.status.words}"
    first, last = run.order[0], run.order[-1]
    if name == last and run.nodes[last].management:
        return "" if remaining(run) == (last,) else "last, after all nodes"
    waits = run.nodes[first].management and not run.nodes[first].progress.done
    return f"{first} comes first" if waits and name != first else ""


def waits_for_pick(run: Run) -> bool:
    """True when a person chooses the next node."""
    if run.pause_mode is PauseMode.NONE:
        return False
    return not (run.pause_mode is PauseMode.FIRST_NODE and _first_done(run))


def waits_for_confirm(run: Run) -> bool:
    """True when the offer needs a person, by the class of its confirm and the pause mode; undos always do."""
    if run.offer is None or run.offer.step is StepName.PUT_BACK:
        return True
    if run.offer.offered.confirm is Confirm.NONE:
        return False
    match run.offer.offered.stands_for:
        case ConfirmClass.SIGNATURE | ConfirmClass.EYES:
            return True
        case ConfirmClass.READING if run.pause_mode is PauseMode.EVERY_NODE:
            return True
        case ConfirmClass.READING | ConfirmClass.PLAIN:
            first = run.pause_mode is PauseMode.FIRST_NODE and not _first_done(run)
            return first or run.pause_mode is PauseMode.EVERY_STEP


def agreed_by(run: Run) -> str:
    """Whose word the confirm of the offer is when no person is waited for."""
    offered = run.offer.offered if run.offer is not None else None
    if offered is not None and offered.confirm is not Confirm.NONE:
        return actors.by_mode(run.pause_mode)
    eyes = offered is not None and offered.stands_for is ConfirmClass.EYES
    return actors.WAIVER if eyes else actors.PROCEDURE


def person_only(run: Run, intent: it.Intent) -> str:
    """Why nothing may hand this in instead of a person, as a sentence; empty when something may.

    What is not named here is a person's: whoever adds an intent need not remember to say so.
    """
    match intent:
        case it.Resume() if run.code == problems.FILES_CHANGED.code:
            return f"a person has to look at what changed: {run.summary}"
        case it.Resume() if run.code == problems.RISKS_OPEN.code:
            return f"a person has to know of the risks: {run.summary}"
        case it.SelectNode() | it.Resume():
            return ""
        case it.ConfirmStep():
            offer = run.offer
            return waits_for_a_person(offer) if offer is not None else ""
        case _:
            return "a person has to decide this"


def waits_for_a_person(offer: Offer) -> str:
    """Who has to confirm an offer that only a person may, and what; empty when it may be waived."""
    offered = offer.offered
    if not offered.stands_for.person_only:
        return ""
    why = "; ".join(filter(None, (offered.reason, offered.command)))
    return f"a person has to confirm {offer.step.words} on {offer.node}: {why}"


def _first_done(run: Run) -> bool:
    return any(node.progress is Progress.UPDATED and not node.management for node in run.nodes.values())


def _without_node(run: Run) -> Action:
    if not remaining(run):
        return Complete()
    return Wait() if waits_for_pick(run) else Pick()
