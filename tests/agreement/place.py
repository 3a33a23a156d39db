"""Where one set-up is built: a home directory, servers, keys, an agent."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.agreement.row import Person, Row
from tests.agreement.world import PAM, ask_by_pam, assert_inside, home_of_root
from tests.rigs.openssh import OpenSshNode, generate_key, kill

_ALWAYS = ("LogLevel DEBUG2",)


class Place:
    """Made anew for each row, in the one home directory that root has in this world.

    A preparation may change anything here before the servers start; ``begin`` writes what it left alone.
    """

    def __init__(self, world: Path, row: Row) -> None:
        assert_inside(world)
        self.world = world
        self.row = row
        self.home = home_of_root(world)
        self.directory = world / "row"
        self._cache = world / "keys"
        for stale in (self.home, self.directory):
            shutil.rmtree(stale, ignore_errors=True)
        self.ssh.mkdir(parents=True, mode=0o700)
        ask_by_pam(PAM)
        self.directory.mkdir()
        self.environment: dict[str, str] = {}
        """What both programs get besides HOME and PATH."""
        self.known: list[str] | None = None
        """The lines of ~/.ssh/known_hosts, to be filled; None: every server's own."""
        self.config = row.client
        self.before: list[Callable[[], object]] = []
        """Done before each of the two tries, for what a try uses up."""
        self.servers: dict[str, OpenSshNode] = {}
        self.listeners: list[socket.socket] = []
        """What else answers on a port; closed at the end."""
        self._stop: list[int] = []
        self._used: dict[str, int] = {}
        self.key(self.ssh / "id_ed25519")
        self.system_config("")
        self.node = self.server("px01", row.server)

    @property
    def ssh(self) -> Path:
        """Root's ~/.ssh."""
        return self.home / ".ssh"

    def server(self, name: str, lines: str = "", host: str = "127.0.0.1") -> OpenSshNode:
        """Another server, which root's own key opens; it starts with ``begin``."""
        rig = self.directory / name
        rig.mkdir()
        for suffix in ("", ".pub"):
            shutil.copy(self.ssh / f"id_ed25519{suffix}", rig / f"client_ed25519{suffix}")
        extra = [line.strip() for line in self.filled(lines).splitlines() if line.strip()]
        self.servers[name] = OpenSshNode(rig, name, None, [*extra, *_ALWAYS], host=host)
        return self.servers[name]

    def key(self, path: Path, kind: str = "ed25519", passphrase: str = "", *more: str) -> Path:
        """A new key pair at ``path``; making one of RSA takes long, so each is made once a world."""
        words = (kind, passphrase, *more)
        label = re.sub(r"\W+", "-", "_".join(words))
        number = self._used[label] = self._used.get(label, 0) + 1
        kept = self._cache / f"{label}.{number}"
        if not kept.exists():
            self._cache.mkdir(exist_ok=True)
            generate_key(kept, kind, passphrase, *more)
        for suffix in ("", ".pub"):
            shutil.copy(f"{kept}{suffix}", f"{path}{suffix}")
        return path

    def authorize(self, *keys: Path, server: OpenSshNode | None = None) -> None:
        """These keys open the server (px01), and no others."""
        lines = "".join(Path(f"{key}.pub").read_text() for key in keys)
        (server or self.node).authorized_keys.write_text(lines)

    def host_key(self, kind: str, *more: str, server: OpenSshNode | None = None) -> str:
        """Give px01 one more host key; its type and base64, as in known_hosts."""
        server = server or self.node
        if not any(line.startswith("HostKey ") for line in server.extra):
            server.extra.append(f"HostKey {server.directory / 'host_ed25519'}")
        path = self.key(server.directory / f"host_{kind}", kind, "", *more)
        server.extra.append(f"HostKey {path}")
        return " ".join(Path(f"{path}.pub").read_text().split()[:2])

    def certify(self, authority: Path, key: Path, *words: str, serial: int = 1) -> Path:
        """A certificate over ``key``, made with ``ssh-keygen -s``; where it lies."""
        command = ["ssh-keygen", "-q", "-s", str(authority), "-I", f"{key.name}-{serial}", "-z", str(serial)]
        subprocess.run([*command, *words, f"{key}.pub"], check=True, capture_output=True)
        return Path(f"{key}-cert.pub")

    def agent(self, *keys: Path) -> Path:
        """An agent that holds these keys, in this order; SSH_AUTH_SOCK names it."""
        path = self.directory / "agent.sock"
        agent = subprocess.run(
            ["ssh-agent", "-s", "-a", str(path)], check=True, capture_output=True, text=True
        )
        self._stop.append(int(agent.stdout.partition("SSH_AGENT_PID=")[2].partition(";")[0]))
        self.environment["SSH_AUTH_SOCK"] = str(path)
        for key in keys:
            self.add(str(key))
        return path

    def add(self, *words: str) -> None:
        """ssh-add with these words."""
        environment = {**os.environ, **self.environment}
        subprocess.run(["ssh-add", "-q", *words], check=True, env=environment, stdin=subprocess.DEVNULL)

    def filled(self, text: str) -> str:
        """``text`` with what stands in angle brackets put in: <home>, <ssh> (its .ssh), <dir> (the
        row's); of px01 <port>, <name> (in known_hosts), <key> (its host key), <fingerprint>,
        <server> (its files); of any server <port:gw> and so on.
        """
        words = {"home": str(self.home), "ssh": str(self.ssh), "dir": str(self.directory)}
        for name, server in self.servers.items():
            facts = {"port": str(server.port), "name": server.known_as, "key": " ".join(server.host_key)}
            facts["server"] = str(server.directory)
            digest = hashlib.sha256(base64.b64decode(server.host_key[1])).digest()
            facts["fingerprint"] = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
            words |= {f"{word}:{name}": fact for word, fact in facts.items()}
            words |= facts if name == "px01" else {}
        return re.sub(r"<([a-z0-9:]+)>", lambda found: words.get(found[1], found[0]), text)

    def system_config(self, text: str) -> None:
        """What /etc/ssh/ssh_config says in this world; empty before each row."""
        assert_inside(self.world)
        Path("/etc/ssh/ssh_config").write_text(self.filled(text))

    @property
    def person(self) -> Person:
        """Who is asked: the row's, with the answers filled."""
        answers = asdict(self.row.person).items()
        return Person(**{kind: tuple(map(self.filled, words)) for kind, words in answers})

    def begin(self) -> None:
        """Write the files that no preparation has written, and start the servers."""
        known = self.ssh / "known_hosts"
        if self.known is None:
            self.known = [f"<name:{name}> <key:{name}>" for name in self.servers]
        if not known.exists():
            known.write_text(self.filled("".join(f"{line}\n" for line in self.known)))
        config = self.ssh / "config"
        if not config.exists():
            config.write_text(self.ssh_config())
            config.chmod(0o600)
        for server in self.servers.values():
            server.start()

    def ssh_config(self) -> str:
        """The row's lines for px01, then what each server is usually reached by."""
        lines = ["Host px01", *(f"  {line.strip()}" for line in self.filled(self.config).splitlines())]
        for name, server in self.servers.items():
            lines += [f"Host {name}", f"  HostName {server.host}", f"  Port {server.port}", "  User root"]
        # Keys that ssh(1) learns once it is in are no matter of getting in.
        return "\n".join([*lines, "Host *", "  UpdateHostKeys no", ""])

    def names(self) -> list[str]:
        """What the servers may be called in known_hosts."""
        hosts = {name for each in self.servers.values() for name in (each.name, each.host, "alias")}
        ports = {each.port for each in self.servers.values()}
        return sorted(hosts | {f"[{host}]:{port}" for host in hosts for port in ports})

    def end(self) -> None:
        """Stop everything."""
        for server in self.servers.values():
            server.stop()
        for listener in self.listeners:
            listener.close()
        kill(self._stop)
