"""The walk along a schema pointer: what it reaches, when it has nothing to say, what it finds."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import schema_walk
from conformance.json_text import ABSENT
from conformance.schema_walk import Breach, judged

SCHEMA = {
    "$id": "https://ai-stats-conformance.dev/schemas/t.schema.json",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "rows": {"items": {"properties": {"n": {"type": "integer", "minimum": 0}}}},
        "a/b": {"const": 1},
        "when": {"format": "date-time"},
        "other": {"$ref": "u.schema.json#/$defs/word"},
    },
    "patternProperties": {"_at$": {"type": "integer"}},
    "allOf": [
        {
            "if": {"required": ["done"]},
            "then": {"properties": {"id": {"const": "x"}}},
            "else": {"required": ["open"]},
        }
    ],
    "$defs": {"short": {"maxLength": 3}},
}
OTHER = {
    "$id": "https://ai-stats-conformance.dev/schemas/u.schema.json",
    "$defs": {"word": {"enum": ["yes"]}},
}


@pytest.fixture(autouse=True)
def _schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "t.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    (tmp_path / "u.schema.json").write_text(json.dumps(OTHER), "utf-8")
    monkeypatch.setattr(schema_walk, "schemas_dir", lambda: tmp_path)
    cached = (schema_walk.schema, schema_walk._validator, schema_walk._path)
    for one in cached:
        one.cache_clear()
    yield
    for one in cached:
        one.cache_clear()


def walk(pointer: str, instance: Any) -> list[Breach | str | None]:
    """Per place: None when it holds, else the pointer of the breach."""
    return [found and found.pointer for found in judged(f"t.schema.json#{pointer}", instance)]


@pytest.mark.parametrize(
    ("pointer", "instance", "found"),
    [
        ("", {"id": "x", "open": 1}, [None]),
        ("", {"id": 1, "open": 1}, ["/id"]),
        ("/type", [], [""]),
        ("/type", {}, [None]),
        ("/required", {}, [""]),
        ("/required", {"id": 5}, [None]),
        ("/properties/id", {}, []),
        ("/properties/id", [], []),
        ("/properties/id", {"id": None}, ["/id"]),
        ("/properties/a~1b", {"a/b": 2}, ["/a~1b"]),
        ("/properties/rows/items/properties/n/minimum", {"rows": [{"n": -1}, {"n": 0}, {}, 5]},
         ["/rows/0/n", None]),
        ("/properties/rows/items/properties/n", {"rows": {"n": 1}}, []),
        ("/properties/rows/items", {"rows": [{"n": "x"}]}, ["/rows/0/n"]),
        ("/patternProperties/_at$", {"created_at": 1, "ended_at": "2", "x": "y"},
         [None, "/ended_at"]),
        ("/patternProperties/_at$", [1], []),
        ("/allOf/0", {"done": 1, "id": "y"}, ["/id"]),
        ("/allOf/0/then/properties/id", {"done": 1, "id": "y"}, ["/id"]),
        ("/allOf/0/then/properties/id", {"id": "y"}, []),
        ("/allOf/0/else", {"id": "y"}, [""]),
        ("/allOf/0/else", {"done": 1}, []),
        ("/allOf/0/else/required", {"open": 1}, [None]),
        ("/properties/other", {"other": "no"}, ["/other"]),
        ("/properties/other/$ref", {"other": "yes"}, [None]),
        ("/$defs/short", "four", [""]),
        ("/properties/when", {"when": "yesterday"}, ["/when"]),
        ("/properties/when", {"when": "2026-07-09T09:00:00.000Z"}, [None]),
    ],
)  # fmt: skip
def test_the_walk_judges_where_the_pointer_ends(
    pointer: str, instance: Any, found: list[str | None]
) -> None:
    assert walk(pointer, instance) == found


@pytest.mark.parametrize("pointer", ["", "/required", "/allOf/0"])
def test_no_json_at_all_breaks_what_speaks_of_the_document(pointer: str) -> None:
    found = list(judged(f"t.schema.json#{pointer}", ABSENT))
    assert found == [Breach(ABSENT, "", "a JSON value")]


@pytest.mark.parametrize("pointer", ["/properties/id", "/allOf/0/then", "/allOf/0/else",
                                     "/properties/rows/items",
                                     "/patternProperties/_at$"])  # fmt: skip
def test_no_json_at_all_leaves_members_and_conditions_alone(pointer: str) -> None:
    assert list(judged(f"t.schema.json#{pointer}", ABSENT)) == []


@pytest.mark.parametrize(
    ("pointer", "instance", "breach"),
    [
        ("/properties/rows/items", {"rows": [{"n": "x"}]}, ("x", "/rows/0/n", 'of type "integer"')),
        ("/properties/a~1b", {"a/b": "a is not of type b"}, ("a is not of type b", "/a~1b", "1")),
        ("/properties/other", {"other": 1}, (1, "/other", 'one of "yes"')),
        ("/required", {}, ({}, "", '"id" is a required property')),
    ],
)
def test_a_breach_has_the_value_and_what_is_wanted_in_its_place(
    pointer: str, instance: Any, breach: tuple[Any, str, str]
) -> None:
    assert list(judged(f"t.schema.json#{pointer}", instance)) == [Breach(*breach)]


@pytest.mark.parametrize(
    "number", [10**400, -(10**400), 1.7976931348623157e308, 5e-324, 0.5], ids=str
)
def test_every_number_is_held_against_the_schema(number: float) -> None:
    [found] = walk("/properties/rows/items/properties/n/minimum", {"rows": [{"n": number}]})
    assert found == ("/rows/0/n" if number < 0 else None)


def test_an_instance_as_deep_as_text_may_be_is_judged() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert walk("/properties/id", {"id": deep}) == ["/id"]


def test_a_pointer_through_a_keyword_that_the_walk_does_not_know_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="the walk does not know oneOf"):
        list(judged("t.schema.json#/oneOf/0", {}))


@pytest.mark.parametrize("pointer", ["t.schema.json#/properties/none", "t.schema.json#/enum"])
def test_a_pointer_into_nothing_is_a_mistake(pointer: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        list(judged(pointer, {"none": 1}))
