"""Where things stand in a JSON text, and what is refused with line and column."""

from decimal import Decimal

import pytest

from conformance.json_places import Found, JsonText, NotJsonHere

TEXT = '{"a": 1,\n "b": [0.10,\n  {"c~/": "x,\\"}"}]}\n\n{"a": 2}'


def test_values_stand_one_after_another_with_their_offsets() -> None:
    second = TEXT.rindex("{")
    assert JsonText(TEXT).values() == [
        Found(0, {"a": 1, "b": [Decimal("0.10"), {"c~/": 'x,"}'}]}),
        Found(second, {"a": 2}),
    ]


@pytest.mark.parametrize(
    ("pointer", "line"),
    [("", 1), ("/a", 1), ("/b", 2), ("/b/0", 2), ("/b/1", 3), ("/b/1/c~0~1", 3)],
)
def test_each_pointer_has_its_line(pointer: str, line: int) -> None:
    assert JsonText(TEXT).line(0, pointer) == line


def test_what_is_not_there_has_the_line_of_what_is_nearest() -> None:
    text = JsonText(TEXT)
    assert [text.line(0, "/b/1/nope/deeper"), text.line(0, "/nope")] == [3, 1]
    assert text.line(TEXT.rindex("{"), "/b/1") == 5


@pytest.mark.parametrize("text", ["", " \n\t\r\n"])
def test_an_empty_text_has_no_values(text: str) -> None:
    assert JsonText(text).values() == []


@pytest.mark.parametrize(
    ("text", "said", "line", "column"),
    [
        ('{"a":\n NaN}', "NaN is not JSON", 2, 2),
        ("[1,\n -Infinity]", "-Infinity is not JSON", 2, 2),
        ('{"a": 1,\n "a": 2}', 'the key "a" occurs twice in one object', 2, 7),
        ('{"a": {"b": 1, "\\u0062": 2}}', 'the key "b" occurs twice in one object', 1, 26),
        ('{"a":\n' + "9" * 5000 + "}", "the number 99999999999999999999… (5000 char", 2, 1),
        ('{"a": 1e99999999999999999999}', "the number 1e999999999999999999… (22 char", 1, 7),
        ('{"a": 1,\n', "Expecting property name enclosed in double quotes", 2, 1),
        ('{"a": "x', "Unterminated string starting", 1, 7),
        ('{"a": "x\n"}', "Invalid control character", 1, 9),
        ('{"a": 1} x', "Expecting value", 1, 10),
        ("{}\n" + "[" * 250 + "]" * 250, "nested deeper than 200 levels", 2, 1),
        ("[" * 100_000, "nested deeper than 200 levels", 1, 1),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_what_is_no_json_is_refused_with_its_place(
    text: str, said: str, line: int, column: int
) -> None:
    with pytest.raises(NotJsonHere) as refused:
        JsonText(text).values()
    assert str(refused.value).startswith(said)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_twins_in_different_objects_are_none() -> None:
    assert [one.value for one in JsonText('[{"a": 1}, {"a": {"a": 1}}]').values()] == [
        [{"a": 1}, {"a": {"a": 1}}]
    ]
