"""One node's status channel: pings that cost the node no fork, and probes that run beside them."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field

from tui.remote.errors import RemoteError
from tui.remote.link.states import Sample
from tui.remote.shell.answers import whole_number
from tui.remote.shell.foreign import foreign, waiting
from tui.remote.shell.last_words import KEPT_BYTES
from tui.remote.shell.scripts import framed, new_mark, script
from tui.remote.shell.shell import Shell
from tui.remote.ssh.endpoint import Endpoint
from tui.remote.ssh.identity import Identity


@dataclass(frozen=True)
class Pong:
    """The node lives. ``rtt`` in seconds, measured when the answer was read; ``seen``: at a glance."""

    boot_id: str | None
    uptime: float | None
    rtt: float | None
    seen: str = ""


@dataclass
class _Probe:
    asked_at: float
    whole: list[str] = field(default_factory=list)
    begun: str = ""


class StatusChannel:
    """Speaks with ``node/status.sh``. ``begin`` blocks; the rest does not, and belongs to one thread."""

    def __init__(self, endpoint: Endpoint, shell: Shell) -> None:
        self._endpoint = endpoint
        self._shell = shell
        self._number = 0
        self._ping: tuple[int, float] | None = None
        self._probes: dict[int, _Probe] = {}
        self.boot_id: str | None = None
        self._noise = b""
        self.identity = Identity()
        """Who the node said it is; without its host key, which the transport knows."""

    def begin(self, timeout: float) -> str:
        """Start the loop on the node, read the boot id; returns the user number there. Raises RemoteError."""
        deadline = time.monotonic() + timeout
        mark = new_mark()
        pending = framed(script("status"), mark)
        uid = hostname = machine_id = ""
        begun = False
        while time.monotonic() < deadline:
            ended = self.ended
            if pending:
                pending = pending[self._shell.send_some(pending) :]
            for line in self._lines():
                begun = begun or line.endswith(mark)  # a start file may end without a line end
                if begun and line.startswith("ready "):
                    _, uid, machine_id, hostname = [*line.split(maxsplit=3), "", "", ""][:4]
                    self.ping(time.monotonic())
                elif uid and isinstance(pong := self._understand(line, time.monotonic()), Pong):
                    self.boot_id = pong.boot_id
                    self.identity = Identity(_said(hostname), _said(machine_id), pong.boot_id or "")
                    return uid
                else:
                    self._noise = (self._noise + f"{line}\n".encode())[-KEPT_BYTES:]
            if ended:
                # tells a lost link from a killed command
                raise foreign(self._endpoint, self._shell.exit_code(), *self._said())
            self._shell.wait(0.02 if pending else 0.5)
        raise waiting(self._endpoint, timeout, *self._said())

    def _said(self) -> tuple[bytes, bytes]:
        """What the node printed instead of our loop's first line."""
        return self._noise + bytes(self._shell.outputs.stdout), bytes(self._shell.outputs.stderr)

    def close(self) -> None:
        """End the loop on the node; the login stays."""
        self._shell.close()

    def attach(self, wake: threading.Event) -> None:
        """From now on ``wake`` is set when there is something to take."""
        self._shell.channel.in_buffer.set_event(wake)
        self._shell.channel.in_stderr_buffer.set_event(wake)

    @property
    def ended(self) -> bool:
        """The loop on the node, or the connection to it, is gone."""
        return self._shell.outputs.ended

    @property
    def pinged_at(self) -> float | None:
        """When the ping was sent that is not answered yet."""
        return self._ping[1] if self._ping else None

    def ping(self, now: float) -> None:
        """Ask for a sign of life; raises RemoteError when the link is gone."""
        self._number += 1
        self._ping = (self._number, now)
        self._send(f"ping {self._number}\n".encode())

    def define(self, probe: str, glance: str) -> None:
        """Set the script that later probes run, and what later pings look at; an empty one is not sent."""
        for verb, text in (("define", probe.encode()), ("glance", glance.encode())):
            if text or verb == "define":
                self._send(f"{verb} {len(text)}\n".encode() + text)

    def probe(self, asked_at: float, script: str = "") -> int:
        """Start a probe, or run another ``script`` for once; its sample will bear the returned number."""
        self._number += 1
        self._probes[self._number] = _Probe(asked_at)
        text = script.encode()
        request = f"ask {self._number} {len(text)}\n" if text else f"probe {self._number}\n"
        self._send(request.encode() + text)
        return self._number

    def take(self, now: float) -> list[Pong | tuple[int, Sample]]:
        """What has arrived, in order: pongs, and samples with their probes' numbers."""
        return [message for line in self._lines() if (message := self._understand(line, now)) is not None]

    def _send(self, data: bytes) -> None:
        while data:
            sent = self._shell.send_some(data)
            if not sent:
                sentence = f"{self._endpoint.node}: the node takes no more input."
                raise RemoteError("lost", self._endpoint.node, sentence)
            data = data[sent:]

    def _lines(self) -> list[str]:
        outputs = self._shell.outputs
        outputs.pump()
        if self.boot_id is not None:  # nothing is waited for that these could explain
            outputs.stderr.clear()
        del outputs.stderr[:-KEPT_BYTES]
        whole, newline, rest = bytes(outputs.stdout).rpartition(b"\n")
        if newline:
            outputs.stdout[:] = rest
        return whole.decode("utf-8", "replace").split("\n") if newline else []

    def _understand(self, line: str, now: float) -> Pong | tuple[int, Sample] | None:
        """The message that ``line`` completes, if any; what a login script printed is no message."""
        verb, _, rest = line.partition(" ")
        digits, _, text = rest.partition(" ")
        number = whole_number(digits)
        if number is None:
            return None
        if verb == "pong":
            return self._pong(number, text, now)
        probe = self._probes.get(number)
        if probe is None:
            return None
        if verb == "part":
            probe.begun += text
        elif verb == "line":
            probe.whole.append(probe.begun + text)
            probe.begun = ""
        elif verb == "done":
            del self._probes[number]
            return number, self._sample(probe, text, now)
        return None

    def _sample(self, probe: _Probe, ending: str, now: float) -> Sample:
        code, _, facts = ending.partition(" ")
        return Sample(
            self._endpoint.node,
            now,
            probe.asked_at,
            *_facts(facts),
            text="".join(f"{line}\n" for line in probe.whole),
            exit_code=whole_number(code),
            rtt=now - probe.asked_at,
        )

    def _pong(self, number: int, text: str, now: float) -> Pong:
        rtt = None
        if self._ping is not None and self._ping[0] == number:
            rtt = now - self._ping[1]
            self._ping = None
        boot_id, _, rest = text.partition(" ")
        uptime, _, seen = rest.partition(" ")
        return Pong(*_facts(f"{boot_id} {uptime}"), rtt, seen)


def _said(word: str) -> str:
    """What the node said; empty where a dash stands for what could not be read."""
    return "" if word.strip() == "-" else word.strip()


def _facts(text: str) -> tuple[str | None, float | None]:
    """(boot id, uptime) of "BOOT_ID UPTIME", where "-" stands for what could not be read."""
    boot_id, _, uptime = text.partition(" ")
    seconds = float(uptime) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", uptime) else None
    return (boot_id if boot_id not in ("", "-") else None), seconds
