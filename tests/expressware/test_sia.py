"""What the SIA says, explained."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.sia import explain


@pytest.mark.parametrize(
    ("line", "meaning", "remedy"),
    [
        ("ERROR: rmmod failed - see /var/log/dis_mx.log and syslog", "could not be unloaded", "rebooted"),
        ("rmmod: ERROR: Module dis_sisci is in use", "could not be unloaded", "Stop what uses"),
        ("ERROR: insmod failed -  see /var/log/dis_mx.log", "could not be loaded", "Reboot"),
        ("ERROR: no SCI device -  see /var/log/dis_irm.log", "found no adapter", "lspci"),
        ("Dolphin IRM: module built for kernel 4.4.0", "another kernel", "--build-rpm"),
        ("no valid module dis_irm.ko found in /opt/DIS", "another kernel", "--build-rpm"),
        (": /etc/dis/networkmanager.conf not found", "no configuration", "dis_netconfig"),
        ("Must be root to run this script.", "root's rights", "become"),
        ("use --enforce to re-install", "the one installed", "--enforce"),
        ("package Dolphin-MX-5.21.2-1.x86_64 is already installed", "the one installed", "--enforce"),
        ("Starting Dolphin Node Manager: startup failed", "manager daemon", "log"),
        ("Dolphin MX module loaded, but no device links found.", "device files", "Restart"),
        ("Dolphin MX not running, but /var/lock/subsys/dis_mx exists", "lock file", "Start"),
        ("cp: error writing 'x': No space left on device", "full", "room"),
        ("#* ERROR: something else", "report an error", "log"),
        ("#* WARNING: something else", "report a warning", "alone"),
    ],
)
def test_known_messages(line: str, meaning: str, remedy: str) -> None:
    (explanation,) = explain(f"before\n  {line}\x1b[60G[FAILED]\r\nafter\n")
    assert meaning in explanation.meaning
    assert remedy in explanation.remedy
    assert explanation.words == " ".join(line.split())
    assert explanation.source


def test_ordinary_words_are_left_alone() -> None:
    assert (
        explain("Package gcc is already installed\nBuilding Dolphin-MX\nchecking for errors... none\n") == ()
    )


def test_each_kind_once_in_order() -> None:
    found = explain(
        "ERROR: insmod failed - see a\nERROR: rmmod failed - see b\nERROR: rmmod failed - see c\n"
    )
    assert [e.words for e in found] == ["ERROR: insmod failed - see a", "ERROR: rmmod failed - see b"]


def test_that_it_is_an_error_says_less_than_what_of() -> None:
    found = explain("#* ERROR: x\nERROR: insmod failed - see a\n")
    assert [e.general for e in found] == [True, False]


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    assert all(e.words and e.meaning and e.remedy and e.source for e in explain(output))


def test_a_chatty_run_is_explained_quickly() -> None:
    output = "  CC [M]  /tmp/build/dis_irm/src/some_file.o\n" * 100_000 + "ERROR: insmod failed - see x\n"
    started = time.process_time()
    assert len(explain(output)) == 1
    assert time.process_time() - started < 5
