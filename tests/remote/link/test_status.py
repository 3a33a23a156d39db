"""The heartbeat and the samples: who is up, who fell silent, and what the nodes say of themselves."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from tests.remote.conftest import Connect, MakeNode
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import overdue, patience, wait_until_async
from tui.remote import Sample

pytestmark = needs_sshd


async def test_a_link_comes_up_with_the_nodes_boot_id(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        assert cluster.client.state.phase in ("new", "connecting")
        await cluster.client.connected(10)
        state = cluster.client.state
        assert (state.phase, state.boot_id, state.reason, state.error_kind) == ("up", node.boot_id, "", None)
        await wait_until_async(lambda: cluster.client.state.rtt is not None)
        assert cluster.client.state.last_seen is not None
    assert cluster.phases() == ["connecting", "up"]


async def test_only_changes_are_reported(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node, keepalive=0.3) as cluster:
        await cluster.client.connected(10)
        first = cluster.client.state.last_seen
        assert first is not None
        await wait_until_async(
            lambda: (cluster.client.state.last_seen or 0) > first + 0.5
        )  # several pings later
        assert cluster.phases() == ["connecting", "up"]


async def test_a_frozen_node_is_silent_and_then_up_again(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node, keepalive=0.4) as cluster:
        await cluster.client.connected(10)
        node.freeze_sessions()
        await wait_until_async(lambda: cluster.client.state.phase == "silent", 5)
        assert "has not answered" in cluster.client.state.reason
        node.resume_sessions()
        await wait_until_async(lambda: cluster.client.state.phase == "up", 5)
        assert cluster.client.state.reason == ""
    assert cluster.phases() == ["connecting", "up", "silent", "up"]


async def test_a_node_that_stays_frozen_is_lost_and_dialled_anew(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node, keepalive=0.2) as cluster:
        await cluster.client.connected(10)
        node.freeze_sessions()
        await wait_until_async(lambda: cluster.phases().count("up") == 2, 10)
    assert cluster.phases() == ["connecting", "up", "silent", "lost", "backoff", "connecting", "up"]


async def test_one_silent_node_does_not_touch_the_others(make_node: MakeNode, connect: Connect) -> None:
    frozen, well = make_node("px01"), make_node("px02")
    async with connect(frozen, well, keepalive=0.3) as cluster:
        await asyncio.gather(*(cluster.fleet.client(name).connected(10) for name in cluster.fleet.nodes))
        frozen.freeze_sessions()
        await wait_until_async(lambda: "lost" in cluster.phases())
        assert [state.phase for state in cluster.states if state.node == "px02"] == ["connecting", "up"]
        assert (await cluster.fleet.client("px02").run("echo well", timeout=5)).stdout == b"well\n"


async def test_samples_at_the_asked_pace(node: OpenSshNode, connect: Connect) -> None:
    samples: list[Sample] = []
    async with connect(node) as cluster:
        assert node.sysroot is not None
        (node.sysroot / "proc/uptime").write_text("4711.25 1.0\n")
        cluster.fleet.watch('echo "n: $R"; echo error >&2; printf "no newline"', 0.1, samples.append)
        await wait_until_async(lambda: len(samples) >= 5)
        cluster.fleet.watch("echo changed", 0.05, samples.append)
        await wait_until_async(lambda: samples[-1].text == "changed\n")
    first = samples[0]
    assert first.text == f"n: {node.sysroot}\nerror\nno newline\n"
    assert (first.node, first.boot_id, first.uptime, first.error) == ("px01", node.boot_id, 4711.25, None)
    assert first.rtt is not None
    pauses = [later.at - earlier.at for earlier, later in pairwise(samples[:5])]
    assert all(pause > 0.05 for pause in pauses)


async def test_a_sample_keeps_long_lines_and_bytes_that_are_no_text_but_no_blank_lines(
    node: OpenSshNode, connect: Connect
) -> None:
    script = (
        r"""printf '%s\n' "$(head -c 30000 /dev/zero | tr '\0' x)"; echo; printf '  two  blanks \t\n\377\n'"""
    )
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch(script, None, lambda _: None)
        sample = (await cluster.fleet.probe_now())["px01"]
    assert sample.text == "x" * 30000 + "\n  two  blanks \t\n\ufffd\n"


async def test_a_probe_whose_shell_is_killed_has_no_exit_code_and_no_one_elses_words_for_it(
    node: OpenSshNode, connect: Connect
) -> None:
    script = (
        "echo 0; read -r _ _ _ parent _ </proc/$(exec sh -c 'echo $PPID')/stat; kill -9 \"$parent\"; sleep 9"
    )
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch(script, None, lambda _: None)
        sample = (await cluster.fleet.probe_now())["px01"]
    assert (sample.exit_code, sample.boot_id) == (None, node.boot_id)


async def test_a_calm_node_is_asked_in_full_less_often_and_at_once_when_something_moved(
    node: OpenSshNode, connect: Connect
) -> None:
    samples: list[Sample] = []
    assert node.sysroot is not None
    moved = node.sysroot / "moved"
    moved.write_text("here\n")
    async with connect(node, keepalive=0.3) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch('cat "$R"/moved', 0.2, samples.append, 'read -r seen <"$R"/moved')
        cluster.fleet.calm("px01", True)
        await wait_until_async(lambda: len(samples) >= 5)
        pauses = [later.asked_at - earlier.asked_at for earlier, later in pairwise(samples[1:5])]
        assert all(pause >= 0.6 for pause in pauses), pauses
        cluster.fleet.watch('cat "$R"/moved', 3600, samples.append, 'read -r seen <"$R"/moved')
        await wait_until_async(lambda: len(samples) >= 6)
        moved.write_text("there\n")
        await wait_until_async(lambda: samples[-1].text == "there\n")
        assert len(samples) <= 8
        samples.clear()
        cluster.fleet.calm("px01", False)
        cluster.fleet.watch('cat "$R"/moved', 0.1, samples.append, 'read -r seen <"$R"/moved')
        await wait_until_async(lambda: len(samples) >= 6)
        assert samples[-1].asked_at - samples[1].asked_at < 4 * 0.3 * patience()


async def test_a_slow_probe_delays_no_ping(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node, keepalive=0.3) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch('until [ -e "$R"/go ]; do sleep 0.02; done; echo slow', None, lambda _: None)
        probing = asyncio.create_task(cluster.fleet.probe_now())
        asked = time.monotonic()
        await wait_until_async(lambda: (cluster.client.state.last_seen or 0) > asked + 0.7)
        assert node.sysroot is not None
        (node.sysroot / "go").touch()
        assert (await probing)["px01"].text == "slow\n"
    assert "silent" not in cluster.phases()


async def test_a_broken_probe_script_breaks_nothing_else(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch("if then fi; (", None, lambda _: None)
        broken = (await cluster.fleet.probe_now())["px01"]
        assert broken.text is not None
        assert "yntax error" in broken.text
        cluster.fleet.watch("echo fine; exit 3", None, lambda _: None)
        assert (await cluster.fleet.probe_now())["px01"].text == "fine\n"
    assert cluster.phases() == ["connecting", "up"]


async def test_probing_all_nodes_at_once_and_who_does_not_answer(
    make_node: MakeNode, connect: Connect
) -> None:
    nodes = [make_node(f"px0{n}") for n in range(1, 5)]
    async with connect(*nodes) as cluster:
        cluster.fleet.watch('sleep 0.2; cat "$R"/proc/sys/kernel/random/boot_id', None, lambda _: None)
        # Asked before the links are up: they are waited for.
        samples = await cluster.fleet.probe_now(timeout=10)
        assert [samples[node.name].text for node in nodes] == [f"{node.boot_id}\n" for node in nodes]
        nodes[0].freeze_sessions()
        nodes[1].stop()
        await wait_until_async(lambda: cluster.fleet.client("px02").state.phase in ("lost", "backoff"))
        before = time.monotonic()
        samples = await cluster.fleet.probe_now(timeout=1)
        assert not overdue(before, 1.5)
        assert samples["px01"].text is None
        assert "did not answer the probe within 1 s" in str(samples["px01"].error)
        assert "px02" in str(samples["px02"].error)
        assert samples["px03"].error is samples["px04"].error is None
        assert set(await cluster.fleet.probe_now(["px04"], timeout=5)) == {"px04"}


async def test_waiting_for_a_connecting_thread_is_no_silence_of_the_node(
    make_node: MakeNode, connect: Connect
) -> None:
    slow, well = make_node("px01"), make_node("px02")
    slow.freeze_server()
    enough = patience()
    async with connect(slow, well, connect_threads=1, handshake_timeout=1.5 * enough) as cluster:
        cluster.fleet.watch("echo well", None, lambda _: None)
        samples = await cluster.fleet.probe_now(["px02"], timeout=enough)
        slow.resume_server()
    assert samples["px02"].text == "well\n", samples["px02"].error


async def test_another_question_is_answered_apart_from_what_is_watched(
    node: OpenSshNode, connect: Connect
) -> None:
    seen: list[Sample] = []
    async with connect(node) as cluster:
        cluster.fleet.watch("echo watched", None, seen.append)
        both = await asyncio.gather(
            cluster.fleet.ask_now(["px01"], "echo asked; exit 3", 10), cluster.fleet.probe_now(timeout=10)
        )
        assert [(one["px01"].text, one["px01"].exit_code) for one in both] == [
            ("asked\n", 3),
            ("watched\n", 0),
        ]
        await wait_until_async(lambda: seen)
        node.stop()
        await wait_until_async(lambda: cluster.client.state.phase in ("lost", "backoff"))
        assert "px01" in str((await cluster.fleet.ask_now(["px01"], "echo", 5))["px01"].error)
    assert [sample.text for sample in seen if sample.error is None] == ["watched\n"]


async def test_a_probe_that_hangs_is_told_once_and_not_piled_up(node: OpenSshNode, connect: Connect) -> None:
    samples: list[Sample] = []
    async with connect(node, probe_timeout=0.2) as cluster:
        cluster.fleet.watch(
            'echo x >> "$R"/asked; until [ -e "$R"/go ]; do sleep 0.02; done', 0.05, samples.append
        )
        await wait_until_async(lambda: len(samples) == 1)
        assert "has not come back" in str(samples[0].error)
        seen = cluster.client.state.last_seen or 0
        await wait_until_async(lambda: (cluster.client.state.last_seen or 0) > seen + 0.5)
        assert len(samples) == 1
        assert node.sysroot is not None
        assert (node.sysroot / "asked").read_text() == "x\n"
        (node.sysroot / "go").touch()
        await wait_until_async(lambda: samples[-1].text == "")


async def test_losing_the_link_ends_a_probe(node: OpenSshNode, connect: Connect) -> None:
    async with connect(node) as cluster:
        await cluster.client.connected(10)
        cluster.fleet.watch('touch "$R"/began; sleep 30', None, lambda _: None)
        probing = asyncio.create_task(cluster.fleet.probe_now(timeout=30))
        assert node.sysroot is not None
        await wait_until_async((node.sysroot / "began").exists)
        node.kill_sessions()
        assert "lost" in str((await probing)["px01"].error)
