"""The watched files of a node, as real shells tell them: whole sets, and nothing that is not certain."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.expressware.node import SHELLS, Tree, answered, looked
from tui.expressware.watched import (
    NOT_KEPT,
    Watched,
    contents_script,
    parse_contents,
    parse_watched,
    watched_script,
    without_secrets,
)
from tui.model.events import WatchedFile

HOSTS = "DISHOSTVERSION 4\nHOSTNAME: px01\n"
DIS = "/opt/DIS"
SCRIPT = watched_script(DIS)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Some of each set, and beside them what is none of our business."""
    tree = Tree(tmp_path / "node 'seven' $(id)")
    tree.file("/etc/dis/dishosts.conf", HOSTS)
    tree.file("/opt/DIS/lib/modules/dis_irm.conf", "ntb-size 160\n")
    tree.file("/etc/modprobe.d/local.conf", "options dis_irm x=1\n")
    tree.file("/etc/modprobe.d/blacklist.conf", "blacklist pcspkr\noptions disk_x y=1\n")
    tree.file("/lib/modprobe.d/old.conf", "softdep dis_px pre: x\n")
    tree.file("/etc/init.d/dis_irm", "#!/bin/sh\n")
    tree.file("/etc/init.d/sshd", "#!/bin/sh\n")
    tree.file("/etc/systemd/system/dis_irm.service.d/x.conf", "[Service]\nRestart=always\n")
    masked = tree.file("/etc/systemd/system/dis_sisci.service")
    masked.unlink()
    masked.symlink_to("/dev/null")
    wants = tree.file("/etc/systemd/system/multi-user.target.wants/dis_irm.service")
    wants.unlink()
    wants.symlink_to("../dis_irm.service")
    return tree


def seen(tree: Tree, shell: list[str]) -> Watched:
    return parse_watched(looked(SCRIPT, tree.root, shell))


@pytest.mark.parametrize("shell", SHELLS)
def test_each_set_is_whole_and_nothing_else_is_in_it(shell: list[str], tree: Tree) -> None:
    found = seen(tree, shell)
    assert found.unknown == ""
    assert found.files is not None
    assert {file.path: file.link or file.sha256 for file in found.files} == {
        "/etc/dis/dishosts.conf": sha(HOSTS),
        "/opt/DIS/lib/modules/dis_irm.conf": sha("ntb-size 160\n"),
        "/etc/modprobe.d/local.conf": sha("options dis_irm x=1\n"),
        "/lib/modprobe.d/old.conf": sha("softdep dis_px pre: x\n"),
        "/etc/init.d/dis_irm": sha("#!/bin/sh\n"),
        "/etc/systemd/system/dis_irm.service.d/x.conf": sha("[Service]\nRestart=always\n"),
        "/etc/systemd/system/dis_sisci.service": "/dev/null",
        "/etc/systemd/system/multi-user.target.wants/dis_irm.service": "../dis_irm.service",
    }


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_without_any_is_known_to_have_none(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    assert parse_watched(looked(SCRIPT, tmp_path / "bare", shell)) == Watched(())


def failing_sums(tree: Tree) -> None:
    tree.program(
        "/usr/bin/sha256sum", "echo 'sha256sum: etc/dis/dishosts.conf: Input/output error' >&2; exit 1"
    )


def one_sum_less(tree: Tree) -> None:
    real = "/usr/bin/sha256sum"
    tree.program(real, f'{real} "$@" | grep -v dishosts; exit 1')


def all_sums_and_a_failure(tree: Tree) -> None:
    tree.program("/usr/bin/sha256sum", '/usr/bin/sha256sum "$@"; exit 1')


def killed(tree: Tree) -> None:
    tree.program("/usr/bin/sha256sum", 'kill -9 "$PPID"')


def failing_grep(tree: Tree) -> None:
    tree.program("/usr/bin/grep", "exit 2")


def odd_name(tree: Tree) -> None:
    tree.file("/etc/dis/a\nb.conf")


def too_many(tree: Tree) -> None:
    for number in range(401):
        tree.file(f"/etc/dis/{number}.conf")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (failing_sums, "cannot be read: /etc/dis/dishosts.conf"),
        (one_sum_less, "cannot be read: /etc/dis/dishosts.conf"),
        (all_sums_and_a_failure, "has not answered for all"),
        (killed, ""),
        (failing_grep, "module options below modprobe.d"),
        (odd_name, "a file whose name cannot be told"),
        (too_many, "no more than 400 are watched"),
    ],
)
def test_what_is_not_certain_is_not_known(harm: Callable[[Tree], None], words: str, tree: Tree) -> None:
    harm(tree)
    found = seen(tree, ["/bin/sh"])
    assert found.files is None
    assert words in found.unknown


def test_half_an_answer_is_none(tree: Tree) -> None:
    whole = "".join(f"@{key} {value}\n" for key, value in looked(SCRIPT, tree.root, ["/bin/sh"]).lines)
    assert parse_watched(answered(whole)).files
    for kept in range(whole.count("\n")):
        half = "".join(whole.splitlines(keepends=True)[:kept])
        assert parse_watched(answered(half)).files is None
        assert parse_watched(answered(f"{half}@end\n")).files is None or kept == whole.count("\n") - 1
    assert parse_watched(answered(whole, 1)).files is None


@pytest.mark.parametrize("shell", SHELLS)
def test_texts_come_byte_for_byte_and_only_those_that_were_summed_up(shell: list[str], tree: Tree) -> None:
    odd = bytes(range(256)) * 20
    (tree.root / "etc/dis/odd.conf").write_bytes(odd)
    (tree.root / "etc/dis/large.conf").write_bytes(b"x" * 262_145)
    wanted = {file.path: file.sha256 for file in seen(tree, shell).files or () if file.sha256}
    got = parse_contents(looked(contents_script(wanted), tree.root, shell), wanted)
    assert got[sha(HOSTS)] == HOSTS.encode()
    assert got[hashlib.sha256(odd).hexdigest()] == odd
    assert len(got) == len(wanted) - 1, "the large one is not kept"
    changed = dict.fromkeys(wanted, "0" * 64)
    assert parse_contents(looked(contents_script(wanted), tree.root, shell), changed) == {}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Environment=TOKEN=a B=c", f"Environment={NOT_KEPT}"),
        (
            '  Environment = "A=b c" \\\n  more \\\n  D=e\nRestart=no',
            f"  Environment = {NOT_KEPT}\n{NOT_KEPT}\n{NOT_KEPT}\nRestart=no",
        ),
        ("SetCredentialEncrypted=x:y", f"SetCredentialEncrypted={NOT_KEPT}"),
        ("ExecStart=/x --password hush", f"ExecStart=/x --password {NOT_KEPT}"),
        ("export DB_PASSWD=hush", f"export DB_PASSWD={NOT_KEPT}"),
        ("ADAPTER: px01_a0 8 0 8", "ADAPTER: px01_a0 8 0 8"),
        ("options dis_irm x=1", "options dis_irm x=1"),
        ("EnvironmentFile=/etc/x", "EnvironmentFile=/etc/x"),
    ],
)
def test_what_may_be_secret_is_left_out(line: str, shown: str) -> None:
    assert without_secrets(line.encode()) == shown


def test_a_file_is_told_by_path_sum_and_link() -> None:
    assert WatchedFile(path="/a", sha256="b") != WatchedFile(path="/a", sha256="b", link="/c")
