from typing import Any

import pytest

from conformance.testing_sdk import BASE, KEY, failed, hello, opened, returned, sdk, wire

REQUEST = {"input_file_id": "file_1", "endpoint": "/v1/responses", "completion_window": "24h"}
BATCH = {"id": "b"}
WEBHOOK = {"webhook": {"url": "https://x.test", "invented": [1, {"deep": True}]}, "session_id": "s"}


def created(sent: Any, request: Any = REQUEST) -> Any:
    return returned("createBatch", wire("POST /v1/batches", sent, answer=BATCH), request=request)


def got(batch_id: Any = "b", **more: Any) -> Any:
    return returned("getBatch", wire("GET /v1/batches/b", answer=BATCH), batch_id=batch_id, **more)


def url(
    value: Any = "ws://127.0.0.1:8123/v1/async/batch/b/ws", batch_id: Any = "b", **options: Any
) -> Any:
    return returned("batches.websocketUrl", value=value, batch_id=batch_id, options=options)


@pytest.mark.parametrize(
    ("sent", "request_", "expected"),
    [
        (REQUEST, REQUEST, (1, 0)),
        ({"inputFileId": "file_1", "endpoint": "/v1/responses"}, REQUEST, (1, 1)),
        (b"[]", REQUEST, (1, 1)),
        ({"endpoint": "/v1/responses"}, {"endpoint": None}, (1, 0)),
        ({}, {"metadata": {}}, (0, 0)),
    ],
)
def test_wire_names_are_kept(sent: Any, request_: Any, expected: Any, count: Any) -> None:
    assert count("ARGS-01", created(sent, request_)) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({**REQUEST, **WEBHOOK}, (1, 0)),
        (REQUEST, (1, 1)),
        ({**WEBHOOK, "webhook": {"url": "https://x.test"}}, (1, 1)),
        ({**WEBHOOK, "webhook": {"url": "https://x.test", "invented": [1, {"deep": 1}]}}, (1, 1)),
    ],
)
def test_unknown_fields_are_sent(sent: Any, expected: Any, count: Any) -> None:
    assert count("ARGS-02", created(sent, {**REQUEST, **WEBHOOK})) == expected


@pytest.mark.parametrize(
    ("request_", "kind", "expected"),
    [
        ({**REQUEST, **WEBHOOK}, "argument", (1, 1)),
        ({**REQUEST, **WEBHOOK}, "transport", (0, 0)),
        (WEBHOOK, "argument", (0, 0)),
        (REQUEST, "argument", (0, 0)),
    ],
)
def test_unknown_fields_are_not_refused(
    request_: Any, kind: str, expected: Any, count: Any
) -> None:
    assert count("ARGS-02", failed("createBatch", kind=kind, request=request_)) == expected


def test_a_lost_field_is_shown_in_its_place(found: Any) -> None:
    sent = {"webhook": {"url": "https://x.test", "invented": [1, {}]}, "session_id": "s"}
    _, pointers = found("SDK-ARGS-02", *sdk(created(sent, WEBHOOK)))
    assert pointers == ["/webhook/invented/1/deep"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (got(), (1, 0)),
        (failed("getBatch", kind="argument", batch_id="b"), (1, 1)),
        (failed("cancelBatch", kind="other", batch_id="b"), (1, 1)),
        (failed("getBatch", kind="transport", batch_id="b"), (0, 0)),
        (failed("getBatch", kind="argument", batch_id="a/b"), (0, 0)),
        (failed("getBatch", got().sent[0], kind="parse", batch_id="b"), (1, 1)),
        (got(reason="because"), (0, 0)),
    ],
)
def test_the_id_is_enough(call: Any, expected: Any, count: Any) -> None:
    assert count("ARGS-03", call) == expected


@pytest.mark.parametrize("options", [{}, {"interval_ms": 0}, {"close_on_terminal": False}])
def test_options_are_accepted(options: dict[str, Any], count: Any) -> None:
    assert count("ARGS-04", url(**options)) == (1, 0)
    refused = failed("batches.websocketUrl", kind="argument", batch_id="b", options=options)
    assert count("ARGS-04", refused) == (1, 1)


@pytest.mark.parametrize(
    ("batch_id", "options"), [("..", {}), ("b", {"interval_ms": -1}), ("b", {"interval_ms": True})]
)
def test_odd_options_may_be_refused(batch_id: str, options: Any, count: Any) -> None:
    call = failed("batches.websocketUrl", kind="argument", batch_id=batch_id, options=options)
    assert count("ARGS-04", call) == (0, 0)


@pytest.mark.parametrize("batch_id", ["", "  ", "\n"])
def test_a_blank_id_gives_no_url(batch_id: str, count: Any) -> None:
    refused = failed("batches.websocketUrl", kind="argument", batch_id=batch_id)
    other = failed("getAsyncJobWebSocketUrl", kind="other", job_id=batch_id)
    assert count("ARGS-05", refused, other, url(batch_id=batch_id), url()) == (3, 2)


LISTED = wire("GET /v1/batches/", answer={"data": []})


@pytest.mark.parametrize(
    ("row", "args"),
    [("ARGS-06", {"batch_id": ""}), ("ARGS-07", {"batch_id": None}), ("ARGS-07", {})],
)
def test_no_id_is_no_request(row: str, args: dict[str, Any], count: Any) -> None:
    for kind in ("argument", "other"):
        assert count(row, failed("getBatch", kind=kind, **args)) == (1, 0)
    assert count(row, returned("getBatch", LISTED, **args)) == (1, 1)
    assert count(row, failed("cancelBatch", LISTED, kind="http", **args)) == (1, 1)
    assert count(row, returned("getBatch", value={}, **args)) == (1, 1)
    assert count(row, got(), failed("getBatch", kind="unsupported", **args)) == (0, 0)


def changed(call: Any, after: Any) -> Any:
    call.call.outcome["argument_after"] = after
    return call


def test_an_argument_is_left_alone_where_that_can_be_seen(count: Any) -> None:
    assert count("ARGS-08", created(REQUEST)) == (1, 0)
    assert count("ARGS-08", changed(created(REQUEST), {"request": {}})) == (1, 1)
    assert count("ARGS-08", created(REQUEST), says=hello(in_process=False)) == (0, 0)
    assert count("ARGS-08", got()) == (0, 0)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (created({}, {}), (1, 0)),
        (created({"endpoint": "/x"}, {"endpoint": "/x"}), (1, 0)),
        (created({"completion_window": "24h"}, {}), (1, 1)),
        (failed("createBatch", kind="argument", request={}), (1, 1)),
        (returned("createBatch", value={}, request={}), (0, 0)),
        (created(REQUEST), (0, 0)),
    ],
)
def test_an_incomplete_create_is_sent(call: Any, expected: Any, count: Any) -> None:
    assert count("ARGS-09", call) == expected


def test_requests_arrive_with_the_key(count: Any) -> None:
    assert count("ARGS-10", got()) == (1, 0)
    other = wire("GET /v1/batches/b", answer=BATCH, key="{{key:b}}")
    assert count("ARGS-10", returned("getBatch", other, batch_id="b")) == (1, 1)
    assert count("ARGS-10", failed("getBatch", kind="transport", batch_id="b")) == (1, 1)
    assert count("ARGS-10", failed("getBatch", kind="argument", batch_id="a/b")) == (0, 0)
    dead = failed("getBatch", kind="transport", batch_id="b")
    assert count("ARGS-10", got(), dead) == (1, 0)
    assert count("ARGS-10", got(), clients=[opened(settings={"base_url": BASE})]) == (0, 0)


def built(env: Any, error: Any = None) -> list[Any]:
    outcome = {"error": {"message": "no key"}} if error else {"value": {}}
    return [opened(settings={"base_url": BASE, "api_key": None}, env=env, outcome=outcome)]


@pytest.mark.parametrize(
    ("env", "profile", "expected"),
    [
        ({"AI_STATS_API_KEY": KEY}, "ai-stats", (1, 0)),
        ({"AI_STATS_API_KEY": "{{key:b}}"}, "ai-stats", (1, 1)),
        ({"PHASEO_API_KEY": KEY}, "ai-stats", (0, 0)),
        ({"PHASEO_API_KEY": KEY}, "phaseo", (1, 0)),
        (None, "ai-stats", (0, 0)),
    ],
)
def test_the_key_of_the_environment_is_used(
    env: Any, profile: str, expected: Any, count: Any
) -> None:
    assert count("ARGS-11", got(), clients=built(env), profile=profile) == expected


def test_a_client_that_the_environment_could_build_is_built(count: Any) -> None:
    clients = built({"AI_STATS_API_KEY": KEY}, "no key")
    assert count("ARGS-11", clients=clients) == (1, 1)
    sent_nothing = failed("getBatch", kind="other", batch_id="b")
    assert count("ARGS-11", sent_nothing, clients=built({"AI_STATS_API_KEY": KEY})) == (1, 1)
    assert count("ARGS-11", clients=built({"AI_STATS_API_KEY": KEY})) == (0, 0)


NO_KEYS = {"AI_STATS_API_KEY": None, "PHASEO_API_KEY": None}


@pytest.mark.parametrize(
    ("calls", "clients", "expected"),
    [
        ([], built(NO_KEYS, "no key"), (1, 0)),
        ([failed("getBatch", kind="argument", batch_id="b")], built(NO_KEYS), (1, 0)),
        ([got()], built(NO_KEYS), (1, 1)),
        ([failed("getBatch", got().sent[0], kind="http")], built(NO_KEYS), (1, 1)),
        ([returned("getBatch", value={}, batch_id="b")], built(NO_KEYS), (1, 1)),
        ([], built(NO_KEYS), (0, 0)),
        ([got()], built({"AI_STATS_API_KEY": KEY}), (0, 0)),
        ([got()], built(None), (0, 0)),
        ([got()], [opened()], (0, 0)),
    ],
)
def test_without_a_key_nothing_is_sent(calls: Any, clients: Any, expected: Any, count: Any) -> None:
    assert count("ARGS-12", *calls, clients=clients) == expected
