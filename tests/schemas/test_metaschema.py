"""The schema files themselves: valid, named after their file, offline, and with formats on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from conformance.resources import schemas_dir

NAMES = sorted(path.name for path in schemas_dir().glob("*.schema.json"))
BASE = "https://ai-stats-conformance.dev/schemas/"


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list):
            yield from nodes(member)


def read(name: str) -> Any:
    return json.loads((schemas_dir() / name).read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_2020_12_schema_with_the_name_of_its_file(name: str) -> None:
    schema = read(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert [node["$id"] for node in nodes(schema) if "$id" in node] == [BASE + name]


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_of_a_schema_leads_to_a_schema(name: str) -> None:
    for node in nodes(read(name)):
        if isinstance(node.get("$ref"), str):
            file, _, pointer = node["$ref"].partition("#")
            target = read(file or name)
            for token in pointer.split("/")[1:]:
                target = target[token]
            assert isinstance(target, dict)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_has_nothing_that_the_two_validators_read_differently(name: str) -> None:
    found = list(nodes(read(name)))
    patterns = [node["pattern"] for node in found if isinstance(node.get("pattern"), str)]
    assert [text for text in patterns if any(word in text for word in (r"\d", r"\w", r"\p"))] == []
    assert [node for node in found if "multipleOf" in node] == []


def test_the_formats_that_the_schemas_use_are_really_checked() -> None:
    used = {node["format"] for name in NAMES for node in nodes(read(name)) if "format" in node}
    known = jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers
    assert used == {"uri", "date-time"}
    assert used <= set(known)


@pytest.mark.parametrize(
    ("reference", "instance"),
    [
        ("batch.schema.json#/properties/polling_url", "https://gateway.example/a b"),
        ("batch.advice.schema.json#/$defs/instant", "2026-13-09T09:00:00.000Z"),
    ],
    ids=["uri", "date-time"],
)
def test_both_validators_refuse_a_text_of_the_wrong_format(
    reference: str,
    instance: str,
    python_validator: Callable[[str], Any],
    rust_validator: Callable[[str], Any],
) -> None:
    assert not python_validator(reference).is_valid(instance)
    assert not rust_validator(reference).is_valid(instance)
