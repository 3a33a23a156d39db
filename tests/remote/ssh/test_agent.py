"""Keys of an agent: their order, certificates, and agents that hang, refuse or are none."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.remote.conftest import endpoint
from tests.remote.ssh.logins import authorize, certify, log_in, restart
from tests.rigs.agent import AgentRig, OddAgent
from tests.rigs.openssh import OpenSshNode, generate_key, needs_sshd
from tui.remote import Endpoint
from tui.remote.ssh.auth.key import agent as agent_module
from tui.remote.ssh.auth.wire import Reader, string

pytestmark = needs_sshd

LISTED, SIGNED, FAILURE = b"\x0c", b"\x0e", b"\x05"


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentRig]:
    rig = AgentRig(tmp_path)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(rig.socket))
    yield rig
    rig.stop()


@pytest.fixture
def odd_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., OddAgent]]:
    made: list[OddAgent] = []

    def make(answer: Callable[[bytes], bytes | None]) -> OddAgent:
        made.append(OddAgent(tmp_path / f"odd{len(made)}.sock", answer))
        monkeypatch.setenv("SSH_AUTH_SOCK", str(made[-1].path))
        return made[-1]

    yield make
    for rig in made:
        rig.stop()


def make_keys(directory: Path, number: int) -> list[Path]:
    keys = [directory / f"key{n}" for n in range(number)]
    for key in keys:
        generate_key(key)
    return keys


def of_agent(node: OpenSshNode, *files: Path | str, only: bool = False) -> Endpoint:
    return replace(endpoint(node), identity_files=tuple(map(str, files)), identities_only=only)


def test_keys_of_the_agent(node: OpenSshNode, agent: AgentRig, tmp_path: Path) -> None:
    keys = make_keys(tmp_path, 3)
    authorize(node, Path(f"{keys[2]}.pub"))
    agent.add(*keys)
    target = of_agent(node)
    assert log_in(target, times=2) == "ok"
    assert "did not let" in log_in(replace(target, identity_agent="none"))
    assert log_in(replace(target, identity_agent=str(agent.socket))) == "ok"


def test_of_many_keys_in_the_agent_the_named_one_comes_first(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path
) -> None:
    keys = make_keys(tmp_path, 8)
    authorize(node, Path(f"{keys[7]}.pub"))
    agent.add(*keys)
    # It would be the eighth; sshd hangs up after six.
    assert "it hung up after 6 of them, the limit of its MaxAuthTries" in log_in(of_agent(node))
    keys[7].unlink()  # only the agent has the private half
    assert log_in(of_agent(node, keys[7])) == "ok"
    assert log_in(of_agent(node, keys[7], only=True)) == "ok"
    assert log_in(of_agent(node, f"{keys[7]}.pub", only=True)) == "ok"
    assert "did not let" in log_in(of_agent(node, keys[0], only=True))


def test_a_private_file_alone_says_which_key_of_the_agent_is_meant(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    generate_key(key)
    authorize(node, key.with_suffix(".pub"))
    agent.add(*make_keys(tmp_path, 8), key)
    key.with_suffix(".pub").unlink()
    command = ["ssh-keygen", "-q", "-p", "-N", "nobody knows it", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    assert log_in(of_agent(node, key, only=True)) == "ok"
    assert log_in(of_agent(node, key)) == "ok"


@pytest.mark.parametrize(("kind", "more"), [("ed25519", ()), ("rsa", ("-b", "2048"))])
def test_a_certificate_in_the_agent(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path, kind: str, more: tuple[str, ...]
) -> None:
    authority, key = tmp_path / "authority", tmp_path / "key"
    generate_key(authority)
    generate_key(key, kind, "", *more)
    certify(authority, key, node.user)
    authorize(node)
    restart(node, f"TrustedUserCAKeys {authority}.pub")
    agent.add(key)
    key.unlink()
    elsewhere = tmp_path / "elsewhere-cert.pub"
    (tmp_path / "key-cert.pub").rename(elsewhere)
    assert log_in(of_agent(node)) == "ok"
    # The agent has the key alone, a file the certificate.
    agent.ssh_add("-q", "-d", str(elsewhere))
    assert "did not let" in log_in(of_agent(node))
    assert log_in(replace(of_agent(node), certificate_files=(str(elsewhere),))) == "ok"


def test_an_agent_that_hangs_holds_up_no_other_key(
    node: OpenSshNode, odd_agent: Callable[..., OddAgent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_module, "_LIST_TIMEOUT_S", 0.3)
    monkeypatch.setattr(agent_module, "_WORTH_TELLING_S", 0.1)
    told: list[str] = []
    rig = odd_agent(lambda request: None)
    assert log_in(replace(endpoint(node), identities_only=False), times=3) == "ok"
    assert len(rig.asked) == 1  # once; then it is left alone
    sentence = log_in(of_agent(node), tell=told.append)
    assert f"the agent at {rig.path} does not answer (waited 0.3 s)" in sentence
    (words,) = told
    assert words.startswith(f"px01 (127.0.0.1:{node.port}): ssh-agent has not answered yet (it may want a")


def test_a_key_that_is_for_one_host_alone(node: OpenSshNode, agent: AgentRig, tmp_path: Path) -> None:
    (key,) = make_keys(tmp_path, 1)
    authorize(node, Path(f"{key}.pub"))
    agent.ssh_add("-q", "-h", node.known_as, "-H", str(node.known_hosts), str(key))
    assert log_in(of_agent(node)) == "ok"
    other = tmp_path / "other"
    node.known_hosts.with_name("others").write_text(f"[127.0.0.2]:22 {' '.join(generate_key(other))}\n")
    agent.ssh_add("-q", "-D")
    agent.ssh_add("-q", "-h", "[127.0.0.2]:22", "-H", str(node.known_hosts.with_name("others")), str(key))
    assert "did not let" in log_in(of_agent(node))


def test_what_ssh_config_keeps_from_being_offered_is_named(
    node: OpenSshNode, agent: AgentRig, tmp_path: Path
) -> None:
    agent.add(*make_keys(tmp_path, 1))
    authorize(node)
    nowhere = of_agent(node, tmp_path / "nowhere", only=True)
    assert "are not offered (IdentitiesOnly yes of ssh_config)" in log_in(nowhere)
    assert f"{tmp_path / 'nowhere'} (IdentityFile of ssh_config) is not there" in log_in(nowhere)
    assert "no agent is asked (IdentityAgent of ssh_config)" in log_in(
        replace(nowhere, identity_agent="none")
    )
    missing = log_in(replace(nowhere, identity_agent="/nonexistent"))
    assert "no agent answers at /nonexistent (No such file or directory) (IdentityAgent of ssh_c" in missing
    assert "names no key file (IdentityFile none)" in log_in(of_agent(node, "none"))


def test_a_host_s_certificate_is_not_offered(node: OpenSshNode, tmp_path: Path) -> None:
    authority, key = tmp_path / "authority", tmp_path / "key"
    generate_key(authority)
    generate_key(key)
    command = ["ssh-keygen", "-q", "-h", "-s", str(authority), "-I", "op", "-n", "px01", f"{key}.pub"]
    subprocess.run(command, check=True, capture_output=True)
    authorize(node)
    for target in (of_agent(node, key), replace(of_agent(node), certificate_files=(f"{key}-cert.pub",))):
        sentence = log_in(target)
        assert "with its certificate" not in sentence
        assert "holds no certificate of a user, so it is not offered" in sentence


NONSENSE = {
    "no length": b"\xff\xff\xff\xff",
    "empty": b"\0\0\0\0",
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "refuses": b"\0\0\0\1" + FAILURE,
    "cut": string(LISTED + b"\0\0\0\2" + string(b"x")),
    "many": string(LISTED + b"\xff\xff\xff\xff"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_what_is_no_agent_is_told(node: OpenSshNode, odd_agent: Callable[..., OddAgent], case: str) -> None:
    rig = odd_agent(lambda request: NONSENSE[case])
    assert log_in(replace(endpoint(node), identities_only=False)) == "ok"
    said = log_in(of_agent(node))
    wrong = "does not tell its keys" if case == "refuses" else "is no ssh-agent: it answers nonsense"
    assert str(rig.path) in said
    assert wrong in said


def test_an_agent_that_does_not_sign_leaves_the_other_keys(
    node: OpenSshNode, odd_agent: Callable[..., OddAgent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = make_keys(tmp_path, 1)
    authorize(node, Path(f"{key}.pub"), node.client_key.with_suffix(".pub"))
    public = Path(f"{key}.pub").read_text().split()[1]
    listed = string(LISTED + b"\0\0\0\1" + string(base64.b64decode(public)) + string(b"\x1b[2Jtoken"))
    refuses = odd_agent(lambda request: listed if request[0] == 11 else b"\0\0\0\1" + FAILURE)
    assert log_in(replace(endpoint(node), identities_only=False)) == "ok"
    sentence = log_in(of_agent(node))
    assert f"the agent at {refuses.path} refuses to sign (it is locked, or a confirmation or" in sentence
    assert "\x1b" not in sentence
    monkeypatch.setattr(agent_module, "_SIGN_TIMEOUT_S", 0.3)
    odd_agent(lambda request: {11: listed, 13: None}.get(request[0], b"\0\0\0\1" + FAILURE))
    assert log_in(replace(endpoint(node), identities_only=False)) == "ok"
    assert "does not answer (waited 0.3 s)" in log_in(of_agent(node))


def test_a_locked_agent_is_passed_over(node: OpenSshNode, agent: AgentRig, tmp_path: Path) -> None:
    agent.add(*make_keys(tmp_path, 1))
    askpass = tmp_path / "askpass"
    askpass.write_text("#!/bin/sh\necho word\n")
    askpass.chmod(0o755)
    agent.ssh_add("-x", SSH_ASKPASS=str(askpass), SSH_ASKPASS_REQUIRE="force")
    assert log_in(replace(endpoint(node), identities_only=False)) == "ok"
    assert "did not let" in log_in(of_agent(node))


def test_a_security_key_of_an_agent_lets_in(
    node: OpenSshNode, odd_agent: Callable[..., OddAgent], tmp_path: Path
) -> None:
    """The signature is the agent's own, whatever its form: here one of a token that is touched."""
    token = ed25519.Ed25519PrivateKey.generate()
    raw = token.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name, application = b"sk-ssh-ed25519@openssh.com", b"ssh:"
    blob = string(name) + string(raw) + string(application)
    node.authorized_keys.write_text(f"{name.decode()} {base64.b64encode(blob).decode()}\n")

    def answer(request: bytes) -> bytes:
        if request[0] == 27:
            return b"\0\0\0\1" + FAILURE  # it knows nothing of hosts
        if request[0] == 11:
            return string(LISTED + b"\0\0\0\1" + string(blob) + string(b"token"))
        fields = Reader(request[1:])
        assert fields.string() == blob
        data = fields.string()
        touched = b"\1" + (7).to_bytes(4, "big")
        signed = hashlib.sha256(application).digest() + touched + hashlib.sha256(data).digest()
        return string(SIGNED + string(string(name) + string(token.sign(signed)) + touched))

    odd_agent(answer)
    assert log_in(of_agent(node)) == "ok"
    assert "Accepted publickey for root" in node.log or "ED25519-SK" in node.log
