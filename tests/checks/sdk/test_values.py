from decimal import Decimal
from typing import Any

import pytest

from conformance.checks.sdk import _values
from conformance.json_text import ABSENT


@pytest.mark.parametrize(
    ("wanted", "got", "expected"),
    [
        (1, Decimal("1.0"), True),
        (Decimal("0.1"), 0.1, True),
        (2**53 + 1, 2**53, True),
        (2**53 + 1, str(2**53 + 1), True),
        (7, "7", False),
        (1, True, False),
        (True, 1, False),
        (10**400, 10**401, True),
        (None, ABSENT, False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1], [1, 2], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ({}, [], False),
        ("ü", "u", False),
    ],
)
def test_values_agree_as_far_as_languages_keep_them(wanted: Any, got: Any, expected: Any) -> None:
    assert _values.agrees(wanted, got) is expected


def test_equal_values_have_nothing_else() -> None:
    assert _values.equals({"a": [{"b": 1}]}, {"a": [{"b": Decimal("1")}]})
    assert not _values.equals({"a": [{}]}, {"a": [{"b": 1}]})


def test_nulls_are_taken_out_of_objects_alone() -> None:
    assert _values.without_nulls({"a": None, "b": [None, {"c": None}]}) == {"b": [None, {}]}


def test_every_node_is_met_after_what_holds_it() -> None:
    assert list(_values.nodes({"a/": [1]})) == [("", {"a/": [1]}), ("/a~1", [1]), ("/a~1/0", 1)]


@pytest.mark.parametrize(
    ("wanted", "got", "pointer"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1}}, None),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, "/a/c"),
        ({"a": [1, 2]}, {"a": [1]}, "/a/1"),
        ({"a": [1]}, {"a": [1, 2]}, "/a"),
        ({"a": 1, "b": 1}, {}, "/a"),
        ({"a": 1}, "text", "/a"),
        ({}, [], ""),
    ],
)
def test_what_is_lost_first_is_found_in_its_place(wanted: Any, got: Any, pointer: Any) -> None:
    assert _values.first_lost(wanted, got) == pointer
