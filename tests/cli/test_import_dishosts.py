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


def test_a_plan_waits_for_the_target(imported: object, tmp_path: Path) -> None:
    _, text, _ = imported(listed("px01", "px02"))  # type: ignore[operator]
    cluster = tmp_path / "px.toml"
    cluster.write_text(text)
    for command in ("plan", "check"):
        assert main([command, str(cluster)]) == 1
    cluster.write_text(text.replace("0.0.0", "5.21.2"))
    assert main(["plan", str(cluster)]) == 0


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


REAL = {
    3: """\
#DX-HARDWARE
# This file was created with Dishostseditor version 4.4.3 ( rev 35670 )
DISHOSTVERSION 3
HOSTNAME: l1lsc0
ADAPTER:  l1lsc0_a0 8 0 4
""",
    4: """\
#IX-HARDWARE
# The first line is not a comment, but says what type of
# hardware that will be used.
DISHOSTVERSION 4
HOSTNAME: scipe18
#Keyword name nodeid adapter link_width [serial_no]
ADAPTER:  scipe18_a0 8 0 8
ADAPTER:\tscipe18_a1\t8 1 16 "IX-4711"

HOSTNAME: scipe19
ADAPTER:  scipe19_a0 12 0 8
SOCKETADAPTER: sockad_0 SINGLE 0
SOCKET: scipe18 scipe18_a0
SOCKET: scipe19 scipe19_a0
""",
    5: """\
#GX-HARDWARE
DISHOSTVERSION 5
HOSTNAME: gx01
ADAPTER:  gx01_a0 4 0 4 MXH930-DE-0000-002377 3
HOSTNAME: gx02
ADAPTER:  gx02_a0 8 0 4
STRIPE: st_0 gx01_a0 gx02_a0
LINKSPEED: gx01_a0 "Gen4" C:\\new\\table
""",
}


@pytest.mark.parametrize("version", REAL)
def test_nothing_of_the_list_is_lost(imported: object, version: int) -> None:
    code, text, _ = imported(REAL[version])  # type: ignore[operator]
    assert code == 0
    kept = "".join(f"{line}\n" for line in parse_cluster_file(text, "x").interconnect.dishosts)
    assert kept == REAL[version]
    assert parse_dishosts(kept) == parse_dishosts(REAL[version])


def test_adapters_ids_and_sockets_are_counted(imported: object) -> None:
    _, text, said = imported(REAL[4])  # type: ignore[operator]
    assert "# hosts: 2; adapters: 3; records of SuperSockets: 3; NodeIds: 8, 12\n" in text
    assert said == ""
    assert parse_dishosts(REAL[4]).sockets[0] == "SOCKETADAPTER: sockad_0 SINGLE 0"


def test_what_is_not_known_is_kept_and_said(imported: object) -> None:
    _, text, said = imported(REAL[5])  # type: ignore[operator]
    assert "line 8: LINKSPEED is not a keyword that is known" in said
    assert "line 4: ADAPTER: has 6 fields" in said
    assert "# Look at this: line 8: LINKSPEED is not a keyword" in text


def test_what_cannot_be_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "dishosts.conf"
    source.write_bytes(b"\xef\xbb\xbf" + listed("px01").encode() + b"# caf\xe9\r\n# a\x1b[31mred\r\n")
    assert main(["import", str(source)]) == 0
    out = capsys.readouterr()
    assert parse_cluster_file(out.out, "x").interconnect.dishosts[-2:] == ("# caf\ufffd", "# ared")
    assert "line 6 has control characters or invisible ones, which were not kept" in out.err
    assert "bytes that are not UTF-8" in out.err


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_line_is_kept_or_said(lines: list[str]) -> None:
    extra = "\n".join(f"# {line}" for line in lines)
    made = parse_dishosts(listed("px01") + extra)
    imported = cluster_file(made, Path("dishosts.conf"))
    kept = parse_cluster_file(imported.text, "x").interconnect.dishosts
    assert len(kept) == len(made.lines)
    assert kept == made.lines or any("control characters" in warning for warning in imported.warnings)


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
