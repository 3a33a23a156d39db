"""The machines' SSH servers, spoken to by a plain client. Both faces promise the same."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from pathlib import Path

import paramiko
import pytest

from tests.rehearsal.client import LIMIT, login, run, run_on, start, text_of, wait_until
from tui.rehearsal import Plan, Rehearsal, keys
from tui.rehearsal.layout import Layout
from tui.rehearsal.paramiko_face import ParamikoFace


def test_every_machine_has_a_name_of_its_own(shared: Rehearsal) -> None:
    for name in shared.plan.machines:
        done = run(shared, name, "hostname; id -u; pwd")
        assert done.lines == [name, "0", str(shared.node(name).sysroot / "root")]


def test_stdin_and_stdout_are_binary_exact(shared: Rehearsal) -> None:
    payload = random.Random(7).randbytes(1_000_000)
    done = run(shared, "px01", "cat", payload)
    assert done.out == payload
    assert (done.code, done.err) == (0, b"")


@pytest.mark.parametrize("code", [0, 1, 7, 126, 127, 255])
def test_exit_status(shared: Rehearsal, code: int) -> None:
    assert run(shared, "px01", f"exit {code}").code == code


def test_death_by_signal_is_not_an_exit_status(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        done = run_on(transport, "echo before; kill -s KILL $$")
        assert (done.code, done.out) == (-1, b"before\n")
        assert transport.is_active()


def test_a_channel_waits_for_its_command_while_a_later_one_runs(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        for _ in range(5):
            first, second = transport.open_session(timeout=LIMIT), transport.open_session(timeout=LIMIT)
            for channel in (second, first):
                channel.settimeout(LIMIT)
                channel.exec_command("echo ran")
                assert channel.recv(100) == b"ran\n"
                assert channel.recv_exit_status() == 0


def test_stderr_is_separate(shared: Rehearsal) -> None:
    done = run(shared, "px01", "echo out; echo err >&2")
    assert (done.out, done.err) == (b"out\n", b"err\n")


def test_much_on_stderr_while_stdout_is_read(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        channel = start(transport, "seq 1 200000 >&2; echo end")
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: channel.recv_stderr(65536), b""))
        assert lines == 200_000
        assert channel.recv(100) == b"end\n"


def test_a_hundred_thousand_lines(shared: Rehearsal) -> None:
    expected = b"".join(b"line %06d of a very talkative program\n" % n for n in range(1, 100_001))
    done = run(shared, "px01", "seq -f 'line %06.0f of a very talkative program' 1 100000")
    assert hashlib.sha256(done.out).digest() == hashlib.sha256(expected).digest()


def test_instant_commands_on_one_connection(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        codes = {run_on(transport, "true").code for _ in range(100)}
    assert codes == {0}


def test_several_commands_at_once_on_one_connection(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        channels = [start(transport, f"read line; echo $line {n}") for n in range(5)]
        for channel in reversed(channels):
            channel.sendall(b"hello\n")
        answers = [channel.makefile().read() for channel in channels]
    assert answers == [f"hello {n}\n".encode() for n in range(5)]


def test_status_comes_though_a_daemon_keeps_the_output(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        channel = start(transport, "sleep 600 & echo $!; exit 3")
        pid = int(channel.makefile().readline())
        assert channel.status_event.wait(LIMIT)
        assert channel.exit_status == 3
        assert not channel.eof_received
        run_on(transport, f"kill {pid}")
        wait_until(lambda: channel.eof_received, "the end of the output")


def test_keepalive_is_answered(shared: Rehearsal) -> None:
    with login(shared, "px01") as transport:
        # a refusal is an answer; without one this would wait for ever
        assert transport.global_request("keepalive@openssh.com", wait=True) is None
        assert transport.is_active()


def test_wrong_user_and_wrong_key_are_refused(shared: Rehearsal) -> None:
    with pytest.raises(paramiko.AuthenticationException), login(shared, "px01", user="nobody-here"):
        pass
    with login(shared, "px01"):
        pass  # and the right one is let in all the same


def test_a_talking_command_dies_with_its_channel_and_a_silent_one_lives(shared: Rehearsal) -> None:
    node = shared.node("px01")
    marks = node.sysroot / "tmp"
    os.mkfifo(marks / "go")
    with login(shared, "px01") as transport:
        talking = start(
            transport,
            f"trap 'exit 1' TERM; (while :; do echo line; sleep 0.02; done; : >{marks}/never); "
            f"echo over >{marks}/talking",
        )
        silent = start(transport, f"echo ready; read line <{marks}/go; echo over >{marks}/silent")
        silent.recv(10)
        talking.recv(10)
        talking.close()
    wait_until(lambda: text_of(marks / "talking"), "SIGPIPE")
    assert not (marks / "never").exists()
    assert not (marks / "silent").exists()
    (marks / "go").write_text("now\n")
    wait_until(lambda: text_of(marks / "silent") == "over\n", "the silent command's end")


def test_a_closed_channel_closes_the_pipes_of_a_silent_command(shared: Rehearsal) -> None:
    def held(pipe: str) -> bool:
        processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and entry.name != pid]
        return any(pipe in links(process) for process in processes)

    with login(shared, "px03") as transport:
        channel = start(transport, "echo $$; exec sleep 600")
        pid = channel.makefile().readline().strip()
        pipe = str(Path(f"/proc/{pid}/fd/1").readlink())
        assert held(pipe)
        channel.close()
        wait_until(lambda: not held(pipe), "the end of the pipe")
        assert run_on(transport, f"kill {pid}").code == 0


def links(process: Path) -> set[str]:
    """What the files that a process holds open are called."""
    try:
        return {str(entry.readlink()) for entry in (process / "fd").iterdir()}
    except OSError:
        return set()


def test_a_command_that_is_not_run_is_answered_all_the_same(tmp_path: Path) -> None:
    """A machine that goes down ends a command before it begins; its client must not see a refused channel."""
    rehearsal = Rehearsal.create(tmp_path / "cluster", Plan(nodes=("px01",)))
    layout = Layout(rehearsal.directory)
    (reserved,) = keys.reserve(layout, rehearsal.plan).values()
    face = ParamikoFace(layout, layout.machine("px01"), reserved)
    face.listen()
    with reserved, login(rehearsal, "px01") as transport:
        face.refuse()
        assert {run_on(transport, "true").code for _ in range(50)} == {255}
    face.cut()


def test_cut_drops_connections_and_spares_commands(shared: Rehearsal) -> None:
    node = shared.node("px02")
    with login(shared, "px02") as transport, login(shared, "px01") as other:
        channel = start(transport, "echo $$; sleep 600")
        pid = int(channel.makefile().readline())
        node.cut()
        wait_until(lambda: not transport.is_active(), "the connection's end")
        assert run_on(other, "echo still here").lines == ["still here"]
    assert pid in node.processes()
    with login(shared, "px02") as again:
        assert run_on(again, f"kill {pid}; hostname").lines == ["px02"]


def test_the_real_client_gets_in(shared: Rehearsal) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("no ssh here")
    command = ["ssh", "-F", str(shared.ssh_config), "px03", "cat; echo $ROLLCALL_SYSROOT >&2; exit 9"]
    done = subprocess.run(command, input=b"\0\xff\n", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (9, b"\0\xff\n")
    assert done.stderr.decode().strip() == str(shared.node("px03").sysroot)
