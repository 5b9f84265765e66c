"""Schema rows: walk a pointer of a JSON Schema beside an instance, and judge where it ends.

The walk knows when a keyword has nothing to say: an absent member, or an `if` that does not hold.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
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


# Where a walk has come to: the value, its pointer, and the number that the instance came with.
Place = tuple[Any, str, int | None]
Step = Callable[[list[Place]], list[Place]]


def _member(name: str) -> Step:
    below = child("", name)

    def step(places: list[Place]) -> list[Place]:
        return [
            (value[name], pointer + below, number)
            for value, pointer, number in places
            if isinstance(value, dict) and name in value
        ]

    return step


def _members(pattern: str) -> Step:
    def step(places: list[Place]) -> list[Place]:
        return [
            (member, child(pointer, key), number)
            for value, pointer, number in places
            if isinstance(value, dict)
            for key, member in value.items()
            if re.search(pattern, key)
        ]

    return step


def _elements(places: list[Place]) -> list[Place]:
    return [
        (item, f"{pointer}/{index}", number)
        for value, pointer, number in places
        if isinstance(value, list)
        for index, item in enumerate(value)
    ]


def _where(condition: str, *, met: bool) -> Step:
    def step(places: list[Place]) -> list[Place]:
        validator = _validator(condition, None)
        return [
            place
            for place in places
            if place[0] is not ABSENT and validator.is_valid(place[0]) is met
        ]

    return step


@dataclass(frozen=True)
class _Path:
    """The steps of a pointer: the way through the instance, then the keyword it may end at."""

    uri: str
    steps: tuple[Step, ...]
    keyword: str | None

    @cached_property
    def validator(self) -> Any:
        """The validator of what the pointer ends at."""
        return _validator(self.uri, self.keyword)


@cache
def _path(pointer: str) -> _Path:
    name, _, fragment = pointer.partition("#")
    parts = list(tokens(fragment))
    steps: list[Step] = []
    seen = ""
    while parts:
        part = parts.pop(0)
        if part in {"properties", "patternProperties", "allOf", "$defs"} and parts:
            argument = parts.pop(0)
            seen = child(child(seen, part), argument)
            if part.endswith("roperties"):
                steps.append(_member(argument) if part == "properties" else _members(argument))
        elif part == "items":
            seen = child(seen, part)
            steps.append(_elements)
        elif part in {"then", "else"}:
            steps.append(_where(f"{name}#{child(seen, 'if')}", met=part == "then"))
            seen = child(seen, part)
        elif parts:
            raise ValueError(f"{pointer}: the walk does not know {part}")
        else:
            return _Path(f"{name}#{seen}", tuple(steps), part)
    return _Path(f"{name}#{seen}", tuple(steps), None)


@dataclass(frozen=True, slots=True)
class Breach:
    """A place in the instance that the schema does not allow, with what it wants there."""

    value: Any
    pointer: str
    message: str
    number: int | None = None


def judged(pointer: str, instance: Any) -> Iterator[Breach | None]:
    """For each place that the schema pointer speaks of: None when it holds, else the breach."""
    return judged_each(pointer, [(None, "", instance)])


def judged_each(
    pointer: str, instances: Iterable[tuple[int | None, str, Any]]
) -> Iterator[Breach | None]:
    """The same for instances with a number and a pointer of their own, which breaches repeat."""
    path = _path(pointer)
    places = [(value, root, number) for number, root, value in instances]
    for step in path.steps:
        places = step(places)
    is_valid = path.validator.is_valid
    for place in places:
        if place[0] is ABSENT:
            yield Breach(ABSENT, place[1], "a JSON value", place[2])
        else:
            yield None if is_valid(place[0]) else _breach(place, path.validator)


def _breach(place: Place, validator: Any) -> Breach:
    value, pointer, number = place
    error = next(iter(validator.iter_errors(value)))
    for token in error.instance_path:
        pointer, value = child(pointer, token), value[token]
    return Breach(value, pointer, _wanted(error.message), number)


def _wanted(message: str) -> str:
    """What the validator's message wants, without the value that it repeats."""
    text = message.removesuffix(" was expected")
    _, _, after = text.rpartition(" is not ")
    return after if after.startswith(("of type", "one of")) else text
