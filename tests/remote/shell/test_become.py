"""Becoming root with the real sudo: the password is asked for once, sent when wanted, and seen nowhere."""

from __future__ import annotations

import io
import logging

import pytest

from tests.remote.conftest import Connect, FileSink
from tests.remote.shell.conftest import MakeUserNode, Person, steps
from tests.rigs.openssh import needs_sshd
from tests.rigs.sudo import PASSWORD, USER, needs_sudo
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = [needs_sshd, needs_sudo]


@pytest.mark.parametrize("defaults", ["", "Defaults use_pty\n"], ids=["", "use_pty"])
async def test_where_no_password_is_wanted_none_is_sent(
    user_node: MakeUserNode, connect: Connect, sink: FileSink, defaults: str
) -> None:
    node = user_node(f"{defaults}{USER} ALL=(ALL) NOPASSWD: ALL")
    person = Person(PASSWORD)
    async with connect(node, become="sudo", ask_person=person) as cluster:
        done = await cluster.client.run('id -u; echo "$R"; cat', payload=b"\0\xff", timeout=60)
        assert done.stdout == f"0\n{node.sysroot}\n".encode() + b"\0\xff"
        await cluster.client.start_job("j", "id -u; exit 4")
        status = await cluster.client.follow("j", sink, lambda _: None)
    assert (status.exit_code, sink.path.read_text()) == (4, "0\n")
    assert person.asked == []


async def test_a_password_is_asked_for_once_for_all_channels_and_logins(
    user_node: MakeUserNode, connect: Connect
) -> None:
    node = user_node(f"Defaults timestamp_timeout=0\n{USER} ALL=(ALL) ALL")
    person = Person(PASSWORD)
    async with connect(node, become="sudo", ask_person=person) as cluster:
        for _ in range(3):
            assert (await cluster.client.run("id -u", timeout=60)).stdout == b"0\n"
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("up") == 2)
        assert (await cluster.client.run("cat", payload=b"in", timeout=60)).stdout == b"in"
    assert person.asked == [f"sudo password of {USER} on px01 (127.0.0.1:{node.port}): "]


@pytest.mark.parametrize(
    ("rules", "answer", "kind", "words"),
    [
        (f"{USER} ALL=(ALL) ALL", "wrong", "wrong-password", "refused the password"),
        (f"{USER} ALL=(ALL) ALL", None, "need-password", "none to give"),
        ("root ALL=(ALL) ALL", PASSWORD, "not-allowed", "may not become root"),
        (f"{USER} ALL=(ALL) NOPASSWD: /bin/true", PASSWORD, "not-allowed", "may not become root"),
        (f"Defaults requiretty\n{USER} ALL=(ALL) NOPASSWD: ALL", PASSWORD, "tty-required", "requiretty"),
    ],
    ids=["wrong", "none", "not in sudoers", "not this command", "requiretty"],
)
async def test_refusals_are_told_apart_and_final(
    user_node: MakeUserNode, connect: Connect, rules: str, answer: str | None, kind: str, words: str
) -> None:
    node = user_node(rules)
    person = Person(answer)
    async with connect(node, become="sudo", ask_person=person) as cluster:
        with pytest.raises(RemoteError, match=words) as caught:
            await cluster.client.connected(20)
        assert caught.value.kind == kind
        await wait_until_async(lambda: len(steps(cluster)) > 1)  # told on the loop, a moment later
        assert steps(cluster) == ["connecting", "refused"]
        assert len(person.asked) <= 1
        assert str(answer) not in str(caught.value)


async def test_after_a_wrong_password_a_person_may_try_again(
    user_node: MakeUserNode, connect: Connect
) -> None:
    node = user_node(f"{USER} ALL=(ALL) ALL")
    person = Person("wrong")
    async with connect(node, become="sudo", ask_person=person) as cluster:
        with pytest.raises(RemoteError):
            await cluster.client.connected(20)
        person.answer = PASSWORD
        cluster.client.reconnect()
        await wait_until_async(lambda: cluster.client.state.phase == "up")
    assert len(person.asked) == 2


async def test_the_password_is_seen_nowhere(
    user_node: MakeUserNode, connect: Connect, sink: FileSink
) -> None:
    node = user_node(f"Defaults timestamp_timeout=0\n{USER} ALL=(ALL) ALL")
    everything = io.StringIO()
    handler = logging.StreamHandler(everything)
    logging.getLogger().addHandler(handler)
    logging.getLogger("paramiko").setLevel(logging.DEBUG)
    try:
        async with connect(node, become="sudo", ask_person=Person(PASSWORD)) as cluster:
            script = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
            seen = await cluster.client.run(script, timeout=60)
            await cluster.client.start_job("j", script)
            await cluster.client.follow("j", sink, lambda _: None)
    finally:
        logging.getLogger("paramiko").setLevel(logging.NOTSET)
        logging.getLogger().removeHandler(handler)
    assert node.sysroot is not None
    files = [path.read_bytes() for path in node.sysroot.rglob("*") if path.is_file()]
    places = [seen.stdout, seen.stderr, sink.path.read_bytes(), node.log.encode(), *files]
    assert len(seen.stdout) > 1000
    assert everything.getvalue()
    assert PASSWORD not in everything.getvalue()
    assert not [place for place in places if PASSWORD.encode() in place]
