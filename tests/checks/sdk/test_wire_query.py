from typing import Any

import pytest

from conformance.testing_sdk import failed, returned, wire

LIST = {"object": "list", "data": []}


def listed(query: str, **params: Any) -> Any:
    sent = wire(f"GET /v1/batches{query}", answer=LIST)
    return returned("listBatches", sent, params=params)


def created(body: Any, request: Any) -> Any:
    return returned("createBatch", wire("POST /v1/batches", body, answer={}), request=request)


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (listed("?limit=2", limit=2, after=None), 0),
        (listed("", after=None), 0),
        (listed("?after=None", after=None), 1),
        (listed("?after=", after=None), 1),
        (listed("?limit=2&order=undefined", limit=2), 1),
        (listed("?after=null", after="null"), 0),
        (created({"a": 1}, {"a": 1}), 0),
        (created({"a": None}, {"a": None}), 0),
        (created({"a": 1, "webhook": None}, {"a": 1}), 1),
        (created({"a": 1, "webhook": "undefined"}, {"a": 1}), 1),
        (created({"a": 1, "window": "24h"}, {"a": 1}), 0),
    ],
)
def test_unset_options_are_left_out(call: Any, broken: int, count: Any) -> None:
    assert count("WIRE-15", call) == (1, broken)


STATUSES = {"status": ["completed", "failed"]}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (listed("?status=completed&status=failed", **STATUSES), (1, 0)),
        (listed("?status=completed&limit=2&status=failed", limit=2, **STATUSES), (1, 0)),
        (listed("?status=completed,failed", **STATUSES), (1, 1)),
        (listed("?status=completed%2Cfailed", **STATUSES), (1, 1)),
        (listed("?status[]=completed&status[]=failed", **STATUSES), (1, 1)),
        (listed("?status=failed&status=completed", **STATUSES), (1, 1)),
        (listed("?status=completed", **STATUSES), (1, 1)),
        (listed("?after=b+x%26y", after="b x&y"), (1, 0)),
        (listed("?after=b%20x", after="b x"), (1, 0)),
        (listed("?after=%C3%BC%2B1", after="ü+1"), (1, 0)),
        (listed("?after=%FC", after="ü"), (1, 1)),
        (listed("?after=b x", after="b x"), (1, 1)),
        (listed("?after=1+1", after="1+1"), (1, 1)),
        (listed("?limit=2", limit=2), (0, 0)),
        (failed("listBatches", kind="argument", params=STATUSES), (1, 1)),
        (failed("listBatches", kind="transport", params=STATUSES), (0, 0)),
        (failed("listBatches", kind="argument", params={"colour": "red"}), (0, 0)),
    ],
)
def test_several_values_repeat_the_parameter(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-19", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (listed("?a=true&b=false", a=True, b=False), (2, 0)),
        (listed("?a=True&b=False", a=True, b=False), (2, 2)),
        (listed("?a=1", a=True), (1, 1)),
        (listed("", a=False), (1, 1)),
        (listed("?a=1", a=1), (0, 0)),
    ],
)
def test_booleans_are_in_lower_case(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-20", call) == expected
