from typing import Any

import pytest

from conformance.checks.sdk.surface import is_contract_name
from conformance.sdk_calls import OPERATIONS
from conformance.testing_sdk import failed, hello, opened, returned, wire
from conformance.transcript import Edge

URL = "ws://127.0.0.1:8123/v1/async/batch/b/ws"
GET = wire("GET /v1/batches/b", answer={"id": "b"})
NODE = {"language": "typescript"}


def called(method: str) -> Any:
    return returned(method, GET, batch_id="b")


def unsupported(method: str) -> Any:
    return failed(method, kind="unsupported", error={"reason": "no such method"})


def without(*names: str, **members: Any) -> Edge:
    return hello(methods={name: name for name in OPERATIONS if name not in names}, **members)


OFFERED = {
    "SURFACE-01": ("createBatch", "getBatch", "cancelBatch"),
    "SURFACE-03": ("getAsyncJobWebSocketUrl",),
    "SURFACE-04": ("batches.websocketUrl",),
    "SURFACE-07": ("listBatches", "batches.list"),
    "SURFACE-08": ("batches.create", "batches.get", "batches.cancel", "batches.list"),
    "SURFACE-12": ("listBatchModels", "batches.listModels"),
    "SURFACE-13": ("batches.create", "batches.get", "batches.cancel"),
    "VERIFY-01": ("verifyAsyncWebhookSignature", "computeAsyncWebhookSignature"),
}


@pytest.mark.parametrize("row", OFFERED)
def test_a_method_is_there_or_it_is_not(row: str, count: Any) -> None:
    names = OFFERED[row]
    profile = "openai" if row == "SURFACE-08" else "ai-stats"
    made = [failed(name, kind="other") for name in names]
    assert count(row, *made, profile=profile) == (len(names), 0)
    last = [*made[:-1], unsupported(names[-1])]
    assert count(row, *last, says=without(names[-1]), profile=profile) == (len(names), 1)
    assert count(row, *last, profile=profile) == (len(names), 1)


@pytest.mark.parametrize("row", OFFERED)
def test_what_was_not_called_is_not_judged(row: str, count: Any) -> None:
    profile = "openai" if row == "SURFACE-08" else "ai-stats"
    assert count(row, says=without(*OPERATIONS), profile=profile) == (0, 0)


@pytest.mark.parametrize("row", OFFERED)
def test_an_sdk_that_builds_no_client_and_has_no_methods_offers_nothing(
    row: str, count: Any
) -> None:
    profile = "openai" if row == "SURFACE-08" else "ai-stats"
    clients = [opened(outcome={"error": {"kind": "other", "message": "no module"}})]
    number = len(OFFERED[row])
    says = without(*OPERATIONS)
    assert count(row, says=says, clients=clients, profile=profile) == (number, number)
    assert count(row, clients=clients, profile=profile) == (0, 0)


@pytest.mark.parametrize(
    ("language", "scripts", "others"),
    [
        ("typescript", (1, 1), (0, 0)),
        ("JavaScript", (1, 1), (0, 0)),
        ("Node.js", (1, 1), (0, 0)),
        ("java", (0, 0), (1, 1)),
        ("", (0, 0), (1, 1)),
    ],
)
def test_the_resource_is_asked_of_each_language_by_one_row(
    language: str, scripts: Any, others: Any, count: Any
) -> None:
    says = without("batches.get", language=language)
    made = unsupported("batches.get")
    assert count("SURFACE-02", made, says=says) == scripts
    assert count("SURFACE-13", made, says=says) == others


@pytest.mark.parametrize(
    ("native", "fits"), [("batches.get", 0), ("Batches.GetAsync", 0), ("batches.retrieve", 1)]
)
def test_another_word_for_get_is_another_method_of_the_resource(
    native: str, fits: int, count: Any
) -> None:
    says = hello(methods={"batches.get": native}, **NODE)
    for row in ("SURFACE-02", "SURFACE-06"):
        assert count(row, called("batches.get"), says=says) == (1, fits)


@pytest.mark.parametrize(
    ("native", "method", "expected"),
    [
        ("get_batch", "getBatch", True),
        ("GetBatchAsync", "getBatch", True),
        ("client.get_batch", "getBatch", True),
        ("RetrieveBatch", "getBatch", False),
        ("getBatches().create", "batches.create", True),
        ("$client->batches->create()", "batches.create", True),
        ("batches.get_websocket_url", "batches.websocketUrl", True),
        ("GetBatchWebSocketURL", "batches.websocketUrl", False),
        ("GetAsyncJobWebSocketURL", "getAsyncJobWebSocketUrl", True),
        ("batches", "batches.list", False),
        (7, "getBatch", False),
    ],
)
def test_casing_is_folded_and_words_are_not(native: Any, method: str, expected: Any) -> None:
    assert is_contract_name(native, method) is expected


@pytest.mark.parametrize(("value", "broken"), [(URL, 0), (None, 1), ({"url": URL}, 1)])
def test_a_url_is_text(value: Any, broken: int, count: Any) -> None:
    generic = returned("getAsyncJobWebSocketUrl", value=value, kind="batch", job_id="b")
    of_batches = returned("batches.websocketUrl", value=value, batch_id="b")
    assert count("SURFACE-03", generic, of_batches) == (2, broken)
    assert count("SURFACE-04", generic, of_batches) == (2, broken)


def twins(*sent: Any, **twin: Any) -> list[Any]:
    value = twin.get("value", {"id": "b"})
    return [
        returned("getBatch", GET, batch_id="b"),
        returned("batches.get", *(sent or [GET]), value=value, batch_id=twin.get("id", "b")),
    ]


MORE = (("X-Request-Id", "1"), ("User-Agent", "acme-sdk/1.2.3"))


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (twins(), (2, 0)),
        (twins(wire("GET /v1/batches/b", answer={"id": "b"}, more=MORE)), (2, 0)),
        (twins(wire("GET /v1/batches/b", answer={"id": "c"}), value={"id": "c"}), (1, 0)),
        (twins(wire("GET /v1/batches/b?x=1", answer={"id": "b"})), (2, 1)),
        (twins(wire("GET /v1/batches/b", answer={"id": "b"}, more=(("X-A", "1"),))), (2, 1)),
        (twins(value={}), (2, 1)),
        (twins(id="c"), (0, 0)),
        (twins()[:1], (0, 0)),
        ([*twins()[:1], failed("batches.get", kind="argument", batch_id="b")], (1, 1)),
    ],
)
def test_twins_send_and_return_the_same(calls: Any, expected: Any, count: Any) -> None:
    assert count("SURFACE-05", *calls) == expected


def test_a_client_that_sends_nothing_after_a_failure_has_no_twins(count: Any) -> None:
    sent = wire("GET /v1/batches/b", answer={}, status=404)
    first = failed("getBatch", sent, kind="http", error={"status": 404}, batch_id="b")
    for kind, expected in (("transport", (0, 0)), ("argument", (1, 1))):
        assert (
            count("SURFACE-05", first, failed("batches.get", kind=kind, batch_id="b")) == expected
        )


def test_twins_fail_alike(count: Any) -> None:
    sent = wire("GET /v1/batches/b", answer={}, status=404)
    first = failed("getBatch", sent, kind="http", error={"status": 404}, batch_id="b")
    second = failed("batches.get", sent, kind="other", batch_id="b")
    assert count("SURFACE-05", first, second) == (2, 1)


def test_no_result_without_a_request(count: Any) -> None:
    assert count("SURFACE-09", called("getBatch")) == (1, 0)
    assert count("SURFACE-09", returned("getBatch", value={}, batch_id="b")) == (1, 1)
    assert count("SURFACE-09", failed("getBatch", kind="argument", batch_id="b")) == (0, 0)
    clients = [opened(origins=[])]
    made = returned("getBatch", value={}, batch_id="b")
    assert count("SURFACE-09", made, clients=clients) == (0, 0)


def started(outcome: Any, **members: Any) -> Edge:
    detail = {"admitted": True, "runtime": "CPython 3.11.9", "outcome": outcome, **members}
    return Edge("sdk_start", detail)


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (started({"value": {}}), (1, 0)),
        (started({"error": {"message": "SyntaxError"}}), (1, 1)),
        (started({"error": "SyntaxError"}), (1, 1)),
        (started({"error": {}}, admitted=False), (0, 0)),
        (started(None), (0, 0)),
    ],
)
def test_a_package_works_where_it_says_so(edge: Edge, expected: Any, count: Any) -> None:
    assert count("SURFACE-10", beside=[edge]) == expected


@pytest.mark.parametrize(
    ("call", "says", "expected"),
    [
        (called("getBatch"), hello(), (1, 0)),
        (unsupported("getBatch"), without("getBatch"), (1, 0)),
        (unsupported("getBatch"), hello(), (1, 1)),
        (called("getBatch"), without("getBatch"), (1, 1)),
        (called("getFish"), hello(), (0, 0)),
        (failed("getBatch", kind="protocol"), hello(), (0, 0)),
        (failed("getBatch", kind="other", error={"by": "suite"}), hello(), (0, 0)),
    ],
)
def test_a_declaration_is_true(call: Any, says: Edge, expected: Any, count: Any) -> None:
    assert count("SURFACE-11", call, says=says) == expected


def test_models_are_asked_for_in_their_place(count: Any) -> None:
    listed = wire("GET /v1/batches/models", answer={"data": []})
    assert count("SURFACE-12", returned("listBatchModels", listed)) == (2, 0)
    listed = wire("GET /v1/models", answer={"data": []})
    assert count("SURFACE-12", returned("listBatchModels", listed)) == (2, 1)
