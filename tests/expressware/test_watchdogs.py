"""Watchdogs: monit, systemd and cron files that name Dolphin services."""

from __future__ import annotations

import itertools

import pytest

from tests.expressware.node import SHELLS, Tree
from tests.expressware.ready import look
from tui.expressware.watchdogs import Watchdog

# As LIGO keeps its managers alive.
MONIT = """
  check process dis_networkmgr with pidfile /var/run/dis_networkmgr.pid
    start program = "/etc/init.d/dis_networkmgr restart"
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_watchdogs(ready_tree: Tree, shell: list[str]) -> None:
    ready_tree.file("/etc/monit/conf.d/dis network.conf", MONIT)
    ready_tree.file("/etc/monitrc", "# check process dis_nodemgr\nset daemon 120\n")
    ready_tree.file("/etc/crontab", "*/5 * * * * root /opt/DIS/sbin/dis_diag -V 0\n")
    ready_tree.file("/etc/cron.d/keep", "# dis_nodemgr start\n* * * * * root service dis_nodemgr start\n")
    ready_tree.file("/var/spool/cron/root", "* * * * * systemctl restart dis_irm\n")
    ready_tree.file("/var/spool/cron/crontabs/root", "0 0 * * * dis_services status | mail root\n")
    found = look(ready_tree, shell).watchdogs
    assert [(each.kind, each.path) for each in found] == [
        ("monit", "/etc/monit/conf.d/dis network.conf"),
        ("cron", "/etc/cron.d/keep"),
        ("cron", "/var/spool/cron/root"),
    ]
    assert found[0].line == 'start program = "/etc/init.d/dis_networkmgr restart"'


UNIT, DROPIN = (
    "/usr/lib/systemd/system/dis_nodemgr.service",
    "/etc/systemd/system/dis_nodemgr.service.d/{}.conf",
)


@pytest.mark.parametrize(
    ("files", "restarts"),
    [
        ({UNIT: "no"}, None),
        ({UNIT: "always"}, UNIT),
        ({UNIT: "always", DROPIN.format("off"): "no"}, None),
        ({UNIT: "no", DROPIN.format("on"): "on-failure"}, DROPIN.format("on")),
        ({UNIT: "always", "/etc/systemd/system/dis_nodemgr.service": "no"}, None),
        ({"/run/systemd/system/dis_nodemgr.service": "no", UNIT: "always"}, None),
    ],
)
def test_the_weightiest_word_on_restarts_counts(
    ready_tree: Tree, files: dict[str, str], restarts: str | None
) -> None:
    for order in itertools.permutations(files):
        for path in order:
            ready_tree.file(path, f"[Service]\nRestart={files[path]}\n")
    found = look(ready_tree).watchdogs
    expected = () if restarts is None else (Watchdog("systemd", restarts, f"Restart={files[restarts]}"),)
    assert found == expected
