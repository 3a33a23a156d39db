"""Every fault that can be ordered: what is seen, and that its remedy works. Each has a node of its own."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import paramiko
import pytest

from tests.rehearsal.client import (
    SERVICES,
    SIA,
    VIEW,
    Done,
    boot,
    hang_up,
    login,
    run,
    run_on,
    start,
    wait_until,
)
from tui.rehearsal import FAULTS, Plan, Rehearsal, RehearsalError
from tui.rehearsal.processes import command_line, send

PACE = 100.0
OF_A_BOOT = {"returns-old", "rolls-back", "other-kernel", "services-late"} | {
    name for name in FAULTS if name.startswith(("reboot", "boot"))
}
"""Tested where they are met: by whole runs with reboots (``tests/faults``)."""
BUILD = f'cd "$R"/tmp && {SIA} --build-rpm'
STOP_ALL = f"systemctl stop mysqld && {SERVICES} stop"
DIAG = '"$R"/opt/DIS/sbin/dis_diag -V 9'
INSTALL = f"{SIA} --install-node --use-rpms /tmp --batch"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """One node per fault, ordered by the plan, and its name is the fault's; `peer` comes after the last."""
    names = [name for name in FAULTS if name not in OF_A_BOOT]
    plan = Plan(
        nodes=(*names, "peer"),
        management="mgmt",
        pace=PACE,
        faults={name: (name,) for name in names},
        marks="column",
    )
    rehearsal = Rehearsal.create(tmp_path_factory.mktemp("broken") / "cluster", plan)
    rehearsal.start()
    yield rehearsal
    hang_up()
    rehearsal.destroy()


def installed(done: Done) -> bool:
    return done.code == 0 and "installation of 5.21.2 succeeded" in done.text


def prepare(rehearsal: Rehearsal, name: str) -> None:
    """Up to the installation, which then finds packages and stopped services."""
    done = run(rehearsal, name, f"{BUILD} && {STOP_ALL}")
    assert done.code == 0, done


def test_build_fails(broken: Rehearsal) -> None:
    first, second = (run(broken, "build-fails", BUILD) for _ in range(2))
    assert first.code == 1
    assert first.lines[-1].startswith("#* ERROR: ")
    assert not list((broken.node("build-fails").sysroot / "tmp").glob("*_RPMS")) or second.code == 0
    assert second.code == 0


def test_app_refuses(broken: Rehearsal) -> None:
    first = run(broken, "app-refuses", "systemctl stop mysqld")
    assert (first.code, broken.node("app-refuses").app_running) == (1, True)
    assert run(broken, "app-refuses", "systemctl stop mysqld").code == 0
    assert not broken.node("app-refuses").app_running


def test_app_lingers(broken: Rehearsal) -> None:
    maps = broken.node("app-lingers").sysroot / "proc"
    assert run(broken, "app-lingers", "systemctl stop mysqld").code == 0
    assert not broken.node("app-lingers").app_running
    wait_until(lambda: not list(maps.glob("[0-9]*/maps")), "its process lets go")


def test_stop_busy(broken: Rehearsal) -> None:
    node = broken.node("stop-busy")
    assert run(broken, "stop-busy", f"{BUILD} && systemctl stop mysqld").code == 0
    for _ in range(2):
        stop = run(broken, "stop-busy", SERVICES + "stop")
        assert stop.code == 1
        assert stop.lines[3:5] == [
            "Stopping Dolphin IRM driver",
            "ERROR: rmmod failed - see /var/log/dis_irm.log and syslog  [FAILED]",
        ]
    assert "rts_client" in run(broken, "stop-busy", "lsmod").text
    assert installed(run(broken, "stop-busy", INSTALL))
    assert (node.installed, node.active, node.services_running) == ("5.21.2", "5.19.0", True)
    boot(broken, "stop-busy")
    assert (node.active, node.services_running) == ("5.21.2", True)
    assert run(broken, "stop-busy", STOP_ALL).code == 0


def test_stop_fails(broken: Rehearsal) -> None:
    first, second = (run(broken, "stop-fails", f"systemctl stop mysqld; {SERVICES} stop") for _ in range(2))
    assert first.code == 1
    assert first.lines[2] == "Stopping Dolphin Node Manager: shutdown failed             [FAILED]"
    assert second.code == 0
    assert broken.node("stop-fails").active is None


def test_install_fails(broken: Rehearsal) -> None:
    node = broken.node("install-fails")
    prepare(broken, node.name)
    first = run(broken, node.name, INSTALL)
    assert first.code == 1
    assert first.lines[-1].startswith("#* ERROR: ")
    assert (node.installed, node.services_running) == ("5.19.0", False)
    assert installed(run(broken, node.name, INSTALL))
    assert (node.installed, node.active) == ("5.21.2", "5.21.2")


def test_install_hangs(broken: Rehearsal) -> None:
    node = broken.node("install-hangs")
    prepare(broken, node.name)
    with login(broken, node.name) as transport:
        channel = start(transport, INSTALL)
        output = channel.makefile()
        while "waiting for the package database" not in output.readline():
            assert not channel.closed
        wait_until(lambda: any(b"7200" in command_line(pid) for pid in node.processes()), "the silence")
        send(node.processes(), signal.SIGTERM)
        wait_until(lambda: channel.closed, "the end of the installation")
    assert installed(run(broken, node.name, INSTALL))


def test_install_prompts(broken: Rehearsal) -> None:
    prepare(broken, "install-prompts")
    first = run(broken, "install-prompts", INSTALL)
    assert first.code == 1
    assert "[Y/n]" in first.text
    assert installed(run(broken, "install-prompts", INSTALL))
    broken.node("install-prompts").set_fault("install-prompts")
    assert installed(run(broken, "install-prompts", f"{INSTALL} --enforce", b"y\n"))


def test_edits_dishosts(broken: Rehearsal) -> None:
    hosts = broken.node("edits-dishosts").sysroot / "etc/dis/dishosts.conf"
    before = hosts.read_text()
    prepare(broken, "edits-dishosts")
    assert [line for line in hosts.read_text().splitlines() if line not in before.splitlines()] == [
        "ADAPTER:  edits-dishosts_a0 252 0 8"
    ]
    assert installed(run(broken, "edits-dishosts", INSTALL))


def test_keeps_old(broken: Rehearsal) -> None:
    node = broken.node("keeps-old")
    prepare(broken, node.name)
    done = run(broken, node.name, INSTALL)
    assert installed(done)
    assert "WARNING" not in done.text
    assert (node.installed, node.active, node.services_running) == ("5.21.2", "5.19.0", True)
    facts = run(
        broken, node.name, 'modinfo -F srcversion dis_irm; cat "$R"/sys/module/dis_irm/srcversion'
    ).lines
    assert facts[0] != facts[1]
    boot(broken, node.name)
    assert node.active == "5.21.2"


def test_start_fails(broken: Rehearsal) -> None:
    node = broken.node("start-fails")
    prepare(broken, node.name)
    done = run(broken, node.name, INSTALL)
    assert done.code == 1
    assert "ERROR: insmod failed -  see /var/log/dis_px.log and syslog [FAILED]" in done.lines
    assert (node.installed, node.active, node.services_running) == ("5.21.2", None, False)
    again = run(broken, node.name, SERVICES + "start")
    assert again.code == 1
    assert any(
        line.startswith("Starting Dolphin Node Manager") and ": startup failed" in line
        for line in again.lines
    )
    boot(broken, node.name)
    assert (node.active, node.services_running) == ("5.21.2", True)


@pytest.mark.parametrize(("name", "share"), [("no-return", 1.6), ("slow-return", 0.6)])
def test_a_node_that_is_long_away(broken: Rehearsal, name: str, share: float) -> None:
    node, limit = broken.node(name), broken.plan.restart_timeout
    before, asked = node.boot_id, time.monotonic()
    node.reboot()
    assert node.power == "off"
    wait_until(lambda: node.boot_id != before, "the return", limit * 2)
    assert time.monotonic() - asked > share * limit
    wait_until(lambda: node.services_running, "the services")
    boot(broken, name)  # once per order: this one is quick


@pytest.mark.parametrize(("name", "most"), [("one-session", 1), ("few-sessions", 2), ("ssh-drops", 10)])
def test_how_many_sessions_one_connection_has(broken: Rehearsal, name: str, most: int) -> None:
    with login(broken, name) as transport:
        for _ in range(2):
            opened = [transport.open_session(timeout=5) for _ in range(most)]
            with pytest.raises(paramiko.ChannelException):
                transport.open_session(timeout=5)
            for channel in opened:
                channel.close()
            wait_until(lambda: can_open(transport), "a session is free again")


def can_open(transport: paramiko.Transport) -> bool:
    try:
        transport.open_session(timeout=5).close()
    except paramiko.ChannelException:
        return False
    return True


def test_ssh_drops(broken: Rehearsal) -> None:
    node = broken.node("ssh-drops")
    prepare(broken, node.name)
    with login(broken, node.name) as transport:
        command = f"setsid sh -c '{INSTALL}' >\"$R\"/tmp/out 2>&1 </dev/null & echo started; wait"
        channel = start(transport, command)
        assert channel.makefile().readline() == "started\n"
        wait_until(lambda: not transport.is_active(), "the drop")
    wait_until(lambda: node.active == "5.21.2", "the installation that goes on")
    assert node.log.count("SIA --install-node --use-rpms /tmp --batch") == 1


def test_ssh_flaps(broken: Rehearsal) -> None:
    node = broken.node("ssh-flaps")
    prepare(broken, node.name)
    hang_up()
    with login(broken, node.name) as transport:
        run_on(transport, f"setsid sh -c '{INSTALL}' >/dev/null 2>&1 </dev/null &")
    drops = 0
    while node.active != "5.21.2":
        try:
            with login(broken, node.name) as transport:
                wait_until(lambda: not transport.is_active() or node.active, "a drop or the end")
                drops += not transport.is_active()
        except (OSError, EOFError, paramiko.SSHException):
            drops += 1
    assert drops  # how many are met depends on how quickly one logs in again


def test_disk_full(broken: Rehearsal) -> None:
    node = broken.node("disk-full")
    refused = run(broken, node.name, 'mkdir -p "$R"/var/lib/rollcall/runs')
    assert refused.code == 1
    assert "No space left on device" in refused.err.decode()
    assert run(broken, node.name, 'df -kP "$R"/var | tail -n 1').lines[0].split()[3] == "0"
    assert run(broken, node.name, 'mkdir "$R"/tmp/elsewhere').code == 0
    # log rotation, 20 s of demo time later
    wait_until(lambda: run(broken, node.name, 'mktemp -d "$R"/var/lib/x.XXXXXX').code == 0, "free space")
    assert run(broken, node.name, 'df -kP "$R"/var | tail -n 1').lines[0].split()[3] != "0"


def test_wrong_host(broken: Rehearsal) -> None:
    for _ in range(2):
        assert run(broken, "wrong-host", "hostname; uname -n").lines == ["wrong-host-spare"] * 2
    broken.node("wrong-host").clear_fault("wrong-host")
    assert run(broken, "wrong-host", "hostname").lines == ["wrong-host"]


def test_hostkey_changed(broken: Rehearsal) -> None:
    with pytest.raises(paramiko.BadHostKeyException), login(broken, "hostkey-changed"):
        pass
    node = broken.node("peer")
    with login(broken, "peer"):
        node.set_fault("hostkey-changed")
    node.power_off()
    node.power_on()
    with pytest.raises(paramiko.BadHostKeyException), login(broken, "peer"):
        pass


def test_link_degraded(broken: Rehearsal) -> None:
    def unreachable() -> int:
        (line,) = (line for line in run(broken, "mgmt", VIEW).lines if "unreachable" in line)
        return int(line.split()[-1])

    prepare(broken, "link-degraded")
    before = unreachable()
    assert installed(run(broken, "link-degraded", INSTALL))
    assert broken.node("link-degraded").services_running
    assert unreachable() == before
    assert run(broken, "link-degraded", SERVICES + "restart").code == 0
    assert unreachable() == before - 1


def test_noisy_link(broken: Rehearsal) -> None:
    def counted() -> int:
        (line,) = (line for line in run(broken, "noisy-link", DIAG).lines if "errors" in line)
        return int(line.split()[-1])

    prepare(broken, "noisy-link")
    assert installed(run(broken, "noisy-link", INSTALL))
    first = counted()
    assert counted() == first + 3
    boot(broken, "noisy-link")
    assert counted() == counted()


def test_peer_drops(broken: Rehearsal) -> None:
    node, peer = broken.node("peer-drops"), broken.node("clock-skew")
    assert broken.nodes.index(peer.name) == broken.nodes.index(node.name) + 1
    prepare(broken, node.name)
    assert installed(run(broken, node.name, INSTALL))
    wait_until(lambda: "watchdog: dis_services start" in peer.log, "the watchdog")
    wait_until(lambda: peer.services_running, "the peer's Node Manager")
    assert node.services_running


def test_clock_skew(broken: Rehearsal) -> None:
    ahead = int(run(broken, "clock-skew", "date +%s").text) - time.time()
    assert 880 < ahead < 920
    broken.node("clock-skew").clear_fault("clock-skew")
    assert abs(int(run(broken, "clock-skew", "date +%s").text) - time.time()) < 20


def test_chatty(broken: Rehearsal) -> None:
    prepare(broken, "chatty")
    first, second = (run(broken, "chatty", f"{INSTALL} --enforce") for _ in range(2))
    assert [done.text.count("unpacking file") for done in (first, second)] == [100_000, 0]
    assert installed(first)
    assert installed(second)


def test_every_fault_is_tested() -> None:
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    in_tables = {"no-return", "slow-return", "one-session", "few-sessions"}
    assert set(FAULTS) - tested == OF_A_BOOT | in_tables


def test_orders_are_checked(broken: Rehearsal) -> None:
    with pytest.raises(RehearsalError, match="Did you mean 'stop-busy'"):
        broken.node("peer").set_fault("stop-bussy")
    with pytest.raises(RehearsalError, match="not a node"):
        Plan(nodes=("a",), faults={"b": ("chatty",)})
