"""Carries out what ``next_action`` says, one action after the other, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import UTC, datetime
from pathlib import Path

from tui.journal.clock import utc_now
from tui.model import actors, problems
from tui.model import events as ev
from tui.model.clusterfile import ClusterFile
from tui.model.problems import Problem
from tui.model.states import Confirm, ConfirmClass, Progress, RunStatus, StepStatus
from tui.model.steps import StepName
from tui.remote import Fleet
from tui.rollout import preflight
from tui.rollout.decisions import next_action
from tui.rollout.execution.attempt import Attempts
from tui.rollout.execution.cleanup import clean_up
from tui.rollout.gate import rule
from tui.rollout.gate.monitor import Monitor
from tui.rollout.gate.rule import Moment
from tui.rollout.leadership.lease import Lease, stands_for
from tui.rollout.leadership.owner import is_this_machine
from tui.rollout.opening.validate import validate
from tui.rollout.procedure.boot import rebooted_meanwhile
from tui.rollout.procedure.notices import notices
from tui.rollout.procedure.order import kind
from tui.rollout.procedure.step import Outcome, ProcedureStep, StepContext
from tui.rollout.publisher import EventPublisher

_log = logging.getLogger(__name__)


class Executor:
    """The engine's one worker: at any time at most one step of one node is under way."""

    def __init__(
        self,
        publisher: EventPublisher,
        config: ClusterFile,
        fleet: Fleet,
        monitor: Monitor,
        cache: Path,
        lease: Lease,
    ) -> None:
        self.publisher = publisher
        self._lease = lease
        self.config = config
        self.fleet = fleet
        self.monitor = monitor
        self.cache = cache
        self.waiting = asyncio.Event()
        """Set while there is nothing to do without a person or an event."""
        self._lock_asked = utc_now()
        self._attempts = Attempts(publisher, self.waiting, self._still_open)

    async def execute(self) -> None:
        """Work until cancelled, from when the cluster's lock is held."""
        await self._lease.held()
        while True:
            self.publisher.changed.clear()
            action = next_action.next_action(self.publisher.state)
            if isinstance(action, next_action.Wait):
                self.waiting.set()
                await self.publisher.changed.wait()
                self.waiting.clear()
            else:
                await self._perform(action)

    def work(self, node: str, step: StepName) -> StepContext:
        """What a step of a node may look at and use."""

        def say(payload: ev.Payload) -> None:
            self.publisher.publish(payload, node=node, step=step)

        def tail(limit: int) -> bytes:
            attempt = self.publisher.state.nodes[node].steps[step].attempt
            if attempt is None:
                return b""
            output = self.publisher.journal.output(node, step, attempt.number)
            return output.read(max(0, output.size - limit), limit)

        return StepContext(
            self.config,
            lambda: self.publisher.state,
            node,
            step,
            self.fleet.client(node),
            self.monitor,
            say,
            self.cache,
            tail,
        )

    def kind(self, node: str, step: StepName) -> ProcedureStep:
        """The step's class in the procedure of this machine."""
        return kind(self.publisher.state.nodes[node].management, step)

    def gate(self, node: str, moment: Moment) -> ev.GateSample:
        """Ask the gate, and write down what it saw."""
        sample = rule.verdict(
            self.publisher.state, self.config, self.monitor, node, moment, datetime.now(UTC)
        )
        self.publisher.publish(sample, node=node)
        return sample

    def _still_open(self, node: str) -> bool:
        """Whether the gate has not closed since it was asked in the moment before a step."""
        run, now = self.publisher.state, datetime.now(UTC)
        if utc_now() - self._lock_asked > stands_for(self.config):
            return False  # this console was held up, as on a laptop that slept: it asks anew for both
        return rule.verdict(run, self.config, self.monitor, node, "stop", now).open

    async def _perform(self, action: next_action.Action) -> None:
        _log.debug("next: %s", action)
        match action:
            case next_action.PauseNow():
                self._pause()
            case next_action.Pick():
                await self._pick()
            case next_action.OfferStep(node, step):
                await self._propose(node, step)
            case next_action.AutoConfirm(node, step):
                await self._agree(node, step)
            case next_action.Begin(node, step):
                await self._begin(node, step)
            case next_action.Continue(node, step):
                await self._continue(node, step)
            case next_action.Stop(node, step):
                work = self.work(node, step)
                self._judge(
                    work, Outcome(work.step.status, work.step.reason, work.step.code, work.step.remedy)
                )
            case next_action.Finish(node):
                self.publisher.publish(ev.NodeProgress(progress=Progress.UPDATED), node=node)
            case next_action.Complete():
                await self._complete()
            case next_action.Wait():
                pass

    def _pause(self) -> None:
        """A pause is due: because a person asked for it, or for the reason that it was announced with."""
        run = self.publisher.state
        if run.code == problems.PEER_DOWN.code:
            self._run_state(RunStatus.PAUSED_ON_ERROR, problems.PEER_DOWN, run.summary)
        else:
            self._run_state(RunStatus.PAUSED_BY_USER, problems.PAUSED, "paused as asked")

    async def _pick(self) -> None:
        """Take the first node in order; while the gate is closed, look again with each round of samples."""
        node = next_action.remaining(self.publisher.state)[0]
        if not await self._opens(node, "pick"):
            return
        too_old = preflight.too_old(self.publisher.state, utc_now())
        if too_old is not None:  # the gate, or the window, has taken long to open
            self.publisher.publish(too_old)
            await validate(self.publisher, self.config, self.fleet, self.monitor)
            return
        mode = actors.by_mode(self.publisher.state.pause_mode)
        self.publisher.publish(ev.NodeSelected(reason=f"next in order; {mode}"), node=node, actor=mode)

    async def _opens(self, node: str, moment: Moment) -> bool:
        """Wait for the gate; False when something else happened meanwhile and has to be looked at first."""
        seen = self._situation()
        last: tuple[str, ...] | None = None
        while self._situation() == seen:
            sample = rule.verdict(
                self.publisher.state, self.config, self.monitor, node, moment, datetime.now(UTC)
            )
            if sample.reasons != last:
                self.publisher.publish(sample, node=node)
                last = sample.reasons
            if sample.open:
                return True
            self.waiting.set()  # a person may want to do something about it meanwhile
            await asyncio.sleep(self.monitor.every)
            self.waiting.clear()
        return False

    def _situation(self) -> tuple[object, ...]:
        """What makes waiting for the gate pointless when it changes."""
        run = self.publisher.state
        return run.status, run.pause_mode, run.current, run.offer

    async def _propose(self, node: str, step: StepName) -> None:
        work, kind = self.work(node, step), self.kind(node, step)
        reason = kind.not_needed(work)
        if reason is not None:
            work.say(ev.StepState(status=StepStatus.NOT_NEEDED, reason=reason))
            return
        number = len(work.step.attempts) + 1
        confirm, stands_for, why = kind.confirm_for(work), kind.class_for(work), kind.why(work)
        facts = work.node.facts
        if facts is not None and is_this_machine(facts.boot_id) and kind.command(work) is not None:
            confirm, stands_for = Confirm.TYPE_NAME, ConfirmClass.SIGNATURE
            why = "; ".join(filter(None, (why, f"this console runs on {node}, and may end with this step")))
        offer = ev.StepOffered(
            token=secrets.token_hex(8),
            target=self._target(node),
            command=kind.display_command(work),
            confirm=confirm,
            abort_class=kind.abort_class,
            unavailable=kind.unavailable,
            undo=kind.undo,
            gate=self._gate_words(node) if kind.gated else "not asked: nothing is taken out of service",
            reason=why,
            confirm_class=stands_for,
            notices=notices(self.config),
        )
        self.publisher.publish(offer, node=node, step=step, attempt=number)

    async def _agree(self, node: str, step: StepName) -> None:
        """Hand the token back without a person, once the gate is open where one is asked."""
        offer = self.publisher.state.offer
        if offer is None or (self.kind(node, step).gated and not await self._opens(node, "confirm")):
            return
        if self.publisher.state.offer == offer:
            actor = next_action.agreed_by(self.publisher.state)
            confirmed = ev.StepConfirmed(token=offer.offered.token)
            self.publisher.publish(confirmed, node=node, step=step, attempt=offer.attempt, actor=actor)

    def _target(self, node: str) -> str:
        endpoint = self.fleet.client(node).endpoint
        return f"{endpoint.user}@{node}" + (
            f" ({endpoint.host}:{endpoint.port})" if endpoint.host != node else ""
        )

    def _gate_words(self, node: str) -> str:
        sample = rule.verdict(
            self.publisher.state, self.config, self.monitor, node, "confirm", datetime.now(UTC)
        )
        if sample.open:
            return f"open: all others active, oldest look {sample.oldest_age:.1f} s ago"
        return "closed: " + "; ".join(sample.reasons)

    async def _begin(self, node: str, step: StepName) -> None:
        """The moment before: the very command that was confirmed, and the gate once more with fresh looks."""
        work, kind = self.work(node, step), self.kind(node, step)
        if kind.display_command(work) != work.step.confirmed_command:
            await self._offer_anew(work)
            return
        if not await self._lease.confirm(node):
            return
        self._lock_asked = utc_now()
        await self.monitor.look_now(None if kind.gated else [node])
        if next_action.next_action(self.publisher.state) != next_action.Begin(node, step):
            return  # a person has paused, skipped or held meanwhile
        rebooted = rebooted_meanwhile(work)
        if rebooted is not None:
            work.say(rebooted.as_state)
            self._judge(work, rebooted)
            return
        if kind.gated:
            sample = self.gate(node, "stop")
            if not sample.open:
                why = "; ".join(sample.reasons)
                work.say(ev.StepState(status=StepStatus.PENDING, code=problems.GATE_CLOSED.code, reason=why))
                summary = f"{step.words} on {node} was not started: {why}"
                self._run_state(RunStatus.PAUSED_ON_ERROR, problems.GATE_CLOSED, summary)
                return
        if work.node.progress is not kind.progress:
            work.say(ev.NodeProgress(progress=kind.progress))
        self._judge(work, await self._attempts.begin(kind, work))

    async def _offer_anew(self, work: StepContext) -> None:
        """What would run now was not confirmed: the confirmation is void, unless that may have begun."""
        if await self._attempts.call_off(work, "its command has changed"):
            work.say(
                ev.StepState(status=StepStatus.PENDING, reason="the command changed after it was confirmed")
            )

    async def _continue(self, node: str, step: StepName) -> None:
        work, kind = self.work(node, step), self.kind(node, step)
        self._judge(work, await self._attempts.take_up(kind, work))

    def _judge(self, work: StepContext, outcome: Outcome | None) -> None:
        """What did not succeed pauses the run and names the next action."""
        if outcome is not None and outcome.status.broken:
            work.say(ev.NodeProgress(progress=Progress.FAILED, reason=outcome.reason))
            problem = problems.of(outcome.code)
            self._run_state(RunStatus.PAUSED_ON_ERROR, problem, outcome.reason, outcome.remedy)
        elif work.step_name is StepName.PUT_BACK and self.publisher.state.current is None:
            summary = f"{work.node_name} is back in service, not updated"
            self._run_state(RunStatus.PAUSED_BY_USER, problems.PUT_BACK, summary)

    async def _complete(self) -> None:
        """The end, told truly: open ledger lines keep the run open; skipped or held nodes are exceptions."""
        run = self.publisher.state
        still_out = run.open_ledger
        if still_out:
            words = ", ".join(f"{line.added.what} on {line.node}" for line in still_out)
            summary = f"still out of service: {words}"
            self._run_state(RunStatus.PAUSED_ON_ERROR, problems.LEDGER_OPEN, summary)
            return
        kept = await clean_up(self.fleet, run, self.config.paths.state)
        run = self.publisher.state
        if next_action.next_action(run) != next_action.Complete():
            return  # a person has asked for more meanwhile
        if kept:
            self.publisher.publish(ev.NoteAdded(text=f"Rollcall's own files are still on {', '.join(kept)}"))
        every = dict.fromkeys((*run.order, *(node.name for node in run.cluster_nodes)))
        left = [name for name in every if not run.nodes[name].progress.at_target]
        if left:
            summary = f"not updated: {', '.join(left)}"
            self._run_state(RunStatus.COMPLETED_WITH_EXCEPTIONS, problems.EXCEPTIONS, summary)
        else:
            summary = f"all nodes run {run.target}"
            self.publisher.publish(
                ev.RunState(status=RunStatus.COMPLETED, summary=summary, next_action="see the report")
            )

    def _run_state(
        self, status: RunStatus, problem: Problem, summary: str, remedy: str | None = None
    ) -> None:
        said = problem.remedy if remedy is None else remedy
        self.publisher.publish(
            ev.RunState(status=status, code=problem.code, summary=summary, next_action=said)
        )
