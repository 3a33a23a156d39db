"""A cluster file out of dishosts.conf: whatever is handed out is one that can be checked."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.errors import UsageError
from tui.cli.import_dishosts import cluster_file
from tui.cli.main import main
from tui.expressware.dishosts import DisHostsError, parse_dishosts
from tui.model.clusterfile import parse_cluster_file

HEAD = "#{family}-HARDWARE\nDISHOSTVERSION {version}\n"


def listed(*hosts: str, family: str = "PX", version: int = 4, ids: tuple[int, ...] = ()) -> str:
    lines = [HEAD.format(family=family, version=version)]
    for index, host in enumerate(hosts):
        node_id = ids[index] if ids else 8 + 4 * index
        lines += [f"HOSTNAME: {host}\n", f"ADAPTER:  h{index}_a0 {node_id} 0 8\n"]
    return "".join(lines)


@pytest.fixture
def imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> object:
    """Import the text; exit code, cluster file, what else was said."""

    def run(text: str) -> tuple[int, str, str]:
        source = tmp_path / "dishosts.conf"
        source.write_text(text)
        code = main(["import", str(source)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_names(imported: object) -> None:
    code, text, said = imported(listed("px01", "px02"))  # type: ignore[operator]
    assert (code, said) == (0, "")
    assert parse_cluster_file(text, "x").nodes == ("px01", "px02")


def test_an_address_is_no_name_but_says_where_it_goes(imported: object) -> None:
    code, text, said = imported(listed("px01", "10.1.2.3", "fe80::1"))  # type: ignore[operator]
    assert code == 0
    assert parse_cluster_file(text, "x").nodes == ("px01",)
    assert '# host = "10.1.2.3"\n' in text
    assert '# host = "fe80::1"\n' in text
    assert "hosts by address only (10.1.2.3, fe80::1)" in said
    assert 'host = "10.1.2.3" below [node.NAME]' in said


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (("10.1.2.3", "10.1.2.4"), 'host = "10.1.2.3" below [node.NAME]'),
        (("LOCALHOST",), "LOCALHOST stands for the machine that the file lies on"),
        (("DIS_LOCAL",), "DIS_LOCAL stands for the machine that the file lies on"),
        (("fe80::1%eth0",), "fe80::1%eth0"),
    ],
)
def test_a_list_without_a_single_name_is_refused_in_one_sentence(
    imported: object, hosts: tuple[str, ...], words: str
) -> None:
    code, text, said = imported(listed(*hosts))  # type: ignore[operator]
    assert (code, text) == (1, "")
    assert words in said
    assert said.count("\n") == 1


def test_one_node_id_on_two_hosts_is_said(imported: object) -> None:
    code, text, said = imported(listed("px01", "px02", "px03", ids=(4, 8, 4)))  # type: ignore[operator]
    assert code == 0
    assert "NodeId 4 (adapter 0) is given to px01 and px03" in said
    assert "# Look at this: NodeId 4 (adapter 0) is given to px01 and px03" in text


def test_a_later_version_is_read_as_far_as_it_is_known(imported: object) -> None:
    text = listed("px01", "px02", version=5) + "HOSTNAME: px03\nADAPTER: x\nHOSTNAME: px04\nLINK: a b\n"
    code, text, said = imported(text)  # type: ignore[operator]
    assert code == 0
    assert "file version 5 is later than those that are known (3 and 4)" in said
    assert "line 8: ADAPTER: has 1 of its 4 fields" in said
    assert parse_cluster_file(text, "x").nodes == ("px01", "px02", "px03", "px04")


def test_a_family_that_is_not_known_is_kept(imported: object) -> None:
    code, text, _ = imported(listed("px01", family="GX"))  # type: ignore[operator]
    assert code == 0
    assert parse_cluster_file(text, "x").cluster.family == "GX"


def test_a_family_that_nobody_knows_is_said(imported: object) -> None:
    code, text, said = imported(listed("px01", family="ZX"))  # type: ignore[operator]
    assert code == 0
    assert "it says ZX-HARDWARE, which is not known" in said
    assert 'family = "PX"   # the list says ZX: check it' in text


def test_a_bare_address_in_a_cluster_file_says_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[cluster]\nname = "c"\nfamily = "PX"\nnodes = "px01,10.1.2.3"\n'
        '[target]\nversion = "1.0"\nsia = "/x.sh"\n'
    )
    assert main(["plan", str(file)]) == 1
    said = capsys.readouterr().err
    assert "10.1.2.3 is an address" in said
    assert 'host = "10.1.2.3" below [node.NAME]' in said


hosts = (
    st.text(string.ascii_letters + string.digits + "-_.:%[]", min_size=1, max_size=12)
    | st.ip_addresses().map(str)
    | st.sampled_from(["LOCALHOST", "DIS_LOCAL", "px01", "px1", "PX01", "n.a.example"])
)


@given(st.lists(hosts, min_size=1, max_size=4, unique=True), st.none() | st.sampled_from(["GX", "PX"]))
def test_whatever_is_handed_out_can_be_read_back(names: list[str], family: str | None) -> None:
    try:
        made = parse_dishosts(listed(*names, family=family or "x"))
        text = cluster_file(made, Path("dishosts.conf")).text
    except (UsageError, DisHostsError):
        return
    assert parse_cluster_file(text, "x").nodes
