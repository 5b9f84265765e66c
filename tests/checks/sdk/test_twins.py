from typing import Any

from conformance.checks.sdk import _twins
from conformance.testing import observed
from conformance.testing_sdk import opened, returned, sdk, wire

GET = wire("GET /v1/batches/b", answer={"id": "b"})


def got(method: str, batch_id: str = "b", client: str = "c", **more: Any) -> Any:
    return returned(method, GET, client=client, batch_id=batch_id, **more)


def paired(*said: Any) -> list[tuple[int, int]]:
    clients = [opened("c"), opened("d", origins=[])]
    pairs = _twins.pairs(observed(*sdk(*said, clients=clients)))
    return [(direct.number, twin.number) for direct, twin in pairs]


def test_twins_have_one_client_and_the_same_arguments() -> None:
    other = got("batches.get", client="d")
    assert paired(got("getBatch"), other, got("batches.get", "c"), got("batches.get")) == [(4, 10)]


def test_each_call_is_the_twin_of_one() -> None:
    said = [got("batches.get"), got("getBatch"), got("getBatch"), got("batches.get")]
    assert paired(*said) == [(6, 4), (8, 10)]


def test_calls_at_the_same_time_have_no_twins() -> None:
    assert paired(got("getBatch"), got("batches.get", at_once=True)) == []
