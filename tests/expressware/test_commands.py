"""Commands: what the operator sees, and that the script runs literally that, below the sysroot."""

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, run
from tui.expressware.commands import (
    Command,
    NodePath,
    ShellText,
    build_packages,
    complete_update_procedure,
    install_frontend,
    install_node,
    reboot,
    services,
    ssocks_stat,
)

SIA = "/srv/dolphin/Dolphin_eXpressWare-5.21.2.sh"
HOSTILE = "/o p't\"/$(touch PWNED)`id`;*?[a]\\ -n %s\nnew line/\u00e9\u202e\u65e5/~/#$R"


def test_commands_read_as_in_the_manual() -> None:
    assert build_packages(SIA, "/var/lib/rollcall/build").display == (
        f"cd /var/lib/rollcall/build && sh {SIA} --build-rpm"
    )
    assert install_node(SIA, "/tmp", batch=False, reboot=False, enforce=False).display == (
        f"sh {SIA} --install-node --use-rpms /tmp"
    )
    assert install_node(SIA, "/tmp", batch=True, reboot=True, enforce=True).display == (
        f"sh {SIA} --install-node --use-rpms /tmp --batch --reboot --enforce"
    )
    assert install_frontend(SIA, "/tmp", batch=True, reboot=False, enforce=False).display == (
        f"sh {SIA} --install-frontend --use-rpms /tmp --batch"
    )
    assert services("/opt/DIS", "stop").display == "/opt/DIS/sbin/dis_services stop"
    assert services("/opt/DIS-IX/", "status").display == "/opt/DIS-IX/sbin/dis_services status"
    assert ssocks_stat("/opt/DIS").display == "/opt/DIS/bin/dis_ssocks_stat -G"
    assert reboot().display == reboot().script == "reboot"


def test_script_puts_paths_and_only_paths_below_the_sysroot() -> None:
    assert build_packages("/srv/my sia.sh", "/tmp").script == (
        """cd "$R"/tmp && sh "$R"'/srv/my sia.sh' --build-rpm"""
    )


@pytest.mark.parametrize("path", ["", "opt/DIS", "~/x", "/opt/\0"])
def test_a_path_that_is_not_absolute_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not an absolute path"):
        NodePath(path)


@pytest.mark.parametrize("argv", [(), ("sh", "a\0b")])
def test_what_no_shell_can_run_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not a command"):
        Command(argv)


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_paths_are_taken_literally(tmp_path: Path, shell: list[str]) -> None:
    tree = Tree(tmp_path / "sys $(touch PWNED) 'root'")
    tree.file(HOSTILE + "/sia.sh", 'pwd -P; printf "%s|" "$0" "$@"')
    work = HOSTILE + "/work"
    Path(f"{tree.root}{work}").mkdir()

    built = run(build_packages(HOSTILE + "/sia.sh", work).script, tree.root, shell)
    installed = run(
        install_node(HOSTILE + "/sia.sh", work, batch=True, reboot=False, enforce=True).script,
        tree.root,
        shell,
    )

    below = f"{tree.root}{HOSTILE}"
    assert built.returncode == 0, built.stderr
    assert built.stdout.decode() == f"{below}/work\n{below}/sia.sh|--build-rpm|"
    words = f"{below}/sia.sh|--install-node|--use-rpms|{below}/work|--batch|--enforce|"
    assert installed.stdout.decode().endswith(words)
    assert not list(tmp_path.rglob("PWNED"))
    assert not Path("PWNED").exists()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4),
    root=st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=8),
)
def test_any_word_arrives_unchanged(words: list[str], root: str) -> None:
    command = Command(("printf", "%s\\0", *words, NodePath("/" + "".join(words))))
    base = Path("/nonexistent") / root
    done = run(command.script, base, ["/bin/sh"])
    assert done.stdout.decode().split("\0")[:-1] == [*words, f"{base}/{''.join(words)}"]


@settings(deadline=None, max_examples=40)
@given(
    words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4),
)
def test_what_is_shown_can_be_typed(words: list[str]) -> None:
    command = Command(("printf", "%s\\0", *words), cwd=NodePath("/"))
    typed = subprocess.run(["/bin/sh", "-c", command.display], capture_output=True, check=True)
    assert typed.stdout.decode().split("\0")[:-1] == (words or [""])
    assert shlex.split(command.display)[3:] == ["printf", "%s\\0", *words]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("written", ["/opt/stop it", "'/opt/stop it'"])
def test_operators_text_runs_as_written(tmp_path: Path, shell: list[str], written: str) -> None:
    tree = Tree(tmp_path / "a b$(id)")
    tree.program("/opt/stop", 'echo "stop:$#:$1"')
    tree.program("/opt/stop it", 'echo "quoted:$#:$1"')
    text = ShellText(written + ' "x  y" | tr a-z A-Z; exit 7')
    done = run(text.script, tree.root, shell)
    quoted = written.startswith("'")
    assert done.stdout.decode() == ("QUOTED:1:X  Y\n" if quoted else "STOP:2:IT\n")
    assert done.returncode == 7
    assert text.display == text.text


@pytest.mark.parametrize("shell", SHELLS)
def test_operators_text_can_be_any_shell(tmp_path: Path, shell: list[str]) -> None:
    tree = Tree(tmp_path)
    tree.program("/usr/bin/systemctl", 'echo "simulated $*"')
    text = "systemctl stop 'my sqld' &&\n  for n in 1 2; do echo \"$n\"; done # done"
    assert run(ShellText(text).script, tree.root, shell).stdout == b"simulated stop my sqld\n1\n2\n"


def test_operators_text_leaves_the_calling_shell_alone(tmp_path: Path) -> None:
    script = f'{ShellText("exit 3").script}; {ShellText("cd /; R=gone; exit 3").script}; echo $? "$R"'
    assert run(script, tmp_path, ["/bin/sh"]).stdout.decode() == f"3 {tmp_path}\n"


def test_complete_update_is_told_in_full() -> None:
    lines = complete_update_procedure("/srv/my sia.sh", "5.5.0", "5.21.2")
    text = "\n".join(lines)
    assert "from 5.5.0 to 5.21.2 is not allowed" in text
    assert "Run there: sh '/srv/my sia.sh' --install-all" in text
    assert "--enforce" not in text
    for told in ("30 minutes", "--reboot", "--batch", "dis_admin", "Stop all applications"):
        assert told in text


def test_complete_update_to_an_older_version_is_enforced() -> None:
    assert "--install-all --enforce" in "\n".join(complete_update_procedure(SIA, "5.21.2", "5.20.0"))
