from typing import Any

import pytest

from conformance.testing_sdk import BASE, KEY, failed, hello, opened, returned, wire

REQUEST = {"input_file_id": "file_1", "endpoint": "/v1/responses", "completion_window": "24h"}
BATCH = {"id": "b"}


def create(line: str = "POST /v1/batches", sent: Any = REQUEST, times: int = 1, **more: Any) -> Any:
    exchange = wire(line, sent, **{"answer": BATCH, **more})
    return returned("createBatch", *[exchange] * times, request=REQUEST)


def get(line: str = "GET /v1/batches/b", *sent: Any, times: int = 1, **more: Any) -> Any:
    exchange = wire(line, *sent, **{"answer": BATCH, **more})
    return returned("getBatch", *[exchange] * times, batch_id="b")


def cancel(line: str = "POST /v1/batches/b/cancel", *sent: Any, **more: Any) -> Any:
    return returned("cancelBatch", wire(line, *sent, answer=BATCH, **more), batch_id="b")


def listed(target: str = "/v1/batches", params: Any = None, line: str = "GET ") -> Any:
    args = {} if params is None else {"params": params}
    return returned("listBatches", wire(line + target, answer={"data": []}), **args)


def refused(method: str, kind: str = "argument", **args: Any) -> Any:
    return failed(method, kind=kind, **args)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (create(), (3, 0)),
        (create("PUT /v1/batches"), (3, 1)),
        (create("POST /batches"), (3, 1)),
        (create("POST /v1/batches/"), (3, 1)),
        (create("POST /v1/batches?x=1"), (3, 1)),
        (create(sent=[REQUEST]), (3, 1)),
        (create(sent=b"a=b"), (3, 1)),
        (create(times=2), (3, 1)),
        (create(times=3, status=500), (3, 0)),
        (refused("createBatch", request=REQUEST), (1, 1)),
        (refused("createBatch", "transport", request=REQUEST), (0, 0)),
        (refused("createBatch", request={}), (0, 0)),
        (refused("createBatch", request={**REQUEST, "session_id": "s"}), (0, 0)),
        (returned("createBatch", value={}, request=REQUEST), (0, 0)),
        (get(), (0, 0)),
    ],
)
def test_create_is_one_post(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-01", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (get(), (3, 0)),
        (get("POST /v1/batches/b"), (3, 1)),
        (get("GET /v1/batch/b"), (3, 1)),
        (get("GET /v1/batches/b", {}), (3, 1)),
        (get(times=2), (3, 1)),
        (get(times=2, status=0), (3, 0)),
        (refused("getBatch", batch_id="b"), (1, 1)),
        (refused("getBatch", batch_id="a/b"), (0, 0)),
        (cancel(), (0, 0)),
    ],
)
def test_get_is_one_get(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-02", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (cancel(), (3, 0)),
        (cancel("POST /v1/batches/b/cancel", {}), (3, 0)),
        (cancel("POST /v1/batches/b/cancel", {"id": "b"}), (3, 1)),
        (cancel("POST /v1/batches/b"), (3, 1)),
        (cancel("DELETE /v1/batches/b"), (3, 1)),
        (refused("cancelBatch", "other", batch_id="b"), (1, 1)),
        (get(), (0, 0)),
    ],
)
def test_cancel_is_one_post(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-03", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (listed(), (3, 0)),
        (listed("/v1/batches?limit=2", {"limit": 2}), (3, 0)),
        (listed("/v1/batches", {"limit": 2}), (3, 1)),
        (listed("/v1/batches", {"after": None}), (3, 0)),
        (listed("/v1/batches?status%5B%5D=a", {"status": ["a"]}), (3, 0)),
        (listed("/v1/batches/list"), (3, 1)),
        (listed(line="POST "), (3, 1)),
        (refused("listBatches"), (1, 1)),
        (refused("listBatches", params={"limit": 2}), (1, 1)),
        (refused("listBatches", params={"include_archived": True}), (0, 0)),
        (get(), (0, 0)),
    ],
)
def test_list_is_one_get(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-04", call) == expected


@pytest.mark.parametrize("row", ["WIRE-01", "WIRE-02", "WIRE-03", "WIRE-04"])
def test_a_base_that_needs_mending_is_another_affair(row: str, count: Any) -> None:
    clients = [opened(base_url=f"{BASE}/")]
    calls = [create("POST /v1//batches"), get("GET /v1//batches/b"), cancel("POST /x"), listed("/")]
    assert count(row, *calls, clients=clients) == (0, 0)


AUTHORIZATION = ("Authorization", f"Bearer {KEY}")


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (get(), 0),
        (get(more=(("authorization", f"bearer {KEY}"),)), 0),
        (get(key=None), 1),
        (get(key="{{key:b}}"), 1),
        (get(more=(("Authorization", KEY),)), 1),
        (get(more=(("X-Api-Key", KEY),), key=None), 1),
        (get(more=(AUTHORIZATION, AUTHORIZATION)), 1),
        (get(more=(("Authorization", f"Bearer {KEY}, Bearer {KEY}"),)), 1),
    ],
)
def test_the_key_is_sent_once(call: Any, broken: int, count: Any) -> None:
    assert count("WIRE-10", call) == (1, broken)


def test_a_key_of_the_environment_is_sent_too(count: Any) -> None:
    settings = {"base_url": BASE, "api_key": None}
    clients = [opened(settings=settings, env={"X": KEY})]
    assert count("WIRE-10", get(), get(key=None), clients=clients) == (2, 1)
    assert count("WIRE-10", get(), clients=[opened(settings=settings)]) == (0, 0)


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (get(), 0),
        (get(f"GET /v1/batches/b?key={KEY}"), 1),
        (get(more=(("X-Api-Key", KEY),)), 1),
        (get(more=(("X-{{key:a}}", ""),)), 1),
        (create(sent={**REQUEST, "key": KEY}), 1),
    ],
)
def test_the_key_is_nowhere_else(call: Any, broken: int, count: Any) -> None:
    assert count("WIRE-11", call) == (1, broken)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (create(), (2, 0)),
        (create(more=(("Content-Type", "Application/JSON; charset=utf-8"),)), (2, 0)),
        (create(more=(("Content-Type", "text/plain"),)), (2, 1)),
        (create(sent=b'{"a": 1, "a": 2}'), (2, 0)),
        (create(sent=b'{"a": "\xe4"}'), (2, 1)),
        (create(sent=b"a=b"), (2, 1)),
        (get(), (0, 0)),
    ],
)
def test_bodies_are_json(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-12", call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (cancel(), (1, 0)),
        (cancel(more=(("Content-Type", "application/json"),)), (1, 0)),
        (cancel(more=(("Content-Type", "application/x-www-form-urlencoded"),)), (1, 1)),
        (create(more=(("Content-Type", "application/x-www-form-urlencoded"),)), (0, 0)),
    ],
)
def test_no_body_is_no_form(call: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-13", call) == expected


@pytest.mark.parametrize(
    ("accept", "broken"),
    [
        ("application/json", 0),
        ("text/html, */*;q=0.8", 0),
        ("application/*", 0),
        ("text/html", 1),
        ("application/json;q=0", 1),
        ("", 1),
    ],
)
def test_json_is_accepted(accept: str, broken: int, count: Any) -> None:
    assert count("WIRE-14", get(more=(("Accept", accept),))) == (1, broken)


def sent(body: Any, request: Any) -> Any:
    return returned("createBatch", wire("POST /v1/batches", body, answer=BATCH), request=request)


@pytest.mark.parametrize(
    ("body", "request_", "expected"),
    [
        ({"a": None}, {"a": None}, (1, 0)),
        ({"a": [{"b": None}]}, {"a": [{"b": None}]}, (1, 0)),
        ({}, {"a": None}, (1, 1)),
        ({"a": "null"}, {"a": None}, (1, 1)),
        (b"", {"a": None}, (1, 1)),
        ({}, {"a": 0}, (0, 0)),
    ],
)
def test_nulls_of_the_caller_are_sent(body: Any, request_: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-16", sent(body, request_)) == expected


MANY = {"a": [1, True, "ü", {}, [], 0.5], "n": None}


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        (MANY, 0),
        (b'{"a":[1.0,true,"\\u00fc",{},[],5e-1]}', 0),
        ({"a": [True, 1, "ü", {}, [], 0.5]}, 1),
        ({"a": [1, True, "u", {}, [], 0.5]}, 1),
        ({"a": [1, True, "ü", [], [], 0.5]}, 1),
        ({"a": [1, "true", "ü", {}, [], 0.5]}, 1),
        ({**MANY, "extra": 1}, 1),
        ({**MANY, "extra": None}, 0),
        (b"", 1),
    ],
)
def test_the_body_is_the_argument(body: Any, broken: int, count: Any) -> None:
    assert count("WIRE-17", sent(body, MANY)) == (1, broken)
    assert count("WIRE-17", get()) == (0, 0)


OURS = {"sdk": "ai-stats-py-sdk", "version": "2.0.5"}
CLIENT = "X-Phaseo-Client-Version"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("User-Agent", "ai-stats-python"),), (1, 0)),
        ((("User-Agent", "phaseo-python"),), (1, 0)),
        ((("User-Agent", "AIStats/Python 2.0.5"),), (2, 0)),
        ((("User-Agent", "ai-stats-python/v2.0.5 (CPython 3.12.1)"),), (2, 0)),
        ((("User-Agent", "ai-stats-python/2.0.4"),), (2, 1)),
        ((("User-Agent", "node"),), (1, 1)),
        ((("User-Agent", "python-httpx/0.28.1"),), (1, 1)),
        ((("User-Agent", "node"), ("X-Phaseo-Client", "phaseo"), (CLIENT, "2.0.5")), (2, 0)),
        ((("User-Agent", "phaseo"), (CLIENT, "2.0.4")), (2, 1)),
        ((("User-Agent", "phaseo"), ("X-Runtime-Version", "3.12.1")), (1, 0)),
    ],
)
def test_a_request_names_its_sdk(headers: Any, expected: Any, count: Any) -> None:
    assert count("WIRE-25", get(more=headers), says=hello(**OURS)) == expected


def test_an_sdk_without_a_name_is_not_looked_for(count: Any) -> None:
    assert count("WIRE-25", get(), says=hello(sdk="")) == (0, 0)


WIRE = [f"WIRE-{number:02d}" for number in range(1, 26)]


@pytest.mark.parametrize("row", WIRE)
def test_what_an_adapter_cannot_do_says_nothing(row: str, count: Any) -> None:
    methods = ("createBatch", "getBatch", "cancelBatch", "listBatches")
    assert count(row, *(failed(one, kind="unsupported") for one in methods)) == (0, 0)
