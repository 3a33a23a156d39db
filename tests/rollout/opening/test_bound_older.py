"""A run that an older version began has no bound values: its journal and today's file are put together."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tui.journal import RunRecord
from tui.model import events as ev
from tui.model.binding import as_data, differences, from_data, rebuilt
from tui.model.clusterfile import ClusterFile, ClusterFileError
from tui.model.fold import fold
from tui.model.run import Run
from tui.model.states import PauseMode, RunStatus
from tui.rollout.opening.binding import OLDER, Terms, consequences, resumed_terms
from tui.rollout.opening.found import Found
from tui.rollout.plan import frozen_plan


def file(**cluster: Any) -> ClusterFile:
    data = {"name": "c", "family": "PX", "nodes": "n[1-3]", "management_node": "m", **cluster}
    target = {"version": "5.21.2", "sia": "/srv/sia.sh"}
    view = {"command": "look"}
    node = {"n2": {"port": 2222}}
    return ClusterFile.model_validate({"cluster": data, "target": target, "view": view, "node": node})


def older_run(begun: ClusterFile) -> Run:
    """As a journal without ``run.bound`` folds."""
    created = ev.RunCreated(
        run_id="r", cluster="c", cluster_file="/c.toml", target="5.21.2", nodes=begun.nodes,
        management_node="m", pause_mode=PauseMode.NONE, host="h", version="0",
    )  # fmt: skip
    payloads = (created, frozen_plan(begun, "ab" * 32), ev.RunState(status=RunStatus.PAUSED_BY_USER))
    return fold(event(number, payload) for number, payload in enumerate(payloads))


def event(number: int, payload: ev.Payload) -> ev.Event:
    time = "2026-11-28T00:00:00Z"
    data = payload.model_dump(mode="json")
    return ev.Event.model_validate(
        {"seq": number, "time": time, "type": payload.type, "actor": "a", "data": data, "prev": ""}
    )


def take_up(run: Run, now: ClusterFile | None) -> Terms:
    found = Found(Path("/c.toml"), now, "no file.", RunRecord("r", "c", Path("/r"), run))
    return asyncio.run(resumed_terms(run, found, None))


def test_its_nodes_target_archive_and_name_stay_what_they_were() -> None:
    begun = file()
    data = as_data(begun)
    data["cluster"] |= {"name": "d", "nodes": "n[2-3]"}
    data["target"] |= {"version": "5.22.0", "sia": "/srv/new.sh"}
    terms = take_up(older_run(begun), from_data(data))
    assert not differences(begun, terms.config)
    (bound,) = (p for p, _ in consequences(older_run(begun), terms, {}) if isinstance(p, ev.RunBound))
    assert bound.why == OLDER
    assert bound.gone == ("n1",)
    assert {changed.key for changed in bound.changed} == {
        "cluster.name", "cluster.nodes", "target.version", "target.sia"
    }  # fmt: skip


def test_without_a_file_nothing_is_known_of_it() -> None:
    with pytest.raises(ClusterFileError, match="no file"):
        take_up(older_run(file()), None)


def test_a_bound_file_comes_back_as_it_was() -> None:
    data = as_data(file())
    data["policy"] |= {"stable_every": "1.5ms", "restart_timeout": "2h"}
    data["policy"]["window"] = {"start": "22:00", "end": "04:00", "zone": "UTC"}
    config = from_data(data)
    assert from_data(as_data(config)) == config
    assert not differences(config, from_data(as_data(config)))


def test_a_key_that_needs_a_frozen_one_is_left_out() -> None:
    data = as_data(file())
    cluster = {**data["cluster"], "management_node": None}
    bound = ClusterFile.model_validate({"cluster": cluster, "target": data["target"]})
    now = file(update_management="last")
    config, taken = rebuilt(bound, now, differences(bound, now))
    assert config.cluster.management_node == "m"  # taken together, both would do
    alone = [d for d in differences(bound, now) if d.key == "cluster.update_management"]
    assert rebuilt(bound, now, alone) == (bound, ())
    assert taken
