"""A shell whose connection ends while its output is being taken."""

import pytest

from tests.remote.conftest import endpoint
from tests.rigs.openssh import OpenSshNode, needs_sshd
from tests.rigs.waiting import wait_until
from tui.remote import Options, RemoteError
from tui.remote.link.login import Access, Login
from tui.remote.shell.scripts import framed, new_mark
from tui.remote.ssh.auth.secrets import SecretStore
from tui.remote.ssh.connect import Connector

pytestmark = needs_sshd


def test_a_link_that_ends_while_output_is_taken_is_a_lost_link(node: OpenSshNode) -> None:
    """Taking much output asks the node for more, and there is no node any more."""
    options, secrets = Options(require_root=False), SecretStore(None)
    connector = Connector(options, secrets)
    where = endpoint(node)
    transport = connector.connect(where)
    try:
        shell = Login(where, Access(options, secrets, lambda: connector), transport).shell()
        shell.send_some(framed("head -c 1000000 /dev/zero; exec sleep 100\n", new_mark()))
        wait_until(lambda: len(shell.channel.in_buffer) > 600_000, what="much output has arrived")
        transport.packetizer.close()  # as far as the reader has got when it is told of the connection's end
        with pytest.raises(RemoteError) as caught:
            shell.outputs.pump()
        assert caught.value.kind == "lost"
    finally:
        connector.close()
