"""What ssh_config lets be agreed on with a server."""

from __future__ import annotations

from tui.remote.ssh.algorithms import AEAD, KINDS, What, flaws
from tui.remote.ssh.config.facts import Facts
from tui.remote.ssh.endpoint import WirePolicy


def wire_policy(facts: Facts) -> WirePolicy:
    """Of ssh_config's lists what is spoken here, in their order; raises RemoteError where that is nothing."""
    ciphers = _spoken(facts, "cipher")
    macs = _spoken(facts, "mac", or_none=True)
    if macs == ():  # which leaves the ciphers that need none
        ciphers = tuple(name for name in ciphers or AEAD if name in AEAD)
        if not ciphers:
            raise _nothing_left(facts, "mac")
    size, _, seconds = facts.one("rekeylimit", "0 0").replace("default", "0").partition(" ")
    if not (size.isdecimal() and (seconds or "0").replace("none", "0").isdecimal()):
        raise facts.refusal(f"says RekeyLimit {size} {seconds}, which is not understood")
    return WirePolicy(
        kex=_spoken(facts, "kex"),
        host_keys=_spoken(facts, "host key"),
        host_keys_in_order=_in_order(facts),
        ciphers=ciphers,
        macs=macs,
        rekey_bytes=int(size),
        rekey_seconds=int((seconds or "0").replace("none", "0")),
    )


def _spoken(facts: Facts, what: What, *, or_none: bool = False) -> tuple[str, ...] | None:
    names = facts.names(KINDS[what].keyword.lower())
    if names is None:
        return None
    kept = tuple(name for name in names if name in KINDS[what].spoken)
    if not kept and not or_none:
        raise _nothing_left(facts, what)
    return kept


def _nothing_left(facts: Facts, what: What) -> Exception:
    kind = KINDS[what]
    names, wanted = facts.names(kind.keyword.lower()) or (), ", ".join(kind.spoken)
    return facts.refusal(
        f"says {kind.keyword} {','.join(names)}, but {flaws(names)}; allow one of {wanted} too"
    )


def _in_order(facts: Facts) -> bool:
    """Whether HostKeyAlgorithms is a list of its own, whose order counts. Where it only adds to ssh's or
    takes away from it, ssh puts first what known_hosts has; `ssh -G` prints both alike.
    """
    names, own = facts.names("hostkeyalgorithms"), facts.own.get("hostkeyalgorithms", [""])[0].split(",")
    if names is None:
        return False
    left = [name for name in own if name in names]
    return tuple(left) != names[: len(left)] or 2 * len(left) < len(own)
