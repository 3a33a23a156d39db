"""`rollcall rehearse FILE` plays the operator's own file, says that it does so, and what it cannot show."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from tests.plain.terminals import ROOT, rollcall
from tests.rigs.waiting import patience
from tui.cli.own_file import not_simulated, plan_of
from tui.journal import read_events
from tui.model.clusterfile import parse_cluster_file
from tui.model.fold import fold
from tui.model.run import Run
from tui.model.states import PauseMode, Progress
from tui.model.steps import StepName
from tui.rehearsal import Rehearsal
from tui.rehearsal.played import RESERVED, place_of, script_of, service_names
from tui.report import read_report, render_html, render_markdown

HEAD = """
[cluster]
name = "own"
family = "MX"
nodes = "db[1-2]"
management_node = "boss"
update_management = "first"
[target]
version = "5.21.2"
sia = "/data/eXpressWare.sh"
sha256 = "{digest}"
rolling_from = ["5.1[89].*"]
[ssh]
user = "root"
become = "sudo"
"""
COMMAND = re.compile(
    r"(?m)(?:^\s*|[;&|(`!]\s*|\b(?:then|do|else|exec|if|while|until|timeout [0-9]+)\s+)([a-z][a-z0-9_.-]*)"
)
"""A word where a shell takes it for a command (or Python for something else, which does no harm)."""
OWN = (
    HEAD.format(digest="a" * 64)
    + """
[policy]
reboot = "always"
batch = false
pause = "none"
allowed_down = 2
stable_samples = 2
stable_every = "2s"
window = { start = "22:00", end = "04:00", zone = "Europe/Oslo" }
[applications]
stop = [
  "systemctl stop oracle.service",
  "/opt/feeds/bin/feedctl stop --all",
  "pkill -f 'feed|tail' && touch gone",
]
start = ["/opt/feeds/bin/feedctl start", "systemctl start oracle"]
check = ["systemctl is-active oracle", "feedcheck quick"]
[view]
command = "/opt/DIS/sbin/mxadmin_commandline get-cluster"
unreachable = 'dead nodes:\\s*(\\d+)'
[paths]
state = "/srv/rollcall"
[node.db2]
hold = "fan failure, ticket 4711"
port = 2222
"""
)


def rehearse(
    state: Path, text: str, *words: str, answers: str = "", pace: tuple[str, ...] = ("--pace", "60")
) -> subprocess.CompletedProcess[str]:
    file = state.parent / "own.toml"
    file.write_text(text)
    command = rollcall("rehearse", str(file), "--plain", *pace, *words, "--state-dir", str(state))
    return subprocess.run(
        command,
        input=answers,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120 * patience(),
        check=False,
    )


def the_run(state: Path) -> tuple[Path, Run]:
    (found,) = (path.parent for path in state.glob("runs/*/*/events.jsonl"))
    return found, fold(read_events(found))


def test_the_operators_own_file_is_what_is_played(state: Path) -> None:
    done = rehearse(state, OWN, "--yes")
    directory, run = the_run(state)
    assert (run.simulated, run.pause_mode, list(run.nodes)) == (True, PauseMode.NONE, ["db1", "db2", "boss"])
    assert run.order[0] == "boss", done.stdout
    assert run.plan is not None
    assert (run.plan.sia, run.plan.allowed_down) == ("/data/eXpressWare.sh", 2)
    held, db1 = run.nodes["db2"], run.nodes["db1"]
    assert (held.progress, held.hold, held.steps[StepName.LOG_IN].attempts) == (
        Progress.HELD,
        "fan failure, ticket 4711",
        (),
    )
    assert db1.progress is Progress.UPDATED, done.stdout
    assert db1.facts is not None
    stop = (directory / "output/db1/stop-applications-1.log").read_text()
    assert "+ systemctl stop oracle.service\n+ /opt/feeds/bin/feedctl stop --all\n" in stop
    assert "rehearsed, not run: pkill -f 'feed|tail' && touch gone\n" in stop
    assert not (state.parent / "gone").exists()
    install = db1.steps[StepName.INSTALL].attempts[0].begun.command
    assert install.endswith(" --reboot")
    assert "--batch" not in install
    assert "/srv/rollcall/packages/" in install
    boots = {attempt.begun.boot_id for step in db1.steps.values() for attempt in step.attempts}
    assert len(boots) == 2, "the node was rebooted as the file says"
    told_everywhere(state, directory, done.stdout)


def told_everywhere(state: Path, directory: Path, said: str) -> None:
    lines = said.splitlines()
    assert lines[0] == (
        "REHEARSAL of own-rehearsal to 5.21.2: every node is simulated, no real one is touched"
    )
    assert re.search(r"(?m)^REHEARSAL, no real node was touched: 2 of 3 machines run 5.21.2", said)
    lacking = "\n".join(lines[1:15])
    for words in (
        "with 5.18.0 installed",
        "target.sha256",
        "ssh.become, ssh.user, node.db2.host",
        "policy.window",
    ):
        assert words in lacking, words
    assert "`pkill -f 'feed|tail' && touch gone`" in lacking
    report = read_report(directory)
    assert report.simulated
    assert len(report.not_simulated) == sum(line.strip().startswith("not sim") for line in lines[1:15])
    assert render_markdown(report).startswith("# REHEARSAL: own-rehearsal")
    assert "<h1>REHEARSAL: own-rehearsal" in render_html(report)
    listed = subprocess.run(
        rollcall("runs", "--state-dir", str(state)), capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout
    assert "REHEARSAL" in listed


def test_a_changed_file_is_not_played_as_if_it_were_the_kept_one(state: Path) -> None:
    asking = OWN.replace('pause = "none"', 'pause = "every-step"')
    first = rehearse(state, asking, answers="boss\n")
    assert first.returncode == 4
    assert re.search(r"(?m)^REHEARSAL, boss: packages, attempt 1\.$", first.stdout), first.stdout
    changed = rehearse(state, asking.replace("allowed_down = 2", "allowed_down = 1"), pace=())
    assert changed.returncode == 1
    assert "The cluster file has changed since the rehearsal of run" in changed.stderr
    again = rehearse(state, asking, pace=())
    assert again.returncode == 4
    assert again.stdout.startswith("REHEARSAL of own-rehearsal")


def test_a_file_without_view_and_applications_has_none_in_its_rehearsal(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(HEAD.format(digest="a" * 64))
    config = parse_cluster_file(file.read_text(), "own.toml")
    plan = plan_of(config, file, (), 1, 1.0)
    rehearsal = Rehearsal.create(tmp_path / "r", plan)
    played = parse_cluster_file(rehearsal.cluster_file.read_text(), "played")
    assert played.view is None
    assert played.applications == config.applications
    assert (played.policy.stable_every, played.cluster.nodes) == (5.0, "db[1-2]")
    assert not rehearsal.node("db1").app_running
    assert any("none runs on the simulated nodes" in line for line in not_simulated(config, plan))


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (r"Number of unreachable nodes\D*(\d+)", ""),
        (r"nbr-dead-nodes\D*(\d+)", "nbr-dead-nodes: @"),
        (r"dead nodes:\s*(\d+)", "dead nodes: @"),
        (r"^lost=([0-9]+)$", "lost=@"),
        (r"(?<=x)(\d+)(?=y)", None),
    ],
)
def test_an_answer_that_the_operators_own_pattern_reads(
    tmp_path: Path, pattern: str, line: str | None
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        f"{HEAD.format(digest='a' * 64)}\n[view]\ncommand = \"seen\"\nunreachable = '{pattern}'\n"
    )
    config = parse_cluster_file(file.read_text(), "own.toml")
    plan = plan_of(config, file, (), 1, 1.0)
    assert plan.view_line == (line or "")
    assert (plan.view_pattern == pattern) is (line is not None)
    assert any("view.unreachable" in each for each in not_simulated(config, plan)) is (line is None)


@pytest.mark.parametrize(
    "text",
    [
        "rm -rf /srv/db",
        "kill 4711",
        "/bin/rm -rf /srv/db",
        "/usr/bin/kill 4711",
        "feedctl stop; rm -rf /srv",
        "feedctl stop $(hostname)",
        "FEED=1 feedctl stop",
        "~/bin/feedctl stop",
        "../bin/feedctl stop",
        "/srv/../bin/feedctl",
        "/opt/DIS/sbin/dis_services stop",
        "/var/lib/rollcall/jobs/x",
        "systemctl reboot",
        "systemctl poweroff",
        "reboot",
        "systemctl stop 'a b'",
        "feedctl stop\t# at night",
        "feedctl stop &",
        "feedctl stop > /dev/null",
        "sudo feedctl stop",
    ],
)
def test_nothing_that_a_shell_would_read_or_that_is_a_real_program_is_run(text: str) -> None:
    assert service_names(text) == ()
    assert place_of(text, "/opt/DIS", "/var/lib/rollcall") is None
    script = script_of({"stop": (text,)}, "/opt/DIS", "/var/lib/rollcall")
    assert script.commands["stop"][0].startswith("rehearsed ")
    assert script.wrapped == (text,)


def scripts_in(module: str) -> Iterator[str]:
    """The texts in a Python module that may be parts of scripts: all but docstrings and patterns."""
    tree = ast.parse(module)
    prose: set[ast.AST] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            prose.update(node.args)
        elif isinstance(node, ast.JoinedStr) and node not in prose:
            prose.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "$x" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            yield node.value


def test_no_stub_takes_the_name_of_a_program_that_scripts_on_a_node_call() -> None:
    programs = {
        path.name for place in ("/usr/bin", "/bin", "/usr/sbin", "/sbin") for path in Path(place).iterdir()
    }
    words: set[str] = set()
    for package, folder in (("tui.remote", "node"), ("tui.rehearsal", "programs"), ("tui", "expressware")):
        for file in resources.files(package).joinpath(folder).iterdir():
            if file.is_file() and not file.name.endswith(".pyc"):
                text = file.read_text("utf-8")
                for script in scripts_in(text) if file.name.endswith(".py") else (text,):
                    words |= set(COMMAND.findall(script))
    called = words & programs
    assert {"flock", "setsid", "stat", "grep"} <= called
    assert called - RESERVED == set()


def test_programs_learn_that_it_is_a_rehearsal(state: Path) -> None:
    done = rehearse(state, OWN, "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert told[0]["data"]["simulated"] is True
    assert told[-1]["simulated"] is True
    assert told[-1]["sentence"].startswith("REHEARSAL")
