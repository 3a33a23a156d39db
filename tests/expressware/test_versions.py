"""Versions: reading, order, the release notes' patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.expressware.versions import (
    builds_of_one,
    compare,
    differ,
    extract,
    from_package,
    needs_enforce,
    package_may_be,
    rolling_allowed,
    same,
    with_release,
)

dotted = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Dolphin IRM 5.21.2 ( November 13th 2007 )", "5.21.2"),
        ('Dolphin SuperSockets 3.3.0 "St.Martin", Nov 7th 2007 (built Nov 14 200', "3.3.0"),
        ("Dolphin IRM 5.5.", "5.5"),
        ("5.21.2", "5.21.2"),
        ("Dolphin IRM 5.26.0-d ( x )", "5.26.0-d"),
        ("Dolphin IRM 5.5.0.RC1 is running.", "5.5.0.RC1"),
        ("Dolphin IRM 3.6.4-Feb21, built", "3.6.4-Feb21"),
        ("Dolphin IRM (GX) 5.25.2", "5.25.2"),
        ("Dolphin IRM DIS_RELEASE_5_25_2_APR_24_2026 is", "DIS_RELEASE_5_25_2_APR_24_2026"),
        ("Dolphin IRM 5.25.2 ( DIS_RELEASE_5_25_2_APR_24_2026 )", "5.25.2"),
        ("5.26.0-20260424", "5.26.0-20260424"),
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
    ("package", "version"),
    [
        ("5.21.2", "5.21.2"),
        ("5.21.2-1", "5.21.2"),
        ("1:5.21.2-1~deb12", "5.21.2"),
        ("1:5.21.2-2ubuntu1", "5.21.2"),
        ("5.21.2+ubuntu22.04-1", "5.21.2"),
        ("5.26.0-d", "5.26.0-d"),
        ("5.26.0-d-1", "5.26.0-d"),
        ("5.26.0~rc1-1", "5.26.0~rc1"),
        ("5.26.0_d", "5.26.0_d"),
        ("", None),
    ],
)
def test_a_packagers_own_marks_are_no_part_of_the_version(package: str, version: str | None) -> None:
    assert from_package(package) == version


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("1", "5.26.0"),
        ("1.el9", "5.26.0"),
        ("el9", "5.26.0"),
        ("", "5.26.0"),
        ("%{RELEASE}", "5.26.0"),
        ("(none)", "5.26.0"),
        ("d", "5.26.0-d"),
        ("rc1.el9", "5.26.0-rc1"),
        ("0.1.rc1", "5.26.0-rc1"),
        ("Feb21", "5.26.0-Feb21"),
    ],
)
def test_a_release_that_names_a_build_belongs_to_the_version(release: str, version: str) -> None:
    assert with_release("5.26.0", release) == version


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
        ("5.26.0", "5.26.0-d", None),
        ("5.26.0-d", "5.26.0-e", None),
        ("5.26-d", "5.26.0-d", 0),
        ("5.26.0_d", "5.26.0-d", 0),
        ("5.5.0.RC1", "5.5.0-rc1", 0),
        ("3.6.4-Feb21", "3.6.4", None),
        ("3.6.4-Feb21", "3.6.5", -1),
        ("5.26.0-d", "5.25.9", 1),
        ("DIS_RELEASE_5_25_2_APR_24_2026", "5.25.2", None),
        ("DIS_RELEASE_5_25_2_APR_24_2026", "DIS_RELEASE_5_25_2_APR_24_2026", 0),
        ("DIS_RELEASE_5_25_2", "5.25.2", 0),
        ("DIS_DEVELOP_5_25_2", "5.25.2", None),
        ("5.26.0 or 5.26.0-d", "5.26.0", None),
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


suffix = st.from_regex(r"[-._~]?(d|rc[0-9]|RC[0-9]|Feb[0-9]{2}|beta|[0-9]{0}x1)", fullmatch=True)
version = st.tuples(dotted, st.none() | suffix).map(
    lambda pair: f"{pair[0]}{'' if '.' in pair[0] else '.0'}{pair[1] or ''}"
)


@given(version, version, version)
def test_order_holds_wherever_there_is_one(a: str, b: str, c: str) -> None:
    forward, backward = compare(a, b), compare(b, a)
    assert (forward is None) == (backward is None)
    assert forward is None or backward is None or forward == -backward
    first, second, third = compare(a, b), compare(b, c), compare(a, c)
    if first == second and first is not None:
        assert third == first
    assert compare(a, a) == 0
    assert same(a, b) == (forward == 0)
    assert not (same(a, b) and differ(a, b))


@given(dotted, suffix)
def test_a_build_with_a_suffix_never_passes_for_the_release(plain: str, mark: str) -> None:
    plain = plain if "." in plain else f"{plain}.0"
    build = f"{plain}{mark}"
    assert extract(f"Dolphin IRM {build} ( May 1st 2026 )") == build
    assert not same(build, plain)
    assert compare(build, plain) is None
    assert builds_of_one(build, plain)
    assert differ(build, plain)
    assert needs_enforce(build, plain) is None
    assert not rolling_allowed(build, [plain, "*.*", f"{plain.rpartition('.')[0]}.*"])
    assert rolling_allowed(build, [build])
    assert package_may_be(plain, build)
    assert not package_may_be(build, plain)


@given(dotted, st.sampled_from(["-1", "-2ubuntu1", "-1~deb12", "-1.el9"]))
def test_a_packagers_number_never_makes_another_version(plain: str, mark: str) -> None:
    plain = plain if "." in plain else f"{plain}.0"
    assert same(from_package(f"1:{plain}{mark}"), plain)


@given(st.text(), st.text())
def test_any_text_compares_without_error(a: str, b: str) -> None:
    assert compare(a, b) in (-1, 0, 1, None)
    assert compare(a, a) == 0
    assert compare(a, b) == (None if (back := compare(b, a)) is None else -back)
    assert from_package(a) is None or from_package(a) in a  # type: ignore[operator]
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
