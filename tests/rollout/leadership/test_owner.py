"""Who has a claim, as its record says: whether that console is surely gone, and how it is called."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tui.remote import ClaimAnswer, ClaimRecord
from tui.rollout.leadership.owner import LockOwner, boot_id, by_clock, described, is_this_machine

OURS = LockOwner.this_console("eva@here", "r1", "demo")


def ended_process() -> str:
    with subprocess.Popen(["true"]) as child:
        child.wait()
    return str(child.pid)


@pytest.mark.parametrize(
    ("owner", "gone"),
    [
        (OURS, True),  # an earlier session of this very process
        (replace(OURS, pid="1"), True),  # its number is used by another process now
        (replace(OURS, pid=ended_process()), True),
        (replace(OURS, boot="an earlier one"), True),
        (replace(OURS, boot="another machine's", host="elsewhere"), False),
        (replace(OURS, boot=""), False),
        (replace(OURS, host=""), False),
        (replace(OURS, pid="?"), False),
        (LockOwner(), False),
    ],
)
def test_only_what_is_surely_gone_counts_as_dead(owner: LockOwner, gone: bool) -> None:
    assert owner.died_here is gone


def test_another_console_of_this_machine_that_lives_is_not_gone() -> None:
    living = LockOwner.this_console("eva@here", "r1", "demo")
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(") ")[2].split()[19]
            assert not replace(living, pid=str(child.pid), start=start).died_here
        finally:
            child.kill()


def test_a_record_gives_its_owner_back_and_one_that_says_nothing_names_nobody() -> None:
    assert LockOwner.of(ClaimRecord(id="1", owner=OURS.words)) == OURS
    for nobody in (LockOwner.of(None), LockOwner.of(ClaimRecord(id="1", owner={"extra": "x"}))):
        assert nobody == LockOwner()
        assert str(nobody) == nobody.brief == "someone who left no name"
    assert OURS.brief == "eva@here, run r1"
    assert str(OURS) == f"eva@here, process {os.getpid()} on {socket.gethostname()} (boot {boot_id()})"


def test_a_machine_is_told_by_its_boot_alone() -> None:
    assert is_this_machine(boot_id())
    assert not is_this_machine("")
    assert not is_this_machine("another")


@pytest.mark.parametrize(
    ("epoch", "said"),
    [(0, "1970-01-01 00:00:00 UTC"), (1_764_500_000, "2025-11-30 10:53:20 UTC"), (10**30, "an unknown time")],
)
def test_times_are_for_people_even_of_a_damaged_record(epoch: int, said: str) -> None:
    assert by_clock(epoch) == said


def test_everything_known_of_a_holder_is_one_sentence() -> None:
    record = ClaimRecord(id="1", owner=OURS.words, since=0)
    said = described(ClaimAnswer("held", 12, record), "px01")
    heard = "last heartbeat 12 s ago (claim on px01)"
    assert said == f"{OURS}, since 1970-01-01 00:00:00 UTC, cluster demo, run r1, {heard}"
