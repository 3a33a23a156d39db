"""The cluster file: what is accepted, and the sentence for everything that is not."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.clusterfile import ClusterFileError, parse_cluster_file
from tui.model.schema import schema_text
from tui.rollout.open_run import load_cluster_file

CONFIG = Path(__file__).parents[2] / "config"
GOOD = """
[cluster]
name = "demo"
family = "PX"
nodes = "px[01-03]"
[target]
version = "5.21.2"
sia = "/srv/sia.sh"
"""


def test_the_shipped_example_is_valid() -> None:
    config = parse_cluster_file((CONFIG / "cluster.toml").read_text(), "cluster.toml")
    assert config.nodes == tuple(f"px{i:02}" for i in range(1, 9))
    assert config.machines[-1] == "pxmgmt"
    assert config.policy.restart_timeout == 900


def test_the_schema_in_config_is_current() -> None:
    assert (CONFIG / "cluster.schema.json").read_text() == schema_text()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("family", "famly"), "unknown key cluster.famly; did you mean family?"),
        (('"px[01-03]"', '""'), "the node set is empty"),
        (('"px[01-03]"', '"px[01-03],px02"'), "names a node twice"),
        (('"px[01-03]"', '"px[01-"'), "node set 'px[01-'"),
        (('"px[01-03]"', '"px[01-02] px[07-08]"'), "a comma is missing between px[01-02] and px[07-08]"),
        (('"px[01-03]"', '"px01 px02,px03"'), "a comma is missing between px01 and px02"),
        (('"px[01-03]"', '"px[03-01]"'), 'bad range: invalid values in range "03-01".'),
        (('"px[01-03]"', '"px[a-b]"'), 'bad range: cannot convert string to integer "a-b".'),
        (('"px[01-03]"', '"@all"'), "groups (@) are not supported"),
        (('"px[01-03]"', '"-oProxyCommand=x"'), "is not a host name"),
        (('"PX"', '"QX"'), "cluster.family"),
        (('"/srv/sia.sh"', '"sia.sh"'), "target.sia: write an absolute path"),
        (('version = "5.21.2"', "version = 5"), "target.version: write a text in quotes (it says 5)"),
        (
            ("[target]", '[ssh]\nbecome = "pbrun"\n[target]'),
            "ssh.become: Input should be 'none', 'sudo', 'doas' or 'su' (it says 'pbrun')",
        ),
        (("[target]", "[target"), "not valid TOML"),
        (('version = "5.21.2"\n', ""), "key target.version is missing"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_file_and_key(change: tuple[str, str], words: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(ClusterFileError) as error:
        parse_cluster_file(GOOD.replace(*change), "my.toml")
    sentence = str(error.value)
    assert sentence.startswith("my.toml: ")
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert not sentence.endswith("?.")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (
            '[policy]\nwindow = {start="22:00", end="04:00", zone="Mars"}',
            "policy.window.zone: 'Mars' is not a time zone",
        ),
        (
            '[policy]\nwindow = {start="25:00", end="04:00", zone="UTC"}',
            'write a time of day such as "22:00"',
        ),
        ('[policy]\nwindow = {start="04:00", end="04:00", zone="UTC"}', "the same time"),
        ("[ssh]\nkeepalive = 5", 'write a duration such as "5s"'),
        ('[ssh]\nkeepalive = "0s"', "between one millisecond and a week"),
        ("[policy]\nallowed_down = 0", "policy.allowed_down"),
        (
            '[policy]\nallowed_down = "one"',
            "write a whole number, without quotes (it says 'one')",
        ),
        ('[policy]\nbatch = "perhaps"', "policy.batch: write true or false, without quotes"),
        ('[node.px9]\nhold = "x"', "node.px9 is not in cluster.nodes"),
        ('[node.px01]\nholds = "x"', "unknown key node.px01.holds; did you mean hold?"),
        ('[view]\ncommand = "x"', "is run on cluster.management_node, which is not given"),
        ("[viw]\na = 1", "unknown key viw; did you mean view?"),
    ],
)
def test_mistakes_in_optional_tables(extra: str, words: str) -> None:
    with pytest.raises(ClusterFileError, match=re.escape(words)):
        parse_cluster_file(f"{GOOD}\n{extra}\n", "my.toml")


def test_the_view_pattern_needs_a_group() -> None:
    text = GOOD.replace('family = "PX"', 'family = "PX"\nmanagement_node = "m"')
    with pytest.raises(ClusterFileError, match="needs a group"):
        parse_cluster_file(f'{text}\n[view]\ncommand = "x"\nunreachable = "nodes"\n', "my.toml")


@given(st.text())
def test_no_text_makes_anything_but_a_sentence(text: str) -> None:
    with pytest.raises(ClusterFileError) as error:
        parse_cluster_file(text, "f")
    assert str(error.value).startswith("f: ")


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers() | st.booleans(), max_size=3))
def test_no_value_in_a_table_makes_a_traceback(entries: dict[str, object]) -> None:
    lines = [f"{_quoted(key)} = {_value(value)}" for key, value in entries.items()]
    text = GOOD + "\n[policy]\n" + "\n".join(lines) + "\n"
    try:
        config = parse_cluster_file(text, "f")
    except ClusterFileError as error:
        assert str(error).startswith("f: ")
    else:
        assert config.nodes == ("px01", "px02", "px03")


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


def _value(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else str(value).lower()


@pytest.mark.parametrize(
    "nodes", ["px01, px02", "px[01, 02]", "px[01-03] ! px03", " px01,px02\t", "px[01-02]"]
)
def test_blanks_beside_commas_and_operators_are_fine(nodes: str) -> None:
    config = parse_cluster_file(GOOD.replace('"px[01-03]"', f'"{nodes}"'), "my.toml")
    assert config.nodes == ("px01", "px02")


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_cluster_file(file) == parse_cluster_file(GOOD, "my.toml")
