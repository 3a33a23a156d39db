"""Root's password on many nodes: asked for one, sent to others at a person's word, a wrong one to nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.remote.conftest import Cluster, Connect
from tests.remote.shell.conftest import MakeUserNode
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.sudo import PAM, PASSWORD, ROOT_PASSWORD, USER, needs_sudo
from tests.rigs.waiting import wait_until_async
from tui.remote import Question, RemoteError

pytestmark = [needs_sshd, needs_sudo]

RULES = f"Defaults timestamp_timeout=0\n{USER} ALL=(ALL) ALL"
MakeNodes = Callable[[int], list[OpenSshNode]]


@pytest.fixture
def nodes(user_node: MakeUserNode, open_dir: Path) -> MakeNodes:
    """Some nodes with the same users, which want a password for root and note how often it was tried."""

    def make(count: int) -> list[OpenSshNode]:
        return [one(f"px{n:02}") for n in range(1, count + 1)]

    def one(name: str) -> OpenSshNode:
        noted, program = open_dir / f"{name}-tries", open_dir / f"{name}-note"
        noted.touch()
        noted.chmod(0o666)
        program.write_text(f"#!/bin/sh\necho x >> {noted}\n")
        program.chmod(0o755)
        noting = (
            f"auth [success=2 auth_err=ignore default=die] pam_unix.so\nauth optional pam_exec.so {program}\n"
        )
        pam = f"{noting}auth requisite pam_deny.so\n{PAM.replace('pam_unix', 'pam_permit')}"
        return user_node(RULES, name=name, doas=f"permit {USER}", sudo=pam)

    return make


class Person:
    """Answers by the beginning of the question."""

    def __init__(self, **answers: str | None) -> None:
        self.answers = {key.replace("_", " "): answer for key, answer in answers.items()}
        self.then: dict[str, str | None] = {}
        """What is answered from the second time on."""
        self.asked: list[str] = []

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question.prompt)
        answers, self.answers = self.answers, self.answers | self.then
        return next(answer for key, answer in answers.items() if question.prompt.lower().startswith(key))


def tries(open_dir: Path, node: OpenSshNode) -> int:
    """How often a wrong password was tried there."""
    return len((open_dir / f"{node.name}-tries").read_text().splitlines())


async def all_of(cluster: Cluster) -> list[BaseException | None]:
    """What came of each link: None for one that is up."""
    fleet = cluster.fleet
    links = (fleet.client(name).connected(90) for name in fleet.nodes)
    return await asyncio.gather(*links, return_exceptions=True)


@pytest.mark.parametrize("become", ["sudo", "su", "doas"])
async def test_a_word_of_a_person_is_enough_for_all(nodes: MakeNodes, connect: Connect, become: str) -> None:
    secret = ROOT_PASSWORD if become == "su" else PASSWORD
    person = Person(sudo=secret, su=secret, doas=secret, send="yes")
    made = nodes(6)
    async with connect(*made, become=become, ask_person=person) as cluster:
        assert await all_of(cluster) == [None] * 6
        done = await asyncio.gather(
            *(cluster.fleet.client(node.name).run("id -u", timeout=60) for node in made)
        )
        assert {each.stdout for each in done} == {b"0\n"}
        made[1].kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("up") == 7, 30)
    first, second = person.asked
    assert first.startswith(f"{become} password of {'root' if become == 'su' else USER} on px0")
    assert second.startswith("Send it to px0")


async def test_without_that_word_each_node_is_asked_for(nodes: MakeNodes, connect: Connect) -> None:
    person = Person(sudo=PASSWORD, send="")
    made = nodes(3)
    async with connect(*made, become="sudo", ask_person=person) as cluster:
        assert await all_of(cluster) == [None] * 3
    kinds = [prompt.partition(" ")[0] for prompt in person.asked]
    assert kinds == ["sudo", "Send", "sudo", "sudo"]
    assert {node.name in " ".join(person.asked) for node in made} == {True}


async def test_a_wrong_one_is_tried_where_it_was_typed_and_nowhere_else(
    nodes: MakeNodes, connect: Connect, open_dir: Path
) -> None:
    """Where a directory counts them, sixteen at once would lock the account."""
    made = nodes(5)
    person = Person(sudo="wrong", send="yes")
    person.then = {"sudo": None}
    async with connect(*made, become="sudo", ask_person=person) as cluster:
        failures = await all_of(cluster)
        assert [type(each) for each in failures] == [RemoteError] * 5
        kinds = sorted(state.error_kind or "" for state in cluster.states if state.phase == "refused")
        assert kinds == ["need-password"] * 4 + ["wrong-password"]
        assert sum(tries(open_dir, node) for node in made) == 1
        assert len(person.asked) == 2, "who gives none is not asked for the next node"
        person.answers = {"sudo": PASSWORD, "send": "yes"}
        for node in made:
            cluster.fleet.client(node.name).reconnect()
        assert await all_of(cluster) == [None] * 5
    assert sum(tries(open_dir, node) for node in made) == 1


async def test_what_one_node_refuses_later_goes_to_no_other_by_itself(
    nodes: MakeNodes, connect: Connect, open_dir: Path
) -> None:
    made = nodes(4)
    person = Person(sudo=PASSWORD, send="yes")
    async with connect(*made, become="sudo", ask_person=person) as cluster:
        assert await all_of(cluster) == [None] * 4
        asked = len(person.asked)
        for node in made:  # it is changed everywhere
            shadow = open_dir / f"{node.name}-etc/etc-upper/shadow"
            shadow.write_text(re.sub(rf"(?m)^{USER}:[^:]*", f"{USER}:$6$x", shadow.read_text()))
        person.answers = {"sudo": None}
        for node in made:
            node.kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("refused") == 4, 60)
        kinds = sorted(state.error_kind or "" for state in cluster.states if state.phase == "refused")
        assert kinds == ["need-password"] * 3 + ["wrong-password"]
    assert len(person.asked) == asked + 1
    assert sum(tries(open_dir, node) for node in made) == 1
