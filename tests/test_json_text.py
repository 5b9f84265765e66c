"""JSON text and pointers: exact numbers, and nothing in a text that can break a reader."""

import copy
import json
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.json_text import (
    ABSENT,
    NotJson,
    at,
    child,
    contains,
    dump,
    dump_lines,
    parse,
    plain,
    same,
    step,
    tokens,
)

NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@given(VALUES)
@settings(max_examples=60)
def test_every_value_comes_back_from_its_text(value: Any) -> None:
    text = dump(value)
    assert same(parse(text), value)
    assert dump(parse(text)) == text


@given(st.text())
def test_whatever_the_text_it_is_a_value_or_not_json(text: str) -> None:
    try:
        value = parse(text)
    except NotJson:
        return
    assert same(parse(dump(value)), value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "[1,]", "{'a':1}", "NaN", "[Infinity]", "-Infinity", "01", "1.", "nul",
        '"\t"', "{} {}", "\ufeff{}", "1e99999999999999999999999", "9" * 5000, nested(100_000),
        nested(201), '{"a":' * 201 + "1" + "}" * 201,
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        parse(text)


def test_a_refusal_is_short_however_long_the_text() -> None:
    with pytest.raises(NotJson) as caught:
        parse("9" * 100_000)
    assert len(str(caught.value)) <= 200


def test_a_depth_of_two_hundred_is_still_read_walked_and_copied() -> None:
    value = parse(nested(200))
    assert same(plain(value), copy.deepcopy(value))
    assert dump(value) == nested(200)


def test_many_brackets_that_are_not_deep_are_read() -> None:
    assert parse(f"[{','.join(['[1]'] * 300)}]") == [[1]] * 300


def test_numbers_keep_every_digit() -> None:
    assert parse("[0.1, 12345678901234567890123, 1e999999, -0.0]") == [
        Decimal("0.1"),
        12345678901234567890123,
        Decimal("1e999999"),
        Decimal("-0.0"),
    ]


@pytest.mark.parametrize("text", ['{"a":1,"a":2}', '[{"b":{"a":1,"a":1}}]', '{"a":1,"\\u0061":1}'])
def test_a_name_that_an_object_has_twice_is_not_json(text: str) -> None:
    with pytest.raises(NotJson, match="twice"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud800"', "\ufffd"),
        (r'"\uDFFFx"', "\ufffdx"),
        (r'"\ud800\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\\ud800"', r"\ud800"),
        (r'{"\udc00":1}', {"\ufffd": 1}),
    ],
)
def test_half_a_character_becomes_a_replacement_that_can_be_encoded(text: str, value: Any) -> None:
    assert parse(text) == value


def test_a_tuple_is_written_as_an_array() -> None:
    assert dump((1, Decimal("1E+5"), {"é": None})) == '[1,1E+5,{"é":null}]'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, ABSENT])
def test_what_has_no_json_text_is_not_written(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        dump(value)


def test_plain_numbers_are_what_validators_want() -> None:
    value = parse('{"a":[1.0, 1.5, 1e30, 1e999999, -1e999999, 0e-999], "b":"1.0", "c":true}')
    most = 1.7976931348623157e308
    assert plain(value) == {"a": [1, 1.5, 10**30, most, -most, 0], "b": "1.0", "c": True}
    assert isinstance(plain(value)["a"][0], int)


@pytest.mark.parametrize(
    "text",
    [
        "1e-999999",
        "-1e-400",
        "400000.00000000000000001",
        "9007199254740990.5",
        "-7.0" + "0" * 99 + "1",
    ],
)
def test_a_fraction_that_no_float_can_hold_is_no_integer_to_a_validator(text: str) -> None:
    value = plain(parse(text))
    assert not value.is_integer()
    assert (value < 0) is text.startswith("-")


@pytest.mark.parametrize(
    ("pointer", "parts"),
    [("", []), ("/", [""]), ("/a~1b/~01", ["a/b", "~1"]), ("/0/-", ["0", "-"])],
)
def test_a_pointer_is_cut_into_tokens(pointer: str, parts: list[str]) -> None:
    assert list(tokens(pointer)) == parts


def test_a_pointer_begins_with_a_slash() -> None:
    with pytest.raises(ValueError, match="begins with a slash: 'a/b'"):
        tokens("a/b")


@given(st.lists(st.text()))
def test_every_token_survives_its_pointer(parts: list[str]) -> None:
    pointer = ""
    for part in parts:
        pointer = child(pointer, part)
    assert list(tokens(pointer)) == parts


def test_a_pointer_leads_to_a_value_or_nowhere() -> None:
    document = {"a": [{"b": None}], "": 1}
    assert at(document, "/a/0/b") is None
    assert at(document, "/") == 1
    assert at(document, "") is document
    nowhere = ["/x", "/a/1", "/a/-", "/a/-1", "/a/00", "/a/\u0660", f"/a/{'9' * 5000}", "/a/0/b/c"]
    assert {at(document, pointer) for pointer in nowhere} == {ABSENT}


@pytest.mark.parametrize("value", [ABSENT, None, 1, True, "abc", Decimal(1)])
def test_a_scalar_has_no_members(value: Any) -> None:
    assert step(value, "0") is ABSENT


def test_absent_is_false_and_one_object_in_copies_and_other_processes() -> None:
    assert not ABSENT
    assert repr(ABSENT) == "(absent)"
    assert copy.deepcopy({"a": ABSENT})["a"] is ABSENT
    assert copy.copy(ABSENT) is ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, Decimal("1.00"), True),
        (1, True, False),
        (False, 0, False),
        (True, True, True),
        (None, ABSENT, False),
        ({"a": [1]}, {"a": [Decimal(1)]}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2], [1], False),
        ([1], [True], False),
        ([], {}, False),
        ("1", 1, False),
        (Decimal("1e999999"), 1, False),
    ],
)
def test_equal_means_equal_as_json(left: Any, right: Any, equal: bool) -> None:  # noqa: FBT001
    assert same(left, right) is equal


@pytest.mark.parametrize(
    ("whole", "part", "held"),
    [
        ({"a": {"b": 1, "x": 2}, "y": 3}, {"a": {"b": Decimal("1.0")}}, True),
        ({"a": [{"b": 1, "x": 2}]}, {"a": [{"b": 1}]}, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": {"x": 2}}, {"a": {"b": None}}, False),
        ({"a": 1}, {"a": True}, False),
        (ABSENT, {}, False),
    ],
)
def test_further_members_do_not_matter(whole: Any, part: Any, held: bool) -> None:  # noqa: FBT001
    assert contains(whole, part) is held


WITHOUT_DECIMALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(WITHOUT_DECIMALS)
@settings(max_examples=60)
def test_text_over_lines_is_the_same_with_and_without_decimals(value: Any) -> None:
    wanted = json.dumps([1, value], ensure_ascii=False, indent=1, sort_keys=True)
    assert dump_lines([1, value]) == wanted
    assert dump_lines([Decimal("0.10"), value]) == wanted.replace("1", "0.10", 1)


@given(VALUES)
@settings(max_examples=60)
def test_numbers_of_text_over_lines_are_exact(value: Any) -> None:
    assert same(parse(dump_lines(value)), value)
