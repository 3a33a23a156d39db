"""Versions: reading, order, the release notes' patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.versions import compare, extract, from_sia_name, needs_enforce, rolling_allowed

dotted = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Dolphin IRM 5.21.2 ( November 13th 2007 )", "5.21.2"),
        ('Dolphin SuperSockets 3.3.0 "St.Martin", Nov 7th 2007 (built Nov 14 200', "3.3.0"),
        ("Dolphin IRM 5.5.", "5.5"),
        ("5.21.2", "5.21.2"),
        ("5.21.2-1", "5.21.2"),
        ("1:5.21.2-1~deb12", "5.21.2"),
        ("5.21.2rc1", "5.21.2rc1"),
        ("5.21.2-rc1", "5.21.2-rc1"),
        ("5.21.2~beta3", "5.21.2~beta3"),
        ("Dolphin IRM 28a8824496_ce05d9958c ( x )", "28a8824496_ce05d9958c"),
        ("Dolphin IRM driver is stopped.", None),
        ("Node - Network Manager version 5", None),
        ("", None),
    ],
)
def test_version_in_text(text: str, version: str | None) -> None:
    assert extract(text) == version


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Dolphin_eXpressWare-5.21.2.sh", "5.21.2"),
        ("/srv/x/Dolphin_eXpressWare-5.21.2.sh", "5.21.2"),
        ("./DIS_install_3.6.0.sh", "3.6.0"),
        (
            "Dolphin_eXpressWare-Linux-x86_64-PX-28a8824496_ce05d9958c.ubuntu18.04.sh",
            "Linux-x86_64-PX-28a8824496_ce05d9958c.ubuntu18.04",
        ),
        ("Dolphin_eXpressWare-5.21.2", "5.21.2"),
        ("/srv/Dolphin_eXpressWare-5.21.2/install.sh", None),
        ("install.sh", None),
        ("Dolphin_eXpressWare-.sh", None),
    ],
)
def test_version_in_the_name_of_a_sia(name: str, version: str | None) -> None:
    assert from_sia_name(name) == version


@pytest.mark.parametrize(
    ("a", "b", "order"),
    [
        ("5.9.0", "5.21.2", -1),
        ("5.21.10", "5.21.9", 1),
        ("5.19", "5.19.0", 0),
        ("05.019", "5.19", 0),
        (" 5.19\n", "5.19", 0),
        ("5.21.2rc1", "5.21.2", None),
        ("5.21.2rc1", "5.21.2rc1", 0),
        ("PX-28a8824496", "PX-28a8824496", 0),
        ("PX-28a8824496", "5.21.2", None),
        ("", "5.21.2", None),
    ],
)
def test_order(a: str, b: str, order: int | None) -> None:
    assert compare(a, b) == order


@given(dotted, dotted, dotted)
def test_dotted_versions_are_in_total_preorder(a: str, b: str, c: str) -> None:
    forward, backward = compare(a, b), compare(b, a)
    assert forward is not None
    assert backward is not None
    assert forward == -backward
    assert compare(a, a) == 0
    first, second, third = compare(a, b), compare(b, c), compare(a, c)
    assert not (first in (-1, 0) and second in (-1, 0)) or third in (-1, 0)
    assert not (first == second == 0) or third == 0


@given(st.text(), st.text())
def test_any_text_compares_without_error(a: str, b: str) -> None:
    assert compare(a, b) in (-1, 0, 1, None)
    assert compare(a, a) == 0
    assert extract(a) is None or extract(a) in a  # type: ignore[operator]


@pytest.mark.parametrize(
    ("installed", "allowed"),
    [
        ("5.19.0", True),
        ("5.19.12", True),
        ("5.19", True),
        ("5.20.1", True),
        ("5.20.2", False),
        ("5.190.1", False),
        ("5.18.9", False),
        ("15.19.1", False),
        ("PX-28a_ce0", False),
        ("", False),
        (None, False),
    ],
)
def test_only_what_the_release_notes_name_is_allowed(installed: str | None, allowed: bool) -> None:
    assert rolling_allowed(installed, ["5.19.*", " 5.20.1 "]) is allowed


def test_nothing_is_allowed_without_patterns() -> None:
    assert not rolling_allowed("5.19.0", [])
    assert rolling_allowed("PX-28a_ce0", ["PX-28a*"])


@pytest.mark.parametrize(
    ("installed", "target", "needed"),
    [
        ("5.19.0", "5.21.2", False),
        ("5.21.2", "5.21.2", True),
        ("5.21.2", "5.19.0", True),
        (None, "5.21.2", False),
        ("PX-a", "PX-a", True),
        ("PX-a", "PX-b", None),
    ],
)
def test_enforce(installed: str | None, target: str, needed: bool | None) -> None:
    assert needs_enforce(installed, target) is needed
