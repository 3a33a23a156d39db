"""Who uses PCI Express: the witnesses, from a real shell below a node's tree."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import SHELLS, Tree, answered, run
from tui.expressware.users import Holder, Users, count_sockets, parse_users, users_script


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A node whose services run and which nobody uses; dis_ssocks locks itself as it always does."""
    tree = Tree(tmp_path / "a node")
    tree.program(
        "/opt/DIS/bin/dis_ssocks_stat", '[ "$1" = -G ] && echo "STREAM sockets: 0  DGRAM sockets: 0"'
    )
    for name, refcnt in (("dis_kosif", 1), ("dis_irm", 2), ("dis_sisci", 0), ("dis_ssocks", 1)):
        tree.module(name, "1.0", "A", refcnt)
    tree.file("/sys/module/dis_kosif/holders/dis_irm")
    tree.file("/sys/module/dis_irm/holders/dis_sisci")
    tree.file("/proc/77/maps", "7f0 r-xp 0 0 1 /usr/lib/libc.so.6\n")
    tree.file("/proc/77/comm", "sshd\n")
    return tree


def look(tree: Tree, shell: list[str]) -> Users:
    done = run(users_script("/opt/DIS"), tree.root, shell)
    assert done.stderr == b""
    return parse_users(answered(done.stdout))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_use_count_of_dis_ssocks_proves_nothing(tree: Tree, shell: list[str]) -> None:
    users = look(tree, shell)
    assert (users.stream, users.dgram, users.holders, users.ssocks_loaded) == (0, 0, (), True)
    assert not users.in_use
    assert users.certain
    assert users.sentences() == ()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_witness_is_heard(tree: Tree, shell: list[str]) -> None:
    tree.program("/opt/DIS/bin/dis_ssocks_stat", 'echo "STREAM sockets: 3  DGRAM sockets: 1"')
    tree.file("/sys/module/dis_sisci/refcnt", "3")
    tree.file("/sys/module/dis_sisci/holders/mbuf")
    (tree.root / "sys/module/dis_kosif/holders/mbuf").symlink_to("/sys/module/mbuf")
    tree.file(
        "/proc/4711/maps", "7f0 r-xp 0 0 1 /opt/DIS/lib64/libsisci.so.2\n7f1 libksupersockets.so (deleted)\n"
    )
    tree.file("/proc/4711/comm", "my sqld $(id)\n")
    tree.file("/proc/4712/maps", "/opt/DIS/lib64/libsisci.so")
    tree.file("/proc/5/maps", "/opt/DIS/lib64/libsisci.so")
    tree.file("/proc/5/comm", "dis_nodemgr")
    tree.file("/sys/class/net/dis0/mtu", "1500")
    users = look(tree, shell)
    assert (users.stream, users.dgram, users.in_use, users.certain) == (3, 1, True, True)
    assert set(users.holders) == {
        Holder("kernel", "mbuf", "dis_kosif and dis_sisci"),
        Holder("sisci", "dis_sisci", "2 open references"),
        Holder("process", "4711 (my sqld $(id))", "libksupersockets and libsisci"),
        Holder("process", "4712", "libsisci"),
    }
    sentences = users.sentences()
    assert sentences[:2] == ("3 STREAM (TCP) SuperSockets are open", "1 DGRAM (UDP) SuperSocket is open")
    assert "Process 4711 (my sqld $(id)) uses libksupersockets and libsisci" in sentences
    assert "Kernel module mbuf uses dis_kosif and dis_sisci" in sentences
    assert "SISCI is in use: dis_sisci has 2 open references" in sentences
    assert sentences[-1].startswith("Interface dis0 (IP over PCIe) is there")


def test_a_count_that_cannot_be_read_is_said(tree: Tree) -> None:
    tree.program("/opt/DIS/bin/dis_ssocks_stat", "echo no idea")
    users = look(tree, ["/bin/sh"])
    assert (users.stream, users.dgram, users.in_use, users.certain) == (None, None, False, False)
    assert users.sentences() == (
        "How many SuperSockets are open is not known: run dis_ssocks_stat -G on the node to see",
    )


def test_a_node_without_eXpressWare_has_no_users(tmp_path: Path) -> None:
    users = look(Tree(tmp_path), ["/bin/sh"])
    assert not users.in_use
    assert users.certain
    assert users.sentences() == ()


def test_an_answer_cut_short_is_not_certain() -> None:
    users = parse_users(answered("@module dis_sisci\n"))
    assert not users.certain
    assert users.sentences() == ("The node's answer broke off: look again",)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (["STREAM: 3 DGRAM: 1"], (3, 1)),
        (["DGRAM 1, STREAM 3"], (3, 1)),
        (["3 TCP, 1 UDP"], (3, 1)),
        (["3 TCP (STREAM) sockets, 1 UDP (DGRAM) socket"], (3, 1)),
        (["TCP (STREAM) sockets: 0, UDP (DGRAM) sockets: 12."], (0, 12)),
        (["tcp_stream=5 udp_dgram=0"], (5, 0)),
        (["Number of open sockets: STREAM 3 (max 100) DGRAM 1 (max 100)"], (3, 1)),
        (["dis_ssocks 5.21.2", "", "STREAMs: 3", "DGRAMs: 1", "STREAM 99 DGRAM 99"], (3, 1)),
        (["STREAM 3"], (3, None)),
        (["TCP UDP", "3 1"], (None, None)),
        (["27 open: STREAM 3 DGRAM 1"], (None, None)),
        (["UPSTREAM 3 downstreamer 4"], (None, None)),
        ([], (None, None)),
    ],
)
def test_socket_counts(lines: list[str], counts: tuple[int | None, int | None]) -> None:
    assert count_sockets(lines) == counts


@given(
    st.integers(0, 10**8),
    st.integers(0, 10**8),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["\n", ", ", " "]),
)
def test_any_order_of_words_and_numbers(
    stream: int, dgram: int, number_first: bool, swap: bool, gap: str
) -> None:
    pairs = [("STREAM", stream), ("UDP", dgram)]
    parts = [
        f"{n} {word}" if number_first else f"{word}: {n}" for word, n in (reversed(pairs) if swap else pairs)
    ]
    assert count_sockets(gap.join(parts).split("\n")) == (stream, dgram)


@given(st.binary() | st.text())
def test_never_raises(output: bytes | str) -> None:
    users = parse_users(answered(output))
    assert not users.in_use
    assert all(sentence.strip() for sentence in users.sentences())


@given(
    st.lists(
        st.tuples(st.sampled_from(["ssocks", "module", "loaded.refcnt", "holder", "process"]), st.text())
    )
)
def test_any_values_are_read(lines: list[tuple[str, str]]) -> None:
    users = parse_users(answered("".join(f"@{key} {value}\n" for key, value in lines) + "@end \n"))
    assert bool(users.sentences()) >= users.in_use
