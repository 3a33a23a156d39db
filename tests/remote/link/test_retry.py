"""What is tried again by itself, and how soon."""

from __future__ import annotations

import pytest

from tui.remote import RemoteError
from tui.remote.link.retry import is_final, pause
from tui.remote.options import Options


def pauses(kind: str, failures: int) -> list[float]:
    error = RemoteError(kind, "px01", "px01: no.")  # type: ignore[arg-type]
    return [pause(error, failures, Options()) for _ in range(300)]


@pytest.mark.parametrize("restarting", [True, False])
def test_a_wrong_password_and_another_machine_are_final_whatever_the_node_does(restarting: bool) -> None:
    for kind in ("wrong-password", "need-password", "changed-host-key", "another-machine"):
        assert is_final(kind, restarting=restarting)


def test_a_refused_login_is_no_verdict_while_a_node_restarts() -> None:
    assert is_final("auth", restarting=False)
    assert not is_final("auth", restarting=True)


def test_pauses_grow_to_a_limit() -> None:
    assert max(pauses("timeout", 1)) <= 1.2
    assert min(pauses("timeout", 50)) >= 4.0
    assert max(pauses("timeout", 50)) <= 6.0


def test_those_whom_one_server_drops_do_not_come_back_together() -> None:
    seconds = pauses("no-banner", 1)
    assert min(seconds) < 0.6
    assert max(seconds) > 1.4


def test_refused_logins_stay_below_what_a_server_punishes() -> None:
    """OpenSSH 9.8 and newer add 5 s for each, and shut out from 15 s on."""
    penalty = 0.0
    for failures in range(1, 200):
        penalty = max(0.0, penalty - min(pauses("auth", failures))) + 5.0
        assert penalty < 15.0
