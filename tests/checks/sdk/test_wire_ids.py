from typing import Any

import pytest

from conformance.testing_sdk import BASE, failed, opened, returned, wire

BATCH = {"id": "b"}
TAIL = "a\r\nX-Injected: y"


def get(batch_id: Any, target: str, **more: Any) -> Any:
    sent = wire(f"GET /v1/batches{target}", answer=BATCH, **more)
    return returned("getBatch", sent, batch_id=batch_id)


def cancel(batch_id: Any, target: str) -> Any:
    sent = wire(f"POST /v1{target}", answer=BATCH)
    return returned("cancelBatch", sent, batch_id=batch_id)


def refused(batch_id: Any, kind: str = "argument") -> Any:
    return failed("getBatch", kind=kind, batch_id=batch_id)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (get("b", "/b"), (1, 0)),
        (get("a/b", "/a%2Fb"), (1, 0)),
        (get("a/b", "/a/b"), (1, 1)),
        (get("a%2Fb", "/a%2Fb"), (1, 1)),
        (get("100%", "/100%"), (1, 1)),
        (get("ü", "/%FC"), (1, 1)),
        (get("ü", "/%C3%BC"), (1, 0)),
        (get("a?b#c", "/a?b#c"), (1, 1)),
        (get("b", "/b/"), (1, 1)),
        (get("b", "//b"), (1, 1)),
        (cancel("a/b", "/batches/a%2Fb/cancel"), (1, 0)),
        (cancel("a/b", "/batches/a/b/cancel"), (1, 1)),
        (get("x" * 200, f"/{'x' * 200}"), (1, 0)),
        (get("x" * 200, f"/{'x' * 100}"), (1, 1)),
        (refused("a/b"), (0, 0)),
        (get("..", "/.."), (0, 0)),
        (get("", "/"), (0, 0)),
        (get(None, "/None"), (0, 0)),
    ],
)
def test_an_id_is_one_segment(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-05", call) == expected


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (refused(".."), 0),
        (get("..", "/%252e%252e"), 0),
        (get("..", "/.."), 1),
        (get(".", "/%2E"), 1),
        (get("..", "/%2e."), 1),
        (get(".", "/"), 1),
        (get(".", ""), 1),
        (cancel("..", "/cancel"), 1),
        (cancel("..", "/batches/../cancel"), 1),
        (cancel("..", "/batches//cancel"), 1),
    ],
)
def test_dots_stay_in_the_collection(call: Any, broken: int, count: Any) -> None:
    assert count("WIRE-06", call) == (1, broken)
    assert count("WIRE-06", get("...", "/...")) == (0, 0)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (get("a?b", "/a%3Fb"), (1, 0)),
        (get("a?b", "/a?b"), (1, 1)),
        (get("#", "/#"), (1, 1)),
        (get("a?", "/a?"), (1, 1)),
        (cancel("a?b#c", "/batches/a%3Fb%23c/cancel"), (1, 0)),
        (cancel("a?b", "/batches/a?b/cancel"), (1, 1)),
        (cancel("a?", "/batches/a?/cancel"), (1, 1)),
        (cancel("#", "/batches/#/cancel"), (1, 1)),
        (cancel("a?b#c", "/batches/a?b"), (1, 1)),
        (refused("a?b"), (0, 0)),
        (get("a/b", "/a/b"), (0, 0)),
    ],
)
def test_question_marks_cut_nothing(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-07", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (get("batch 123", "/batch%20123"), (1, 0)),
        (get("ü", "/%C3%BC"), (1, 0)),
        (get("ü", "/Ã¼"), (1, 1)),
        (get("batch 123", "/batch 123"), (1, 1)),
        (refused("ü"), (1, 1)),
        (refused("batch 123", "transport"), (1, 1)),
        (refused("a/b"), (0, 0)),
        (refused(TAIL), (0, 0)),
    ],
)
def test_spaces_and_letters_are_encoded(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-08", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (get(TAIL, "/a%0D%0AX-Injected:%20y"), (1, 0)),
        (refused(TAIL), (1, 0)),
        (refused(TAIL, "transport"), (1, 0)),
        (get(TAIL, f"/{TAIL}"), (1, 1)),
        (get(TAIL, "/a", more=(("x-injected", "y HTTP/1.1"),)), (1, 1)),
        (get("a\tb", "/a\tb"), (1, 1)),
        (get("a\tb", "/a%09b"), (1, 0)),
        (get("b", "/b"), (0, 0)),
    ],
)
def test_control_characters_are_never_raw(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-09", call) == expected


@pytest.mark.parametrize("row", ["WIRE-05", "WIRE-06", "WIRE-07", "WIRE-08"])
def test_ids_below_a_base_that_needs_mending_are_not_looked_at(row: str, count: Any) -> None:
    clients = [opened(base_url=f"{BASE}//")]
    calls = [get("a/b", "/a/b"), get("..", "/.."), get("a?b", "/a?b"), get("ü", "/Ã¼")]
    assert count(row, *calls, clients=clients) == (0, 0)
