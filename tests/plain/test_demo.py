"""Whole runs of the simulated cluster through the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.plain.conftest import Open
from tests.plain.terminals import ROOT, TerminalProcess, rollcall
from tests.rigs.waiting import patience, wait_until
from tui.journal import read_events
from tui.model.fold import fold
from tui.model.states import Progress, RunStatus
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.report import read_report

SMALL = ("demo", "--plain", "--nodes", "1")
DEMO = ("demo", "--plain", "--nodes", "2", "--pace", "60")


def call(state: Path, *words: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    return typed(rollcall(*words, "--state-dir", str(state)), answers)


def typed(command: list[str], answers: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=answers,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120 * patience(),
        check=False,
    )


def only_run(state: Path) -> Path:
    (found,) = (path.parent for path in state.glob("runs/*/*/events.jsonl"))
    return found


def kept_promises(run: Path) -> None:
    assert [promise for promise in read_report(run).invariants if not promise.holds] == []


def test_yes_updates_every_node_and_tells_programs_everything(state: Path) -> None:
    done = call(state, *DEMO, "--yes", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    told = [json.loads(line) for line in done.stdout.splitlines()]
    result = told[-1]
    assert (result["type"], result["exit"], result["status"]) == ("result", 0, "completed")
    assert set(result["nodes"].values()) == {"updated"}
    assert (result["still_out"], result["resume"]) == ([], "")
    run = only_run(state)
    journal = (run / "events.jsonl").read_text().splitlines()
    assert [json.dumps(event, separators=(",", ":")) for event in told if "seq" in event] == journal
    assert_output_was_streamed(told, run)
    assert Path(result["report"]).read_text().startswith("<!doctype html>")
    assert (run / "report.json").is_file()
    kept_promises(run)
    assert Rehearsal.attach(state / "demo") is None, "a finished demo leaves no cluster behind"


def assert_output_was_streamed(told: list[dict[str, Any]], run: Path) -> None:
    streamed = [line["text"] for line in told if line["type"] == "output" and line["step"] == "stop-services"]
    stopped = [(run / "output" / node / "stop-services-1.log").read_text() for node in ("px01", "px02")]
    lines = [line for text in stopped for line in text.splitlines()]
    assert [line.split() for line in streamed] == [line.split() for line in lines]
    assert any("[  OK  ]" in line for line in streamed)


def test_a_failed_step_stops_yes_and_the_run_can_be_finished(state: Path) -> None:
    done = call(state, *SMALL, "--pace", "60", "--yes", "--fault", "px01=start-fails")
    assert done.returncode == 3
    assert "px01 failed. The run is paused on error" in done.stdout
    assert "Still out of service: services on px01. To put back: /opt/DIS/" in done.stdout
    assert "a reboot fixes it" in done.stdout
    resume = re.search("To take it up again: rollcall (.*)", done.stdout)
    assert resume is not None
    words = resume[1].split()
    assert words == ["demo", "--state-dir", str(state), "--plain", "--resume"]
    assert "The simulated cluster stays up for 30 min; after that its nodes are off" in done.stdout

    listed = call(state, "runs").stdout
    assert "paused on error" in listed
    assert call(state, *DEMO).returncode == 1, "another cluster must not replace the kept one"

    # the recommended choice takes the failure back; a yes is not what is read for the reboot
    assert typed(rollcall(*words), "1\n").returncode == 4
    done = typed(rollcall(*words, "--yes"), "")
    assert done.returncode == 4
    assert "a person has to confirm reboot on px01: " in done.stdout
    done = typed(rollcall(*words), "1\nyes\n01 0\n" + "y\n" + "pxmgmt\n" + "y\n" * 2)
    assert done.returncode == 0, done.stdout
    run = only_run(state)
    kept_promises(run)
    px01 = fold(read_events(run)).nodes["px01"]
    assert px01.progress is Progress.UPDATED
    assert px01.steps[StepName.REBOOT].attempts, "the reboot was the cure"
    assert Rehearsal.attach(state / "demo") is None


def test_a_killed_console_loses_nothing_and_repeats_nothing(state: Path) -> None:
    command = rollcall(*SMALL, "--pace", "8", "--yes", "--state-dir", str(state))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=ROOT)

    def installing() -> bool:
        return any(path.stat().st_size > 0 for path in state.glob("runs/demo/*/output/px01/install-1.log"))

    wait_until(installing, 60, "the installation's first words")
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = only_run(state)
    assert fold(read_events(run)).nodes["px01"].steps[StepName.INSTALL].open_attempt is not None
    done = call(state, "demo", "--plain", "--yes", "--resume")
    assert done.returncode == 0, done.stdout
    assert "was left unfinished" in done.stdout
    after = fold(read_events(run))
    assert after.status is RunStatus.COMPLETED
    assert [attempt.number for attempt in after.nodes["px01"].steps[StepName.INSTALL].attempts] == [1]
    kept_promises(run)
    output = (run / "output" / "px01" / "install-1.log").read_text()
    assert output.count("installation of 5.21.2 succeeded") == 1


def test_a_person_answers_in_a_terminal(terminal: Open, state: Path) -> None:
    screen = terminal(*DEMO)
    screen.type("px01")  # typed before anything was asked: it must not count
    screen.expect(r"1\. px01 can go: ")
    screen.expect("Which node is next.*looks again: ")
    screen.type("px02")
    screen.expect(r"Command: cd /var/lib/rollcall/packages/.* --build-rpm")
    screen.expect(r"Abort: free to abort")
    screen.expect(r"Run this on px02\? .*: ")
    screen.type("y")
    screen.expect(r"px02 packages\| #\* Dolphin eXpressWare")
    screen.expect(r"Command: systemctl stop mysqld")
    screen.expect(r"Run this on px02\? .*: ")
    screen.type("")  # Enter is no
    screen.expect("stop applications on px02 was declined")
    screen.expect("1. resume, recommended: ")
    screen.expect("What now.*shows them again: ")
    assert_commands_answer(screen)
    screen.type("1")
    screen.expect(r"Run this on px02\? .*: ")
    screen.press(b"\x03")
    assert screen.end() == 4
    screen.expect("px02 is in work")
    screen.expect(r"To take it up again: rollcall demo --state-dir \S+ --plain --resume")
    run = fold(read_events(only_run(state)))
    assert run.current == "px02"
    assert not run.open_ledger
    assert "\x1b" not in screen.text


def assert_commands_answer(screen: TerminalProcess) -> None:
    """What is typed instead of an answer is done, and the question stands again."""
    screen.type("hold px01 fan failure")
    screen.expect(r"px01: \S+ held the node; fan failure")
    for typed, told in (
        ("status", "px01 is held: fan failure. It is seen active."),
        ("mode every step", "set the pause mode to every step"),
        ("journal 3", "The last 3 of"),
        ("checks", r"\d+ of \d+ checks passed\."),
        ("plan", "px01, log in: "),
        ("summary", "px01 held; px02 is in work"),
        ("help", "rerun: Do a step of a node again"),
        ("what", "what is not in the list"),
    ):
        screen.expect("What now.*shows them again: ")
        screen.type(typed)
        screen.expect(told)
    screen.expect("What now.*shows them again: ")


def test_ctrl_c_asks_and_leaving_lets_the_job_go_on(terminal: Open, state: Path) -> None:
    screen = terminal(*SMALL, "--pace", "1", "--yes")
    screen.expect(r"px01 packages\| ")
    screen.press(b"\x03")
    screen.expect("px01: packages is running, and goes on by itself if you leave")
    screen.expect("Type quit to leave .*: ")
    screen.type("")
    screen.expect(r"px01 packages\| ")
    screen.press(b"\x03")
    screen.expect("Type quit to leave .*: ")
    screen.press(b"\x03")
    assert screen.end() == 4
    screen.expect("Still running on px01: packages. It goes on by itself; resuming follows it.")
    run = only_run(state)
    assert fold(read_events(run)).nodes["px01"].steps[StepName.PACKAGES].open_attempt is not None


def test_a_running_job_is_canceled_on_request(terminal: Open, state: Path) -> None:
    screen = terminal(*SMALL, "--pace", "1", "--yes")
    screen.expect(r"px01 packages\| ")
    screen.press(b"\x03")
    screen.expect("cancel to stop it on the node.*: ")
    screen.type("cancel")
    screen.expect("px01 packages: canceled")
    assert screen.end() == 3


def test_an_unlocked_cluster_stops_the_console_that_led_it(terminal: Open, state: Path) -> None:
    screen = terminal(*DEMO)
    screen.expect("Which node is next.*looks again: ")
    cluster_file = str(state / "demo" / "cluster.toml")
    second = call(state, "run", cluster_file, "--plain", "--yes")
    assert second.returncode == 5
    assert re.search(r"demo is led by \S+ on \S+, process \d+, since", second.stderr)
    refused = call(state, "unlock", cluster_file, answers="yes\n")
    assert refused.returncode == 5
    assert "Nothing was done" in refused.stdout
    assert call(state, "unlock", cluster_file, answers="demo\n").returncode == 5, "it is alive"
    broken = call(state, "unlock", cluster_file, answers="demo\ndemo is alive\n")
    assert broken.returncode == 0
    assert broken.stdout.count(f"process {screen.process.pid}") == 2, "one lock here, one on the cluster"
    screen.type("px01")
    screen.expect("was broken|changed by another program")
    assert screen.end() == 5
    events = read_events(only_run(state))
    assert [event.type for event in events][-1] == "lock.broken"


def test_looking_at_a_cluster_changes_nothing(state: Path) -> None:
    call(state, *DEMO, answers="")
    cluster_file = str(state / "demo" / "cluster.toml")
    before = (only_run(state) / "events.jsonl").read_bytes()
    for words in (("status", cluster_file), ("check", cluster_file)):
        lines = call(state, *words, "--json").stdout.splitlines()
        told = [json.loads(line) for line in lines]
        assert told[-1]["exit"] == 0
        assert {line["node"] for line in told[:-1]} >= {"px01", "px02", "pxmgmt"}
    said = call(state, "status", cluster_file).stdout
    assert "px01         active" in said
    assert re.search(r"in the way: 3 STREAM .* SuperSockets are open; .*Process \d+ \(mysqld\) uses ", said)
    assert (only_run(state) / "events.jsonl").read_bytes() == before
    stranger = state / "stranger.toml"
    known_hosts = str(state / "demo" / "known_hosts")
    stranger.write_text(Path(cluster_file).read_text().replace(known_hosts, os.devnull))
    unknown = call(state, "check", str(stranger))
    assert unknown.returncode == 6
    assert "StrictHostKeyChecking yes" in unknown.stdout
    assert "keyscan" not in unknown.stdout
    assert unknown.stdout.count("remedy: do what it says") == 1, "told once, not node by node"
    assert unknown.stdout.count("impact and remedy: as above") == 2
    assert re.search(r"^\d+ checks, \d errors, (1 warning|\d warnings): ", unknown.stdout, re.MULTILINE)


def test_status_goes_on_and_says_only_what_changes(terminal: Open, state: Path) -> None:
    call(state, *DEMO, answers="")
    cluster_file, rehearsal = str(state / "demo" / "cluster.toml"), Rehearsal.attach(state / "demo")
    assert rehearsal is not None
    people = terminal("status", cluster_file, "--watch", "--every", "0.2")
    people.expect(r"\d\d:\d\d:\d\d px01 +active ")
    people.expect("The cluster view counts 0 unreachable nodes")
    programs = terminal("status", cluster_file, "--watch", "--every", "0.2", "--json")
    programs.expect('"type":"view","unreachable":0')
    rehearsal.node("px02").power_off()
    for screen in (people, programs):
        screen.expect('px02"? *.*unreachable')
        screen.press(b"\x03")
        assert screen.end() == 6
    assert len(re.findall("px01 .*active", people.text)) == 1, "it is told once"
    told = [json.loads(line) for line in programs.text.replace("^C", "").splitlines()]
    nodes = [line["node"] for line in told if line["type"] == "node"]
    assert nodes[:3] == ["px01", "px02", "pxmgmt"]
    assert set(nodes[3:]) == {"px02"}
    assert told[-1] == {"type": "result", "exit": 6}


def test_a_lost_terminal_leaves_in_order(state: Path) -> None:
    command = rollcall(*SMALL, "--pace", "1", "--yes", "--state-dir", str(state))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=ROOT)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("px01 packages| "):
            break
    process.send_signal(signal.SIGHUP)
    said = process.stdout.read()
    assert process.wait(30 * patience()) == 4
    process.stdout.close()
    assert "Stopped here: ended by SIGHUP" in said
    assert read_events(only_run(state))[-1].type == "operator.left"


def test_read_only_looks_and_leaves(state: Path) -> None:
    call(state, *SMALL, "--pace", "60")
    cluster_file = str(state / "demo" / "cluster.toml")
    done = call(state, "run", cluster_file, "--plain", "--yes", "--read-only")
    assert done.returncode == 4
    assert "this was a look only" in done.stdout
    run = fold(read_events(only_run(state)))
    assert not any(step.attempts for node in run.nodes.values() for step in node.steps.values())
