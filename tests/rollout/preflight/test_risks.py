"""The risk book: what its rules mean, each shipped one on nodes that it is about, is not, and may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.expressware.test_dishosts import VERSION_4
from tests.rollout.engine_operator import cluster, console
from tests.rollout.preflight.test_judges import IDLE, node, picture
from tui.expressware.membership import Membership, read_membership
from tui.expressware.tagged import Answer
from tui.expressware.users import Holder
from tui.model import intents as it
from tui.model.actors import YES
from tui.model.risks import open_risks
from tui.model.run import Run
from tui.model.states import RunStatus
from tui.rollout.preflight.finding import Finding
from tui.rollout.preflight.inspected import ClusterFacts, InspectedNode
from tui.rollout.preflight.risk_book import FACTS, Risk, RiskBookError, own, read_book, shipped
from tui.rollout.preflight.risks import applies, facts, judge

SOCKETS = read_membership(
    Answer(
        (("dishosts.there", "yes"), *(("dishosts", line) for line in VERSION_4.split("\n"))),
        0,
        0.0,
        ended=True,
    )
)
NO_SOCKETS = Membership(("a1",), records=("HOSTNAME: a1",))
NDB = replace(IDLE, holders=(Holder("process", "4242 (ndbmtd)", "libksupersockets"),))
UNHEARD = replace(IDLE, unheard=("grep",))


def with_config(known: ClusterFacts, section: str, **values: Any) -> ClusterFacts:
    part = getattr(known.config, section).model_copy(update=values)
    return replace(known, config=known.config.model_copy(update={section: part}))


def seen(membership: Membership = NO_SOCKETS, **more: Any) -> InspectedNode:
    return node(membership=membership, **more)


def mx(one: InspectedNode, **cluster_keys: Any) -> tuple[ClusterFacts, InspectedNode]:
    return with_config(
        picture(one), "cluster", **{"family": "MX", "management_node": None, **cluster_keys}
    ), one


def px(one: InspectedNode) -> tuple[ClusterFacts, InspectedNode]:
    return picture(one), one


def never(one: InspectedNode, reboot: str = "never") -> tuple[ClusterFacts, InspectedNode]:
    return with_config(picture(one), "policy", reboot=reboot), one


NOT_INSTALLED = replace(seen(), facts=replace(seen().facts, packages={}, disk_version=None))

# name: about these it is, about these it is not, and of these that is not known
SHIPPED = {
    "supersockets-without-frontend": (
        [mx(seen(SOCKETS))],
        [
            mx(seen()),
            mx(seen(SOCKETS), management_node="m"),
            px(seen(SOCKETS)),
            mx(seen(Membership()), family="PX"),
        ],
        [mx(seen(Membership())), mx(seen(Membership(error="line 3")))],
    ),
    "mysql-cluster-lock-wait": (
        [px(seen(SOCKETS, users=NDB))],
        [px(seen(SOCKETS)), px(seen(users=NDB)), px(seen(users=UNHEARD))],
        [px(seen(SOCKETS, users=UNHEARD)), px(seen(Membership(), users=NDB))],
    ),
    "no-reboot-for-memory": ([never(seen())], [never(seen(), "if-needed")], [never(NOT_INSTALLED)]),
}


def risk(**values: Any) -> Risk:
    words = {"name": "r", "message": "m", "remedy": "r", "source": "s"}
    return Risk.model_validate({**words, **values})


def test_each_shipped_risk_has_a_source_and_is_tried_here() -> None:
    book = {each.name: each for each in read_book([shipped()])}
    assert book.keys() == SHIPPED.keys()
    assert all(len(each.source) > 20 for each in book.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_risk_applies_where_it_should(name: str) -> None:
    (rule,) = (each for each in read_book([shipped()]) if each.name == name)
    for cases, truth in zip(SHIPPED[name], (True, False, None), strict=True):
        assert cases
        assert [applies(rule, known, one)[0] for known, one in cases] == [truth] * len(cases), truth


def test_every_fact_of_the_set_can_be_told() -> None:
    assert facts(*px(seen())).keys() == set(FACTS)


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        ({"from": ["5.19.*"]}, True),
        ({"from": ["5.18.*", "5.10 - 5.19"]}, True),
        ({"from": ["5.10 - 5.18"]}, False),
        ({"to": ["5.20 - 5.21"]}, True),
        ({"to": ["5.20 - 5.21.1"]}, False),
        ({"from": ["5.19.0-d - 5.20"]}, None),
        ({"when": ["kernel before 5.14"]}, True),
        ({"when": ["kernel before 5.1"]}, False),
        ({"when": ["kernel from 5.1"]}, True),
        ({"when": ["kernel from 5.0.9"]}, True),
        ({"when": ["distribution has rocky", "packages is RPM"]}, True),
        ({"when": ["applications has sql"]}, False),
        ({"when": ["applications has mysql"]}, True),
        ({"when": ["development-build is not no"]}, False),
        ({"families": ["DX"]}, False),
        ({"when": ["sockets is yes", "kernel before 5.14"]}, None),
        ({"when": ["sockets is yes", "kernel before 5.0"]}, False),
    ],
)
def test_what_a_rule_means(rule: dict[str, Any], truth: bool | None) -> None:
    assert applies(risk(**rule), *px(seen(Membership())))[0] is truth


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[risk]\n", "no book of risks: .*; correct it, or move it away"),
        ("[[risks]]\n", "no book of risks: "),
        ('[[risk]]\nname = "x"\n', "risk x: message: Field required; correct it, or take the risk out"),
        ('[[risk]]\nname = "a b"\n', "risk a b: name: "),
        ("@when = [1]", "risk x: when.0: "),
        ('@when = ["firmware is 3"]', "risk x: when.0: 'firmware' is no fact; known are installed, "),
        ('@when = ["kernel > 5"]', "risk x: when.0: 'kernel > 5' is no rule: write FACT is VALUE"),
        ('@when = ["arch before 5"]', "risk x: when.0: .* compare the versions"),
        ('@families = ["QX"]', "risk x: families.0: "),
        ('@whem = ["view is no"]', "risk x: whem: is no key of a risk"),
        ("@\n@", "risk x: stands there twice; take one of them out"),
        ("\x00", "is no book of risks"),
    ],
)
def test_a_book_that_cannot_be_used_is_told_in_one_sentence(text: str, words: str, tmp_path: Path) -> None:
    whole = '[[risk]]\nname = "x"\nmessage = "m"\nremedy = "r"\nsource = "s"\n'
    (tmp_path / "risks.toml").write_text(text.replace("@", whole))
    with pytest.raises(RiskBookError, match=words) as raised:
        read_book([tmp_path / "risks.toml"])
    assert str(raised.value).startswith(str(tmp_path / "risks.toml"))
    assert "\n" not in str(raised.value)


@pytest.fixture
def own_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own().parent.mkdir(parents=True)
    return own()


def found(*nodes: InspectedNode) -> list[Finding]:
    return list(judge(picture(*nodes)))


def test_nodes_are_told_together_and_an_own_risk_takes_the_place_of_a_shipped_one(own_book: Path) -> None:
    (passed,) = found(seen())
    assert (passed.result.verdict, passed.result.summary) == ("passed", "none of 3 known risks applies")
    own_book.write_text(
        '[[risk]]\nname = "no-reboot-for-memory"\nwhen = ["sockets is yes"]\n'
        'message = "ours"\nremedy = "do"\nsource = "a letter"\n'
    )
    known = [
        replace(seen(SOCKETS), name="a1"),
        replace(seen(SOCKETS), name="a2"),
        replace(seen(Membership()), name="a3"),
    ]
    one, _, other = (each.result for each in found(*known))
    assert (one.verdict, one.summary) == ("warning", "a1: no-reboot-for-memory applies: ours")
    assert (one.impact, one.remedy) == ("source: a letter", "do")
    assert other.summary == "a3: no-reboot-for-memory may apply (sockets not known): ours"
    own_book.write_text("[[risk]]\n")
    (broken,) = found(seen())
    assert broken.result.verdict == "error"
    assert str(own_book) in broken.result.summary


@pytest.fixture
def ours(own_book: Path) -> None:
    words = 'message = "m"\nremedy = "r"\nsource = "s"\n'
    own_book.write_text(f'[[risk]]\nname = "ours"\nwhen = ["view is yes"]\n{words}')


@pytest.mark.usefixtures("ours")
async def test_a_risk_waits_for_a_person_before_the_first_node(tmp_path: Path) -> None:
    with cluster(tmp_path / "c", nodes=1) as rehearsal:
        async with console(rehearsal, tmp_path / "s") as operator:
            await operator.needed()
            waits(operator.run)
            refused = operator.engine.submit(it.Resume(), waiver=YES)
            assert refused.sentence.startswith("a person has to know of the risks: px01: ours applies: m")
        async with console(rehearsal, tmp_path / "s") as operator:
            await operator.needed()
            assert operator.run.code == "recovered"
            assert operator.engine.submit(it.Resume(), waiver=YES).accepted
            waits(operator.run)
            assert operator.choose("go on, knowing the risks").accepted
            assert open_risks(operator.run) == ()
            known = [event for event in operator.happened if event.type == "risks.acknowledged"]
            assert [event.data["risks"] for event in known] == [["px01: ours applies: m"]]
            await operator.until(lambda run: run.current == "px01")


def waits(run: Run) -> None:
    assert (run.status, run.code) == (RunStatus.PAUSED_ON_ERROR, "risks-open")
    assert run.current is None


def test_a_shipped_book_that_is_missing_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "risks.toml"
    monkeypatch.setattr("tui.rollout.preflight.risk_book.shipped", lambda: missing)
    with pytest.raises(RiskBookError, match=f"{missing} cannot be read"):
        read_book()
