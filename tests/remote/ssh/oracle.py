"""What ssh(1) says of the same ssh_config and the same server."""

from __future__ import annotations

import subprocess

from tests.rigs.openssh import OpenSshNode
from tui.remote import Options, RemoteError, resolve
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector


def both(node: OpenSshNode, *lines: str, alike: bool | None = True) -> str:
    """Our sentence, "" when let in; ssh has to come to the same end, where not ``alike`` to the other one.
    None: versions of ssh differ.
    """
    path = node.directory / "ssh_config"
    path.write_text(
        f"Host px01\n{''.join(f'  {line}{chr(10)}' for line in lines)}{node.ssh_config.read_text()}"
    )
    command = ["ssh", "-F", str(path), "-o", "BatchMode=yes", "px01", "true"]
    ssh = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    connector = Connector(Options(), SecretStore(None))
    try:
        connector.connect(resolve("px01", ssh_config=path))
        said = ""
    except RemoteError as error:
        said = error.sentence
    finally:
        connector.close()
    assert alike is None or ((said == "") == (ssh.returncode == 0)) == alike, f"ssh: {ssh.stderr}, we: {said}"
    return said
