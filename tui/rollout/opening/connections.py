"""The connections to a cluster's machines, as its file says how they are reached."""

from __future__ import annotations

import os
import secrets
from functools import partial

from tui.model.clusterfile import ClusterFile
from tui.remote import AskPerson, Endpoint, Fleet, Options, RemoteError, resolve, side_by_side
from tui.rollout.opening.file import OpeningError


def make_fleet(config: ClusterFile, ask_person: AskPerson | None, *, leads: bool = False) -> Fleet:
    """Connections to every machine of the cluster, not yet opened. ``leads``: by a console that claims them.

    Raises OpeningError. Not on an event loop with anything to do: `ssh -G` is asked about each machine.
    """
    options = Options(
        become=config.ssh.become,
        keepalive=config.ssh.keepalive,
        state_dir=config.paths.state,
        cluster=config.cluster.name,
        console_id=secrets.token_hex(8) if leads else "",
        machines=config.machines,
        ask_person=ask_person,
    )
    try:
        return Fleet(side_by_side(partial(_endpoint, config), config.machines), options)
    except RemoteError as error:
        raise OpeningError(error.sentence, 6) from None


def _endpoint(config: ClusterFile, name: str) -> Endpoint:
    entry = config.node.get(name)
    ssh = config.ssh
    return resolve(
        name,
        host=entry.host if entry else None,
        port=entry.port if entry else None,
        user=ssh.user,
        ssh_config=os.path.expanduser(ssh.ssh_config) if ssh.ssh_config else None,
        known_hosts=os.path.expanduser(ssh.known_hosts) if ssh.known_hosts else None,
    )
