"""A hello, checked."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.adapters.greeting import BadHello, checked_hello

HELLO = {
    "sdk": "acme",
    "version": "1.2.3",
    "language": "python",
    "runtime": "CPython 3.12.1",
    "methods": {"getBatch": "get_batch"},
    "options": ["base_url"],
    "concurrency": 4,
}


def test_a_hello_keeps_what_is_known() -> None:
    assert checked_hello({**HELLO, "colour": "red"}) == (HELLO, [])


@pytest.mark.parametrize(("said", "heard"), [(None, None), (60, 60), (0.5, Decimal("0.5"))])
def test_a_timeout_may_be_a_number_or_none_or_missing(said: Any, heard: Any) -> None:
    assert checked_hello({**HELLO, "timeout_default": said})[0]["timeout_default"] == heard
    assert "timeout_default" not in checked_hello(HELLO)[0]


def test_a_name_that_the_contract_does_not_have_is_noted_and_left_out() -> None:
    hello, notes = checked_hello({**HELLO, "methods": {"getBatch": "g", "get_batch": "g"}})
    assert hello["methods"] == {"getBatch": "g"}
    assert notes == ["hello names get_batch, which is no method of the contract"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sdk", None),
        ("version", ""),
        ("language", 3),
        ("methods", ["getBatch"]),
        ("methods", {"getBatch": None}),
        ("options", "base_url"),
        ("options", [1]),
        ("concurrency", 0),
        ("concurrency", True),
        ("concurrency", "2"),
        ("timeout_default", "60"),
        ("timeout_default", -1),
        ("timeout_default", True),
    ],
)
def test_a_member_of_another_type_is_named(name: str, value: Any) -> None:
    with pytest.raises(BadHello, match=rf"^hello has no .*{name}"):
        checked_hello({**HELLO, name: value})


@pytest.mark.parametrize("said", [None, "hello", [HELLO], {"sdk": object()}])
def test_what_is_no_object_is_no_hello(said: Any) -> None:
    with pytest.raises(BadHello, match=r"^hello (is no object|holds a object)"):
        checked_hello(said)
