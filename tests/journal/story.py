"""A whole run of two nodes as the engine would write it, with output files; for reports and other readers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui.journal import Journal
from tui.model import events as ev
from tui.model.states import AbortClass, Confirm, ConfirmClass, PauseMode, Progress, RunStatus, StepStatus
from tui.model.steps import StepName

OLD, NEW = "5.19.0", "5.21.2"
HOSTILE = "<script>alert(1)</script> | `x` **b** [  OK  ] \x1b]0;owned\x07\x1b[2J\u202e</td>"
STEPS = (StepName.LOG_IN, StepName.STOP_SERVICES, StepName.INSTALL, StepName.VERIFY)


@dataclass
class Story:
    """Writes events a few seconds apart; each method is one thing that happens in a run."""

    directory: Path
    nodes: tuple[str, ...] = ("px01", "px02")

    def __post_init__(self) -> None:
        self.now = datetime(2026, 11, 22, 22, 15, tzinfo=UTC)
        self.journal = Journal.create(self.directory, clock=self._tick)
        self.tokens = 0
        self.say(
            ev.RunCreated(
                run_id="20261122-221500-9f3c",
                cluster="px-prod",
                cluster_file="/etc/px.toml",
                target=NEW,
                nodes=self.nodes,
                management_node="pxmgmt",
                pause_mode=PauseMode.EVERY_STEP,
                host="console1",
                version="0.1.0",
            ),
            actor="anna",
        )
        plans = tuple(
            ev.StepPlan(
                step=step,
                command=step.words,
                abort_class=AbortClass.FREE,
                confirm=Confirm.YES,
                warn_after=60,
                stop_after=600,
            )
            for step in STEPS
        )
        order = (*self.nodes, "pxmgmt")
        sia = "/srv/dolphin/eXpressWare.sh"
        self.say(
            ev.PlanFrozen(sia=sia, sia_sha256="ab" * 32, order=order, steps=plans, management_steps=plans)
        )
        self.status(RunStatus.RUNNING)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=2, microseconds=1)
        return self.now

    def say(self, payload: ev.Payload, node: str | None = None, **where: object) -> ev.Event:
        actor = str(where.pop("actor", "rollcall"))
        return self.journal.append(payload, actor=actor, node=node, **where)  # type: ignore[arg-type]

    def status(self, status: RunStatus, summary: str = "", code: str = "", next_action: str = "") -> None:
        self.say(ev.RunState(status=status, summary=summary, code=code, next_action=next_action))

    def facts(self, node: str, installed: str, active: str | None = None) -> None:
        active = active or installed
        self.say(
            ev.NodeFacts(
                hostname=node,
                machine_id=node * 4,
                boot_id="b1",
                kernel="5.14",
                arch="x86_64",
                distribution="rhel 9",
                installed=installed,
                active=active,
                active_is_installed=active == installed,
                sia_present=True,
            ),
            node,
        )

    def offer(
        self,
        node: str,
        step: StepName,
        number: int = 1,
        confirm: Confirm = Confirm.YES,
        confirm_class: ConfirmClass = ConfirmClass.PLAIN,
    ) -> str:
        self.tokens += 1
        token = f"token-{self.tokens}"
        offered = ev.StepOffered(
            token=token,
            target=f"root@{node}",
            command=f"run {step}",
            confirm=confirm,
            confirm_class=confirm_class,
            abort_class=AbortClass.FREE,
            reason="first time",
        )
        self.say(offered, node, step=step, attempt=number)
        return token

    def attempt(
        self,
        node: str,
        step: StepName,
        number: int = 1,
        output: bytes = b"",
        ends: StepStatus = StepStatus.SUCCEEDED,
        summary: str = "",
    ) -> None:
        """Offer, confirm, begin, end."""
        token = self.offer(node, step, number)
        self.say(ev.StepConfirmed(token=token), node, step=step, attempt=number, actor="anna")
        if step is StepName.STOP_SERVICES:
            self.gate(node)
            self.take_out(node)
        file = self.journal.output(node, step, number)
        self.say(
            ev.AttemptStarted(
                job_id=f"run.{node}.{step}.{number}",
                boot_id="b1",
                command=f"run {step}",
                output=file.relative,
                confirmed_by="anna",
            ),
            node,
            step=step,
            attempt=number,
        )
        if step is StepName.VERIFY:
            self.facts(node, NEW)
        file.write(output)
        ended = ev.AttemptEnded(
            status=ends,
            exit_code=0 if ends is StepStatus.SUCCEEDED else 1,
            size=len(output),
            sha256=hashlib.sha256(output).hexdigest() if output else "",
            summary=summary,
        )
        self.say(ended, node, step=step, attempt=number)
        self.say(ev.StepState(status=ends, reason=summary), node, step=step)

    def gate(self, node: str, opened: bool = True) -> None:
        self.say(ev.GateSample(moment="stop", open=opened, oldest_age=0.4), node)

    def take_out(self, node: str) -> None:
        self.say(
            ev.LedgerAdded(
                line=f"{node}/services", what="services", before="running", undo="dis_services start"
            ),
            node,
        )

    def put_back(self, node: str) -> None:
        self.say(ev.LedgerUndone(line=f"{node}/services"), node)

    def pick(self, node: str) -> None:
        self.say(ev.NodeSelected(reason="next in order"), node, actor="anna")

    def update(self, node: str) -> None:
        """The happy path of one node."""
        self.pick(node)
        self.facts(node, OLD)
        for step in STEPS:
            self.attempt(node, step, output=f"{step} on {node}\n".encode(), summary=f"{step} done")
        self.put_back(node)
        self.say(ev.NodeProgress(progress=Progress.UPDATED), node)

    def fail_install(self, node: str, output: bytes = b"#* ERROR: disk full\n") -> None:
        """Services are stopped, the installation fails, the run pauses."""
        self.pick(node)
        self.facts(node, OLD)
        self.attempt(node, StepName.LOG_IN)
        self.attempt(node, StepName.STOP_SERVICES, output=b"[  OK  ]\n")
        self.attempt(node, StepName.INSTALL, output=output, ends=StepStatus.FAILED, summary="the SIA said no")
        self.say(ev.NodeProgress(progress=Progress.FAILED, reason="the SIA said no"), node)
        self.status(RunStatus.PAUSED_ON_ERROR, f"{node}: the SIA failed", "install-failed", "rerun install")

    def close(self) -> Path:
        self.journal.close()
        return self.directory
