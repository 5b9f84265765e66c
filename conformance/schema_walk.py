"""Schema rows: walk a pointer of a JSON Schema beside an instance, and judge where it ends.

The walk knows when a keyword has nothing to say: an absent member, or an `if` that does not hold.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from conformance.json_text import ABSENT, child, tokens
from conformance.resources import schemas_dir

_BASE = "https://ai-stats-conformance.dev/schemas/"


@cache
def schema(name: str) -> Any:
    """The schema file `name` as a value."""
    return json.loads((schemas_dir() / name).read_text("utf-8"))


def _retrieve(uri: str) -> Any:
    return schema(uri.removeprefix(_BASE).split("#")[0])


@cache
def _validator(uri: str, keyword: str | None) -> Any:
    name, _, pointer = uri.partition("#")
    target: Any = {"$ref": f"{_BASE}{name}#{pointer}"}
    if keyword is not None:
        parent = _resolve(schema(name), pointer)
        target = {"$id": _BASE + name, keyword: parent[keyword]}
    return jsonschema_rs.Draft202012Validator(target, validate_formats=True, retriever=_retrieve)


def _resolve(document: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk has come to in the instance."""

    value: Any
    pointer: str


def _members(place: Place, pattern: str) -> Iterator[Place]:
    if isinstance(place.value, dict):
        for key, member in place.value.items():
            if re.search(pattern, key):
                yield Place(member, child(place.pointer, key))


def _elements(place: Place) -> Iterator[Place]:
    if isinstance(place.value, list):
        for index, item in enumerate(place.value):
            yield Place(item, child(place.pointer, index))


def _named(place: Place, name: str) -> Iterator[Place]:
    if isinstance(place.value, dict) and name in place.value:
        yield Place(place.value[name], child(place.pointer, name))


@dataclass(frozen=True)
class _Path:
    """The steps of a pointer: the way through the instance, then the keyword it may end at."""

    uri: str
    steps: tuple[tuple[str, str], ...]
    keyword: str | None


@cache
def _path(pointer: str) -> _Path:
    name, _, fragment = pointer.partition("#")
    parts = list(tokens(fragment))
    steps = []
    seen = ""
    while parts:
        part = parts.pop(0)
        if part in {"properties", "patternProperties", "allOf", "$defs"} and parts:
            argument = parts.pop(0)
            seen = child(child(seen, part), argument)
            steps.append((part, argument))
        elif part in {"items", "then", "else"}:
            steps.append((part, f"{name}#{child(seen, 'if')}"))
            seen = child(seen, part)
        elif parts:
            raise ValueError(f"{pointer}: the walk does not know {part}")
        else:
            return _Path(f"{name}#{seen}", tuple(steps), part)
    return _Path(f"{name}#{seen}", tuple(steps), None)


def _advance(place: Place, kind: str, argument: str) -> Iterator[Place]:
    if kind == "properties":
        yield from _named(place, argument)
    elif kind == "patternProperties":
        yield from _members(place, argument)
    elif kind == "items":
        yield from _elements(place)
    elif kind in {"then", "else"}:
        met = place.value is not ABSENT and _validator(argument, None).is_valid(place.value)
        if met is (kind == "then") and place.value is not ABSENT:
            yield place
    else:
        yield place


@dataclass(frozen=True, slots=True)
class Breach:
    """A place in the instance that the schema does not allow, with what it wants there."""

    value: Any
    pointer: str
    message: str


def judged(pointer: str, instance: Any) -> Iterator[Breach | None]:
    """For each place that the schema pointer speaks of: None when it holds, else the breach."""
    path = _path(pointer)
    places = [Place(instance, "")]
    for kind, argument in path.steps:
        places = [further for place in places for further in _advance(place, kind, argument)]
    validator = _validator(path.uri, path.keyword)
    for place in places:
        if place.value is ABSENT:
            yield Breach(ABSENT, place.pointer, "a JSON value")
        elif validator.is_valid(place.value):
            yield None
        else:
            yield _breach(place, validator)


def _breach(place: Place, validator: Any) -> Breach:
    error = next(iter(validator.iter_errors(place.value)))
    pointer, value = place.pointer, place.value
    for token in error.instance_path:
        pointer, value = child(pointer, token), value[token]
    return Breach(value, pointer, _wanted(error.message))


def _wanted(message: str) -> str:
    """What the validator's message wants, without the value that it repeats."""
    text = message.removesuffix(" was expected")
    _, _, after = text.rpartition(" is not ")
    return after if after.startswith(("of type", "one of")) else text
