"""Members of answers: which of them the contract names."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from conformance.json_text import child
from conformance.resources import schemas_dir

_FILES = (
    "batch", "batch-answer", "batch-list", "billing", "pricing-line", "webhook-state",
    "webhook-request", "models", "batch-request",
)  # fmt: skip


def _names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for member in schema.values():
            yield from _names(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from _names(item)


@cache
def known() -> frozenset[str]:
    """Every name that a schema of the contract gives to a member."""
    found: set[str] = set()
    for name in _FILES:
        path = schemas_dir() / f"{name}.schema.json"
        found.update(_names(json.loads(path.read_text("utf-8"))))
    return frozenset(found)


def unknown(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """The members that no schema names, with their pointers; what is in them is left out."""
    if isinstance(value, dict):
        for name, member in value.items():
            place = child(pointer, name)
            if name in known():
                yield from unknown(member, place)
            else:
                yield place, member
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown(item, child(pointer, index))


def is_json(content: bytes) -> bool:
    """Whether bytes are JSON in UTF-8, of whatever value."""
    try:
        json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True
