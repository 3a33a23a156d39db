"""The manual's procedure by hand, command by command, on the simulated machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.rehearsal.client import SERVICES, SIA, VIEW, boot, run, wait_until
from tui.rehearsal import Plan, Rehearsal

Rehearse = Callable[[Plan], Rehearsal]
PACE = 100.0
STOP_MX = """\
Stopping Dolphin SuperSockets drivers                      [  OK  ]
Stopping Dolphin SISCI driver                              [  OK  ]
Stopping Dolphin Node Manager                              [  OK  ]
Stopping Dolphin IRM driver                                [  OK  ]
Stopping Dolphin MX driver                                 [  OK  ]
Stopping Dolphin KOSIF driver                              [  OK  ]
"""


def cluster(rehearse: Rehearse, **options: str) -> Rehearsal:
    return rehearse(Plan(nodes=("n1", "n2"), pace=PACE, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def px(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A running cluster of which every test takes nodes of its own."""
    plan = Plan(nodes=tuple(f"n{number}" for number in range(1, 9)), pace=PACE)
    rehearsal = Rehearsal.create(tmp_path_factory.mktemp("px") / "cluster", plan)
    rehearsal.start()
    yield rehearsal
    rehearsal.destroy()


def unreachable(rehearsal: Rehearsal) -> str:
    (line,) = (line for line in run(rehearsal, "mgmt", VIEW).lines if "unreachable" in line)
    return line.split()[-1]


def test_the_whole_procedure(rehearse: Rehearse) -> None:
    rehearsal = cluster(rehearse, management="mgmt", family="MX")
    for name in rehearsal.nodes:
        node = rehearsal.node(name)
        assert (node.installed, node.active, node.services_running) == ("5.19.0", "5.19.0", True)
        build = run(rehearsal, name, f'cd "$R"/tmp && {SIA} --build-rpm')
        assert build.code == 0
        assert len(list((node.sysroot / "tmp/node_RPMS").glob("*.rpm"))) == 4
        assert len(list((node.sysroot / "tmp/frontend_RPMS").glob("*.rpm"))) == 3
        assert run(rehearsal, name, "systemctl stop mysqld; systemctl is-active mysqld").text == "inactive\n"
        stop = run(rehearsal, name, SERVICES + "stop")
        assert (stop.code, stop.text) == (0, STOP_MX)
        assert (node.active, node.services_running, unreachable(rehearsal)) == (None, False, "1")
        install = run(rehearsal, name, f"{SIA} --install-node --use-rpms /tmp --batch")
        assert (install.code, install.err) == (0, b"")
        assert (node.installed, node.active, node.services_running) == ("5.21.2", "5.21.2", True)
        assert unreachable(rehearsal) == "0"
        assert run(rehearsal, name, "systemctl start mysqld; systemctl is-active mysqld").text == "active\n"
        assert node.app_transport == "pcie"
        assert node.log == [
            "SIA --build-rpm",
            "systemctl stop mysqld",
            "dis_services stop",
            "SIA --install-node --use-rpms /tmp --batch",
            "SIA: dis_services start",
            "systemctl start mysqld",
        ]
    front = rehearsal.node("mgmt")
    assert front.installed == "5.19.0"
    done = run(
        rehearsal, "mgmt", f'cd "$R"/tmp && {SIA} --build-rpm && {SIA} --install-frontend --use-rpms .'
    )
    assert done.code == 0
    assert (front.installed, front.services_running) == ("5.21.2", True)


@pytest.mark.parametrize(
    ("family", "stops", "runs"),
    [
        ("PX", "SuperSockets SISCI Node IRM PX KOSIF", "KOSIF PX IRM Node SISCI SuperSockets"),
        ("IX", "SuperSockets SISCI Node IRM IX KOSIF", "KOSIF IX IRM Node SISCI SuperSockets"),
        ("DX", "SuperSockets SISCI Node IRM", "DX IRM Node SISCI SuperSockets"),
    ],
)
def test_families(rehearse: Rehearse, family: str, stops: str, runs: str) -> None:
    rehearsal = cluster(rehearse, family=family)
    status = run(rehearsal, "n1", SERVICES + "status")
    assert status.code == 0
    assert [line.split()[1] for line in status.lines] == runs.split()
    assert all(" is running" in line for line in status.lines)
    stop = run(rehearsal, "n1", "systemctl stop mysqld; " + SERVICES + "stop")
    assert [line.split()[2] for line in stop.lines] == stops.split()
    assert list((rehearsal.node("n1").sysroot / "sys/module").iterdir()) == []
    stopped = run(rehearsal, "n1", SERVICES + "status")
    assert stopped.code == 3
    assert all(line.endswith(" is stopped.") for line in stopped.lines)


def test_services_cannot_stop_under_a_running_application(px: Rehearsal) -> None:
    node = px.node("n1")
    users = run(px, "n1", '"$R"/opt/DIS/bin/dis_ssocks_stat -G; cat "$R"/sys/module/dis_sisci/refcnt')
    assert users.lines == ["STREAM sockets: 3  DGRAM sockets: 1", "1"]
    stop = run(px, "n1", SERVICES + "stop")
    assert stop.code == 1
    assert stop.lines[:2] == [
        "Stopping Dolphin SuperSockets drivers",
        "ERROR: rmmod failed - see /var/log/dis_supersockets.log and syslog [FAILED]",
    ]
    # updated all the same: on disk only, and status shows the version on disk
    done = run(px, "n1", f'cd "$R"/tmp && {SIA} --build-rpm && {SIA} --install-node --use-rpms .')
    assert done.code == 0
    assert "#* WARNING: the drivers of 5.19.0 are still loaded" in done.text
    assert (node.installed, node.active) == ("5.21.2", "5.19.0")
    assert "Dolphin IRM 5.21.2 " in run(px, "n1", SERVICES + "status").text
    boot(px, "n1")
    assert (node.active, node.services_running) == ("5.21.2", True)


def test_an_application_started_too_early_stays_on_ethernet(px: Rehearsal) -> None:
    node = px.node("n2")
    run(px, "n2", f"systemctl stop mysqld; {SERVICES} stop; systemctl start mysqld; {SERVICES} start")
    assert (node.services_running, node.app_transport) == (True, "ethernet")
    run(px, "n2", "systemctl restart mysqld")
    assert node.app_transport == "pcie"


def test_same_and_older_versions_need_enforce(rehearse: Rehearse) -> None:
    rehearsal = cluster(rehearse, installed="5.21.10")
    node = rehearsal.node("n1")
    build = run(rehearsal, "n1", f'systemctl stop mysqld; cd "$R"/tmp && {SIA} --build-rpm')
    assert build.code == 0
    refused = run(rehearsal, "n1", f"{SIA} --install-node --use-rpms /tmp --batch")
    assert refused.code == 1
    assert "#* ERROR: version 5.21.10 is installed" in refused.text
    assert node.services_running
    assert run(rehearsal, "n1", f"{SIA} --install-node --use-rpms /tmp --batch --enforce").code == 0
    assert (node.installed, node.active) == ("5.21.2", "5.21.2")


def test_reboot_by_the_installer(px: Rehearsal) -> None:
    node = px.node("n3")
    before = node.boot_id
    done = run(
        px,
        "n3",
        f'cd "$R"/tmp && {SIA} --build-rpm && {SIA} --install-node --use-rpms . --batch --reboot',
    )
    assert done.code == 0
    wait_until(lambda: node.boot_id != before, "a new boot id")
    wait_until(lambda: node.app_running, "the application")
    assert (node.installed, node.active) == ("5.21.2", "5.21.2")
    assert node.log.count("SIA: reboot") == 1


def test_packages_of_one_node_serve_another_but_not_another_kernel(px: Rehearsal) -> None:
    assert run(px, "n4", f'cd "$R"/tmp && {SIA} --build-rpm').code == 0
    packed = run(px, "n4", 'cd "$R"/tmp && tar -cf - node_RPMS frontend_RPMS').out
    assert run(px, "n5", 'mkdir "$R"/srv/p && tar -xf - -C "$R"/srv/p', packed).code == 0
    settings = px.node("n5").sysroot.parent / "control/settings"
    text = settings.read_text()
    settings.write_text(text.replace("KERNEL=5", "KERNEL=6"))
    refused = run(px, "n5", f"systemctl stop mysqld; {SIA} --install-node --use-rpms /srv/p --batch")
    assert refused.code == 1
    assert "was built for kernel 5" in refused.text
    settings.write_text(text)
    assert run(px, "n5", f"{SIA} --install-node --use-rpms /srv/p --batch").code == 0
    assert px.node("n5").active == "5.21.2"
    assert "SIA --build-rpm" not in px.node("n5").log


def test_package_managers(rehearse: Rehearse, px: Rehearsal) -> None:
    query = "rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\\n' 'Dolphin-S*'; rpm -q Dolphin-PX nothing"
    assert run(px, "n7", query).lines == [
        "Dolphin-SISCI 5.19.0-1",
        "Dolphin-SmartIO 5.19.0-1",
        "Dolphin-SuperSockets 5.19.0-1",
        "Dolphin-PX-5.19.0-1.x86_64",
        "package nothing is not installed",
    ]
    debian = cluster(rehearse, platform="debian")
    query = "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' 'dolphin-*'"
    assert run(debian, "n1", query).lines[0] == "dolphin-px 5.19.0-1 installed"
    assert run(debian, "n1", "rpm -qa").lines == []
    stop = run(debian, "n1", f"{SERVICES} stop; systemctl stop mysqld; {SERVICES} stop")
    assert "ERROR: rmmod failed - see /var/log/dis_irm.log and syslog ... failed!" in stop.lines
    assert stop.lines[-1] == "Stopping Dolphin KOSIF driver."
    done = run(debian, "n1", f'cd "$R"/tmp && {SIA} --build-rpm && {SIA} --install-node --use-rpms .')
    assert done.code == 0
    assert debian.node("n1").installed == "5.21.2"


def test_marks_as_an_old_red_hat_writes_them(rehearse: Rehearse) -> None:
    rehearsal = cluster(rehearse, marks="escapes")
    stop = run(rehearsal, "n1", f"systemctl stop mysqld; {SERVICES} stop")
    assert stop.out.splitlines(keepends=True)[0] == (
        b"Stopping Dolphin SuperSockets drivers\x1b[60G[\x1b[0;32m  OK  \x1b[0;39m]\r\n"
    )


def test_module_facts(px: Rehearsal) -> None:
    facts = run(px, "n6", "modinfo -F version dis_irm; modinfo -F srcversion dis_irm; uname -rm; uname -n")
    loaded = run(px, "n6", 'cd "$R"/sys/module/dis_irm && cat version srcversion')
    assert facts.lines[:2] == loaded.lines
    assert facts.lines[2:] == ["5.14.0-427.13.1.el9_4.x86_64 x86_64", "n6"]
    used_by = {line.split()[0]: line.split()[2] for line in run(px, "n6", "lsmod").lines[1:]}
    # SuperSockets is locked in the kernel even when nobody uses it
    idle = run(px, "n6", "systemctl stop mysqld; lsmod")
    assert (used_by["dis_ssocks"], "dis_ssocks            204800  1 " in idle.lines) == ("4", True)
