"""Every key of the cluster file says what a change of it means for a run that has begun."""

from pydantic import BaseModel

from tui.model.change import Change, Free, keys
from tui.model.clusterfile import ClusterFile


class Inner(BaseModel):
    declared: Free[int] = 1
    forgotten: str | None = None


class Outer(BaseModel):
    table: Inner | None = None
    named: dict[str, Inner] = {}


def test_every_key_has_a_class() -> None:
    without = [key for key, change in keys(ClusterFile) if change is None]
    assert not without, f"give these keys a class (Free, Agreed, SameMachine, Frozen): {without}"


def test_every_class_is_used_where_the_promises_need_it() -> None:
    changes = dict(keys(ClusterFile))
    assert changes["target.version"] is Change.FROZEN
    assert changes["paths.state"] is Change.FROZEN
    assert changes["policy.allowed_down"] is Change.AGREED
    assert changes["node.*.host"] is Change.SAME_MACHINE
    assert changes["policy.window.start"] is Change.FREE


def test_a_key_without_a_class_is_found_wherever_it_stands() -> None:
    assert dict(keys(Outer)) == {
        "table.declared": Change.FREE,
        "table.forgotten": None,
        "named.*.declared": Change.FREE,
        "named.*.forgotten": None,
    }
