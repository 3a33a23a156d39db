"""`dis_services stop|start|restart`: transcripts of each platform, and any mixture of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.services import Service, parse_report, service_in
from tui.text.marks import Verdict

OK, FAILED, WARNING, UNKNOWN = Verdict.OK, Verdict.FAILED, Verdict.WARNING, Verdict.UNKNOWN

RED_HAT_STOP = """\
Stopping Dolphin SuperSockets drivers                      [  OK  ]
Stopping Dolphin SISCI driver                              [  OK  ]
Stopping Dolphin Node Manager                              [  OK  ]
Stopping Dolphin IRM driver                                [  OK  ]
Stopping Dolphin MX driver                                 [  OK  ]
Stopping Dolphin KOSIF driver                              [  OK  ]
"""
STOPPED_MX = [
    (Service.SUPERSOCKETS, OK),
    (Service.SISCI, OK),
    (Service.NODE_MANAGER, OK),
    (Service.IRM, OK),
    (Service.MX, OK),
    (Service.KOSIF, OK),
]
DX_STOP = """\
Stopping Dolphin SuperSockets drivers [ OK ]
Stopping Dolphin SISCI driver [ OK ]
Stopping Dolphin Node Manager [ OK ]
Stopping Dolphin IRM driver [ OK ]
"""
DEBIAN_BUSY = """\
Stopping Dolphin SuperSockets drivers.
Stopping Dolphin IRM driver
ERROR: rmmod failed - see /var/log/dis_mx.log and syslog ... failed!
Dolphin KOSIF module loaded, but no device links found. ... (warning).
Stopping Dolphin MX driver.
"""
RED_HAT_BUSY = (
    "Stopping Dolphin SISCI driver\r\n"
    "ERROR: rmmod failed - see /var/log/dis_sisci.log and syslog\x1b[60G[\x1b[0;31mFAILED\x1b[0;39m]\r\r\n"
    "Stopping Dolphin Node Manager\x1b[60G[\x1b[0;32m  OK  \x1b[0;39m]\r\r\n"
)
NO_MARKS_START = """\
Starting Dolphin KOSIF 5.5.0 ( November 13th 2007 )
Starting Dolphin MX 5.5.0 ( November 13th 2007 )
#* ERROR: ERROR: insmod failed -  see /var/log/dis_mx.log and syslog
#* WARNING: Dolphin IRM: module built for kernel 4.4.0
Starting Dolphin Node Manager: startup failed
check /var/log/dis_nodemgr.log
Starting Dolphin SuperSockets 3.3.0 "St.Martin", Nov 7th 2007 (built Nov 14 2007)
"""
SYSTEMD = """\
Stopping dis_supersockets (via systemctl): dis_supersockets.service.
Stopping dis_irm (via systemctl): dis_irm.serviceJob for dis_irm.service failed because of its exit code.
See "systemctl status dis_irm.service" and "journalctl -xe" for details.
 failed!
Stopping dis_nodemgr (via systemctl):  [  OK  ]
"""
NETWORK_MANAGER = """\
Starting Dolphin Network Manager (Node - Network Manager version 5) (Mar 12 2020)
: /etc/dis/networkmanager.conf not found                   [FAILED]
Please use the GUI tool /opt/DIS/sbin/dis_netconfig to create this configuration file.
"""


def verdicts(output: str) -> list[tuple[Service | None, Verdict]]:
    return [(line.service, line.verdict) for line in parse_report(output).lines]


def test_the_manuals_transcript() -> None:
    report = parse_report(RED_HAT_STOP)
    assert [(line.service, line.verdict) for line in report.lines] == STOPPED_MX
    assert report.all_ok
    assert report.failed == ()
    assert report.lines[0].words == "Stopping Dolphin SuperSockets drivers"


@pytest.mark.parametrize("family", ["MX", "PX", "IX", "DX"])
def test_every_family(family: str) -> None:
    report = parse_report(RED_HAT_STOP.replace("MX", family))
    assert report.all_ok
    assert Service(family) in [line.service for line in report.lines]


def test_fewer_services_from_a_page() -> None:
    assert verdicts(DX_STOP) == STOPPED_MX[:4]


def test_debian() -> None:
    report = parse_report(DEBIAN_BUSY)
    assert [(line.service, line.verdict) for line in report.lines] == [
        (Service.SUPERSOCKETS, OK),
        (Service.IRM, FAILED),
        (Service.KOSIF, WARNING),
        (Service.MX, OK),
    ]
    assert report.failed[0].reason == "rmmod failed - see /var/log/dis_mx.log and syslog"
    assert not report.all_ok


def test_red_hat_with_escapes_and_a_failure_on_two_lines() -> None:
    report = parse_report(RED_HAT_BUSY.encode())
    assert verdicts(RED_HAT_BUSY) == [(Service.SISCI, FAILED), (Service.NODE_MANAGER, OK)]
    assert report.failed[0].words == "Stopping Dolphin SISCI driver"
    assert report.failed[0].reason == "rmmod failed - see /var/log/dis_sisci.log and syslog"


def test_no_marks_at_all() -> None:
    report = parse_report(NO_MARKS_START)
    assert [(line.service, line.verdict) for line in report.lines] == [
        (Service.KOSIF, OK),
        (Service.MX, FAILED),
        (Service.IRM, WARNING),
        (Service.NODE_MANAGER, FAILED),
        (Service.SUPERSOCKETS, OK),
    ]
    assert report.failed[0].reason == "insmod failed - see /var/log/dis_mx.log and syslog"
    assert report.failed[1].reason == "startup failed; check /var/log/dis_nodemgr.log"


def test_systemd_speaks_for_the_scripts() -> None:
    assert verdicts(SYSTEMD) == [
        (Service.SUPERSOCKETS, OK),
        (Service.IRM, FAILED),
        (Service.NODE_MANAGER, OK),
    ]


def test_a_missing_configuration_is_the_network_managers_failure() -> None:
    report = parse_report(NETWORK_MANAGER)
    assert [(line.service, line.verdict) for line in report.lines] == [(Service.NETWORK_MANAGER, FAILED)]
    assert report.failed[0].reason == (
        "/etc/dis/networkmanager.conf not found; "
        "Please use the GUI tool /opt/DIS/sbin/dis_netconfig to create this configuration file."
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", []),
        (
            "Last failed login: Tue Nov  1\nThere was 1 failed login attempt.\nReloading systemd: [  OK  ]\n",
            [],
        ),
        ("Redirecting to /bin/systemctl stop dis_irm.service\n", []),
        ("Must be root to run this script.   [FAILED]\n", [(None, FAILED)]),
        ("#* ERROR: Must be root to run this script.\n", [(None, FAILED)]),
        ("ERROR: BASEDIR not set to base directory of release\n", [(None, FAILED)]),
        ("no valid module dis_irm.ko found in /opt/DIS/lib\n", [(Service.IRM, FAILED)]),
        ("rmmod: ERROR: Module dis_sisci is in use\n", [(Service.SISCI, FAILED)]),
        ("Stopping Dolphin Node Manager: shutdown failed   [FAILED]\n", [(Service.NODE_MANAGER, FAILED)]),
        ("Shutting down Dolphin Node Manager:  [  OK  ]\n", [(Service.NODE_MANAGER, OK)]),
        ("[  OK  ] Stopping Dolphin IRM driver\n", [(Service.IRM, OK)]),
        ("[ FAIL ] Stopping Dolphin IRM driver\n", [(Service.IRM, FAILED)]),
        ("[....] Stopping Dolphin IRM driver\r[ ok \n", [(Service.IRM, OK)]),
        ("Stopping Dolphin IRM driver [WARNING]\n", [(Service.IRM, WARNING)]),
        ("Stopping Dolphin Frobnicator [FAILED]\n", [(None, FAILED)]),
        ("Stopping Dolphin IRM driver\n[  OK  ]\n", [(Service.IRM, OK)]),
        ("[FAILED]\n", [(None, FAILED)]),
        (
            "Starting Dolphin IRM 5.5\nDolphin IRM: module built for kernel 4 [WARNING]\n[  OK  ]\n",
            [(Service.IRM, WARNING)],
        ),
        (
            "Stopping Dolphin IRM driver [  OK  ]\nERROR: no DX device -  see /var/log/dis_dx.log\n",
            [(Service.IRM, OK), (Service.DX, FAILED)],
        ),
        ("WARNING: Dolphin MX is old [  OK  ]\n", [(Service.MX, WARNING)]),
    ],
)
def test_single_wordings(output: str, expected: list[tuple[Service | None, Verdict]]) -> None:
    assert verdicts(output) == expected


def test_a_line_cut_short_is_not_a_success() -> None:
    cut = RED_HAT_STOP[: RED_HAT_STOP.index("Node Manager") + 12]
    assert verdicts(cut) == [(Service.SUPERSOCKETS, OK), (Service.SISCI, OK), (Service.NODE_MANAGER, UNKNOWN)]
    assert verdicts("Stopping Dolphin SISCI driver\nStopping Dolphin IRM driver") == [
        (Service.SISCI, OK),
        (Service.IRM, UNKNOWN),
    ]
    assert not parse_report("").all_ok


@pytest.mark.parametrize("mark", [" [  OK  ]", ".", " ... failed!"])
def test_a_line_without_a_mark_among_marked_ones_is_not_a_success(mark: str) -> None:
    read = verdicts(f"Stopping Dolphin SISCI driver{mark}\nStopping Dolphin IRM driver\nnoise\n")
    assert read == [(Service.SISCI, FAILED if "failed" in mark else OK), (Service.IRM, UNKNOWN)]


@pytest.mark.parametrize(
    ("words", "service"),
    [
        ("Dolphin Node Manager ( Node - Network Manager version 5) (Mar 12 2020)", Service.NODE_MANAGER),
        ("Dolphin Network Manager (Node - Network Manager version 5)", Service.NETWORK_MANAGER),
        ("dis_dx_nodemgr", Service.NODE_MANAGER),
        ("dis.C_networkmgr", Service.NETWORK_MANAGER),
        ("dis_supersockets", Service.SUPERSOCKETS),
        ("dis_px_ntb", Service.PX),
        ("dis_ix", Service.IX),
        ("/var/log/dis_dxtool", None),
        ("NetworkManager is running, MXNET too", None),
    ],
)
def test_service_names(words: str, service: Service | None) -> None:
    assert service_in(words) is service


def test_a_line_of_a_megabyte_is_told_in_brief() -> None:
    report = parse_report(
        "Stopping Dolphin IRM driver" + "x" * 1_000_000 + "\nERROR: " + "y" * 1_000_000 + "\n"
    )
    (line,) = report.lines
    assert (line.service, line.verdict) == (Service.IRM, FAILED)
    assert len(line.words) < 500
    assert len(line.reason) < 500


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    report = parse_report(output)
    assert report.all_ok is (bool(report.lines) and all(line.verdict is OK for line in report.lines))


@given(st.lists(st.sampled_from((RED_HAT_BUSY + DEBIAN_BUSY + NO_MARKS_START + SYSTEMD).splitlines(True))))
def test_lines_in_any_order_keep_their_failures(lines: list[str]) -> None:
    report = parse_report("".join(lines))
    assert bool(report.failed) >= any("failed" in line and "Dolphin" in line for line in lines)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Stopping Dolphin IRM driver    [FEHLGESCHLAGEN]\n", [(Service.IRM, UNKNOWN)]),
        ("Stopping Dolphin IRM driver\n    [ \u00c9CHOU\u00c9 ]\n", [(Service.IRM, UNKNOWN)]),
        (
            "Stopping Dolphin SISCI driver [  OK  ]\nStopping Dolphin IRM driver [ABGEBROCHEN]\n",
            [(Service.SISCI, OK), (Service.IRM, UNKNOWN)],
        ),
        ("Stopping Dolphin IRM driver...fail!\n", [(Service.IRM, FAILED)]),
        ("Stopping Dolphin IRM driver\n ...fail!\n", [(Service.IRM, FAILED)]),
        (
            "Stopping Dolphin IRM driver\nmodprobe: FATAL: Module dis_irm is in use.\n",
            [(Service.IRM, FAILED)],
        ),
        ("Failed to stop dis_irm.service: Unit dis_irm.service not loaded.\n", [(Service.IRM, FAILED)]),
        ("Failed to stop dis_sisci.service: Connection timed out\n", [(Service.SISCI, FAILED)]),
        ("Stopping Dolphin IRM driver * \n", [(Service.IRM, OK)]),
        (
            "Stopping Dolphin IRM driver\n * ERROR: rmmod failed - see /var/log/dis_irm.log and syslog\n",
            [(Service.IRM, FAILED)],
        ),
        ("Stopping Dolphin Node Manager: shutdown failed * \n", [(Service.NODE_MANAGER, FAILED)]),
        (" * Dolphin IRM module loaded, but no device links found.\n", [(Service.IRM, WARNING)]),
    ],
)
def test_marks_in_other_words(output: str, expected: list[tuple[Service | None, Verdict]]) -> None:
    assert verdicts(output) == expected


def test_brackets_in_a_line_of_somebody_else_are_no_result() -> None:
    assert parse_report(f"{RED_HAT_STOP}notice [ignored]\n").all_ok
