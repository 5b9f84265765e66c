"""Patches of JSON documents: the operations of RFC 6902, `*` in paths, and `add-number`."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from conformance.json_text import ABSENT, same, step, tokens


class _DoesNotApply(Exception):
    """The patch speaks of a place that the document does not have."""


def _expanded(document: Any, path: str) -> list[list[str]]:
    """The token lists that a path with `*` stands for in this document."""
    paths: list[list[str]] = [[]]
    for token in tokens(path):
        if token != "*":  # noqa: S105 - a path token
            paths = [[*done, token] for done in paths]
            continue
        starred = []
        for done in paths:
            parent = _follow(document, done)
            keys = range(len(parent)) if isinstance(parent, list) else parent
            if isinstance(parent, dict | list):
                starred += [[*done, str(key)] for key in keys]
        paths = starred
    if not paths:
        raise _DoesNotApply
    return paths


def _follow(document: Any, path: list[str]) -> Any:
    for token in path:
        document = step(document, token)
    return document


def _parent(document: Any, path: list[str]) -> Any:
    parent = _follow(document, path[:-1])
    if not isinstance(parent, dict | list):
        raise _DoesNotApply
    return parent


def _put(document: Any, path: list[str], value: Any, *, insert: bool) -> None:
    parent, last = _parent(document, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif insert:
        parent.insert(_slot(parent, last), value)
    else:
        parent[int(last)] = value


def _slot(items: list[Any], token: str) -> int:
    if token in {"-", str(len(items))}:
        return len(items)
    if step(items, token) is ABSENT:
        raise _DoesNotApply
    return int(token)


def _take(document: Any, path: list[str]) -> Any:
    parent, last = _parent(document, path), path[-1]
    if _follow(document, path) is ABSENT:
        raise _DoesNotApply
    return parent.pop(last if isinstance(parent, dict) else int(last))


def _operate(document: Any, operation: Mapping[str, Any], path: list[str]) -> None:
    name = operation["op"]
    current = _follow(document, path)
    if name == "add":
        _put(document, path, deepcopy(operation["value"]), insert=True)
    elif name == "remove":
        _take(document, path)
    elif name in {"copy", "move"}:
        source = list(tokens(operation["from"]))
        value = deepcopy(_follow(document, source)) if name == "copy" else _take(document, source)
        if value is ABSENT:
            raise _DoesNotApply
        _put(document, path, value, insert=True)
    elif current is ABSENT or (name == "test" and not same(current, operation["value"])):
        raise _DoesNotApply
    elif name == "replace":
        _put(document, path, deepcopy(operation["value"]), insert=False)
    elif name == "add-number":
        if isinstance(current, bool) or not isinstance(current, int):
            raise _DoesNotApply
        _put(document, path, current + operation["value"], insert=False)


def patched(document: Any, patch: tuple[Mapping[str, Any], ...]) -> Any:
    """A patched copy of the document, or the document itself where the patch does not apply."""
    changed = deepcopy(document)
    try:
        for operation in patch:
            for path in _expanded(changed, operation["path"]):
                _operate(changed, operation, path)
    except (_DoesNotApply, IndexError, ValueError):
        return document
    return changed
