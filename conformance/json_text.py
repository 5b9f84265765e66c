"""JSON text to Python values without passing numbers through float, and JSON pointers into them."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final


class NotJson(ValueError):
    """The text is not one JSON value as RFC 8259 has it."""


class _Absent:
    """The value of a pointer that leads nowhere; false, and equal only to itself."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "(absent)"

    def __reduce__(self) -> str:
        # The one object stays the one object through copies and pickles.
        return "ABSENT"


ABSENT: Final = _Absent()
# Deeper values would exhaust the recursion of whoever walks them later.
_DEEPEST = 200
_PAIR_OR_BACKSLASH_OR_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\\\|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SURROGATE_LENGTH = 6
_INDEX = re.compile("0|[1-9][0-9]{0,9}")


def _refuse(constant: str) -> Any:
    raise NotJson(f"{constant} is not JSON")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise NotJson(f"the number {text[:40]} is out of range") from error


def _without_lone_surrogates(text: str) -> str:
    """Escapes of half a character as U+FFFD: nobody could encode or show them."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _PAIR_OR_BACKSLASH_OR_SURROGATE.sub(
        lambda found: "\\ufffd" if len(found[0]) == _SURROGATE_LENGTH else found[0], text
    )


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = below
    return any(isinstance(one, dict | list) for one in level)


def parse(text: str) -> Any:
    """The value of `text`; integers are int, all other numbers Decimal, lone surrogates U+FFFD.

    Raises NotJson, also for NaN, Infinity, numbers beyond what Python can hold and nesting
    below 200 levels.
    """
    try:
        value = json.loads(
            _without_lone_surrogates(text), parse_constant=_refuse, parse_float=_decimal
        )
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)[:200]) from error
    if text.count("[") + text.count("{") > _DEEPEST and _is_too_deep(value):
        raise NotJson(f"nested deeper than {_DEEPEST} levels")
    return value


def plain(value: Any) -> Any:
    """The same value with floats in place of Decimals, as JSON Schema validators want it."""
    if isinstance(value, Decimal):
        return _as_float(value)
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _as_float(value: Decimal) -> float | int:
    # A JSON number with zero fraction is an integer to JSON Schema, whatever its size.
    if abs(value.adjusted()) < 64 and value == value.to_integral_value():
        return int(value)
    return max(min(float(value), 1.7976931348623157e308), -1.7976931348623157e308)


def dump(value: Any) -> str:
    """Compact JSON text; Decimals are written as the numbers they are."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield str(value)
    elif isinstance(value, dict):
        yield "{"
        for index, (key, member) in enumerate(value.items()):
            yield ("," if index else "") + json.dumps(str(key), ensure_ascii=False) + ":"
            yield from _pieces(member)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for index, item in enumerate(value):
            if index:
                yield ","
            yield from _pieces(item)
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False, allow_nan=False)


@lru_cache(maxsize=4096)
def tokens(pointer: str) -> tuple[str, ...]:
    """The unescaped reference tokens of an RFC 6901 pointer; raises ValueError for other text."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer begins with a slash: {pointer!r}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def child(pointer: str, token: str | int) -> str:
    """`pointer` with one more reference token."""
    return f"{pointer}/{str(token).replace('~', '~0').replace('/', '~1')}"


def step(value: Any, token: str) -> Any:
    """The member or element `token` of `value`, ABSENT when there is none."""
    if isinstance(value, dict):
        return value.get(token, ABSENT)
    if isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
        return value[int(token)]
    return ABSENT


def at(value: Any, pointer: str) -> Any:
    """The value that `pointer` leads to, ABSENT when it leads nowhere."""
    for token in tokens(pointer):
        value = step(value, token)
    return value


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal: numbers as exact decimals, true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def contains(whole: Any, part: Any) -> bool:
    """Whether `whole` is `part` but for further members of its objects, at any depth."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(contains(whole.get(name, ABSENT), member) for name, member in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return same(whole, part)
