"""The scripts that look at a node: they run in real shells below a node's tree, and leave nothing behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.expressware.node import SHELLS, Tree, answered, run
from tui.expressware.facts import facts_script, parse_facts
from tui.expressware.probe import parse_probe, probe_script
from tui.expressware.tagged import looking_script
from tui.expressware.users import parse_users, users_script

DIS = "/opt/DIS"
SCRIPTS: list[Callable[[], str]] = [
    lambda: facts_script(DIS, "/srv/sia.sh"),
    lambda: probe_script(DIS),
    lambda: users_script(DIS),
]
NAMES = ["facts", "probe", "users"]


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
@pytest.mark.parametrize("shell", SHELLS)
def test_one_shell_can_look_again_and_again(
    tmp_path: Path, script: Callable[[], str], shell: list[str]
) -> None:
    script_of_three = f"""
set -u
state() {{
  {{ set; trap; pwd; umask; }} >"$R"/all
  grep -v '^\\(_\\|[A-Z_]*LINENO\\|PIPESTATUS\\|FUNCNAME\\)=' "$R"/all >"$R/$1"
}}
trap 'echo trapped' EXIT
state before
for again in 1 2 3; do
{script()}
done
unset again
state after
trap - EXIT
grep -q trapped "$R"/after && cmp "$R"/before "$R"/after && echo same
"""
    done = run(script_of_three, tmp_path, shell)
    assert done.stdout.count(b"@end") == 3
    assert done.stdout.endswith(b"same\n")
    assert b"trapped" not in done.stdout
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_rest_of_the_shells_input_is_not_read(
    tmp_path: Path, script: Callable[[], str], shell: list[str]
) -> None:
    tree = Tree(tmp_path)
    for program in ("hostname", "modinfo", "rpm", "dpkg-query", "timeout", "uname"):
        tree.program(f"/usr/bin/{program}", "cat")
    tree.module("dis_irm", "1.0", "A")
    # More than a shell reads ahead, and less than a pipe holds, so that programs could get at it.
    rest = b"#" * 40_000 + b"\necho next\n"
    done = run(f"printf 'noise '\n{script()}", tmp_path, shell, stdin=rest)
    assert done.stdout.startswith(b"noise \n@")
    assert done.stdout.endswith(b"@end \nnext\n")


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_no_script_carries_what_dolphins_scripts_look_for_in_ps(script: Callable[[], str]) -> None:
    assert "mgr" not in script()


@pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
def test_this_machine_answers_without_a_sysroot(script: Callable[[], str]) -> None:
    done = run(script(), None, ["/bin/sh"])
    assert done.stderr == b""
    assert answered(done.stdout, done.returncode).complete
    assert parse_users(answered(done.stdout)).complete
    assert parse_probe(answered(done.stdout)).status_exit != 124


def test_this_machines_facts() -> None:
    facts = parse_facts(
        answered(run(facts_script(DIS, "/bin/sh", "/var/lib/rollcall"), None, ["/bin/sh"]).stdout)
    )
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    assert facts.boot_id == boot_id
    assert facts.kernel == Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii").strip()
    assert facts.sia_present
    assert facts.free_bytes is not None
    assert facts.free_bytes > 0
    assert (facts.installed, facts.active, facts.stale) == (None, None, False)


def test_noise_and_carriage_returns_do_not_matter() -> None:
    answer = answered(
        "Welcome @home\n@ no key\n @key indented\n@Key upper\n"
        "@key value \x1b[0;32m  OK\x1b[m\r\n@status 10%\r100%\n@end \n"
    )
    assert answer.lines == (("key", "value   OK"), ("status", "100%"), ("end", ""))
    assert answer.complete
    assert (answer.one("key"), answer.one("none"), answer.number("key")) == ("value   OK", None, None)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_script_says_is_taken_literally(tmp_path: Path, shell: list[str]) -> None:
    Tree(tmp_path).file("/x", "-n %s $(id) \\n `id` *  'quoted\"")
    script = looking_script('say_file x "$R"/x "> "\nsay_lines y <"$R"/x\nsay_lines z <"$R"/missing')
    done = run(script, tmp_path, shell)
    text = "-n %s $(id) \\n `id` *  'quoted\""
    assert answered(done.stdout, done.returncode).lines == (("x", "> " + text), ("y", text), ("end", ""))
