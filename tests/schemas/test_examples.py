"""The examples beside the schemas: what conforms validates, what does not fails where it says."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from conformance.resources import schemas_dir

EXAMPLES = schemas_dir() / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.json"))
ROW_ID = re.compile(r"(?:REST|BILL|HOOK|WS|SDK)-[A-Z]+-[0-9]{2}|XCH-[0-9]{2}")


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


def schema_of(path: Path) -> str:
    return f"{path.parent.parent.name}.schema.json"


def leaves(error: ValidationError) -> Iterator[ValidationError]:
    yield error
    for cause in error.context or ():
        yield from leaves(cause)


def path_of(error: ValidationError) -> list[str]:
    """The keywords that lead to an error; jsonschema leaves out `$ref` and the `if` of a `then`."""
    return [str(part) for part in error.absolute_schema_path]


def resolved(node: Any, document: Any, schemas: dict[str, Any]) -> tuple[Any, Any]:
    file, _, pointer = node["$ref"].partition("#")
    document = node = schemas[file] if file else document
    for token in pointer.split("/")[1:]:
        node = node[token]
    return node, document


def rows_on(path: list[str], name: str, schemas: dict[str, Any]) -> set[str]:
    """The requirement ids in the comments on the way down a schema path."""
    node = document = schemas[name]
    found = set(ROW_ID.findall(node.get("$comment", "")))
    for keyword in path:
        if isinstance(node, dict) and keyword not in node:
            node, document = resolved(node, document, schemas)
            found |= set(ROW_ID.findall(node.get("$comment", "")))
        node = node[int(keyword)] if isinstance(node, list) else node[keyword]
        if isinstance(node, dict):
            found |= set(ROW_ID.findall(node.get("$comment", "")))
    return found


def test_every_schema_has_examples_of_both_kinds(schemas: dict[str, Any]) -> None:
    names = set(schemas)
    assert {schema_of(path) for path in VALID} == names
    assert {schema_of(path) for path in INVALID} == names


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_example_validates(
    path: Path, python_validator: Callable[[str], Any], rust_validator: Callable[[str], Any]
) -> None:
    instance = json.loads(path.read_text("utf-8"))
    errors = list(python_validator(schema_of(path)).iter_errors(instance))
    assert [error.message for error in errors] == []
    assert rust_validator(schema_of(path)).is_valid(instance)


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_an_invalid_example_fails_where_it_says(
    path: Path,
    schemas: dict[str, Any],
    python_validator: Callable[[str], Any],
    rust_validator: Callable[[str], Any],
) -> None:
    example = json.loads(path.read_text("utf-8"))
    name, instance, breaks = schema_of(path), example["instance"], example["breaks"]
    errors = python_validator(name).iter_errors(instance)
    paths = [path_of(leaf) for error in errors for leaf in leaves(error)]
    broken = {"/" + "/".join(keywords) for keywords in paths}
    broken |= {row for keywords in paths for row in rows_on(keywords, name, schemas)}
    assert breaks in broken
    assert not rust_validator(name).is_valid(instance)
