from typing import Any

import pytest

from conformance.addresses import address_of, all_decoded, decoded, is_dots, is_escaped


def parts(text: str) -> Any:
    found = address_of(text)
    return found and (found.scheme, found.userinfo, found.host, found.port, found.path, found.query)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTPS://A.Test/V1", ("https", None, "a.test", None, "/V1", None)),
        ("http://[::1]:8787", ("http", None, "[::1]", 8787, "", None)),
        ("http://u:p@h:1/x?", ("http", "u:p", "h", 1, "/x", "")),
        ("http://h:/x", ("http", None, "h", None, "/x", None)),
        ("http://h/a\r\n\tb", ("http", None, "h", None, "/a\r\n\tb", None)),
        ("http://h//a/../b;c", ("http", None, "h", None, "//a/../b;c", None)),
        ("no url", None),
        ("http://[::1", None),
        ("http://h:port/", None),
        ("//h/x", None),
    ],
)
def test_nothing_is_folded_or_dropped(text: str, expected: Any) -> None:
    assert parts(text) == expected


def test_a_hash_ends_path_and_query() -> None:
    found = address_of("http://h/a#b?c#d")
    assert found is not None
    assert (found.path, found.query, found.fragment) == ("/a", None, "b?c#d")


@pytest.mark.parametrize(
    ("path", "segments", "prefix"),
    [
        ("", (), ()),
        ("/", ("",), ()),
        ("/v1", ("v1",), ("v1",)),
        ("/v1//", ("v1", "", ""), ("v1",)),
        ("/a//b/", ("a", "", "b", ""), ("a", "", "b")),
    ],
)
def test_segments_are_what_stands_between_slashes(path: str, segments: Any, prefix: Any) -> None:
    found = address_of(f"http://h{path}")
    assert found is not None
    assert (found.segments, found.prefix) == (segments, prefix)


def test_a_query_is_a_form() -> None:
    found = address_of("http://h/?a=b+c&a=%C3%BC%2B&d&e=%FF&&f=x=y")
    assert found is not None
    assert found.pairs == (
        ("a", "b c"), ("a", "ü+"), ("d", ""), ("e", "%FF"), ("f", "x=y"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a%2Fb", "a/b"),
        ("%c3%bc", "ü"),
        ("ü", "ü"),
        ("a+b", "a+b"),
        ("%", None),
        ("100%", None),
        ("%2", None),
        ("%zz", None),
        ("%FF", None),
        ("%ED%A0%80", None),
        ("%00", "\x00"),
    ],
)
def test_escapes_are_read_as_utf8_or_not_at_all(text: str, expected: str | None) -> None:
    assert decoded(text) == expected
    assert all_decoded([text, "x"]) == [expected, "x"]


@pytest.mark.parametrize("text", ["abc-._~", "a%20b", "it's(1)!*$&+,;=:@", ""])
def test_harmless_characters_need_no_escape(text: str) -> None:
    assert is_escaped(text)


@pytest.mark.parametrize("character", [*' "<>\\^`{|}?#/[]', "\t", "\x7f", "ü"])
def test_other_characters_need_one(character: str) -> None:
    assert not is_escaped(f"a{character}b")


@pytest.mark.parametrize("text", [".", "..", "%2e", "%2E", ".%2e", "%2e.", "%2E%2e"])
def test_dots_are_folded_away_however_they_are_spelled(text: str) -> None:
    assert is_dots(text)


@pytest.mark.parametrize("text", ["...", "", "a.", "%252e", ". ."])
def test_other_segments_stay(text: str) -> None:
    assert not is_dots(text)
