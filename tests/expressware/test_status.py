"""`dis_services status` in all the wordings that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.services import Service
from tui.expressware.status import ServiceStatus, all_running, parse_status

DX_36 = """\
Dolphin DX 3.3.0 (  November 13th 2007 ) is running.
Dolphin IRM 3.3.0 (  November 13th 2007 ) is running.
Dolphin Node Manager is running (pid 3172).
Dolphin SISCI 3.3.0 (  November 13th 2007 ) is running.
Dolphin SuperSockets 3.3.0 "St.Martin", Nov 7th 2007 (built Nov 14 2007) is running.
"""


def one(line: str) -> ServiceStatus:
    (status,) = parse_status(line)
    return status


def test_the_manuals_transcript() -> None:
    statuses = parse_status(DX_36)
    assert [(s.service, s.running, s.version) for s in statuses] == [
        (Service.DX, True, "3.3.0"),
        (Service.IRM, True, "3.3.0"),
        (Service.NODE_MANAGER, True, None),
        (Service.SISCI, True, "3.3.0"),
        (Service.SUPERSOCKETS, True, "3.3.0"),
    ]
    assert statuses[2].pids == (3172,)
    assert all_running(statuses)


def test_a_line_cut_off_is_not_running() -> None:
    cut = DX_36.removesuffix("7) is running.\n")
    statuses = parse_status(cut)
    assert statuses[-1].service is Service.SUPERSOCKETS
    assert statuses[-1].running is None
    assert statuses[-1].version == "3.3.0"
    assert not all_running(statuses)


@pytest.mark.parametrize(
    ("line", "service", "running", "detail"),
    [
        ("Dolphin IRM driver is stopped.", Service.IRM, False, ""),
        ("Dolphin Node Manager is stopped.", Service.NODE_MANAGER, False, ""),
        (
            "Dolphin MX not running, but /var/lock/subsys/dis_mx exists",
            Service.MX,
            False,
            "Dolphin MX not running, but /var/lock/subsys/dis_mx exists",
        ),
        (
            "#* WARNING: Dolphin Node Manager not running, but /var/run/dis_nodemgr.pid exists",
            Service.NODE_MANAGER,
            False,
            "Dolphin Node Manager not running, but /var/run/dis_nodemgr.pid exists",
        ),
        (
            "Dolphin KOSIF module loaded, but no device links found.\x1b[60G[\x1b[0;33mWARNING\x1b[0;39m]\r",
            Service.KOSIF,
            None,
            "Dolphin KOSIF module loaded, but no device links found.",
        ),
        (
            "no valid module dis_irm.ko found in /opt/DIS/lib/modules/5.4 ... failed!",
            Service.IRM,
            None,
            "no valid module dis_irm.ko found in /opt/DIS/lib/modules/5.4",
        ),
        ("dis_nodemgr (pid  3172) is running...", Service.NODE_MANAGER, True, ""),
        (
            "dis_nodemgr dead but pid file exists",
            Service.NODE_MANAGER,
            False,
            "dis_nodemgr dead but pid file exists",
        ),
        ("Dolphin IRM 28a8824496_ce05d9958c ( x ) is running.", Service.IRM, True, ""),
        ("Dolphin SISCI 5.2", Service.SISCI, None, "Dolphin SISCI 5.2"),
        ("[  OK  ] Dolphin PX 5.21.2 ( x ) is running.", Service.PX, True, ""),
    ],
)
def test_wordings(line: str, service: Service, running: bool | None, detail: str) -> None:
    status = one(line)
    assert (status.service, status.running, status.detail) == (service, running, detail)


def test_daemons_with_protocol_numbers() -> None:
    node = one(
        "Dolphin Node Manager ( Node - Network Manager version 5) (Mar 12 2020) is running (pid 123 456)."
    )
    assert (node.service, node.running, node.pids, node.version) == (
        Service.NODE_MANAGER,
        True,
        (123, 456),
        None,
    )
    network = one(
        "Dolphin Network Manager (Node - Network Manager version 5.1) (Mar 12 2020) "
        "(Admin - Network Manager version 7) is running (pid 9)."
    )
    assert (network.service, network.pids, network.version) == (Service.NETWORK_MANAGER, (9,), None)


def test_remarks_belong_to_their_service() -> None:
    statuses = parse_status(
        "Dolphin IRM: module built for kernel 4.4.0\n"
        "Dolphin IRM: module running on kernel 4.4.1\n"
        "Dolphin IRM 4.4.1 ( x ) is running.\n"
        "Dolphin MX: module built for kernel 4.4.0\n"
    )
    assert [(s.service, s.running, s.detail) for s in statuses] == [
        (Service.IRM, True, "module built for kernel 4.4.0; module running on kernel 4.4.1"),
        (Service.MX, None, "module built for kernel 4.4.0"),
    ]


def test_systemd_in_place_of_the_scripts() -> None:
    output = """\
\u25cf dis_irm.service - LSB: Dolphin IRM
     Loaded: loaded (/etc/init.d/dis_irm; generated)
     Active: active (exited) since Tue 2020-03-12 10:00:00 UTC; 2 days ago
Mar 12 10:00:00 px07 dis_irm[812]: Dolphin IRM driver is stopped.

\u25cb dis_nodemgr.service - LSB: Dolphin Node Manager
     Active: inactive (dead)
"""
    assert [(s.service, s.running, s.detail) for s in parse_status(output)] == [
        (Service.IRM, True, "systemd: active (exited)"),
        (Service.NODE_MANAGER, False, "systemd: inactive (dead)"),
    ]


@pytest.mark.parametrize(
    "noise",
    [
        "",
        "Usage: dis_services {start | stop | restart | status}\n",
        "NetworkManager is running\nActive: active (running)\n",
        "Must be root to run this script.\n",
        "sh: /opt/DIS/sbin/dis_services: not found\n",
        "Last login: Tue, the SISCI demo is running on px08\n",
    ],
)
def test_nothing_told_is_not_running(noise: str) -> None:
    assert parse_status(noise) == ()
    assert not all_running(parse_status(noise))


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    statuses = parse_status(output)
    assert all_running(statuses) is (bool(statuses) and all(s.running for s in statuses))


_VERSION_TEXTS = st.sampled_from(
    ["5.21.2 ( November 13th 2007 )", '3.3.0 "St.Martin", Nov 7th 2007 (built Nov 14 2007)', "4.4.3 (  x  )"]
)


@st.composite
def told(draw: st.DrawFn) -> tuple[Service, bool, str]:
    service = draw(st.sampled_from(Service))
    name = f"Dolphin {service.value}"
    if draw(st.booleans()):
        pids = draw(st.sampled_from(["", " (pid 12)", " (pid 12 34)"]))
        return service, True, f"{name} {draw(_VERSION_TEXTS)} is running{pids}."
    stopped = [" driver is stopped.", " is stopped.", " not running, but /var/lock/subsys/x exists"]
    return service, False, name + draw(st.sampled_from(stopped))


@given(st.lists(told()), st.sampled_from(["\n", "\r\n", "\x1b[0m\n", "   \n"]))
def test_any_rendering_reads_back(lines: list[tuple[Service, bool, str]], ending: str) -> None:
    statuses = parse_status("".join(text + ending for _, _, text in lines))
    assert [(s.service, s.running) for s in statuses] == [(service, running) for service, running, _ in lines]
    assert all_running(statuses) is (bool(lines) and all(running for _, running, _ in lines))


@pytest.mark.parametrize(
    ("line", "running"),
    [
        ("Dolphin IRM 5.5.0 ( x ) is running.   [  OK  ]", True),
        (" * Dolphin IRM 5.5.0 ( x ) is running.", True),
        ("Dolphin IRM 5.5.0 ( x ) is running.   [FEHLGESCHLAGEN]", None),
        ("Dolphin IRM 5.5.0 ( x ) is running.   [FAILED]", None),
        ("Dolphin IRM 5.5.0 ( x ) is running. ...fail!", None),
        (" * Dolphin IRM driver is stopped.", False),
    ],
)
def test_a_mark_that_says_no_outweighs_the_words(line: str, running: bool | None) -> None:
    assert one(line).running is running


def test_a_daemons_unit_without_its_process_is_not_running() -> None:
    (status,) = parse_status("\u25cf dis_nodemgr.service - LSB: x\n     Active: active (exited) since Tue\n")
    assert (status.service, status.running) == (Service.NODE_MANAGER, None)
