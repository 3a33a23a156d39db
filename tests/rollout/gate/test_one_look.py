"""A look is one question: it counts once, it is as old as the question, and a late answer is no news."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from tests.rigs.waiting import wait_until_async
from tests.rollout.engine_operator import cluster
from tui.model.clusterfile import ClusterFile
from tui.model.states import Health
from tui.remote import Sample
from tui.rollout.gate.monitor import Monitor
from tui.rollout.open_run import load_cluster_file, make_fleet

WELL = (
    "@boot_id b\n@module dis_irm\n@loaded.version dis_irm 5.20.0\n"
    "@status.exit 0\n@status Dolphin IRM 5.20.0 is running.\n@end\n"
)


def config(samples: int) -> ClusterFile:
    data: dict[str, Any] = {
        "cluster": {"name": "c", "family": "PX", "nodes": "n1"},
        "target": {"version": "2", "sia": "/s"},
        "policy": {"stable_samples": samples, "stable_every": "0.2s"},
    }
    return ClusterFile.model_validate(data)


def watching(samples: int = 2) -> Monitor:
    return Monitor(cast(Any, SimpleNamespace(calm=lambda *_: None)), config(samples), lambda *_: None)


def sample(asked_at: float, text: str = WELL, **more: Any) -> Sample:
    return Sample("n1", time.monotonic(), asked_at, text=text, exit_code=0, **more)


def test_an_answer_that_two_have_waited_for_is_one_look() -> None:
    monitor, now = watching(), time.monotonic()
    monitor._on_sample(sample(now - 2))
    monitor._on_sample(sample(now - 2))
    assert monitor.stable("n1") == (False, "active for 1 of 2 looks")
    monitor._on_sample(sample(now - 1))
    assert monitor.stable("n1") == (True, "active")


def test_a_look_is_as_old_as_its_question() -> None:
    monitor, now = watching(1), time.monotonic()
    monitor._on_sample(sample(now - 11))
    assert monitor.stable("n1") == (False, "last look is 11 s old")
    assert (monitor.age("n1") or 0) >= 11
    assert monitor.oldest_age >= 11


def test_a_late_answer_is_never_newer_than_a_later_question() -> None:
    monitor, now = watching(1), time.monotonic()
    monitor._on_sample(Sample("n1", now, now - 1, error="no answer"))
    monitor._on_sample(sample(now - 2))
    assert monitor.stable("n1") == (False, "unreachable: no answer")
    assert monitor.age("n1") is None


def test_what_was_asked_before_a_change_says_nothing_of_the_node_after_it() -> None:
    monitor, before = watching(1), time.monotonic()
    monitor.forget("n1")
    monitor._on_sample(sample(before))
    assert monitor.last("n1") is None
    monitor._on_sample(sample(time.monotonic()))
    assert monitor.stable("n1")[0]


@given(st.permutations(range(6)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_in_whatever_order_answers_come_the_last_question_decides(order: list[int], well: list[bool]) -> None:
    monitor, now = watching(3), time.monotonic()
    for which in order:
        text = WELL if well[which] else WELL.replace("is running", "is stopped")
        monitor._on_sample(sample(now - 6 + which, text))
        monitor._on_sample(sample(now - 6 + which, text))
    last = monitor.last("n1")
    assert last is not None
    assert last.at == now - 1
    assert (last.health is Health.ACTIVE) == well[5]
    assert sum(well) >= 3 or not monitor.stable("n1")[0], "one answer counted as several"


async def test_one_look_now_is_one_look(tmp_path: Path) -> None:
    """Over a real connection, where watcher and asker get the same answer."""
    with cluster(tmp_path, nodes=2) as rehearsal:
        config = load_cluster_file(rehearsal.cluster_file)
        policy = config.policy.model_copy(update={"stable_samples": 2, "stable_every": 0.2})
        config = config.model_copy(update={"policy": policy})
        async with make_fleet(config, None) as fleet:
            monitor = Monitor(fleet, config, lambda *_: None)
            monitor.every = 3600.0  # the watcher hears every answer, and asks one question only
            monitor.start()
            try:
                await wait_until_async(lambda: monitor.last("px01") is not None, 30)
                monitor.forget("px01")
                for wanted in ((False, "active for 1 of 2 looks"), (True, "active")):
                    await monitor.look_now()
                    assert monitor.stable("px01") == wanted
            finally:
                await monitor.close()
