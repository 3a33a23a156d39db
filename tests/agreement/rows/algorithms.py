"""What both sides may speak: restrictions of ssh_config, of the server, and of both."""

from __future__ import annotations

from tests.agreement.place import Place
from tests.agreement.row import Row

_CHACHA, _GCM = "chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com"
_SNTRUP = "sntrup761x25519-sha512@openssh.com"
_UNSPOKEN = "the SSH library does not speak it"
_SHA1 = "it rests on SHA-1"
_CBC = "its padding can be read off"


def _rsa_only(place: Place) -> None:
    place.known = [f"<name> {place.host_key('rsa', '-b', '2048')}"]
    place.node.extra = [line for line in place.node.extra if "host_ed25519" not in line]


def _row(keyword: str, client: str, server: str, stricter: str = "") -> Row:
    """``keyword`` on both sides; "": what is usual there."""
    return Row(
        f"{keyword}: {client or 'the usual'}, the server {server or 'the usual'}",
        f"{keyword} {client}" if client else "",
        f"{keyword} {server}" if server else "",
        names=f"{keyword}|sshd_config",
        stricter=stricter,
    )


ROWS = (
    _row("Ciphers", "aes256-ctr", ""),
    _row("Ciphers", "-aes128-gcm@openssh.com,aes256-gcm@openssh.com", ""),
    _row("Ciphers", "^aes192-ctr", ""),
    _row("Ciphers", _GCM, _GCM),
    _row("Ciphers", "aes256-ctr", "aes128-ctr"),
    _row("Ciphers", _CHACHA, "", stricter=_UNSPOKEN),
    _row("Ciphers", "", _CHACHA, stricter=_UNSPOKEN),
    _row("Ciphers", "+aes256-cbc", "aes256-cbc", stricter=_CBC),
    _row("Ciphers", "", "aes256-cbc"),
    _row("Ciphers", "+3des-cbc", "3des-cbc", stricter=_CBC),
    _row("MACs", "hmac-sha2-512", ""),
    Row("MACs: one with counter mode", "MACs hmac-sha2-512\nCiphers aes128-ctr", names="MACs|sshd_config"),
    Row(
        "MACs: disjoint, with counter mode",
        "MACs hmac-sha2-512\nCiphers aes128-ctr",
        "MACs hmac-sha2-256",
        names="MACs|sshd_config",
    ),
    Row(
        "MACs: disjoint, a cipher that needs none",
        "MACs hmac-sha2-512\nCiphers aes128-gcm@openssh.com",
        "MACs hmac-sha2-256",
        names="MACs|sshd_config",
    ),
    Row(
        "MACs: umac only",
        "MACs umac-128-etm@openssh.com\nCiphers aes128-ctr",
        names="MACs|sshd_config",
        stricter=_UNSPOKEN,
    ),
    Row(
        "MACs: the server has umac only",
        "Ciphers aes128-ctr",
        "MACs umac-128-etm@openssh.com",
        names="MACs|sshd_config",
        stricter=_UNSPOKEN,
    ),
    Row("MACs: SHA-1 only", "MACs hmac-sha1\nCiphers aes128-ctr", names="MACs|sshd_config", stricter=_SHA1),
    Row(
        "MACs: the server has SHA-1 only",
        "Ciphers aes128-ctr",
        "MACs hmac-sha1",
        names="MACs|sshd_config",
        stricter=_SHA1,
    ),
    _row("KexAlgorithms", "curve25519-sha256", ""),
    _row("KexAlgorithms", "", "curve25519-sha256"),
    _row("KexAlgorithms", "ecdh-sha2-nistp384", ""),
    _row("KexAlgorithms", "-curve25519*,sntrup*", ""),
    _row("KexAlgorithms", "diffie-hellman-group16-sha512", ""),
    _row("KexAlgorithms", "diffie-hellman-group-exchange-sha256", ""),
    _row("KexAlgorithms", "curve25519-sha256", "ecdh-sha2-nistp256"),
    _row("KexAlgorithms", _SNTRUP, "", stricter=_UNSPOKEN),
    _row("KexAlgorithms", "", _SNTRUP, stricter=_UNSPOKEN),
    _row("KexAlgorithms", "+diffie-hellman-group14-sha1", "diffie-hellman-group14-sha1", stricter=_SHA1),
    _row("KexAlgorithms", "", "diffie-hellman-group14-sha1"),
    _row("HostKeyAlgorithms", "", "ssh-ed25519"),
    Row(
        "HostKeyAlgorithms: the server signs with SHA-1 only",
        "",
        "HostKeyAlgorithms ssh-rsa",
        prepare=_rsa_only,
        names="HostKeyAlgorithms|sshd_config",
    ),
    Row("HostKeyAlgorithms: rsa-sha2-256 only", "HostKeyAlgorithms rsa-sha2-256", prepare=_rsa_only),
    Row("Compression yes", "Compression yes"),
    Row("RekeyLimit 1K", "RekeyLimit 1K"),
    Row("the server wants new keys at once", "", "RekeyLimit 1K"),
)
