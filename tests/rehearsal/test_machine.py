"""Power, reboot and the life of the server process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from tests.rehearsal.client import VIEW, detach, hang_up, login, run, run_on, start, text_of, wait_until
from tests.rigs.waiting import overdue
from tui.rehearsal import Plan, Rehearsal, RehearsalError
from tui.rehearsal.processes import command_line

Rehearse = Callable[[Plan], Rehearsal]
FACES = pytest.mark.parametrize("face", ["paramiko", "openssh"])


def small(face: str = "paramiko", pace: float = 50.0) -> Plan:
    return Plan(nodes=("px01", "px02"), management="pxmgmt", pace=pace, face=face)


@FACES
def test_reboot_from_inside(rehearse: Rehearse, face: str) -> None:
    rehearsal = rehearse(small(face))
    node, marks = rehearsal.node("px01"), rehearsal.node("px01").sysroot / "tmp"
    before = node.boot_id
    # a job as detached as it can be, and one that notes the TERM that a shutdown sends first
    job = detach(rehearsal, "px01", "exec sleep 600")
    trap = f'trap "echo term >{marks}/term; exit" TERM'
    detach(rehearsal, "px01", f"{trap}; : >{marks}/ready; sleep 600 & wait")
    wait_until((marks / "ready").exists, "the job")
    assert job in node.processes()
    with login(rehearsal, "px01") as transport, login(rehearsal, "px02") as other:
        assert run_on(transport, "reboot").code == 0
        wait_until(lambda: not transport.is_active(), "the end of the connection")
        assert run_on(other, "hostname").lines == ["px02"]
    wait_until(lambda: node.boot_id != before, "the new boot id")
    wait_until(lambda: node.app_running, "the application")
    assert (marks / "term").read_text() == "term\n"
    assert job not in node.processes()
    assert run(rehearsal, "px01", 'cat "$R"/proc/sys/kernel/random/boot_id').lines == [node.boot_id]
    assert (node.services_running, node.app_transport) == (True, "pcie")
    assert node.log == ["reboot", "init: dis_services start", "init: systemctl start mysqld"]


@FACES
def test_power_off_and_on(rehearse: Rehearse, face: str) -> None:
    rehearsal = rehearse(small(face))
    node = rehearsal.node("px01")
    before = node.boot_id
    with login(rehearsal, "px01") as transport:
        node.power_off()
        wait_until(lambda: not transport.is_active(), "the end of the connection")
    assert (node.power, node.processes()) == ("off", [])
    with pytest.raises(ConnectionRefusedError), login(rehearsal, "px01"):
        pass
    assert "Number of unreachable nodes     : 1" in run(rehearsal, "pxmgmt", VIEW).lines
    node.power_on()
    assert run(rehearsal, "px01", "hostname").lines == ["px01"]
    assert node.boot_id != before
    wait_until(lambda: node.app_running, "the application")
    assert "Number of unreachable nodes     : 0" in run(rehearsal, "pxmgmt", VIEW).lines


def test_a_reboot_that_is_asked_for_twice_is_one(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    node = rehearsal.node("px01")
    before = node.boot_id
    run(rehearsal, "px01", "reboot; reboot; systemctl reboot")
    wait_until(lambda: node.boot_id != before, "the boot")
    node.power_on()  # which comes after whatever else was ordered
    assert (node.sysroot.parent / "control/boots").read_text() == "1\n"


def test_the_power_button_ends_a_wait(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    node = rehearsal.node("px01")
    node.set_fault("no-return")
    before, asked = node.boot_id, time.monotonic()
    node.reboot()
    assert (node.power, node.boot_id) == ("off", before)
    node.power_on()
    assert node.power == "up"
    assert not overdue(asked, 1.5 * rehearsal.plan.restart_timeout)
    assert node.boot_id != before


@FACES
def test_a_killed_server_leaves_the_nodes_running(rehearse: Rehearse, face: str) -> None:
    rehearsal = rehearse(small(face))
    node, pid = rehearsal.node("px01"), rehearsal.server_pid
    job = detach(rehearsal, "px01", "exec sleep 600")
    boot_id, ports = node.boot_id, (rehearsal.directory / "ports.json").read_text()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not rehearsal.alive(), "the end of the server")
    rehearsal.start()
    assert rehearsal.server_pid != pid
    assert run(rehearsal, "px01", "hostname").lines == ["px01"]
    assert (node.processes(), node.boot_id) == ([job], boot_id)
    assert (rehearsal.directory / "ports.json").read_text() == ports


@FACES
def test_destroy_leaves_nothing(rehearse: Rehearse, face: str) -> None:
    rehearsal = rehearse(small(face))
    directory = rehearsal.directory
    detach(rehearsal, "px01", 'trap "" TERM HUP; sleep 600')
    detach(rehearsal, "pxmgmt", "sleep 600")
    nodes = [rehearsal.node(name) for name in rehearsal.plan.machines]
    with login(rehearsal, "px02") as transport:
        start(transport, "sleep 600")
        rehearsal.destroy()
    assert [node.processes() for node in nodes] == [[], [], []]
    assert not directory.exists()
    assert not rehearsal.alive()
    assert left_behind(directory) == []


@FACES
def test_destroy_after_the_server_was_killed(rehearse: Rehearse, face: str) -> None:
    rehearsal = rehearse(small(face))
    node, pid = rehearsal.node("px01"), rehearsal.server_pid
    detach(rehearsal, "px01", "exec sleep 600")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not rehearsal.alive(), "the end of the server")
    rehearsal.destroy()
    assert node.processes() == []
    assert left_behind(rehearsal.directory) == []


def left_behind(directory: Path) -> list[str]:
    """Command lines that name the directory of a rehearsal, this process's own apart."""
    commands = [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.name != str(os.getpid())]
    return [line for line in map(text_of, commands) if str(directory) in line]


def test_stop_and_start_is_a_power_cycle(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    node = rehearsal.node("px01")
    before = node.boot_id
    rehearsal.stop()
    assert not rehearsal.alive()
    again = Rehearsal.attach(rehearsal.directory)
    assert again is not None
    assert again.plan == rehearsal.plan
    again.start()
    assert node.boot_id != before
    wait_until(lambda: node.app_running, "the application")


def test_only_one_server_serves(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    pid = rehearsal.server_pid
    rehearsal.start()
    assert rehearsal.server_pid == pid
    # and a second process that is started past that check does not get through either
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "tui.rehearsal.server", str(rehearsal.directory), str(writer)]
    subprocess.run(command, pass_fds=(writer,), check=True)
    os.close(writer)
    assert "already serves" in os.read(reader, 1000).decode()
    os.close(reader)
    assert rehearsal.server_pid == pid


def test_the_cluster_survives_who_started_it(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, signal, sys\n"
        "from tui.rehearsal import Plan, Rehearsal\n"
        "plan = Plan(nodes=('px01',), pace=50)\n"
        "Rehearsal.create(pathlib.Path(sys.argv[1]), plan).start()\n"
        "os.killpg(os.getpgid(0), signal.SIGKILL)\n"
    )
    starter = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "cluster")], start_new_session=True, check=False
    )
    assert starter.returncode == -signal.SIGKILL
    rehearsal = Rehearsal.attach(tmp_path / "cluster")
    assert rehearsal is not None
    try:
        assert rehearsal.alive()
        assert run(rehearsal, "px01", "hostname").lines == ["px01"]
    finally:
        rehearsal.destroy()
    assert not rehearsal.alive()


def test_a_server_that_nobody_uses_ends_and_can_be_started_again(rehearse: Rehearse) -> None:
    rehearsal = rehearse(replace(small(), stays_up=2.5))
    pid, node = rehearsal.server_pid, rehearsal.node("px01")
    job, boot_id = detach(rehearsal, "px01", "exec sleep 600"), node.boot_id
    assert pid is not None
    hang_up()
    with login(rehearsal, "px02") as transport:
        since = time.monotonic()
        wait_until(lambda: time.monotonic() - since > 4, "longer than it stays up by itself")
        assert run_on(transport, "hostname").lines == ["px02"]
        assert node.processes() == [job]
    wait_until(lambda: not command_line(pid), "the end of the server")
    assert left_behind(rehearsal.directory) == []
    assert node.processes() == []
    again = Rehearsal.attach(rehearsal.directory)
    assert again is not None
    again.start()
    assert node.boot_id != boot_id
    assert again.server_pid != pid


def test_a_server_without_a_directory_ends(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    detach(rehearsal, "px01", "exec sleep 600")
    pid = rehearsal.server_pid
    assert pid is not None
    shutil.rmtree(rehearsal.directory)
    wait_until(lambda: not command_line(pid), "the end of the server")
    assert [rehearsal.node(name).processes() for name in rehearsal.plan.machines] == [[], [], []]


def test_a_server_whose_place_is_taken_leaves_it_alone(rehearse: Rehearse) -> None:
    old = rehearse(small())
    orphan, pid = detach(old, "px01", "exec sleep 600"), old.server_pid
    assert pid is not None
    with login(old, "px01") as transport:
        shutil.rmtree(old.directory)
        new = Rehearsal.create(old.directory, small())
        assert orphan not in new.node("px01").processes()
        new.start()
        job = detach(new, "px01", "exec sleep 600")
        wait_until(lambda: not transport.is_active(), "the end of the old server's connections")
        wait_until(lambda: not command_line(pid), "the end of the old server")
    assert new.node("px01").processes() == [job]
    assert run(new, "px01", "hostname").lines == ["px01"]


def test_sigterm_ends_the_server_and_its_nodes(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    detach(rehearsal, "px01", "sleep 600")
    pid = rehearsal.server_pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not rehearsal.alive(), "the end of the server")
    assert rehearsal.node("px01").processes() == []


def test_orders_that_make_no_sense(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    with pytest.raises(RehearsalError, match="not a machine"):
        rehearsal.node("px09")
    rehearsal.stop()
    with pytest.raises(RehearsalError, match="does not answer"):
        rehearsal.node("px01").cut()


def test_another_key_is_not_let_in(rehearse: Rehearse) -> None:
    rehearsal = rehearse(small())
    stranger = (rehearsal.directory / "nodes/px01/host_key").read_text()
    (rehearsal.directory / "client_key").write_text(stranger)
    with pytest.raises(paramiko.AuthenticationException), login(rehearsal, "px01"):
        pass
    assert rehearsal.alive()
