"""Native values as JSON values: integers exact, other numbers as the decimals they print as."""

import base64
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# As deep as the suite reads JSON at all.
_DEEPEST = 200
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


class NotReducible(TypeError):
    """A value has no JSON form."""


def reduced(value: Any, depth: int = 0) -> Any:
    """The JSON value of mappings, lists, tuples, text, numbers, bool, None; bytes as base64.

    Raises NotReducible for anything else.
    """
    if depth > _DEEPEST:
        raise NotReducible(f"is nested deeper than {_DEEPEST} levels")
    if isinstance(value, Mapping):
        return {_name(key): reduced(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [reduced(item, depth + 1) for item in value]
    return _scalar(value)


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise NotReducible(f"has a member named {key!r:.40}, which is no text")
    return _text(key)


def _text(value: str) -> str:
    # An enumeration of texts prints as its name: the text itself is wanted.
    return _LONE_SURROGATES.sub("\ufffd", str.__str__(value))


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    raise NotReducible(f"holds a {type(value).__name__}, which is no JSON value")


def _number(value: float | Decimal) -> Decimal:
    if not math.isfinite(value):
        raise NotReducible(f"holds {value}, which is no JSON value")
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))
