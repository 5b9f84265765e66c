"""Registry rows held by a schema: their pointers, and the examples judged through them alone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements import Requirement, registry
from conformance.resources import schemas_dir
from conformance.schema_walk import judged

ROWS = [row for row in registry() if row.is_master and row.by == "schema" and row.schema]
EXAMPLES = schemas_dir() / "examples"
ROW_ID = re.compile(r"(?:REST|BILL|HOOK|WS|SDK)-[A-Z]+-[0-9]{2}|XCH-[0-9]{2}")


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def stem_of(path: Path) -> str:
    return path.parent.parent.name


def pointers_into(row: Requirement, stem: str) -> list[str]:
    return [text for text in row.pointers("ai-stats") if text.startswith(f"{stem}.schema.json#")]


def pointers_of_the_whole(row: Requirement, stem: str) -> list[str]:
    """Without those into $defs: they speak of some documents only."""
    return [text for text in pointers_into(row, stem) if "#/$defs/" not in text]


def breaches(pointers: list[str], instance: Any) -> list[str]:
    found = (breach for pointer in pointers for breach in judged(pointer, instance))
    return [breach.message for breach in found if breach is not None]


def ids_in_comments(node: Any) -> Iterator[str]:
    """The ids in the comments of a schema, but for those that are no part of the whole."""
    if isinstance(node, dict):
        yield from ROW_ID.findall(node.get("$comment", ""))
        for keyword, member in node.items():
            if keyword != "$defs":
                yield from ids_in_comments(member)
    for item in node if isinstance(node, list) else ():
        yield from ids_in_comments(item)


def stems(row: Requirement) -> list[str]:
    return sorted({text.partition(".schema.json#")[0] for text in row.pointers("ai-stats")})


def examples(kind: str) -> Iterator[tuple[Requirement, Path]]:
    for row in ROWS:
        for stem in stems(row):
            for path in sorted((EXAMPLES / stem / kind).glob("*.json")):
                if kind == "valid" or read(path)["breaks"] == row.id:
                    yield row, path


def name_of(value: Any) -> str:
    return value.id if isinstance(value, Requirement) else value.stem


INVALID = list(examples("invalid"))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_the_keyword_that_a_row_points_at_names_the_row(row: Requirement) -> None:
    for pointer in {text for profile in row.profiles for text in row.pointers(profile)}:
        file, _, fragment = pointer.partition("#")
        node, comments = read(schemas_dir() / file), ""
        for token in ["", *fragment.split("/")[1:]]:
            node = node if not token else node[int(token) if isinstance(node, list) else token]
            comments += node.get("$comment", "") if isinstance(node, dict) else ""
        assert row.id in comments


@pytest.mark.parametrize(("row", "path"), INVALID, ids=name_of)
def test_an_invalid_example_breaks_its_row_at_the_pointer_of_the_row(
    row: Requirement, path: Path
) -> None:
    assert breaches(pointers_into(row, stem_of(path)), read(path)["instance"]) != []


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_no_valid_example_breaks_a_row_at_its_pointer(row: Requirement) -> None:
    paths = [path for other, path in examples("valid") if other is row]
    broken = [
        path.stem
        for path in paths
        if breaches(pointers_of_the_whole(row, stem_of(path)), read(path))
    ]
    assert broken == [] or row.level == "MAY"


def test_every_row_that_a_schema_names_has_an_invalid_example() -> None:
    named = {
        found
        for path in schemas_dir().glob("*.schema.json")
        for found in ids_in_comments(read(path))
    }
    broken = {read(path)["breaks"] for path in EXAMPLES.glob("*/invalid/*.json")}
    assert named - broken == set()
