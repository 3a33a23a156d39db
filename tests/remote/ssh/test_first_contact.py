"""An unknown host key: what a person is shown, what counts as a yes, and what is written, as by ssh(1)."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, MakeNode, endpoint
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tests.rigs.waiting import wait_until, wait_until_async
from tui.remote import Endpoint, Options, Question, RemoteError
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector
from tui.remote.ssh.endpoint import StrictChecking

pytestmark = needs_sshd

Answer = str | Callable[[Question], str | None] | None


class Person:
    """Answers in turn, the last one for good; remembers what was asked, and what was no answer."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.notes: list[str] = []

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question)
        while True:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            typed = answer(question) if callable(answer) else answer
            if typed is None or not question.refuse(typed):
                return typed
            self.notes.append(question.refuse(typed))


def new(node: OpenSshNode, strict: StrictChecking = "ask", **policy: object) -> Endpoint:
    """The node, which known_hosts does not list."""
    node.known_hosts.write_text("")
    target = endpoint(node)
    return replace(target, host_keys=replace(target.host_keys, strict=strict, **policy))  # type: ignore[arg-type]


def meet(target: Endpoint, *answers: Answer, times: int = 1) -> tuple[str, list[Question]]:
    """ "ok" or the refusal after so many connections, and what was asked."""
    person = Person(*answers)
    connector = Connector(Options(), SecretStore(person if answers else None))
    try:
        for _ in range(times):
            connector.release(connector.connect(target))
    except RemoteError as error:
        assert error.kind == "unknown-host-key"
        assert str(error).startswith(target.node)
        assert "keyscan" not in str(error)
        return str(error), person.asked
    finally:
        connector.close()
    return "ok", person.asked


def fingerprint_on_console(node: OpenSshNode) -> str:
    command = ["ssh-keygen", "-lf", str(node.directory / "host_ed25519.pub")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def line_of(node: OpenSshNode) -> str:
    return f"{node.known_as} {' '.join(node.host_key)}\n"


def ssh_writes(node: OpenSshNode, known_hosts: Path, *options: str) -> None:
    """What `ssh` itself makes of the first contact."""
    words = ["ssh", "-F", str(node.ssh_config), "-oBatchMode=yes", "-oUpdateHostKeys=no"]
    words += ["-oStrictHostKeyChecking=accept-new", f"-oUserKnownHostsFile={known_hosts}", *options]
    subprocess.run([*words, node.name, "true"], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def test_a_yes_writes_the_line_that_ssh_writes(node: OpenSshNode, tmp_path: Path) -> None:
    said, asked = meet(new(node), "yes", times=3)
    assert (said, len(asked)) == ("ok", 1)
    ssh_writes(node, tmp_path / "by_ssh")
    assert node.known_hosts.read_text() == (tmp_path / "by_ssh").read_text() == line_of(node)


def test_the_question_shows_what_is_to_be_compared(node: OpenSshNode) -> None:
    target = new(node)
    node.known_hosts.write_text(f"px99,10.0.0.99 {' '.join(node.host_key)}\n")
    _, (question,) = meet(target, "yes")
    assert not question.hidden
    assert question.title == f"Host key of {node.name}"
    shown = "\n".join(question.lines)
    assert f"{node.name} ({node.host}:{node.port})" in shown
    assert f"ED25519 {fingerprint_on_console(node)}" in shown
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in shown
    assert f"px99,10.0.0.99 ({node.known_hosts} line 1)" in shown
    assert f"A yes writes it to {node.known_hosts}" in shown


def test_the_address_behind_a_name_is_shown(node: OpenSshNode) -> None:
    _, (question,) = meet(replace(new(node), host="localhost"), "no")
    assert (
        f"px01 (localhost:{node.port}) answers from 127.0.0.1 with an unknown host key:" == question.lines[0]
    )


@pytest.mark.parametrize("answer", ["YES", " yes ", "the fingerprint"])
def test_what_counts_as_a_yes(node: OpenSshNode, answer: str) -> None:
    right = fingerprint_on_console(node)
    said, _ = meet(new(node), f" {right}\n" if answer == "the fingerprint" else answer)
    assert said == "ok"
    assert node.known_hosts.read_text() == line_of(node)


@pytest.mark.parametrize("answer", [None, "", "no", "NO"])
def test_what_declines_is_not_asked_again_until_a_person_acts(node: OpenSshNode, answer: str | None) -> None:
    target, person = new(node), Person(answer)
    secrets = SecretStore(person)
    connector = Connector(Options(), secrets)

    def refused() -> str:
        with pytest.raises(RemoteError) as caught:
            connector.connect(target)
        assert caught.value.kind == "unknown-host-key"
        return str(caught.value)

    first = refused()
    shown = f"ssh-ed25519 {fingerprint_on_console(node)}, not in {node.known_hosts}"
    assert first.startswith(
        f"px01 ({node.host}:{node.port}) shows a host key that nobody has accepted: {shown}"
    )
    assert refused() == first
    assert len(person.asked) == 1
    secrets.allow_again()
    assert refused() == first
    assert len(person.asked) == 2
    connector.close()
    assert node.known_hosts.read_text() == ""


def test_any_other_text_is_asked_again_as_ssh_does(node: OpenSshNode) -> None:
    other = "SHA256:" + "x" * 43
    person = Person("y", other, "yes please", fingerprint_on_console(node)[:-1], "yes")
    connector = Connector(Options(), SecretStore(person))
    connector.connect(new(node))
    connector.close()
    assert len(person.asked) == 1
    another = "That is the fingerprint of another key: somebody else may be answering."
    assert person.notes == ["Please type yes, no or the fingerprint.", another] * 2


def test_where_nobody_can_be_asked_it_is_refused_with_what_to_do(node: OpenSshNode) -> None:
    target = new(node)
    said, _ = meet(target)
    assert fingerprint_on_console(node) in said
    assert str(node.known_hosts) in said
    assert said.endswith("the next check in a terminal (`rollcall check`) asks again.")
    said, asked = meet(replace(target, login=replace(target.login, batch=True)), "yes")
    assert "BatchMode" in said
    assert asked == []
    assert node.known_hosts.read_text() == ""


def test_strict_checking_asks_nobody(node: OpenSshNode) -> None:
    said, asked = meet(new(node, "yes"), "yes")
    assert "StrictHostKeyChecking yes" in said
    assert asked == []
    said, asked = meet(new(node, "accept-new"), "no", times=2)
    assert (said, asked) == ("ok", [])
    assert node.known_hosts.read_text() == line_of(node)
    said, asked = meet(new(node, "no"), "no")  # where ssh takes any key
    assert len(asked) == 1
    assert node.known_hosts.read_text() == ""


@pytest.mark.parametrize("strict", ["ask", "accept-new", "no"])
def test_a_changed_key_is_never_asked_about(
    node: OpenSshNode, strict: StrictChecking, tmp_path: Path
) -> None:
    target, person = new(node, strict), Person("yes")
    before = f"{node.known_as} {' '.join(generate_key(tmp_path / 'other'))}\n"
    node.known_hosts.write_text(before)
    connector = Connector(Options(), SecretStore(person))
    with pytest.raises(RemoteError) as caught:
        connector.connect(target)
    connector.close()
    assert caught.value.kind == "changed-host-key"
    assert person.asked == []
    assert node.known_hosts.read_text() == before


def test_a_hashed_name_is_one_that_ssh_finds(node: OpenSshNode) -> None:
    assert meet(new(node, hashed=True), "yes", times=2)[0] == "ok"
    written = node.known_hosts.read_text()
    assert re.fullmatch(r"\|1\|[\w+/]{27}=\|[\w+/]{27}= ssh-ed25519 [\w+/]+=*\n", written)
    assert node.host not in written
    command = ["ssh-keygen", "-F", node.known_as, "-f", str(node.known_hosts)]
    assert "found: line 1" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ssh_writes(node, node.known_hosts, "-oHashKnownHosts=yes")
    assert node.known_hosts.read_text() == written, "ssh knows it already"


def test_an_alias_is_the_name_that_is_written(node: OpenSshNode, tmp_path: Path) -> None:
    assert meet(replace(new(node), host_key_alias="PX01.cluster"), "yes", times=2)[0] == "ok"
    ssh_writes(node, tmp_path / "by_ssh", "-oHostKeyAlias=PX01.cluster")
    assert node.known_hosts.read_text() == (tmp_path / "by_ssh").read_text()


@pytest.mark.parametrize("alias", ["*", "a b", "a,b", "px?", "!px01", "|1|x", "@revoked", "#px", "a\nb"])
def test_an_alias_that_would_mean_others_is_not_written(node: OpenSshNode, alias: str) -> None:
    said, asked = meet(replace(new(node), host_key_alias=alias), "yes")
    assert "HostKeyAlias" in said
    assert asked == []
    assert node.known_hosts.read_text() == ""


@pytest.mark.parametrize("before", ["# no line break", "px99 x", "\n\n", "\xff\x00"])
def test_what_is_there_stays_as_it_is(node: OpenSshNode, before: str) -> None:
    target = new(node)
    node.known_hosts.write_bytes(before.encode("latin-1"))
    node.known_hosts.chmod(0o644)
    assert meet(target, "yes")[0] == "ok"
    line = line_of(node) if before.endswith("\n") else f"\n{line_of(node)}"
    assert node.known_hosts.read_bytes() == (before + line).encode("latin-1")
    assert node.known_hosts.stat().st_mode & 0o777 == 0o644


def test_file_and_directory_are_made_for_the_owner_alone(node: OpenSshNode, tmp_path: Path) -> None:
    path = tmp_path / "home" / "known_hosts"
    link = tmp_path / "link"
    link.symlink_to(path)
    target = new(node, own_files=(str(path), str(node.known_hosts)))
    assert meet(replace(target, known_hosts=(str(path), str(node.known_hosts))), "yes", times=2)[0] == "ok"
    assert path.read_text() == line_of(node)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert node.known_hosts.read_text() == ""
    path.unlink()
    dangling = replace(new(node, own_files=(str(link),)), known_hosts=(str(link),))
    assert meet(dangling, "yes", times=2)[0] == "ok"
    assert path.read_text() == line_of(node)


@pytest.mark.parametrize("strict", ["ask", "accept-new"])
def test_what_is_written_to_nowhere_holds_until_the_end(node: OpenSshNode, strict: StrictChecking) -> None:
    target = replace(new(node, strict, own_files=(os.devnull,)), known_hosts=(os.devnull,))
    said, asked = meet(target, "yes", times=3)
    assert said == "ok"
    assert len(asked) == (strict == "ask")
    none = replace(new(node, strict, own_files=()), known_hosts=())
    said, asked = meet(none, "yes")
    assert "UserKnownHostsFile none" in said
    assert asked == []


def test_what_cannot_be_written_takes_another_yes(node: OpenSshNode, tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "known_hosts"
    target = replace(new(node, own_files=(str(path),)), known_hosts=(str(path),))
    said, asked = meet(target, "yes", times=3)
    assert (said, len(asked)) == ("ok", 2)
    assert asked[1].lines[-1] == (
        f"It cannot be written to {path} (No such file or directory). A yes takes it until Rollcall ends."
    )
    assert "nobody has accepted" in meet(target, "yes", "no")[0]
    accepting = replace(target, host_keys=replace(target.host_keys, strict="accept-new"))
    assert meet(accepting, "no", times=2) == ("ok", [])


def test_a_full_disk_leaves_no_line_that_counts(node: OpenSshNode) -> None:
    target = replace(new(node, own_files=("/dev/full",)), known_hosts=(str(node.known_hosts),))
    said, asked = meet(target, "yes", times=2)
    assert (said, len(asked)) == ("ok", 2)
    assert "/dev/full (it is not a file)" in asked[1].lines[-1]


def test_sshd_hangs_up_while_a_person_compares(make_node: MakeNode) -> None:
    node = make_node("px01", "LoginGraceTime 4")

    def compare(_: Question) -> str:
        wait_until(lambda: not node.sessions(), 30)
        return "yes"

    said, asked = meet(new(node), compare)
    assert (said, len(asked)) == ("ok", 1)
    assert node.known_hosts.read_text() == line_of(node)
    assert node.log.count("Accepted publickey") == 1


def test_the_answer_is_about_the_key_of_this_very_handshake(make_node: MakeNode, tmp_path: Path) -> None:
    """A server that is another one after the question: the key that was confirmed is in the file, not its."""
    node = make_node("px01", "LoginGraceTime 4")
    shown = line_of(node)

    def swap(_: Question) -> str:
        node.stop()
        other = tmp_path / "other"
        generate_key(other)
        node.extra.insert(0, f"HostKey {other}")
        node.start()
        return "yes"

    connector = Connector(Options(), SecretStore(Person(swap)))
    with pytest.raises(RemoteError) as caught:
        connector.connect(new(node))
    connector.close()
    assert caught.value.kind == "changed-host-key"
    assert node.known_hosts.read_text() == shown


def test_many_threads_ask_once_for_each_host(make_node: MakeNode) -> None:
    nodes = [make_node(f"px{number:02}") for number in range(1, 5)]
    targets = [new(node) for node in nodes]

    def compare(_: Question) -> str:
        wait_until(lambda: all(node.log.count("Connection from") == 4 for node in nodes), 20)
        return "yes"

    person = Person(compare)
    connector = Connector(Options(), SecretStore(person))
    with ThreadPoolExecutor(16) as pool:
        transports = list(pool.map(connector.connect, targets * 4))
    assert all(transport.is_authenticated() for transport in transports)
    connector.close()
    assert sorted(question.title for question in person.asked) == [f"Host key of {n.name}" for n in nodes]
    assert sorted(nodes[0].known_hosts.read_text().splitlines()) == sorted(line_of(n).strip() for n in nodes)


def behind(gateway: OpenSshNode, *nodes: OpenSshNode) -> list[Endpoint]:
    jump = replace(new(gateway), jump_name="gw")
    return [replace(new(node), proxy_jump=(jump,)) for node in nodes]


def test_a_jump_host_is_asked_about_once_and_named(make_node: MakeNode) -> None:
    gateway, one, two = make_node("gw"), make_node("px01"), make_node("px02")
    targets, person = behind(gateway, one, two), Person("yes")
    connector = Connector(Options(), SecretStore(person))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(connector.connect, targets))
    connector.close()
    titles = sorted(question.title for question in person.asked)
    assert titles == ["Host key of px01", "Host key of px02", "Host key of the jump host gw"]
    about_gateway = next(question for question in person.asked if "jump" in question.title)
    assert re.search(r"^px0[12]: its jump host gw \(127\.0\.0\.1:\d+\) shows", about_gateway.lines[0])


def test_a_jump_host_that_is_declined_is_asked_about_once(make_node: MakeNode) -> None:
    gateway, one, two = make_node("gw"), make_node("px01"), make_node("px02")
    targets, person = behind(gateway, one, two), Person("no")
    connector = Connector(Options(), SecretStore(person))
    for target in targets:
        with pytest.raises(RemoteError) as caught:
            connector.connect(target)
        assert (caught.value.kind, caught.value.node) == ("unknown-host-key", target.node)
        assert str(caught.value).startswith(f"{target.node}: its jump host gw ")
    connector.close()
    assert len(person.asked) == 1


async def test_a_link_comes_up_by_the_answer_and_knows_the_key_ever_after(
    node: OpenSshNode, connect: Connect
) -> None:
    person = Person("no", "yes", "no")
    async with connect(new(node), ask_person=person) as cluster:
        await wait_until_async(lambda: cluster.client.state.phase == "refused")
        assert cluster.client.state.error_kind == "unknown-host-key"
        assert list(dict.fromkeys(cluster.phases())) == ["connecting", "refused"]
        asking = "a person is asked whether its host key is the right one."
        assert any(state.reason.endswith(asking) for state in cluster.states)
        cluster.client.reconnect()
        await wait_until_async(lambda: cluster.client.state.phase == "up")
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("up") == 2)
    assert len(person.asked) == 2


async def test_others_connect_while_a_person_compares(make_node: MakeNode, connect: Connect) -> None:
    known = [make_node(f"px{number:02}") for number in range(3)]
    unknown = [make_node(f"py{number:02}") for number in range(3)]
    answer = threading.Event()

    def compare(_: Question) -> str:
        answer.wait()
        return "yes"

    targets = [*map(new, unknown), *map(endpoint, known)]
    unknown[0].known_hosts.write_text("".join(map(line_of, known)))
    async with connect(*targets, ask_person=Person(compare), connect_threads=2) as cluster:
        try:
            for node in known:
                link = cluster.fleet.client(node.name)
                await wait_until_async(lambda link=link: link.state.phase == "up")  # type: ignore[misc]
        finally:
            answer.set()
        for node in unknown:
            link = cluster.fleet.client(node.name)
            await wait_until_async(lambda link=link: link.state.phase == "up")  # type: ignore[misc]
