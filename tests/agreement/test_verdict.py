"""The judge itself: every way to be weaker is seen as one."""

from __future__ import annotations

import dataclasses

import pytest

from tests.agreement.outcome import Outcome
from tests.agreement.row import Row
from tests.agreement.server_log import Told, told
from tests.agreement.verdict import Finding, judge

KEY, OTHER = "ED25519 SHA256:one", "ED25519 SHA256:two"
LOG = f"""debug1: kex: algorithm: curve25519-sha256 [preauth]
debug1: kex: host key algorithm: ssh-ed25519 [preauth]
debug1: kex: client->server cipher: aes128-ctr MAC: hmac-sha2-256 compression: none [preauth]
Failed none for root from 127.0.0.1 port 40000 ssh2
Failed publickey for root from 127.0.0.1 port 40000 ssh2: {OTHER}
debug2: userauth_pubkey: valid user root attempting public key ssh-ed25519 AAAA [preauth]
Accepted publickey for root from 127.0.0.1 port 40000 ssh2: {KEY}
"""
ANOTHER_TRIED = f"Failed publickey for root from 127.0.0.1 port 40000 ssh2: {OTHER}"
ALLOWED = {
    "px01": {
        "kexalgorithms": ["curve25519-sha256"],
        "hostkeyalgorithms": ["ssh-ed25519"],
        "ciphers": ["aes128-ctr"],
        "macs": ["hmac-sha2-256"],
        "pubkeyacceptedalgorithms": ["ssh-ed25519"],
    }
}
ROW = Row("a row")


def entered(log: str = LOG, *written: str) -> Outcome:
    return Outcome(True, "", {"px01": told(log)}, written)


def out(words: str = "px01: PubkeyAuthentication is no in ssh_config.", log: str = "") -> Outcome:
    return Outcome(False, words, {"px01": told(log)})


def test_what_a_server_tells() -> None:
    assert told(LOG) == Told(
        (f"Accepted publickey for root from 127.0.0.1 {KEY}",),
        (OTHER, KEY),
        (),
        {
            "kexalgorithms": ("curve25519-sha256",),
            "hostkeyalgorithms": ("ssh-ed25519",),
            "ciphers": ("aes128-ctr",),
            "macs": ("hmac-sha2-256",),
            "pubkeyacceptedalgorithms": ("ssh-ed25519",),
        },
    )


def test_both_in_alike_and_both_out() -> None:
    assert judge(ROW, entered(), entered(), ALLOWED) == Finding("same")
    assert judge(ROW, out(), out(), ALLOWED) == Finding("same")


@pytest.mark.parametrize(
    ("ssh", "rollcall", "why"),
    [
        (out(), entered(), "gets in where ssh does not"),
        (entered(), entered(LOG.replace(f"2: {KEY}", f"2: {OTHER}")), "let it in by"),
        (entered(), entered(LOG.replace("127.0.0.1", "127.0.0.2")), "let it in by"),
        (entered(), entered(LOG.replace("for root", "for op")), "let it in by"),
        (entered(), entered(LOG.replace("aes128-ctr", "aes256-ctr")), "ciphers does not allow"),
        (entered(), entered(LOG.replace("public key ssh-ed", "public key ssh-x")), "pubkeyaccepted"),
        (entered(LOG.replace(ANOTHER_TRIED, "")), entered(), "shown"),
        (out(), out(log="Failed password for root from 127.0.0.1 port 1 ssh2"), "1 secrets by password"),
        (out(), out(log="Failed keyboard-interactive/pam for op from ::1 port 1 ssh2"), "1 secrets"),
        (entered(), entered(LOG, "known_hosts: + px01"), "writes what ssh does not"),
    ],
)  # fmt: skip
def test_weaker(ssh: Outcome, rollcall: Outcome, why: str) -> None:
    finding = judge(ROW, ssh, rollcall, ALLOWED)
    assert finding.verdict == "weaker"
    assert why in finding.why


def test_only_a_refusal_that_is_meant_and_named_is_stricter() -> None:
    meant = dataclasses.replace(ROW, names="PubkeyAuthentication", stricter="on purpose")
    assert judge(meant, entered(), out(), ALLOWED) == Finding("stricter", "on purpose")
    assert judge(meant, entered(), out("px01: no."), ALLOWED).verdict == "refused"
    assert judge(ROW, entered(), out(), ALLOWED).verdict == "refused"


def test_a_refusal_names_what_it_is_about() -> None:
    assert judge(ROW, out(), out("px01: it did not work out."), ALLOWED).verdict == "unnamed"
    assert judge(ROW, out(), out("px01: see ~/.ssh/key."), ALLOWED).verdict == "same"
    named = dataclasses.replace(ROW, names="Ciphers")
    assert judge(named, out(), out(), ALLOWED).verdict == "unnamed"


def test_what_ssh_writes_down_has_to_be_written() -> None:
    assert judge(ROW, entered(LOG, "known_hosts: + px01"), entered(), ALLOWED).verdict == "refused"
