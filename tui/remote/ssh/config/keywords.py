"""Every keyword of `ssh -G`, and what becomes of it here: nothing that restricts is passed over.

The keywords are those of OpenSSH 7.4 to 10.5 and of the patches that distributions carry. One that is not in
the table is refused, unless its value is the one that ssh has by itself.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Values = dict[str, list[str]]
"""ssh_config keyword, lower case, to its values."""

Class = Literal["honoured", "refused", "without meaning"]


class Keyword(NamedTuple):
    """``why`` is the reason for the class; of a refused one, what to do. ``harmless`` are values of a refused
    one that restrict nothing. ``session``: it is about what runs on a node, so that of a jump host it says
    nothing.
    """

    kind: Class
    why: str
    harmless: tuple[str, ...] = ()
    session: bool = False


def _honoured(names: str, why: str) -> dict[str, Keyword]:
    return dict.fromkeys(names.split(), Keyword("honoured", why))


def _nothing(names: str, why: str) -> dict[str, Keyword]:
    return dict.fromkeys(names.split(), Keyword("without meaning", why))


def _refused(name: str, harmless: str, why: str, *, session: bool = False) -> dict[str, Keyword]:
    return {name: Keyword("refused", why, tuple(harmless.split()), session)}


KEYWORDS: dict[str, Keyword] = {
    # Where a node is.
    **_honoured("Host HostName Port User HostKeyAlias", "where the node is, and as whom one logs in there"),
    **_honoured(
        "CanonicalizeHostname CanonicalDomains CanonicalizeFallbackLocal CanonicalizeMaxDots "
        "CanonicalizePermittedCNAMEs Tag IgnoreUnknown",
        "worked into the other values by `ssh -G` itself",
    ),
    **_honoured("ProxyCommand ProxyJump ProxyUseFdpass", "the way there"),
    **_honoured(
        "AddressFamily BindAddress BindInterface ConnectTimeout ConnectionAttempts TCPKeepAlive",
        "how the node is dialled",
    ),
    **_refused("UsePrivilegedPort", "no false", "take it out: no port below 1024 is dialled from"),
    # What is agreed on with its server.
    **_honoured(
        "Ciphers MACs KexAlgorithms HostKeyAlgorithms",
        "what is offered, as far as it can be spoken here and is safe; ssh's own lists narrow nothing",
    ),
    **_honoured("RekeyLimit", "when keys are exchanged anew"),
    **_nothing("Protocol Cipher CompressionLevel", "of SSH 1, which is not spoken"),
    **_nothing("Compression", "nothing is compressed: what is sent is short"),
    **_nothing("VersionAddendum", "words in the greeting that bind nobody"),
    **_nothing("WarnWeakCrypto", "a warning"),
    # Whether it is the right one.
    **_honoured(
        "UserKnownHostsFile GlobalKnownHostsFile KnownHostsCommand RevokedHostKeys CASignatureAlgorithms "
        "RequiredRSASize CheckHostIP StrictHostKeyChecking HashKnownHosts",
        "which host key is the node's; one that is not listed, or changed, is never just taken",
    ),
    **_nothing(
        "NoHostAuthenticationForLocalhost VerifyHostKeyDNS",
        "stricter on purpose: the host key is checked here, and against known_hosts only",
    ),
    **_nothing("UpdateHostKeys", "known_hosts gets a key only when a person has compared it"),
    **_nothing("FingerprintHash VisualHostKey", "fingerprints are shown as SHA256"),
    # How one logs in there.
    **_honoured(
        "PreferredAuthentications PubkeyAuthentication PasswordAuthentication KbdInteractiveAuthentication "
        "KbdInteractiveDevices NumberOfPasswordPrompts BatchMode",
        "which proofs are given, and how often a person is asked",
    ),
    **_honoured(
        "IdentityFile CertificateFile IdentitiesOnly IdentityAgent PubkeyAcceptedAlgorithms",
        "which keys are shown",
    ),
    **_honoured(
        "GSSAPIAuthentication HostbasedAuthentication PKCS11Provider SecurityKeyProvider",
        "ways in that cannot be gone here: refused where there is no other, else named when none led in",
    ),
    **_nothing(
        "GSSAPIClientIdentity GSSAPIServerIdentity GSSAPIKeyExchange GSSAPIDelegateCredentials "
        "GSSAPITrustDNS GSSAPIRenewalForcesRekey GSSAPIKexAlgorithms HostbasedAcceptedAlgorithms "
        "EnableSSHKeysign RSAAuthentication RhostsRSAAuthentication",
        "details of ways in that are not gone here",
    ),
    **_nothing("AddKeysToAgent UseKeychain", "no key and no passphrase is handed on to anybody"),
    # What happens on it.
    **_refused(
        "RemoteCommand",
        "none",
        "ssh runs nothing else there either: put it under a Host of its own",
        session=True,
    ),
    **_refused(
        "SessionType",
        "default",
        "ssh runs no command there either: put it under a Host of its own",
        session=True,
    ),
    **_nothing(
        "RequestTTY StdinNull ForkAfterAuthentication EscapeChar", "about a terminal; none is asked for"
    ),
    **_nothing("EnableEscapeCommandline ObscureKeystrokeTiming", "about a terminal; none is asked for"),
    **_nothing("SendEnv SetEnv", "the scripts that are run bring their own environment"),
    **_nothing("LocalCommand PermitLocalCommand", "ssh does not care how it ends either"),
    **_nothing(
        "ForwardAgent ForwardX11 ForwardX11Trusted ForwardX11Timeout XAuthLocation LocalForward "
        "RemoteForward DynamicForward ClearAllForwardings ExitOnForwardFailure GatewayPorts PermitRemoteOpen "
        "StreamLocalBindMask StreamLocalBindUnlink Tunnel TunnelDevice",
        "nothing is forwarded, whatever is allowed",
    ),
    **_nothing("ControlMaster ControlPath ControlPersist", "connections of our own, shared with nobody"),
    **_nothing("ServerAliveInterval ServerAliveCountMax", "[ssh] keepalive of the cluster file is stricter"),
    **_nothing("ChannelTimeout", "no channel is ever idle: there is a pulse on it"),
    **_nothing("IPQoS", "how routers treat the packets; lines are short and few"),
    **_nothing("LogLevel LogVerbose SyslogFacility", "about what ssh prints"),
}

ALIASES = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "tisauthentication": "kbdinteractiveauthentication",
    "dsaauthentication": "pubkeyauthentication",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "identityfile2": "identityfile",
    "keepalive": "tcpkeepalive",
    "rsaminsize": "requiredrsasize",
    "smartcarddevice": "pkcs11provider",
}
"""Other names of the same, which older versions print."""

_NAMES = {name.lower(): name for name in KEYWORDS}


def spelled(key: str) -> str:
    """A keyword as people write it."""
    return _NAMES.get(key, key)


def class_of(key: str) -> Keyword | None:
    """The class of a keyword in lower case; None for one that is not known here."""
    return KEYWORDS.get(_NAMES.get(key, ""))
