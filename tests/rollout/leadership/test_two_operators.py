"""Two operators at one cluster: one leads, the other is told who, nobody is pushed aside without a word."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.waiting import patience, wait_until, wait_until_async
from tests.rollout.engine_operator import Operator, cluster, console
from tui.expressware.probe import probe_script
from tui.journal import find_runs, read_events
from tui.model import intents as it
from tui.model.states import PauseMode, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.rollout.open_run import OpeningError, OpenRun, RunOptions

FACTS = (
    r"led by \S+@\S+, process \d+ on \S+ \(boot [0-9a-f-]{36}\), since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, "
    r"cluster \S+, run 20\d{6}-\d{6}-[0-9a-f]{4}, last heartbeat \d+ s ago \(claim on px(mgmt|01)\)"
)
ELSEWHERE = {
    "who": "bert@console2",
    "host": "console2",
    "pid": "4711",
    "start": "1",
    "boot": "11111111-2222-3333-4444-555555555555",
    "run": "20261122-171500-9f3c",
    "cluster": "px-prod",
}


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """One node and a management node."""
    with cluster(tmp_path / "c", nodes=1) as made:
        yield made


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def call(*words: str, answers: str = "") -> tuple[int, str]:
    """A command to its end: exit code and everything it said."""
    process = start(*words)
    out, err = process.communicate(answers, timeout=60 * patience())
    return process.returncode, out + err


def plain(rehearsal: Rehearsal, state: Path, *more: str) -> tuple[str, ...]:
    return "run", str(rehearsal.cluster_file), "--plain", "--state-dir", str(state), *more


def unlock(rehearsal: Rehearsal, state: Path, *answers: str) -> tuple[int, str]:
    words = ("unlock", str(rehearsal.cluster_file), "--state-dir", str(state))
    return call(*words, answers="".join(f"{answer}\n" for answer in answers))


def lock_file(rehearsal: Rehearsal, node: str = "pxmgmt") -> Path:
    return rehearsal.node(node).sysroot / "run/rollcall/claim"


def record(rehearsal: Rehearsal, node: str = "pxmgmt") -> dict[str, str]:
    """What stands in the machine's claim; empty while it is free."""
    path = lock_file(rehearsal, node)
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines)


def forge(rehearsal: Rehearsal, age: float, node: str = "pxmgmt", **words: str) -> str:
    """The claim of a console on another machine, last heard of ``age`` seconds ago."""
    path = lock_file(rehearsal, node)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    since = int(time.time() - age - 600)
    at = rehearsal.node(node).boot_id
    lines = [
        f"id={'ab' * 8}",
        f"since={since}",
        f"at={at}",
        *(f"{k}={v}" for k, v in {**ELSEWHERE, **words}.items()),
    ]
    made = path.with_name("forged")
    made.write_text("\n".join(lines) + "\n")
    beat = path.with_name("beat")
    beat.touch()
    os.utime(beat, (time.time() - age, time.time() - age))
    made.rename(path)
    return path.read_text()


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
    if number == signal.SIGTERM:
        answer(process)  # whoever speaks listens to signals
    process.send_signal(number)
    process.communicate(timeout=30 * patience())
    return process.returncode


def told(directory: Path) -> list[str]:
    return [event.type for event in read_events(directory / "events.jsonl")]


def ask(rival: subprocess.Popen[str], words: str) -> None:
    assert rival.stdin is not None
    rival.stdin.write(f"{words}\n")
    rival.stdin.flush()


def answer(rival: subprocess.Popen[str]) -> str:
    assert rival.stdout is not None
    return rival.stdout.readline().strip()


def test_of_two_consoles_that_begin_at_once_one_leads(rehearsal: Rehearsal, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.rollout.leadership.rival", str(rehearsal.cluster_file)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    rivals = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    assert [answer(rival) for rival in rivals] == ["ready", "ready"]
    led = 0
    for turn in range(10):
        # each its own state directory, as on two machines: only the cluster's lock stands between them
        states = [tmp_path / f"{turn}{side}" for side in "ab"]
        for rival, state in zip(rivals, states, strict=True):
            ask(rival, str(state))
        answers = [answer(rival) for rival in rivals]
        assert answers.count("led") <= 1, answers
        if "led" not in answers:  # a slow machine let each claim a part: both gave it back, and begin again
            assert record(rehearsal) == {}
            assert not any(find_runs(state) for state in states)
            continue
        led += 1
        winner = answers.index("led")
        said = answers[1 - winner]
        assert re.search(FACTS, said), said
        assert f"process {rivals[winner].pid} on {socket.gethostname()} " in said
        assert "--read-only" in said
        assert record(rehearsal)["pid"] == str(rivals[winner].pid)
        assert not find_runs(states[1 - winner]), "the refused console began a run"
        ask(rivals[winner], "leave")
        assert answer(rivals[winner]) == "left"
        assert record(rehearsal) == {}, "the lock was not given back"
    assert led, "nobody ever led"
    for rival in rivals:
        rival.communicate(timeout=30 * patience())


def test_two_commands_started_at_once(rehearsal: Rehearsal, tmp_path: Path) -> None:
    pair = [start(*plain(rehearsal, tmp_path / side)) for side in "ab"]
    wait_until(lambda: any(each.poll() is not None for each in pair), 60)
    (loser,) = (each for each in pair if each.poll() is not None)
    (winner,) = (each for each in pair if each is not loser)
    assert loser.communicate(timeout=30 * patience())[1].startswith("rollcall: demo is led by ")
    assert loser.returncode == 5
    assert end(winner) == 4
    assert record(rehearsal) == {}


def test_on_one_machine_the_second_console_is_told_the_same(rehearsal: Rehearsal, tmp_path: Path) -> None:
    first = start(*plain(rehearsal, tmp_path / "s"))
    wait_until(lambda: record(rehearsal), 60)
    code, said = call(*plain(rehearsal, tmp_path / "s"))
    assert code == 5
    known = (
        rf"led by \S+@\S+ on \S+, process {first.pid}, since 20.* UTC, run 20\S+, last sign of life \d+ s ago"
    )
    assert re.search(known, said), said
    assert "--read-only" in said
    assert end(first) == 4


def begun(state_dir: Path) -> bool:
    """A run's first event is on disk: from then on it is taken up."""
    return any(found.run is not None and found.run.run_id for found in find_runs(state_dir))


def test_a_killed_console_is_followed_without_a_question(rehearsal: Rehearsal, tmp_path: Path) -> None:
    first = start(*plain(rehearsal, tmp_path / "s"))
    wait_until(lambda: record(rehearsal) and begun(tmp_path / "s"), 60)
    assert end(first, signal.SIGKILL) == -9
    left = record(rehearsal)
    assert left["pid"] == str(first.pid)

    code, said = call(*plain(rehearsal, tmp_path / "elsewhere"))
    assert code == 5, "a console with another state directory took the dead one's lock"
    assert re.search(FACTS, said), said

    second = start(*plain(rehearsal, tmp_path / "s"))
    wait_until(lambda: record(rehearsal).get("pid") == str(second.pid), 60)
    assert record(rehearsal)["run"] == left["run"]
    assert end(second) == 4
    assert record(rehearsal) == {}


def test_a_stale_lock_is_broken_by_a_person_only(rehearsal: Rehearsal, tmp_path: Path) -> None:
    forged = forge(rehearsal, age=90)
    code, said = call(*plain(rehearsal, tmp_path / "s"))
    assert code == 5
    assert re.search(FACTS, said), said
    for fact in (
        "bert@console2",
        "process 4711 on console2",
        ELSEWHERE["boot"],
        ELSEWHERE["run"],
        "rollcall unlock",
    ):
        assert fact in said
    assert re.search(r"last heartbeat (9\d|1[0-4]\d) s ago", said), said

    for answers in ((), ("",), ("DEMO",)):
        code, said = unlock(rehearsal, tmp_path / "s", *answers)
        assert (code, "Nothing was done" in said) == (5, True), said
        assert lock_file(rehearsal).read_text() == forged
    assert "bert@console2" in said
    assert "on this machine is free" in said

    code, said = unlock(rehearsal, tmp_path / "s", "demo")
    assert code == 0, said
    assert record(rehearsal) == {}
    assert unlock(rehearsal, tmp_path / "s")[0] == 0, "a free lock is no failure"

    # whoever leads next writes it down, on whichever machine that is
    next_one = start(*plain(rehearsal, tmp_path / "next"))
    wait_until(lambda: record(rehearsal) and find_runs(tmp_path / "next"), 60)
    (run,) = find_runs(tmp_path / "next")
    wait_until(lambda: "lock.broken" in told(run.directory), 10)
    broken = next(event for event in read_events(run.directory) if event.type == "lock.broken")
    assert "bert@console2, process 4711 on console2" in str(broken.data["holder"])
    assert broken.data["on"] == "pxmgmt"
    assert broken.actor.endswith(socket.gethostname())
    assert end(next_one) == 4


def test_a_lock_with_a_fresh_heartbeat_takes_a_second_confirm(rehearsal: Rehearsal, tmp_path: Path) -> None:
    forged = forge(rehearsal, age=3)
    for answers in (("demo",), ("demo", "demo")):
        code, said = unlock(rehearsal, tmp_path / "s", *answers)
        assert (code, "is alive" in said) == (5, True), said
        assert lock_file(rehearsal).read_text() == forged
    code, said = unlock(rehearsal, tmp_path / "s", "demo", "demo is alive")
    assert code == 0, said
    assert record(rehearsal) == {}


def test_a_lock_whose_holder_is_back_meanwhile_is_not_broken(rehearsal: Rehearsal, tmp_path: Path) -> None:
    forged = forge(rehearsal, age=90)
    asking = start("unlock", str(rehearsal.cluster_file), "--state-dir", str(tmp_path / "s"))
    assert asking.stdout is not None
    said = ""
    while "Type demo" not in said:
        said += asking.stdout.read(1)
    os.utime(lock_file(rehearsal).with_name("beat"))
    out, _ = asking.communicate("demo\n", timeout=30 * patience())
    assert asking.returncode == 5
    assert "its holder is back" in out
    assert lock_file(rehearsal).read_text() == forged


async def _offered(operator: Operator, step: StepName) -> None:
    """Confirm until that step is offered."""
    while True:
        await operator.needed()
        offer = operator.run.offer
        if offer is not None and offer.step is step:
            return
        reply = operator.confirm() if offer else operator.engine.submit(it.SelectNode(node="px01"))
        if not reply.accepted:
            await operator.engine._monitor.look_now()


async def _broken_elsewhere(rehearsal: Rehearsal, state: Path) -> None:
    code, said = await asyncio.to_thread(unlock, rehearsal, state, "demo", "demo is alive")
    assert code == 0, said


async def test_a_broken_lock_is_noticed_in_the_moment_before_a_step(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    """No look comes between the breaking and the confirm: the last one has to see it."""
    node = rehearsal.node("px01")
    async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
        await _offered(operator, StepName.STOP_SERVICES)
        before = list(node.log)
        fleet, monitor = operator.engine._fleet, operator.engine._monitor
        fleet.watch(probe_script("/opt/DIS", fleet.console_id), None, monitor._on_sample)
        await _broken_elsewhere(rehearsal, tmp_path / "other")
        assert not operator.engine.read_only, "noticed too early for this test"
        assert operator.confirm().accepted
        await wait_until_async(lambda: operator.engine.read_only)
        await wait_until_async(lambda: not operator.engine._tasks, what="the engine's work has ended")
        assert node.log == before
        assert node.services_running
        assert operator.run.status is RunStatus.PAUSED_ON_ERROR
        assert operator.run.code == "lock-lost"
        why = operator.engine.advice().why
        assert re.search(
            r"the claim of demo on px(01|mgmt) was broken by \S+@\S+ at 20.* UTC; .* nothing more", why
        )
        reply = operator.engine.submit(it.Resume())
        assert (reply.accepted, reply.sentence) == (False, why)
    assert record(rehearsal) == {}


async def test_a_broken_lock_is_noticed_by_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(tmp_path / "c", nodes=1, pace=4.0) as rehearsal:
        node = rehearsal.node("px01")
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_NODE) as operator:
            await operator.needed()
            assert operator.engine.submit(it.SelectNode(node="px01")).accepted
            await wait_until_async(lambda: any("--build-rpm" in line for line in node.log), 60)
            forge(rehearsal, age=0)
            await wait_until_async(lambda: operator.engine.read_only)
            await wait_until_async(lambda: not operator.engine._tasks)
            assert operator.step("px01", StepName.PACKAGES).status.active, "noticed at the next step only"
            assert operator.run.code == "lock-lost"
            assert "it is held by bert@console2, process 4711 on console2" in operator.engine.advice().why
            assert not operator.engine.submit(it.Pause()).accepted
        jobs = node.sysroot / "var/lib/rollcall/jobs"
        wait_until(
            lambda: all((job / "rc").exists() for job in jobs.iterdir()), 60, "what ran goes on to its end"
        )
        assert [line for line in node.log if "--build-rpm" not in line] == []
        assert record(rehearsal)["who"] == "bert@console2", "the loser gave back what was not its own"


async def test_a_lock_that_is_lost_while_everything_is_checked_leaves_the_run_unchecked(
    rehearsal: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(rehearsal, tmp_path / "s", pause=PauseMode.NONE) as operator:
        await operator.until(lambda run: run.status is RunStatus.VALIDATING)
        lock_file(rehearsal).unlink()
        await wait_until_async(lambda: operator.engine.read_only)
        assert "the claim of demo on pxmgmt is gone" in operator.engine.advice().why
        assert operator.run.status is RunStatus.VALIDATING, "paused, it would be resumed without a check"


async def test_a_node_that_reboots_is_claimed_anew(tmp_path: Path) -> None:
    faults = {"px01": ("stop-busy", "slow-return")}
    with cluster(tmp_path / "c", nodes=1, management=None, faults=faults) as rehearsal:
        boot = rehearsal.node("px01").boot_id
        async with console(rehearsal, tmp_path / "s") as operator:
            console_id = operator.engine._fleet.console_id
            remedies = {"services-not-stopped": "go on with reboot needed"}
            assert await operator.finish(remedies) is RunStatus.COMPLETED, operator.run.summary
            assert rehearsal.node("px01").boot_id != boot
            claim = record(rehearsal, "px01")
            assert (claim["id"], claim["at"]) == (console_id, rehearsal.node("px01").boot_id)
        assert record(rehearsal, "px01") == {}, "something of ours is left on the node"


def test_a_new_run_does_not_begin_without_the_lock(
    rehearsal: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal.node("px01").power_off()
    monkeypatch.setattr("tui.rollout.open_run.TO_BEGIN", 0.5)
    options = RunOptions(state_dir=tmp_path / "s", front_end="test")
    with pytest.raises(OpeningError) as caught:
        asyncio.run(OpenRun.open(rehearsal.cluster_file, options))
    assert caught.value.exit_code == 6
    why = "the cluster's machines cannot be claimed: only 0 of 1 Cluster Nodes are claimed by this console: "
    assert str(caught.value).startswith(why)
    assert record(rehearsal) == {}, "what could be claimed was kept"
    assert not find_runs(tmp_path / "s")
    assert [path.name for path in (tmp_path / "s/runs/demo").iterdir()] == ["lock"]


async def test_a_run_is_taken_up_when_the_node_of_the_lock_is_back(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1, management=None) as rehearsal:
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            await _offered(operator, StepName.STOP_APPLICATIONS)
        rehearsal.node("px01").power_off()
        async with console(rehearsal, tmp_path / "s", pause=PauseMode.EVERY_STEP) as operator:
            assert "waiting for the claims" in operator.engine.advice().why
            reply = operator.engine.submit(it.Resume())
            assert not reply.accepted
            assert "waiting for the claims" in reply.sentence
            assert operator.run.status is RunStatus.RUNNING, "nothing was looked at yet"
            rehearsal.node("px01").power_on()
            await operator.until(lambda run: run.status is RunStatus.PAUSED_BY_USER)
            assert lock_file(rehearsal, "px01").exists()
            assert operator.happened[0].type == "lock.taken"


def test_the_lock_goes_with_the_run(rehearsal: Rehearsal, tmp_path: Path) -> None:
    code, said = call(*plain(rehearsal, tmp_path / "s", "--yes", "--json"))
    assert code == 0, said
    assert record(rehearsal) == record(rehearsal, "px01") == {}
    events = [json.loads(line) for line in said.splitlines()]
    (taken,) = (event for event in events if event["type"] == "lock.taken")
    assert taken["data"]["on"] == "px01,pxmgmt"


def test_two_files_of_one_cluster_have_one_leader(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """One file names a management node, the other does not, nor has it the same name and directories."""
    text = rehearsal.cluster_file.read_text()
    text = re.sub(r"(?m)^(management_node|update_management) = .*\n", "", text)
    text = re.sub(r"(?ms)^\[view\]\n(?:[a-z]+ = [^\n]*\n)+", "", text).replace('"demo"', '"other"')
    other = tmp_path / "other.toml"
    other.write_text(f'{text}\n[paths]\nstate = "/var/opt/rollcall"\n')
    first = start(*plain(rehearsal, tmp_path / "a", "--nodes", "px01"))
    wait_until(lambda: record(rehearsal, "px01"), 60)
    words = ("run", str(other), "--plain", "--yes", "--state-dir", str(tmp_path / "b"), "--nodes", "px01")
    code, said = call(*words)
    assert code == 5, said
    assert re.search(FACTS, said), said
    assert f"process {first.pid} " in said
    assert end(first) == 4
