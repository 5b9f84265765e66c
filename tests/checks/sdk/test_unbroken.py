"""What published SDKs were seen doing rightly, and what the contract leaves open: no alarm."""

from typing import Any

import pytest

from conformance.json_text import ABSENT, parse
from conformance.testing_sdk import BASE, KEY, OTHER, OWN, failed, opened, refused, returned, wire
from conformance.testing_sdk import sdk as steps

REQUEST = {"input_file_id": "file_1", "endpoint": "/v1/responses", "completion_window": "24h"}
BATCH = {"id": "batch_123", "object": "batch", "errors": None, "x": [0, False, "", {}, 0.5]}
LIST = {"object": "list", "data": [BATCH], "has_more": False}
NOT_FOUND = {"error": "not_found", "request_id": "G-1"}
ANSWER_OF_4_S = wire("GET /v1/batches/b", status=0)


def get(batch_id: Any, target: str, method: str = "getBatch", **answer: Any) -> Any:
    sent = wire(f"GET {target}", **{"answer": BATCH, **answer})
    return returned(method, sent, batch_id=batch_id)


def cancel(batch_id: str, target: str, **answer: Any) -> Any:
    sent = wire(f"POST {target}", **{"answer": BATCH, **answer})
    return returned("cancelBatch", sent, batch_id=batch_id)


def create(sent: Any, request: Any, **answer: Any) -> Any:
    exchange = wire("POST /v1/batches", sent, **{"answer": BATCH, **answer})
    return returned("createBatch", exchange, request=request)


def refuses(method: str, kind: str = "argument", **args: Any) -> Any:
    return failed(method, kind=kind, error={"type": "ValueError"}, **args)


def gives(value: Any, *, status: int = 200, answer: Any = ABSENT, **more: Any) -> Any:
    sent = wire("GET /v1/batches/b", status=status, answer=answer, **more)
    return returned("getBatch", sent, value=value, batch_id="b")


def raises(kind: str, answer: bytes, **more: Any) -> Any:
    sent = wire("GET /v1/batches/b", answer=answer, **more)
    return failed("getBatch", sent, kind=kind, batch_id="b")


REQUESTS = [
    create(REQUEST, REQUEST),
    create(b'{"metadata":{"a":"\\u00fc","b":"\\/"}}', {"metadata": {"a": "ü", "b": "/"}}),
    create('{"metadata":{"a":"ü<&>"}}'.encode(), {"metadata": {"a": "ü<&>"}}),
    create({**REQUEST, "metadata": None}, {**REQUEST, "metadata": None}),
    create({"n": 1, "d": 0.1, "e": []}, {"n": parse("1.0"), "d": parse("1e-1"), "e": []}),
    create({}, {}),
    returned("createBatch", wire("POST /v1/batches", answer=BATCH)),
    cancel("batch_123", "/v1/batches/batch_123/cancel"),
    cancel("batch_123", "/v1/batches/batch_123/cancel", more=(("Content-Length", "0"),)),
    returned("listBatches", wire("GET /v1/batches", answer=LIST)),
    returned("listBatches", wire("GET /v1/batches", answer=LIST), params={}),
    returned("listBatchModels", wire("GET /v1/batches/models", answer=LIST)),
]
FILTERS = {"limit": 2, "status": ["completed", "failed"], "after": "b x"}
QUERIES = [
    f"limit=2&status=completed&status=failed&after={after}" for after in ("b+x", "b%20x")
] + ["after=b+x&status=completed&limit=2&status=failed"]
IDS = [
    get("batch 123", "/v1/batches/batch%20123"),
    get("a/b", "/v1/batches/a%2Fb"),
    get("a/b", "/v1/batches/a%2fb"),
    get("ü", "/v1/batches/%C3%BC"),
    get("ü", "/v1/batches/%c3%bc"),
    get("a?b#c", "/v1/batches/a%3Fb%23c"),
    cancel("a?b#c", "/v1/batches/a%3Fb%23c/cancel"),
    get("%2e%2e", "/v1/batches/%252e%252e"),
    get("a%2Fb", "/v1/batches/a%252Fb"),
    get("100%", "/v1/batches/100%25"),
    get("a\r\nX: y", "/v1/batches/a%0D%0AX%3A%20y"),
    get("a\r\nX: y", "/v1/batches/a%0D%0AX:%20y"),
    refuses("getBatch", batch_id="a\r\nX: y"),
    refuses("getBatch", "transport", batch_id="a\r\nX: y"),
    *(refuses("cancelBatch", kind, batch_id=one) for one in ("", "..", ".", None)
      for kind in ("argument", "other")),
    refuses("getBatch"),
    get("...", "/v1/batches/..."),
]  # fmt: skip
RESULTS = [
    gives(parse('{"n": 9007199254740993}'), answer={"n": 9007199254740993}),
    gives({"n": "9007199254740993"}, answer={"n": 9007199254740993}),
    gives(BATCH, answer=BATCH, status=201),
    gives(BATCH, answer={**BATCH, "x": [0, False, "", {}, parse("0.50")]}),
    gives(None, status=204),
    gives(None, status=200),
    raises("parse", b'{"id": '),
    raises("other", b"all is well"),
    raises("parse", b"[1]"),
    raises("parse", b"\xe4"),
    gives({"n": "\ufffd"}, answer=b'{"n": "\xe4"}'),
    gives(BATCH, answer=b"\xef\xbb\xbf" + b'{"id": "batch_123"}'),
    gives({"n": "ü批😀"}, answer={"n": "ü批😀"}),
]
FAILURES = [
    *(
        refused("getBatch", wire("GET /v1/batches/b", answer=NOT_FOUND, status=one), batch_id="b")
        for one in (400, 401, 402, 403, 404, 409, 422, 429, 500, 501, 503)
    ),
    refused(
        "getBatch",
        wire("GET /v1/batches/b", status=429, headers=(("Retry-After", "1"),)),
        batch_id="b",
    ),
    refused(
        "getBatch",
        wire("GET /v1/batches/b", answer=b"<html> </html>\n", status=500),
        {"body": "<html> </html>"},
        batch_id="b",
    ),
    refused("getBatch", wire("GET /v1/batches/b", status=500), {"body": None}, batch_id="b"),
    refused(
        "createBatch",
        wire("POST /v1/batches", REQUEST, answer=NOT_FOUND, status=500),
        {"body": '{"request_id":"G-1","error":"not_found"}', "headers": None},
        request=REQUEST,
    ),
    failed("getBatch", wire("GET /v1/batches/b", status=0), kind="transport", batch_id="b"),
    failed(
        "getBatch",
        *[wire("GET /v1/batches/b", status=0)] * 2,
        kind="other",
        error={"type": "acme.Gone"},
        batch_id="b",
    ),
]
AWAY, HOME = (wire("GET /v1/batches/b", status=302, to=f"{one}/v1/x") for one in (OTHER, OWN))
POST = wire("POST /v1/batches/b/cancel", status=307, to=f"{OWN}/v1/x")
MOVED = {"type": "acme.HttpError", "message": "302", "status": 302}
REDIRECTS = [
    returned("getBatch", HOME, wire("GET /v1/x", answer=BATCH), batch_id="b"),
    returned(
        "getBatch", AWAY, wire("GET /v1/x", answer=BATCH, key=None, origin=OTHER), batch_id="b"
    ),
    returned("cancelBatch", POST, wire("POST /v1/x", answer=BATCH), batch_id="b"),
    refused("cancelBatch", POST, batch_id="b"),
    failed("getBatch", AWAY, kind="http", error=MOVED, batch_id="b"),
]


@pytest.mark.parametrize(
    "calls", [REQUESTS, IDS, RESULTS, FAILURES, REDIRECTS], ids=lambda calls: calls[0].call.method
)
@pytest.mark.parametrize("profile", ["ai-stats", "phaseo", "openai"])
def test_a_right_call_breaks_nothing(calls: list[Any], profile: str, broken: Any) -> None:
    found = {index: broken(steps(one), profile) for index, one in enumerate(calls)}
    assert {index: ids for index, ids in found.items() if ids} == {}


@pytest.mark.parametrize("query", QUERIES)
def test_filters_may_be_spelled_in_more_than_one_way(query: str, broken: Any) -> None:
    sent = wire(f"GET /v1/batches?{query}", answer=LIST)
    assert broken(steps(returned("listBatches", sent, params=FILTERS))) == set()


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ({"n": 9007199254740992}, {"RESULT-06"}),
        ({"n": "9007199254740992"}, {"RESULT-01", "RESULT-02", "RESULT-06"}),
    ],
)
def test_a_large_integer_that_is_rounded_is_one_defect(
    value: Any, rows: set[str], broken: Any
) -> None:
    assert broken(steps(gives(value, answer={"n": 9007199254740993}))) == rows


def test_text_for_a_body_with_a_byte_order_mark_is_the_affair_of_one_row(broken: Any) -> None:
    body = b'\xef\xbb\xbf{"id": "b"}'
    assert broken(steps(gives(body.decode(), answer=body))) == {"RESULT-15"}


def test_a_client_of_a_closed_port_fails_without_a_status(broken: Any) -> None:
    clients = [opened(origins=[])]
    call = failed("getBatch", kind="transport", error={"type": "acme.Refused"}, batch_id="b")
    assert broken(steps(call, clients=clients)) == set()


def test_a_timeout_in_time_breaks_nothing(broken: Any) -> None:
    clients = [opened(settings={"base_url": BASE, "api_key": KEY, "timeout": 1})]
    call = failed("getBatch", ANSWER_OF_4_S, kind="timeout", batch_id="b", took_ms=1020)
    assert broken(steps(call, clients=clients)) == set()


def test_openai_hides_the_outer_part_of_an_error(broken: Any) -> None:
    sent = wire("GET /v1/batches/b", answer={"error": {"code": "x"}, "request_id": "G"}, status=404)
    call = refused("batches.get", sent, {"body": {"code": "x"}}, batch_id="b")
    assert (broken(steps(call), "openai"), broken(steps(call))) == (set(), {"ERROR-03"})


def test_calls_of_a_broken_adapter_say_nothing_of_the_sdk(broken: Any) -> None:
    gone = {"by": "suite", "type": "", "message": "the process ended"}
    calls = [
        failed("createBatch", kind="other", error=gone, request=REQUEST),
        failed("getBatch", wire("GET /x", answer=BATCH), kind="protocol", error=gone, batch_id="b"),
        failed("batches.websocketUrl", kind="other", error=gone, batch_id="b"),
    ]
    assert broken(steps(*calls)) == set()
