"""Who is proposed, why, and what is said of each node that could be next, from recorded facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.rollout.decisions.runs import NOW, node, run
from tui.model.clusterfile import ClusterFile, ClusterFileError, parse_cluster_file
from tui.model.events import AttemptStarted, NodeFacts, NodeReadiness, PlanFrozen, PreflightResult
from tui.model.run import Attempt, Check, Node, Run, Step
from tui.model.states import Health, Progress, StepStatus
from tui.model.steps import StepName
from tui.rollout.decisions.picking import Prospects

KERNEL = "4.18.0-553"
FACTS = NodeFacts(
    hostname="px01", machine_id="m", boot_id="b", kernel=KERNEL, arch="x86_64", distribution="rocky 8.10",
    installed="5.19.0", active="5.19.0", active_is_installed=True, sia_present=True,
)  # fmt: skip
READY = NodeReadiness(users=("mysqld", "3 STREAM SuperSockets"), sockets=3, next_kernel=KERNEL)


def config(policy: str = "", applications: str = 'stop = ["systemctl stop mysqld"]') -> ClusterFile:
    text = (
        '[cluster]\nname = "c"\nfamily = "PX"\nnodes = "px[01-04]"\n'
        '[target]\nversion = "5.21.2"\nsia = "/srv/a.sh"\n'
        f"[policy]\n{policy}\n[applications]\n{applications}\n"
    )
    return parse_cluster_file(text, "c.toml")


def waiting(name: str, said: NodeReadiness | None = READY, **words: Any) -> Node:
    return node(name, health=Health.ACTIVE, facts=FACTS, readiness=said, readiness_at=NOW, **words)


def tried(name: str, step: StepName, status: StepStatus, seconds: float = 60.0) -> Step:
    begun = AttemptStarted(job_id="j", boot_id="b", command="c", output="o", confirmed_by="eva")
    ended = Attempt(
        1, begun, NOW, ended=NOW + timedelta(seconds=seconds), status=status, summary=f"{name}: it broke"
    )
    return Step(step, status, attempts=(ended,))


def of(*nodes: Node, checks: tuple[Check, ...] = ()) -> Run:
    order = PlanFrozen(sia="/srv/a.sh", sia_sha256="0", order=tuple(n.name for n in nodes), steps=())
    return replace(run(*nodes, plan=order), checks=checks)


def warned(name: str, check: str) -> Check:
    return Check(name, PreflightResult(check=check, verdict="warning", summary="x"), NOW)


FAILED = waiting("px01")
FAILED = replace(
    FAILED, steps={**FAILED.steps, StepName.INSTALL: tried("px01", StepName.INSTALL, StepStatus.FAILED)}
)


@pytest.mark.parametrize(
    ("first", "risk"),
    [
        (waiting("px01", None), "was not looked into"),
        (replace(waiting("px01"), health=Health.DEGRADED), "is degraded"),
        (FAILED, f"failed at install {NOW.astimezone() + timedelta(minutes=1):%H:%M}"),
        (
            waiting("px01", NodeReadiness(next_kernel=KERNEL, users_known=False)),
            "its users are not all known",
        ),
        (
            waiting("px01", NodeReadiness(next_kernel=KERNEL, kernel_users=("rts_client",))),
            "kernel module rts_client holds a driver",
        ),
        (waiting("px01", NodeReadiness(next_kernel="5.14.0")), "boots kernel 5.14.0 next"),
        (waiting("px01", NodeReadiness()), "its next kernel is not known"),
        (waiting("px01", NodeReadiness(next_kernel=KERNEL, lacks=("gcc",))), "a build there lacks gcc"),
    ],
)
def test_a_risk_is_named_and_the_node_without_it_is_proposed(first: Node, risk: str) -> None:
    prospects = Prospects(of(first, waiting("px02")), config())
    assert prospects.risks("px01") == (risk,)
    assert prospects.line("px01").startswith(risk)
    assert prospects.ranked() == ("px02", "px01")
    assert prospects.proposal("px02") == "no risk is seen on px02"
    assert Prospects(of(first), config()).proposal("px01") == (
        "px01 has the fewest risks, 1, the only one left"
    )


def test_a_check_that_warns_and_users_that_nothing_stops_are_risks() -> None:
    state = of(waiting("px01"), waiting("px02"), checks=(warned("px01", "watchdog"), warned("px02", "users")))
    assert [Prospects(state, config()).risks(name) for name in state.nodes] == [("check watchdog warns",), ()]
    by_hand = Prospects(state, config(applications=""))
    assert by_hand.risks("px02") == ("applications.stop is empty",)
    assert "to be stopped by hand" in dict(by_hand.about("px02"))["in use by"]


def test_ties_go_by_the_files_order_and_the_canary_before_all() -> None:
    state = of(FAILED, waiting("px02"), waiting("px03"), waiting("px04"))
    prospects = Prospects(state, config())
    assert prospects.ranked() == ("px02", "px03", "px04", "px01")
    assert prospects.proposal("px02") == (
        "no risk is seen on px02, the first of 3 such nodes in the file's order"
    )
    canary = Prospects(state, config('canary = "px04,px01"'))
    assert canary.ranked()[:2] == ("px01", "px04")  # a node set has an order of its own
    assert canary.proposal("px01") == "policy.canary names px01"


def test_the_management_node_goes_last_whatever_its_risk() -> None:
    management = Node("mgmt", management=True, health=Health.ACTIVE)
    state = of(FAILED, waiting("px02"), management)
    assert Prospects(state, config()).ranked() == ("px02", "px01", "mgmt")
    assert Prospects(of(management, FAILED), config()).ranked()[0] == "mgmt"


def test_what_is_known_is_said_with_its_time_and_what_is_not_as_unknown() -> None:
    built = tried("px01", StepName.PACKAGES, StepStatus.SUCCEEDED, 360)
    done = replace(waiting("px01"), progress=Progress.UPDATED, steps={StepName.PACKAGES: built})
    prospects = Prospects(of(done, waiting("px02"), waiting("px03", None)), config())
    about = dict(prospects.about("px02"))
    assert about["in use by"] == f"mysqld; 3 STREAM SuperSockets (looked at {NOW.astimezone():%H:%M})"
    assert about["others lose"] == "PCI Express to it: 3 SuperSockets go over Ethernet"
    assert about["kernel"] == f"stays {KERNEL} if it has to reboot"
    assert about["packages"] == "ready, built on px01"
    assert about["usual time"] == "about 6 min, the median of 1 done"
    assert prospects.line("px02") == ("no risk seen; mysqld and 1 more to stop; packages ready; ~6 min")
    nothing = dict(prospects.about("px03"))
    assert nothing["in use by"] == "not known: it was not looked into in this run"
    assert dict(Prospects(of(waiting("px02", NodeReadiness())), config()).about("px02")) == {
        "in use by": f"nobody that was heard of (looked at {NOW.astimezone():%H:%M})",
        "others lose": "PCI Express to it; how many SuperSockets are open there is not known",
        "kernel": "which one it boots next is not known",
        "packages": "to be built there; compiler and headers are there",
        "before": "no step of it has failed in this run",
        "usual time": "not known: no node is done yet",
    }
    failed = dict(Prospects(of(FAILED), config()).about("px01"))
    assert failed["before"].endswith("px01: it broke")


def test_a_canary_is_a_cluster_node() -> None:
    with pytest.raises(ClusterFileError, match=r"policy.canary: px05 is not in cluster.nodes; did you mean"):
        config('canary = "px05"')
