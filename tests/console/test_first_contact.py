"""A node that is new, met at the console: the key of a real server, compared and accepted in a dialog."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.console.screen import seated
from tests.console.story_engine import StoryEngine
from tests.remote.conftest import MakeNode, make_node
from tests.rigs.openssh import needs_sshd
from tui.cli.launch import Opening
from tui.console.app import ConsoleConfig
from tui.console.prompts import PersonPrompt
from tui.rollout.open_run import RunOptions

__all__ = ["make_node"]
pytestmark = needs_sshd


@pytest.mark.parametrize("typed", ["yes", "no"])
async def test_a_key_is_compared_and_answered_for(make_node: MakeNode, tmp_path: Path, typed: str) -> None:
    node = make_node(socket.gethostname())
    node.known_hosts.write_text(f"px\x1b[2J99 {' '.join(node.host_key)}\n")
    before = node.known_hosts.read_text()
    config = node.ssh_config.read_text()
    node.ssh_config.write_text(config.replace("StrictHostKeyChecking yes", "StrictHostKeyChecking ask"))
    path, person = tmp_path / "px.toml", PersonPrompt()
    path.write_text(
        f'[cluster]\nname = "px"\nfamily = "PX"\nnodes = "{node.name}"\n[target]\nversion = "5.21.2"\n'
        f'sia = "/srv/sia.sh"\nrolling_from = ["*"]\n[ssh]\nssh_config = "{node.ssh_config}"\n'
    )
    options = RunOptions(tmp_path / "state", "console", ask_person=person.ask)
    opening = Opening(lambda: path, lambda: options, "")
    async with seated(StoryEngine(), 80, 24, config=ConsoleConfig(opening.open, person=person)) as seat:
        await seat.shows(f"Host key of {node.name}", "ED25519 SHA256:", "fingerprint)?", "esc back")
        assert "The same key is known for px" in seat.text
        assert "\x1b" not in seat.text
        await seat.press(*"perhaps", "enter")
        await seat.shows("Please type yes, no or the fingerprint.", "esc back")
        await seat.press("ctrl+a", "ctrl+k", *typed, "enter")
        wanted = "nobody has accepted" if typed == "no" else "up, "
        await seat.until(lambda: wanted in seat.text, wanted)
        if typed == "yes":
            await opening.close()
    line = f"{node.known_as} {' '.join(node.host_key)}\n"
    assert node.known_hosts.read_text() == before + (line if typed == "yes" else "")
