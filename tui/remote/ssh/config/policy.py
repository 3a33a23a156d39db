"""What ssh_config demands of a connection, from the facts that `ssh -G` gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.remote.ssh.config.expand import Expander
from tui.remote.ssh.config.facts import Facts
from tui.remote.ssh.config.keywords import spelled
from tui.remote.ssh.endpoint import DialPolicy, HostKeyPolicy, LoginPolicy, StrictChecking


def _strict(value: str) -> StrictChecking:
    """`ssh -G` says true and false for yes and no."""
    match value:
        case "true" | "yes":
            return "yes"
        case "accept-new":
            return "accept-new"
        case "false" | "no" | "off":
            return "no"
        case _:
            return "ask"


_METHODS = {
    "publickey": "pubkeyauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "password": "passwordauthentication",
}
_BEYOND = {
    "gssapiauthentication": ("gssapi-with-mic", ("no", "false")),
    "hostbasedauthentication": ("hostbased", ("no", "false")),
    "pkcs11provider": ("publickey", ("none",)),
    "securitykeyprovider": ("publickey", ("none", "internal", "$SSH_SK_PROVIDER")),
}
"""Ways in that only ssh can go, and the values with which it does not."""


def login_policy(facts: Facts) -> LoginPolicy:
    """How ssh_config lets a person or a key log in; raises RemoteError where it lets nobody in from here."""
    preferred = facts.values.get("preferredauthentications", [""])[0]
    order = preferred.split(",") if preferred else list(_METHODS)
    prompts, batch = facts.number("numberofpasswordprompts", 3), facts.yes("batchmode")
    on = [name for name in order if name in _METHODS and facts.one(_METHODS[name]) not in ("no", "false")]
    methods = tuple(name for name in on if name == "publickey" or (prompts and not batch))
    if on and not methods:
        keyword = "BatchMode yes" if batch else "NumberOfPasswordPrompts 0"
        raise facts.refusal(
            f"leaves only {' and '.join(on)} to log in with, and its {keyword} lets nobody be asked; "
            "take one of them out for this host"
        )
    if not methods:
        said = (
            f"PreferredAuthentications {preferred}" if preferred else "PubkeyAuthentication no and the like"
        )
        raise facts.refusal(
            f"says {said}, which leaves no way to log in from here: publickey, keyboard-interactive and "
            "password can be used (no GSSAPIAuthentication, no HostbasedAuthentication); allow one of them"
        )
    return LoginPolicy(
        methods=methods,
        prompts=prompts,
        batch=batch,
        key_algorithms=facts.names("pubkeyacceptedalgorithms"),
        rsa_bits=rsa_bits(facts),
        devices=facts.one("kbdinteractivedevices"),
        barred=(*_barred(facts, methods, order), *_beyond(facts)),
    )


def _barred(facts: Facts, methods: Sequence[str], order: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The ways in that ssh_config bars, each with the keyword that does."""
    for name, key in _METHODS.items():
        if name in methods:
            continue
        if facts.one(key) in ("no", "false"):
            keyword = f"{spelled(key)} no"
        elif name not in order:
            keyword = f"PreferredAuthentications {','.join(order)}"
        else:
            keyword = "BatchMode yes" if facts.yes("batchmode") else "NumberOfPasswordPrompts 0"
        yield name, f"{keyword} of ssh_config rules {name} out"


def _beyond(facts: Facts) -> Iterator[tuple[str, str]]:
    for key, (way, off) in _BEYOND.items():
        if facts.one(key, off[0]) not in off:
            keys = "; have the agent hold those keys" if way == "publickey" else ""
            yield way, f"{spelled(key)} of ssh_config is only for ssh, not spoken here{keys}"


def rsa_bits(facts: Facts) -> int:
    """RequiredRSASize; never less than ssh's own minimum."""
    return max(1024, facts.number("requiredrsasize", 1024))


def host_key_policy(facts: Facts, expand: Expander, own_files: Sequence[str]) -> HostKeyPolicy:
    """Which host keys are taken; ``own_files`` are the user's own files of them."""
    strict = _strict(facts.one("stricthostkeychecking"))
    unheeded = {
        "StrictHostKeyChecking no": strict == "no",
        "NoHostAuthenticationForLocalhost yes": facts.yes("nohostauthenticationforlocalhost"),
        "VerifyHostKeyDNS yes": facts.yes("verifyhostkeydns"),
    }
    return HostKeyPolicy(
        strict=strict,
        hashed=facts.yes("hashknownhosts"),
        own_files=expand.paths(own_files),
        command=expand.command(facts.one("knownhostscommand"), later="HItfK"),
        revoked=expand.paths(facts.values.get("revokedhostkeys", [])),
        ca_algorithms=facts.names("casignaturealgorithms"),
        rsa_bits=rsa_bits(facts),
        check_address=facts.yes("checkhostip"),
        unheeded=tuple(name for name, on in unheeded.items() if on),
    )


def dial_policy(facts: Facts) -> DialPolicy:
    """How the node is dialled."""
    family = facts.one("addressfamily", "any")
    if family not in ("any", "inet", "inet6"):
        raise facts.refusal(f"says AddressFamily {family}; use any, inet or inet6")
    return DialPolicy(
        family=family,  # type: ignore[arg-type]  # checked above
        bind_address=facts.one("bindaddress"),
        bind_interface=facts.one("bindinterface"),
        attempts=max(1, facts.number("connectionattempts", 1)),
        probes=facts.one("tcpkeepalive", "yes") not in ("no", "false"),
    )
