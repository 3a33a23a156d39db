"""Becoming root with the real doas, which takes passwords from a terminal only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.remote.conftest import Connect, FileSink
from tests.remote.shell.conftest import MakeUserNode, Person, steps, works_as_root
from tests.rigs.openssh import needs_sshd
from tests.rigs.sudo import PASSWORD, USER, needs_doas
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = [needs_sshd, needs_doas]


@pytest.mark.parametrize("rule", ["permit", "permit nopass", "permit persist", "permit keepenv"])
async def test_ten_megabytes_with_a_password_and_without(
    user_node: MakeUserNode, connect: Connect, sink: FileSink, rule: str
) -> None:
    node = user_node(doas=f"{rule} {USER}")
    person = Person(PASSWORD)
    async with connect(node, become="doas", ask_person=person) as cluster:
        await works_as_root(cluster, node, sink)
    asked = [] if "nopass" in rule else [f"doas password of {USER} on px01 (127.0.0.1:{node.port}): "]
    assert person.asked == asked


async def test_what_is_left_running_outlives_the_terminal(user_node: MakeUserNode, connect: Connect) -> None:
    node = user_node(doas=f"permit {USER}")
    async with connect(node, become="doas", ask_person=Person(PASSWORD)) as cluster:
        begun = await cluster.client.run("sleep 100 & echo $!", timeout=60)
        left = int(begun.stdout)
        script = f"cat /proc/{left}/cmdline; kill {left}"  # of one that has ended nothing is left to read
        seen = await cluster.client.run(script, timeout=60)
    assert seen.stdout == b"sleep\x00100\x00"


@pytest.mark.parametrize(
    ("conf", "answer", "kind", "words"),
    [
        (f"permit {USER}", "wrong", "wrong-password", f"doas refused the password of {USER}"),
        (f"permit {USER}", None, "need-password", "nopass"),
        ("permit root", PASSWORD, "not-allowed", "may not become root with doas"),
        (f"permit nopass {USER} cmd /bin/true", PASSWORD, "not-allowed", "may not become root with doas"),
        ("gurgle", PASSWORD, "no-root", "syntax error at line 1"),
    ],
    ids=["wrong", "none", "no rule", "not this command", "broken"],
)
async def test_refusals_are_told_apart_and_final(
    user_node: MakeUserNode, connect: Connect, conf: str, answer: str | None, kind: str, words: str
) -> None:
    person = Person(answer)
    async with connect(user_node(doas=conf), become="doas", ask_person=person) as cluster:
        with pytest.raises(RemoteError, match=words) as caught:
            await cluster.client.connected(20)
        assert caught.value.kind == kind
        await wait_until_async(lambda: len(steps(cluster)) > 1)  # told on the loop, a moment later
        assert steps(cluster) == ["connecting", "refused"]
    assert len(person.asked) <= 1


async def test_after_a_wrong_password_a_person_may_try_again(
    user_node: MakeUserNode, connect: Connect
) -> None:
    person = Person("wrong")
    async with connect(user_node(doas=f"permit {USER}"), become="doas", ask_person=person) as cluster:
        with pytest.raises(RemoteError):
            await cluster.client.connected(20)
        person.answer = PASSWORD
        cluster.client.reconnect()
        await wait_until_async(lambda: cluster.client.state.phase == "up")
    assert len(person.asked) == 2


@pytest.mark.parametrize(
    ("become", "there", "words"),
    [
        ("sudo", ["doas"], 'no sudo; doas is there: set become = "doas" under'),
        (
            "sudo",
            ["doas", "su"],
            'no sudo; doas and su are there: set become = "doas" or become = "su" under',
        ),
        ("doas", ["su"], 'no doas; su is there: set become = "su" under'),
        ("sudo", [], "no sudo, or log in as root"),
    ],
)
async def test_what_is_there_instead_is_named(
    user_node: MakeUserNode, connect: Connect, open_dir: Path, become: str, there: list[str], words: str
) -> None:
    programs = open_dir / "bin"
    programs.mkdir()
    for name in there:
        (programs / name).symlink_to(f"/usr/bin/{name}")
    async with connect(user_node("", f"SetEnv PATH={programs}"), become=become) as cluster:
        with pytest.raises(RemoteError) as caught:
            await cluster.client.connected(20)
    assert words in caught.value.sentence
    assert caught.value.kind == "no-root"
