"""Native values as JSON values."""

import math
from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest

from conformance.adapters.values import NotReducible, reduced


class Status(str, Enum):  # noqa: UP042 - as SDKs have it
    DONE = "completed"


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("native", "value"),
    [
        (None, None),
        (True, True),
        (9007199254740993, 9007199254740993),
        (0.1, Decimal("0.1")),
        (Decimal("1.10"), Decimal("1.10")),
        ("ü", "ü"),
        ("half \ud800", "half \ufffd"),
        (b"\xff\x00", "/wA="),
        (Status.DONE, "completed"),
        (Level.HIGH, 3),
        ((1, [2]), [1, [2]]),
        (OrderedDict(a={"b": 0.5}), {"a": {"b": Decimal("0.5")}}),
    ],
)
def test_a_value_keeps_its_meaning_and_gets_a_plain_type(native: Any, value: Any) -> None:
    found = reduced(native)
    assert (found, type(found)) == (value, type(value))


def endless() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("native", "why"),
    [
        (math.nan, "holds nan, which is no JSON value"),
        ([math.inf], "holds inf, which is no JSON value"),
        (object(), "holds a object, which is no JSON value"),
        ({"a": {1, 2}}, "holds a set, which is no JSON value"),
        ({1: 2}, "has a member named 1, which is no text"),
        (endless(), "is nested deeper than 200 levels"),
    ],
)
def test_what_has_no_json_form_is_named(native: Any, why: str) -> None:
    with pytest.raises(NotReducible) as caught:
        reduced(native)
    assert str(caught.value) == why
