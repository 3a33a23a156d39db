"""What happens in the console's tests, as real events: a run begins, nodes are updated, steps are offered."""

from __future__ import annotations

from typing import Any

from tests.console.story_engine import StoryEngine
from tui.model.events import StepPlan
from tui.model.states import AbortClass, Confirm, PauseMode
from tui.model.steps import StepName
from tui.rollout.interface import Advice

SIA = "/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh"
COMMANDS = {
    StepName.LOG_IN: "",
    StepName.PACKAGES: f"sh {SIA} --build-rpm",
    StepName.STOP_APPLICATIONS: "systemctl stop mysqld",
    StepName.STOP_SERVICES: "/opt/DIS/sbin/dis_services stop",
    StepName.INSTALL: f"sh {SIA} --install-node --use-rpms /var/lib/rollcall/rpms --batch",
    StepName.REBOOT: "reboot",
    StepName.VERIFY: "/opt/DIS/sbin/dis_services status",
    StepName.START_APPLICATIONS: "systemctl start mysqld",
    StepName.RETURN: "",
}
_ABORT = {
    StepName.STOP_SERVICES: AbortClass.OLD_VERSION,
    StepName.INSTALL: AbortClass.NEEDS_REBOOT,
    StepName.REBOOT: AbortClass.CANNOT,
}

_CLASS = {StepName.STOP_SERVICES: "reading", StepName.REBOOT: "signature"}


def begin(engine: StoryEngine, *, held: dict[str, str] | None = None) -> StoryEngine:
    """A run that is created, checked, planned and ready; every node healthy at 5.19.0."""
    file = engine.config
    engine.tell(
        "run.created",
        run_id="20260314-000955",
        cluster=file.cluster.name,
        cluster_file="px-prod.toml",
        target=file.target.version,
        nodes=file.nodes,
        management_node=file.cluster.management_node,
        held=held or {},
        pause_mode=PauseMode.EVERY_STEP,
        host="console",
        version="0.1.0",
    )
    engine.tell("run.state", status="validating")
    for node in (*file.nodes, "mgmt"):
        facts(engine, node, "5.19.0")
        engine.tell("node.health", node, health="active", detail="all services run")
    plans = tuple(_plan(step) for step in COMMANDS)
    engine.tell(
        "plan.frozen",
        sia=SIA,
        sia_sha256="0" * 64,
        order=("mgmt", *file.nodes),
        steps=plans,
        management_steps=tuple(p for p in plans if p["step"] in ("log-in", "packages", "install", "verify")),
    )
    engine.tell("run.state", status="ready")
    return engine


def _plan(step: StepName) -> dict[str, Any]:
    plan = StepPlan(
        step=step,
        command=COMMANDS[step],
        abort_class=_ABORT.get(step, AbortClass.FREE),
        confirm=Confirm.YES,
        warn_after=300,
        stop_after=900,
    )
    return plan.model_dump(mode="json")


def facts(engine: StoryEngine, node: str, installed: str, active: str | None = "same") -> None:
    engine.tell(
        "node.facts",
        node,
        hostname=node,
        machine_id="m" * 32,
        boot_id="b" * 36,
        kernel="4.18.0-553.el8_10.x86_64",
        arch="x86_64",
        distribution="Rocky Linux 8.10",
        installed=installed,
        active=installed if active == "same" else active,
        active_is_installed=active in ("same", installed),
        sia_present=True,
    )


def pick(engine: StoryEngine, node: str) -> None:
    engine.tell("run.state", status="running")
    engine.tell("gate.sample", node, moment="pick", open=True, oldest_age=0.8)
    engine.tell("node.selected", node, reason="least risk")


def offer(
    engine: StoryEngine,
    node: str,
    step: StepName,
    *,
    attempt: int = 1,
    token: str = "t1",
    **more: Any,
) -> None:
    engine.tell(
        "step.offered",
        node,
        step,
        attempt,
        token=token,
        target=f"root@{node}",
        command=COMMANDS[step],
        confirm="yes",
        abort_class=_ABORT.get(step, AbortClass.FREE),
        **{
            "unavailable": f"PCI Express services of {node}, until it is verified",
            "undo": "/opt/DIS/sbin/dis_services start",
            "gate": "open: every other node is active",
            "confirm_class": _CLASS.get(step, "plain"),
            **more,
        },
    )


def start(engine: StoryEngine, node: str, step: StepName, attempt: int = 1, output: bytes = b"") -> None:
    engine.outputs[(node, step, attempt)] = output
    engine.tell(
        "attempt.started",
        node,
        step,
        attempt,
        job_id=f"{node}-{step}-{attempt}",
        boot_id="b",
        command=COMMANDS[step],
        output=f"output/{node}/{step}-{attempt}.log",
        confirmed_by="eva",
    )


def end(
    engine: StoryEngine,
    node: str,
    step: StepName,
    attempt: int = 1,
    *,
    seconds: float = 1.0,
    status: str = "succeeded",
    code: int | None = 0,
    summary: str = "",
) -> None:
    engine.later(seconds)
    size = len(engine.outputs.get((node, step, attempt), b""))
    engine.tell("attempt.output", node, step, attempt, offset=size)
    engine.tell(
        "attempt.ended", node, step, attempt, status=status, exit_code=code, size=size, summary=summary
    )


STOPPED = b"".join(
    f"Stopping Dolphin {name}".encode().ljust(59) + b"[  OK  ]\n"
    for name in (
        "SuperSockets drivers",
        "SISCI driver",
        "Node Manager",
        "IRM driver",
        "PX driver",
        "KOSIF driver",
    )
)
INSTALLING = b"#* Logfile is /tmp/DIS_install.log_140\n#* Installing node packages\n" + b"".join(
    f"   {i}/20 Dolphin package file set\n".encode() for i in range(1, 8)
)


def update(engine: StoryEngine, node: str) -> None:
    """Take one node all the way through."""
    pick(engine, node)
    took = {
        StepName.PACKAGES: 1.0,
        StepName.STOP_APPLICATIONS: 11.0,
        StepName.STOP_SERVICES: 6.0,
        StepName.INSTALL: 185.0,
    }
    words = {StepName.PACKAGES: "built here" if node == "px01" else "reused px01"}
    for step in engine.state.nodes[node].steps:
        if step is StepName.REBOOT:
            engine.tell("step.state", node, step, status="not-needed", reason="services stopped cleanly")
            continue
        text = STOPPED if step is StepName.STOP_SERVICES else INSTALLING if step is StepName.INSTALL else b""
        start(engine, node, step, output=text)
        end(engine, node, step, seconds=took.get(step, 2.0), summary=words.get(step, ""))
    facts(engine, node, "5.21.2")
    engine.tell("node.progress", node, progress="updated", reason="installed = active = 5.21.2")


def mid_update(engine: StoryEngine) -> StoryEngine:
    """The board of the design: three updated, px04 installing, one on hold."""
    begin(engine, held={"px07": "fan, T-4711"})
    for node in ("mgmt", "px01", "px02", "px03"):
        update(engine, node)
    pick(engine, "px04")
    took = (
        (StepName.LOG_IN, 2.0),
        (StepName.PACKAGES, 0.5),
        (StepName.STOP_APPLICATIONS, 11.0),
        (StepName.STOP_SERVICES, 6.0),
    )
    for step, seconds in took:
        start(engine, "px04", step, output=STOPPED if step is StepName.STOP_SERVICES else b"")
        end(engine, "px04", step, seconds=seconds, summary="reused px01" if step is StepName.PACKAGES else "")
    engine.tell(
        "ledger.added",
        "px04",
        line="px04-services",
        what="services",
        before="running",
        undo="dis_services start",
    )
    engine.tell("node.progress", "px04", progress="installing")
    engine.tell("node.health", "px04", health="disabled", detail="services are stopped")
    start(engine, "px04", StepName.INSTALL, output=INSTALLING)
    engine.saying = Advice(
        "px04 is installing since 01:12:09; px05 is ready next (p50 6 min)", "wait, or look at the output"
    )
    engine.later(134)
    return engine
