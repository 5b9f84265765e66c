from typing import Any

import pytest

from conformance.testing_sdk import BASE, failed, opened, returned, sdk, wire

GIVEN = "batch_9"
BATCH = {"id": GIVEN}


def create(value: Any = None) -> Any:
    sent = wire("POST /v1/batches", {}, answer=BATCH)
    return returned("createBatch", sent, value=value or BATCH, request={})


def get(batch_id: str = GIVEN, target: str = f"/v1/batches/{GIVEN}") -> Any:
    return returned("getBatch", wire(f"GET {target}", answer=BATCH), batch_id=batch_id)


def cancel(target: str = f"/v1/batches/{GIVEN}/cancel") -> Any:
    return returned("cancelBatch", wire(f"POST {target}", answer=BATCH), batch_id=GIVEN)


def url(value: str = f"ws://127.0.0.1:8123/v1/async/batch/{GIVEN}/ws") -> Any:
    return returned("batches.websocketUrl", value=value, batch_id=GIVEN)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([create(), get(), cancel(), url()], (3, 0)),
        ([create(), get(target="/v1/batches/batch_8")], (1, 1)),
        ([create(), cancel(f"/v1/batches/{GIVEN}")], (1, 0)),
        ([create(), cancel("/v1/batches/batch_8/cancel")], (1, 1)),
        ([create(), url("ws://127.0.0.1:8123/v1/async/batch/batch_8/ws")], (1, 1)),
        ([create({"id": "b"}), get("b", "/v1/batches/b")], (1, 1)),
        ([create(), get("other", "/v1/batches/other")], (0, 0)),
        ([create(), failed("getBatch", kind="argument", batch_id=GIVEN)], (0, 0)),
        ([create({"no": "id"}), get()], (0, 0)),
        ([get(), url()], (0, 0)),
    ],
)
def test_the_id_of_a_create_addresses_its_batch(calls: Any, expected: Any, count: Any) -> None:
    assert count("RESULT-12", *calls) == expected


def beside(name: str, value: Any) -> Any:
    sent = wire(f"GET /v1/batches/{name}", answer={"id": name})
    return returned("getBatch", sent, value=value, at_once=True, batch_id=name)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([beside("a", {"id": "a"}), beside("b", {"id": "b"})], (2, 0)),
        ([beside("a", {"id": "b"}), beside("b", {"id": "a"})], (2, 2)),
        ([beside("a", {"id": "a"}), beside("b", {"id": "a"})], (2, 1)),
        ([beside("a", {"id": "a"})], (0, 0)),
        ([beside("a", {"id": "a"}), beside("a", {"id": "a"})], (0, 0)),
    ],
)
def test_calls_at_once_keep_their_results(calls: Any, expected: Any, count: Any) -> None:
    assert count("RESULT-14", *calls) == expected


def test_a_call_among_others_does_not_take_their_answer_for_its_own(count: Any) -> None:
    taken = returned("getBatch", value={"id": "a"}, at_once=True, batch_id="b")
    kept = returned("getBatch", value={"id": "b"}, at_once=True, batch_id="b")
    assert count("RESULT-14", beside("a", {"id": "a"}), taken) == (2, 1)
    assert count("RESULT-14", beside("a", {"id": "a"}), kept) == (1, 0)


def test_calls_at_once_are_judged_by_this_row_alone(broken: Any) -> None:
    mixed = sdk(beside("a", {"id": "b"}), beside("b", {"id": "a"}))
    assert broken(mixed) == {"RESULT-14"}


def test_a_base_that_needs_mending_is_another_affair(count: Any) -> None:
    clients = [opened(base_url=f"{BASE}//")]
    calls = [create(), get(target=f"/v1//batches/{GIVEN}")]
    assert count("RESULT-12", *calls, clients=clients) == (0, 0)
