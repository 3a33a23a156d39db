"""What stands in a runbook: commands and only commands as code, whatever the cluster file says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.rollout.runbook.hand import boxes, sections, spans
from tui.cli.main import main
from tui.model.clusterfile import ClusterFile, parse_cluster_file
from tui.model.steps import StepName
from tui.rollout.plan import alike, plan_lines, planned_commands
from tui.rollout.runbook.complete import complete
from tui.rollout.runbook.drawn import markdown
from tui.rollout.runbook.model import Runbook
from tui.rollout.runbook.rolling import rolling

FILE = """
[cluster]
name = "px_prod_"
family = "PX"
nodes = "px[01-04]"
management_node = "pxmgmt"
update_management = "last"
[target]
version = "5.21.2"
sia = "/srv/my dolphin/eXpressWare.sh"
rolling_from = ["5.19.*"]
[applications]
stop = ["kill `cat /run/my app.pid`", "`which true`"]
start = ["systemctl start mysqld"]
[node.px03]
hold = "fan *failure*, T-4711"
[node.px02]
host = "10.1.2.3"
port = 2222
"""
PROGRAMS = {
    "ssh",
    "hostname",
    "cat",
    "sha256sum",
    "mkdir",
    "cd",
    "ls",
    "cp",
    "diff",
    "grep",
    "lsmod",
    "sh",
    "modinfo",
}
PROGRAMS |= {
    "exit",
    "reboot",
    "rollcall",
    "systemctl",
    "kill",
    "rpm",
    "for",
    "sudo",
    "doas",
    "su",
    "`which true`",
}
PROGRAMS |= {"/opt/DIS/sbin/dis_services", "/opt/DIS/bin/dis_ssocks_stat"}


def cluster(**changes: str) -> ClusterFile:
    text = FILE
    for old, new in changes.items():
        text = text.replace(old, new)
    return parse_cluster_file(text, "c.toml")


def books(config: ClusterFile) -> list[Runbook]:
    return [rolling(config, "my file.toml"), complete(config, "my file.toml")]


@pytest.mark.parametrize("become", ["none", "sudo", "doas", "su"])
@pytest.mark.parametrize("reboot", ["if-needed", "always", "never"])
@pytest.mark.parametrize("management", [True, False])
def test_code_is_what_a_shell_runs_and_nothing_else(become: str, reboot: str, management: bool) -> None:
    policy = f'[ssh]\nuser = "root"\nbecome = "{become}"\n[policy]\nreboot = "{reboot}"\n[applications]'
    text = FILE.replace("[applications]", policy)
    if not management:
        text = text.replace('management_node = "pxmgmt"\nupdate_management = "last"\n', "")
    for book in books(parse_cluster_file(text, "c.toml")):
        for line in markdown(book).splitlines():
            for command in spans(line):
                assert subprocess.run(["sh", "-nc", command], check=False).returncode == 0, command
                assert command.startswith("`") or shlex.split(command)[0] in PROGRAMS, command
            assert not re.search("`[^`]*<key>", line)
            outside = re.sub(r"(`+).+?(?<!`)\1(?!`)", "", line)
            assert not re.search(
                r"(?<!all of )/[a-z]+/|--[a-z]", outside.replace("without --complete", "")
            ), line


def test_every_box_can_be_ticked_and_every_command_is_exact() -> None:
    text = markdown(rolling(cluster(), "my file.toml"))
    node = sections(text)["px01 (1 of 4): builds the packages"]
    typed = boxes(node)
    assert "kill `cat /run/my app.pid`" in typed
    assert "`which true`" in typed
    assert (
        "sh '/srv/my dolphin/eXpressWare.sh' --install-node --use-rpms /root/eXpressWare-5.21.2 --batch"
        in typed
    )
    assert "mkdir -p -m 700 /root/eXpressWare-5.21.2" in typed
    for title, section in sections(text).items():
        assert "- [ ] " in section or "on hold" in title


def test_packages_are_built_once_and_brought_to_the_others() -> None:
    told = sections(markdown(rolling(cluster(), "c.toml")))
    builds = [title for title, text in told.items() if any("--build-rpm" in each for each in boxes(text))]
    assert builds == ["px01 (1 of 4): builds the packages"]
    copies = [each for each in boxes(told["px02 (2 of 4)"]) if "tar -C" in each]
    assert len(copies) == 1
    assert copies[0].startswith(
        "ssh px01 'tar -C /root/eXpressWare-5.21.2 -cf - node_RPMS' | ssh -o HostName=10.1.2.3"
    )
    assert "frontend_RPMS" in next(each for each in boxes(told["pxmgmt (4 of 4)"]) if "tar -C" in each)


def test_foreign_words_stay_words() -> None:
    text = markdown(rolling(cluster(), "c.toml"))
    assert text.startswith("# Rolling update of px_prod\\_ to 5.21.2, by hand\n")
    assert "fan \\*failure\\*, T-4711; leave it as it is" in text
    assert not any(boxes(part) for title, part in sections(text).items() if "on hold" in title)


def test_where_root_asks_for_a_password_nothing_is_piped() -> None:
    config = cluster(**{"[applications]": '[ssh]\nuser = "eva"\nbecome = "su"\n[applications]'})
    text = markdown(rolling(config, "c.toml"))
    assert (
        "Copy the packages from px01: all of /root/eXpressWare-5.21.2, as root, to the same place on px02"
        in text
    )
    assert "`su -`" in text
    assert "tar -C" not in text


def test_the_complete_update_says_what_it_is_first() -> None:
    text = markdown(complete(cluster(), "c.toml"))
    first, *_ = text.splitlines()
    assert first.startswith("# COMPLETE UPDATE of ")
    assert "all nodes are down at the same time" in first
    titles = list(sections(text))
    assert [title.partition(",")[0] for title in titles if title.startswith("Step")] == [
        *["Step 1"] * 4, "Step 2", *["Step 3"] * 4, *["Step 4"] * 4,
    ]  # fmt: skip
    update = next(part for title, part in sections(text).items() if title.startswith("Step 2"))
    assert "sh '/srv/my dolphin/eXpressWare.sh' --install-all --batch" in boxes(update)
    assert "On hold: px03. A node that keeps its version cannot stay in the cluster" in text


def test_nodes_that_have_the_same_planned_are_told_once() -> None:
    lines = list(plan_lines(cluster()))
    assert [line for line in lines if line.startswith("px[02,04]")] == ["px[02,04]    as px01"]
    assert "px03         on hold: fan *failure*, T-4711; nothing is run" in lines
    assert len([line for line in lines if line.startswith("px01")]) == len(StepName) - 1
    assert [names for names, _ in alike(planned_commands(cluster()))] == [
        ("px01", "px02", "px04"),
        ("px03",),
        ("pxmgmt",),
    ]


@pytest.mark.parametrize("whole", [False, True])
def test_json_has_the_runbook_box_by_box(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], whole: bool
) -> None:
    file = tmp_path / "c.toml"
    file.write_text(FILE)
    assert main(["plan", str(file), "--json", *(["--complete"] if whole else [])]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    book = (complete if whole else rolling)(parse_cluster_file(FILE, "c"), str(file))
    found = [line for line in told if line.get("type") == "runbook"]
    assert [line["title"] for line in found] == [section.title for section in book.sections]
    commands = [box["command"] for line in found for box in line["boxes"] if box["command"]]
    assert commands == [
        box.command for s in book.sections for part in s.parts for box in part.boxes if box.command
    ]
    assert [line["node"] for line in told if "type" not in line] == (
        [] if whole else [planned.node for planned in planned_commands(parse_cluster_file(FILE, "c"))]
    )
