"""JSON values as languages keep them: numbers as doubles, large integers perhaps as text."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from conformance.json_text import ABSENT, at, child

# From here on a double does not know its neighbours.
LARGEST_EXACT = 2**53


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def _as_double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def same_double(wanted: Any, got: Any) -> bool:
    """Whether two numbers are one double."""
    return is_number(wanted) and is_number(got) and _as_double(wanted) == _as_double(got)


def _is_large(value: Any) -> bool:
    return is_number(value) and value == int(value) and abs(value) > LARGEST_EXACT


def _agrees_as_number(wanted: Any, got: Any) -> bool:
    return same_double(wanted, got) or (_is_large(wanted) and got == str(wanted))


def agrees(wanted: Any, got: Any, *, is_all: bool = False) -> bool:
    """Whether `got` has all that `wanted` has; with `is_all` its objects have nothing else."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return (not is_all or wanted.keys() == got.keys()) and all(
            agrees(member, got.get(name, ABSENT), is_all=is_all) for name, member in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(got, list):
        pairs = zip(wanted, got, strict=False)
        return len(wanted) == len(got) and all(agrees(*pair, is_all=is_all) for pair in pairs)
    if is_number(wanted):
        return _agrees_as_number(wanted, got)
    return type(wanted) is type(got) and bool(wanted == got)


def equals(wanted: Any, got: Any) -> bool:
    """Whether `got` is `wanted`, as far as doubles can tell."""
    return agrees(wanted, got, is_all=True)


def without_nulls(value: Any) -> Any:
    """The value without those members of its objects that are null, at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def nodes(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """The value and all that is in it, with pointers; what holds comes before what is held."""
    yield pointer, value
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for token, member in items:
        yield from nodes(member, child(pointer, token))


def first_lost(wanted: Any, got: Any) -> str | None:
    """The pointer of the deepest first thing in `wanted` that `got` has not, None without one."""
    if agrees(wanted, got):
        return None
    lost = ""
    for pointer, node in nodes(wanted):
        if pointer.startswith(lost) and not agrees(node, at(got, pointer)):
            lost = pointer
    return lost
