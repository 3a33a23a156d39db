"""What is seen of many nodes at one moment is written at one go, and nobody gets ahead of it."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.journal.helpers import CREATED
from tui.journal import Journal, JournalError, read_events
from tui.model.events import NodeHealth, NoteAdded
from tui.model.states import Health
from tui.rollout.publisher import EventPublisher

ILL = NodeHealth(health=Health.DEGRADED, detail="a link is down")
WELL = NodeHealth(health=Health.ACTIVE, detail="")


class Counted:
    """Counts how often something is written through to the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._sync = os.fsync
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, descriptor: int) -> None:
        self.count += 1
        self._sync(descriptor)


def begun(place: Path) -> tuple[EventPublisher, list[str]]:
    failed: list[str] = []
    publisher = EventPublisher(Journal.create(place / "run"), failed.append)
    publisher.publish(CREATED)
    return publisher, failed


async def test_what_changes_together_reaches_the_disk_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher, _ = begun(tmp_path)
    heard: list[tuple[str | None, int]] = []
    publisher.listeners.subscribe(lambda event, _run: heard.append((event.node, syncs.count)))
    syncs = Counted(monkeypatch)
    for name in ("px01", "px02"):
        publisher.see(name, ILL)
    assert (syncs.count, heard) == (0, [])
    await asyncio.sleep(0)
    assert heard == [("px01", 1), ("px02", 1)]
    assert [node.health for node in publisher.state.nodes.values()] == [Health.DEGRADED] * 2
    publisher.see("px01", ILL)
    publisher.see("nobody", ILL)
    await asyncio.sleep(0)
    assert syncs.count == 1
    publisher.close()
    assert [event.node for event in read_events(tmp_path / "run")] == [None, "px01", "px02"]


async def test_nobody_gets_ahead_of_what_was_seen(tmp_path: Path) -> None:
    publisher, _ = begun(tmp_path)
    publisher.see("px01", ILL)
    assert publisher.state.nodes["px01"].health is Health.DEGRADED
    publisher.see("px01", WELL)
    publisher.see("px01", ILL)
    publisher.see("px02", ILL)
    publisher.publish(NoteAdded(text="a moment later"))
    publisher.see("px02", WELL)
    publisher.close()
    told = [(event.node, event.data.get("health")) for event in read_events(tmp_path / "run")[1:]]
    ill, well = "degraded", "active"
    assert told == [("px01", ill), ("px01", well), ("px01", ill), ("px02", ill), (None, None), ("px02", well)]


async def test_what_cannot_be_written_is_not_seen(tmp_path: Path) -> None:
    publisher, failed = begun(tmp_path)
    with (tmp_path / "run" / "events.jsonl").open("ab") as other:
        other.write(b"\n")
    publisher.see("px01", ILL)
    publisher.see("px02", ILL)
    assert publisher.state.nodes["px01"].health is Health.UNKNOWN
    assert len(failed) == 1
    assert "changed by another program" in failed[0]
    os.truncate(tmp_path / "run" / "events.jsonl", (tmp_path / "run" / "events.jsonl").stat().st_size - 1)
    with pytest.raises(JournalError):  # though it could be written now, what was before it is missing
        publisher.publish(NoteAdded(text="later"))
    publisher.close()
