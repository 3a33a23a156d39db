"""Links that wait for a person or a slow node: told as such, holding up no other, trying nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.remote.conftest import Connect, endpoint
from tests.remote.ssh.conftest import MakePamNode
from tests.remote.ssh.logins import Person, authorize
from tests.remote.ssh.test_passwords import change_password, prompt, without_keys
from tests.rigs.openssh import needs_sshd
from tests.rigs.pam import QUESTIONS, UNIX, needs_pam
from tests.rigs.sudo import PASSWORD
from tests.rigs.waiting import patience, wait_until_async
from tui.remote import Question
from tui.remote.ssh.auth import dialogue

pytestmark = [needs_sshd, needs_pam]


class Slow(Person):
    """Answers when it is let to."""

    def __init__(self, answer: str) -> None:
        self._now = threading.Event()
        super().__init__(self._slowly)
        self._said = answer

    def _slowly(self, question: Question) -> str:
        assert self._now.wait(60 * patience())
        return self._said if question.hidden else "yes"

    def go_on(self) -> None:
        self._now.set()


@pytest.fixture
def slow() -> Iterator[Slow]:
    person = Slow(PASSWORD)
    yield person
    person.go_on()


async def test_while_a_person_is_asked_the_others_are_connected_to(
    pam_node: MakePamNode, connect: Connect, slow: Slow
) -> None:
    asked, waiting, by_key = pam_node("px01"), pam_node("px02"), pam_node("px03")
    authorize(by_key, by_key.client_key.with_suffix(".pub"))
    nodes = [without_keys(asked), without_keys(waiting), endpoint(by_key)]
    limits = {"connect_threads": 1, "auth_timeout": 0.2, "require_root": False}
    async with connect(*nodes, ask_person=slow, **limits) as cluster:
        await cluster.fleet.client("px03").connected(30)
        reasons = {state.node: state.reason for state in cluster.states if state.phase == "connecting"}
        where = f"px01 (127.0.0.1:{asked.port})"
        assert reasons["px01"] == f"{where}: a person is asked for the password."
        assert reasons["px02"].endswith(": another password is typed or judged first.")
        slow.go_on()
        for name in ("px01", "px02"):
            await cluster.fleet.client(name).connected(30)
            assert cluster.fleet.client(name).state.reason == ""


async def test_a_slow_second_factor_is_waited_for_and_told(
    pam_node: MakePamNode, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue, "_WORTH_TELLING_S", 0.1)
    said = "auth optional pam_exec.so stdout quiet /bin/cat /etc/pam.d/said\n"
    push = "auth required pam_exec.so quiet /bin/sleep 1\n"
    node = pam_node(auth=said + push + UNIX, lines=QUESTIONS, said="Pushed to your phone.\n")
    async with connect(without_keys(node), ask_person=Person(PASSWORD), require_root=False) as cluster:
        await cluster.client.connected(30)
    told = [state.reason for state in cluster.states if state.phase == "connecting"]
    assert any("has not judged the login yet (a second factor may be on its way)" in words for words in told)


async def test_a_node_that_hangs_during_the_login_is_dialled_anew(
    pam_node: MakePamNode, connect: Connect
) -> None:
    node = pam_node()

    def freeze(_: Question) -> str:
        node.freeze_sessions()
        return PASSWORD

    async with connect(
        without_keys(node), ask_person=freeze, auth_timeout=0.3, require_root=False
    ) as cluster:
        await wait_until_async(lambda: "backoff" in cluster.phases())
        failed = next(state for state in cluster.states if state.phase == "backoff")
        assert failed.error_kind == "timeout"
        assert "did not answer the login within 0.3 s" in failed.reason
        node.resume_sessions()


async def test_a_password_that_has_become_wrong_is_sent_once(pam_node: MakePamNode, connect: Connect) -> None:
    node = pam_node(lines=QUESTIONS)
    person = Person([PASSWORD, None, None])
    async with connect(without_keys(node), ask_person=person, require_root=False) as cluster:
        await cluster.client.connected(30)
        change_password(node)
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases()[-1] == "refused")
        assert "nobody gave a password" in cluster.client.state.reason
        assert node.log.count("Authentication failure") == 1
        # While a restart is expected a refused login is tried again, but not with what was wrong.
        cluster.fleet._connections["px01"].expect_reboot(True)
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 3)
        assert node.log.count("Authentication failure") == 1
        assert person.asked == [prompt(node)] * 2
        cluster.fleet._connections["px01"].expect_reboot(False)
        await wait_until_async(lambda: cluster.phases()[-1] == "refused")
        cluster.client.reconnect()
        await wait_until_async(lambda: len(person.asked) == 3)


async def test_nobody_is_woken_by_a_node_that_did_not_ask_before(
    pam_node: MakePamNode, connect: Connect
) -> None:
    node = pam_node()
    authorize(node, node.client_key.with_suffix(".pub"))
    person = Person(PASSWORD)
    async with connect(endpoint(node), ask_person=person, require_root=False) as cluster:
        await cluster.client.connected(30)
        cluster.fleet._connections["px01"].expect_reboot(True)
        authorize(node)  # its home is not there yet
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases().count("backoff") >= 3)
        authorize(node, node.client_key.with_suffix(".pub"))
        await cluster.client.connected(30)
        cluster.fleet._connections["px01"].expect_reboot(False)
        authorize(node)
        node.kill_sessions()
        await wait_until_async(lambda: cluster.phases()[-1] == "refused")
        assert "it asks a person, as it did not before" in cluster.client.state.reason
        assert person.asked == []
        cluster.client.reconnect()
        await cluster.client.connected(30)
        assert person.asked == [prompt(node)]
