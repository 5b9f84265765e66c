"""JSON text to Python values without passing numbers through float, and JSON pointers into them."""

import json
import math
import re
import sys
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
# What is the same to everybody: most members of most objects.
_PLAIN = frozenset({str, int, bool, type(None)})
_LARGEST = sys.float_info.max
# From here on floats have no fractions.
_FINEST = float(2**52)
_INDEX = re.compile("0|[1-9][0-9]{0,9}")


def refuse_constant(constant: str) -> Any:
    """Raise NotJson for NaN or Infinity, as a hook of the decoder."""
    raise NotJson(f"{constant} is not JSON")


def unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object, as a hook of the decoder; raises NotJson for a name twice."""
    found = dict(members)
    if len(found) < len(members):
        raise NotJson("an object has one name twice")
    return found


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise NotJson(f"the number {text[:40]} is out of range") from error


# One of each for all: building one costs as much as reading a batch object.
_DECODER = json.JSONDecoder(
    object_pairs_hook=unique_members, parse_constant=refuse_constant, parse_float=_decimal
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


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

    Raises NotJson, also for NaN, Infinity, numbers beyond what Python can hold, nesting below
    200 levels, and a name that an object has twice: readers would differ in what it says.
    """
    try:
        value = _DECODER.decode(_without_lone_surrogates(text))
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
        return {
            key: member if type(member) in _PLAIN else plain(member)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _as_float(value: Decimal) -> float | int:
    # A JSON number with zero fraction is an integer to JSON Schema, whatever its size.
    integral = value == value.to_integral_value()
    if abs(value.adjusted()) < 64 and integral:
        return int(value)
    nearest = max(min(float(value), _LARGEST), -_LARGEST)
    # A fraction too fine for a float stays a fraction: it must not pass for an integer.
    return _beside(nearest) if nearest.is_integer() and not integral else nearest


def _beside(number: float) -> float:
    """The fraction nearest to a whole float, towards zero except from zero."""
    if not number:
        return math.copysign(sys.float_info.min, number)
    return math.nextafter(math.copysign(min(abs(number), _FINEST), number), 0)


def dump(value: Any) -> str:
    """Compact JSON text; Decimals are written as the numbers they are."""
    try:
        return _ENCODER.encode(value)
    except TypeError:
        return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield str(value)
    elif isinstance(value, dict):
        yield "{"
        for index, (key, member) in enumerate(value.items()):
            yield ("," if index else "") + _ENCODER.encode(str(key)) + ":"
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
        yield _ENCODER.encode(value)


def dump_lines(value: Any) -> str:
    """The text over many lines, names in order; Decimals are written as the numbers they are."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    except TypeError:
        return _lines(value, "\n")


def _lines(value: Any, margin: str) -> str:
    inner = margin + " "
    if isinstance(value, dict) and value:
        members = (f"{_ENCODER.encode(str(k))}: {_lines(value[k], inner)}" for k in sorted(value))
        return "{" + ",".join(inner + one for one in members) + margin + "}"
    if isinstance(value, list | tuple) and value:
        return "[" + ",".join(inner + _lines(one, inner) for one in value) + margin + "]"
    return dump(value)


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
        value = value.get(token, ABSENT) if isinstance(value, dict) else step(value, token)
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
