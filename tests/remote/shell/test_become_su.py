"""Becoming root with the real su: root's password on the script's own pipe, no part of the script."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.remote.conftest import Connect, FileSink, endpoint
from tests.remote.shell.conftest import MakeUserNode, Person, steps, works_as_root
from tests.rigs.openssh import needs_sshd
from tests.rigs.sudo import PAM, ROOT_PASSWORD, USER, needs_sudo
from tests.rigs.waiting import wait_until_async
from tui.remote import RemoteError

pytestmark = [needs_sshd, needs_sudo]

TRUSTED = PAM.replace("auth required pam_unix.so", "auth sufficient pam_permit.so")


def counting(directory: Path, pam: str = PAM) -> tuple[str, Path]:
    """A PAM file that notes each try, and where."""
    tries = directory / "tries"
    tries.touch()
    tries.chmod(0o666)
    program = directory / "note"
    program.write_text(f"#!/bin/sh\necho x >> {tries}\n")
    program.chmod(0o755)
    return f"auth optional pam_exec.so {program}\n{pam}", tries


@pytest.mark.parametrize("root_shell", ["sh", "bash", "tcsh", "fish", "zsh"])
async def test_a_password_and_ten_megabytes_whatever_roots_shell_is(
    user_node: MakeUserNode, connect: Connect, sink: FileSink, root_shell: str
) -> None:
    path = shutil.which(root_shell)
    if path is None:
        pytest.skip(f"there is no {root_shell} here")
    node = user_node(root_shell=path)
    person = Person(ROOT_PASSWORD)
    async with connect(node, become="su", ask_person=person) as cluster:
        await works_as_root(cluster, node, sink)
    assert person.asked == [f"su password of root on px01 (127.0.0.1:{node.port}): "]


async def test_a_wrong_password_is_one_try_and_one_message(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    pam, tries = counting(open_dir)
    node = user_node(su=pam)
    person = Person("wrong")
    async with connect(node, become="su", ask_person=person) as cluster:
        with pytest.raises(RemoteError, match="px01: su refused the password of root") as caught:
            await cluster.client.connected(20)
        assert caught.value.kind == "wrong-password"
        for _ in range(2):  # nobody tries it again by himself
            with pytest.raises(RemoteError):
                await cluster.client.run("true", timeout=5)
        await wait_until_async(lambda: len(steps(cluster)) > 1)  # told on the loop, a moment later
        assert steps(cluster) == ["connecting", "refused"]
        assert tries.read_text() == "x\n"
        person.answer = ROOT_PASSWORD
        cluster.client.reconnect()
        await wait_until_async(lambda: cluster.client.state.phase == "up")
    assert len(person.asked) == 2


async def test_where_no_password_is_wanted_none_is_sent(user_node: MakeUserNode, connect: Connect) -> None:
    person = Person(ROOT_PASSWORD)
    async with connect(user_node(su=TRUSTED), become="su", ask_person=person) as cluster:
        assert (await cluster.client.run("id -u; cat", payload=b"in", timeout=60)).stdout == b"0\nin"
    assert person.asked == []


async def test_a_start_file_that_asks_like_su_does_not_get_the_password(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    shell = open_dir / "asks-first"
    shell.write_text('#!/bin/sh\nprintf "Password: " >&2\nprintf "Password: "\nexec /bin/sh "$@"\n')
    shell.chmod(0o755)
    person = Person(ROOT_PASSWORD)
    async with connect(user_node(shell=str(shell), su=TRUSTED), become="su", ask_person=person) as cluster:
        assert (await cluster.client.run("id -u", timeout=60)).stdout == b"0\n"
    assert person.asked == []


async def test_a_password_that_nobody_took_is_no_line_of_the_script(
    user_node: MakeUserNode, connect: Connect, open_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """su wanted none, and root's own start file asked for something: what it leaves is thrown away."""
    caplog.set_level(logging.DEBUG)
    shell = open_dir / "asks-second"
    shell.write_text('#!/bin/sh\nprintf "Password: " >&2\nsleep 1\nexec /bin/sh "$@"\n')
    shell.chmod(0o755)
    async with connect(
        user_node(root_shell=str(shell), su=TRUSTED), become="su", ask_person=Person(ROOT_PASSWORD)
    ) as cluster:
        done = await cluster.client.run("id -u; exec cat", payload=b"\0in", timeout=60)
    assert (done.exit_code, done.stdout, done.stderr) == (0, b"0\n\0in", b"")
    assert ROOT_PASSWORD not in caplog.text


async def test_who_may_not_is_told_so(user_node: MakeUserNode, connect: Connect) -> None:
    wheel = "auth required pam_wheel.so\n" + PAM
    async with connect(user_node(su=wheel), become="su", ask_person=Person(ROOT_PASSWORD)) as cluster:
        with pytest.raises(RemoteError, match=f"{USER} may not become root with su .*pam_wheel") as caught:
            await cluster.client.connected(20)
    assert caught.value.kind == "not-allowed"


async def test_a_question_that_is_not_for_the_password_gets_no_answer(
    user_node: MakeUserNode, connect: Connect
) -> None:
    """An expired password is right, and then su asks for a new one."""
    person = Person(ROOT_PASSWORD)
    pam = PAM + "password required pam_unix.so\n"
    node = user_node(su=pam, root_since="0")
    async with connect(node, become="su", ask_person=person, login_timeout=2) as cluster:
        with pytest.raises(RemoteError, match="su gave no root shell: Current password:") as caught:
            await cluster.client.connected(20)
        assert caught.value.kind == "no-root"
        await wait_until_async(lambda: len(steps(cluster)) > 1)
        assert steps(cluster) == ["connecting", "refused"], "not tried again by itself"
    assert len(person.asked) == 1


async def test_nobody_is_asked_in_batch_mode(user_node: MakeUserNode, connect: Connect) -> None:
    where = endpoint(user_node())
    where = replace(where, login=replace(where.login, batch=True))
    person = Person(ROOT_PASSWORD)
    async with connect(where, become="su", ask_person=person) as cluster:
        with pytest.raises(RemoteError, match="BatchMode yes") as caught:
            await cluster.client.connected(20)
    assert caught.value.kind == "need-password"
    assert person.asked == []


async def test_a_password_that_is_wrong_after_a_restart_is_tried_once(
    user_node: MakeUserNode, connect: Connect, open_dir: Path
) -> None:
    """While a node restarts a refused login is tried again; this is none."""
    pam, tries = counting(open_dir)
    node, person = user_node(su=pam), Person(ROOT_PASSWORD)
    shadow = open_dir / "px01-etc/etc-upper/shadow"
    async with connect(node, become="su", ask_person=person) as cluster:
        await cluster.client.connected(30)
        waiting = asyncio.create_task(
            cluster.client.wait_for_reboot(node.boot_id, stop_after=60, on_try=lambda _: None)
        )
        node.stop()
        before = tries.read_text()
        shadow.write_text(re.sub(r"(?m)^root:[^:]*", "root:!", shadow.read_text()))
        node.new_boot_id()
        node.start()
        with pytest.raises(RemoteError, match="su refused the password of root"):
            await waiting
        assert tries.read_text() == f"{before}x\n"
    assert len(person.asked) == 1
