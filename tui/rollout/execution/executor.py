"""Carries out what ``next_action`` says, one action after the other, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging

from tui.journal.clock import utc_now
from tui.model import actors, problems
from tui.model import events as ev
from tui.model.states import Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.rollout import preflight
from tui.rollout.context import RunContext
from tui.rollout.decisions import next_action
from tui.rollout.decisions.picking import Prospects
from tui.rollout.execution.attempt import Attempts
from tui.rollout.execution.completion import complete
from tui.rollout.execution.files_gate import FilesGate
from tui.rollout.execution.offering import offer
from tui.rollout.gate.rule import Moment
from tui.rollout.leadership.lease import stands_for
from tui.rollout.opening.validate import validate
from tui.rollout.procedure.boot import rebooted_meanwhile
from tui.rollout.procedure.order import procedure_step
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext
from tui.rollout.procedure.watched_files import Seen

_log = logging.getLogger(__name__)


class Executor:
    """The engine's one worker: at any time at most one step of one node is under way."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._publisher = context.publisher
        self.waiting = asyncio.Event()
        """Set while there is nothing to do without a person or an event."""
        self._claims_asked = utc_now()
        self._attempts = Attempts(self.waiting, self._still_open)
        self._files = FilesGate(context)

    async def execute(self) -> None:
        """Work until cancelled, from when the cluster's machines are claimed."""
        await self._context.lease.held()
        while True:
            self._publisher.changed.clear()
            action = self._next
            if isinstance(action, next_action.Wait):
                self.waiting.set()
                await self._publisher.changed.wait()
                self.waiting.clear()
            else:
                await self._perform(action)

    @property
    def _next(self) -> next_action.Action:
        return next_action.next_action(self._context.run)

    def _step(self, node: str, step: StepName) -> tuple[StepContext, ProcedureStep]:
        """A step of a node, and how the procedure of this machine does it."""
        return StepContext(self._context, node, step), procedure_step(
            self._context.run.nodes[node].management, step
        )

    def _still_open(self, node: str) -> bool:
        """Whether the gate has not closed since it was asked in the moment before a step."""
        if utc_now() - self._claims_asked > stands_for(self._context.config):
            return False  # this console was held up, as on a laptop that slept: it asks anew for both
        return self._files.fresh(node) and self._context.verdict(node, "stop").open

    async def _perform(self, action: next_action.Action) -> None:
        _log.debug("next: %s", action)
        match action:
            case next_action.PauseNow():
                self._pause()
            case next_action.Pick():
                await self._pick()
            case next_action.OfferStep(node, step):
                offer(*self._step(node, step))
            case next_action.AutoConfirm(node, step):
                await self._auto_confirm(node, step)
            case next_action.Begin(node, step):
                await self._begin(*self._step(node, step))
            case next_action.Continue(node, step):
                context, procedure = self._step(node, step)
                self._judge(context, await self._attempts.take_up(procedure, context))
            case next_action.Stop(node, step):
                context, _ = self._step(node, step)
                at = context.step
                self._judge(context, Outcome(at.status, at.reason, at.code, at.remedy))
            case next_action.Finish(node):
                self._publisher.publish(ev.NodeProgress(progress=Progress.UPDATED), node=node)
            case next_action.Complete():
                await complete(self._context)
            case next_action.Wait():
                pass

    def _pause(self) -> None:
        """A pause is due: because a person asked for it, or for the reason that it was announced with."""
        run = self._context.run
        if run.code == problems.PEER_DOWN.code:
            self._context.set_status(RunStatus.PAUSED_ON_ERROR, problems.PEER_DOWN, run.summary)
        else:
            self._context.set_status(RunStatus.PAUSED_BY_USER, problems.PAUSED, "paused as asked")

    async def _pick(self) -> None:
        """Take the node that is proposed; while the gate is closed, look again with each round of samples."""
        prospects = Prospects(self._context.run, self._context.config)
        node = prospects.ranked()[0]
        if not await self._opens(node, "pick"):
            return
        too_old = preflight.too_old(self._context.run, utc_now())
        if too_old is not None:  # the gate, or the window, has taken long to open
            self._publisher.publish(too_old)
            await validate(self._context)
            return
        mode = actors.by_mode(self._context.run.pause_mode)
        why = f"{prospects.proposal(node)}: {prospects.line(node)}"
        self._publisher.publish(ev.NodeSelected(reason=why), node=node, actor=mode)

    async def _opens(self, node: str, moment: Moment) -> bool:
        """Wait for the gate; False when something else happened meanwhile and has to be looked at first."""
        seen = self._situation()
        last: tuple[str, ...] | None = None
        while self._situation() == seen:
            sample = self._context.verdict(node, moment)
            if sample.reasons != last:
                self._publisher.publish(sample, node=node)
                last = sample.reasons
            if sample.open:
                return True
            self.waiting.set()  # a person may want to do something about it meanwhile
            await asyncio.sleep(self._context.monitor.every)
            self.waiting.clear()
        return False

    def _situation(self) -> tuple[object, ...]:
        """What makes waiting for the gate pointless when it changes."""
        run = self._context.run
        return run.status, run.pause_mode, run.current, run.offer

    async def _auto_confirm(self, node: str, step: StepName) -> None:
        """Hand the token back without a person, once the gate is open where one is asked."""
        offered = self._context.run.offer
        _, procedure = self._step(node, step)
        if offered is None or (procedure.gated and not await self._opens(node, "confirm")):
            return
        if self._context.run.offer == offered:
            actor = next_action.agreed_by(self._context.run)
            confirmed = ev.StepConfirmed(token=offered.offered.token)
            self._publisher.publish(confirmed, node=node, step=step, attempt=offered.attempt, actor=actor)

    async def _begin(self, context: StepContext, procedure: ProcedureStep) -> None:
        """The moment before: the very command that was confirmed, and the gate once more with fresh looks."""
        node, step = context.node_name, context.step_name
        if procedure.display_command(context) != context.step.confirmed_command:
            # what would run now was not confirmed: the confirmation is void, unless that may have begun
            if await self._attempts.call_off(context, "its command has changed"):
                reason = "the command changed after it was confirmed"
                context.say(ev.StepState(status=StepStatus.PENDING, reason=reason))
            return
        if not await self._context.lease.confirm(node):
            return
        self._claims_asked = utc_now()
        reads_only = procedure.command(context) is None and step.row.any_boot  # it looks itself, in any boot
        looked_at = None if procedure.gated else [] if reads_only else [node]
        looks = self._context.monitor.look_now(looked_at)
        if critical := procedure.gated or step is StepName.INSTALL:
            files, _ = await asyncio.gather(self._files.look(), looks)
        else:
            await looks
        if self._next != next_action.Begin(node, step):
            return  # a person has paused, skipped or held meanwhile
        if (rebooted := rebooted_meanwhile(context)) is not None:
            context.say(rebooted.as_state)
            self._judge(context, rebooted)
            return
        if procedure.gated:
            sample = self._context.ask_gate(node, "stop")
            if not sample.open:
                why = "; ".join(sample.reasons)
                context.say(
                    ev.StepState(status=StepStatus.PENDING, code=problems.GATE_CLOSED.code, reason=why)
                )
                summary = f"{step.words} on {node} was not started: {why}"
                self._context.set_status(RunStatus.PAUSED_ON_ERROR, problems.GATE_CLOSED, summary)
                return
        if critical and not await self._same_files(context, files):
            return
        if context.node.progress is not procedure.progress:
            context.say(ev.NodeProgress(progress=procedure.progress))
        self._judge(context, await self._attempts.begin(procedure, context))

    async def _same_files(self, context: StepContext, files: Seen) -> bool:
        """Whether the step may begin as far as the watched files go."""
        found = await self._files.compare(files)
        if self._next != next_action.Begin(context.node_name, context.step_name):
            return False  # as above: texts may have been brought meanwhile
        if found:
            self._files.pause(context, found)
        return not found

    def _judge(self, context: StepContext, outcome: Outcome | None) -> None:
        """What did not succeed pauses the run and names the next action."""
        if outcome is not None and outcome.status.broken:
            context.say(ev.NodeProgress(progress=Progress.FAILED, reason=outcome.reason))
            problem = problems.of(outcome.code)
            self._context.set_status(RunStatus.PAUSED_ON_ERROR, problem, outcome.reason, outcome.remedy)
        elif context.step_name is StepName.PUT_BACK and self._context.run.current is None:
            summary = f"{context.node_name} is back in service, not updated"
            self._context.set_status(RunStatus.PAUSED_BY_USER, problems.PUT_BACK, summary)
