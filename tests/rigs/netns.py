"""A cable to a network namespace of its own: when it is pulled, packets vanish and nobody is told.

Both ends go on believing in their connections, as when a switch dies or a firewall forgets: half open.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

needs_namespaces = pytest.mark.root("namespaces")
"""Marks a test that is skipped where no namespace can be made; in CI it runs and fails instead."""


def no_namespaces() -> str:
    """Why none can be made here; empty when they can."""
    tools = os.getuid() == 0 and all(shutil.which(tool) for tool in ("ip", "unshare"))
    if tools and not subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        return ""
    return "needs root, iproute2 and the right to make network namespaces (a cable is pulled)"


class Cable:
    """A veth pair; ``address`` is the far end, where programs started with ``wrapper`` listen."""

    def __init__(self) -> None:
        number = os.getpid() % 16384
        self.namespace = f"rollcall-{os.getpid()}"
        self.wrapper = ["ip", "netns", "exec", self.namespace]
        self._near, self._far = f"rc{os.getpid()}n", f"rc{os.getpid()}f"
        net = f"198.18.{number * 4 // 256}.{{}}"  # a range kept for tests of networks, never routed
        self._here, self.address = net.format(number * 4 % 256 + 1), net.format(number * 4 % 256 + 2)

    def __enter__(self) -> Cable:
        _ip("netns", "add", self.namespace)
        try:
            far = ("peer", "name", self._far, "netns", self.namespace)
            _ip("link", "add", self._near, "type", "veth", *far)
            _ip("address", "add", f"{self._here}/30", "dev", self._near)
            _ip("-n", self.namespace, "address", "add", f"{self.address}/30", "dev", self._far)
            _ip("link", "set", self._near, "up")
            self.plug()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _ip("netns", "del", self.namespace)  # and with it the cable, both ends

    def pull(self) -> None:
        """Nothing arrives any more, in either direction."""
        _ip("-n", self.namespace, "link", "set", self._far, "down")

    def plug(self) -> None:
        """Packets go again, also those that the kernels have kept trying to send."""
        _ip("-n", self.namespace, "link", "set", self._far, "up")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"
