"""What published SDKs were seen doing: each defect breaks the rows that it is known by, alone."""

import base64
from typing import Any

import pytest

from conformance.sdk_calls import OPERATIONS
from conformance.signature import sign
from conformance.testing_sdk import (
    BASE,
    KEY,
    OTHER,
    OWN,
    failed,
    hello,
    opened,
    refused,
    returned,
    wire,
)
from conformance.testing_sdk import sdk as steps
from conformance.transcript import Body, Delivery, Edge

BATCH = {"id": "batch_123", "object": "batch", "status": "validating"}
LIST = {"object": "list", "data": [BATCH], "has_more": False}
REQUEST = {"input_file_id": "file_1", "endpoint": "/v1/responses", "completion_window": "24h"}
MISSING = ("cancelBatch", "batches.websocketUrl", "getAsyncJobWebSocketUrl")


def get(batch_id: Any, target: str, **answer: Any) -> Any:
    sent = wire(f"GET {target}", answer=answer.pop("answer", BATCH), **answer)
    return returned("getBatch", sent, batch_id=batch_id)


def cancel(batch_id: Any, target: str, **answer: Any) -> Any:
    sent = wire(f"POST {target}", answer=BATCH, **answer)
    return returned("cancelBatch", sent, batch_id=batch_id)


def refuses(method: str, kind: str = "argument", name: str = "ValueError", **args: Any) -> Any:
    return failed(method, kind=kind, error={"type": name}, **args)


def url(batch_id: str, text: Any, **options: Any) -> Any:
    return returned("batches.websocketUrl", value=text, batch_id=batch_id, options=options)


def at(base_url: str, *calls: Any) -> list[Any]:
    return steps(*calls, clients=[opened(base_url=base_url, origins=[])])


def unsupported(method: str) -> Any:
    return failed(method, kind="unsupported", error={"reason": "no such method"})


def lacking(*names: str, **natives: str) -> Edge:
    methods = {name: name for name in OPERATIONS if name not in names}
    return hello(methods={**methods, **natives})


def checked(*, says: Any, names: str = "x-ai-stats-", **args: Any) -> Any:
    body, now = args.pop("body", b"{}"), 1783584000
    stamp = args.pop("timestamp", str(now))
    signed = args.pop("signature", sign("whsec_1", stamp, args.pop("signed", body)))
    headers = [[f"{names}timestamp", stamp], [f"{names}signature", signed]]
    given = {
        "secret": "whsec_1",
        "body_base64": base64.b64encode(body).decode(),
        "headers": headers,
        "now": now,
        **args,
    }
    if isinstance(says, str):
        return failed("verifyAsyncWebhookSignature", kind="other", error={"type": says}, **given)
    return returned("verifyAsyncWebhookSignature", value=says, **given)


REDIRECT = wire("POST /v1/batches/batch_123/cancel", status=302, to=f"{OWN}/v1/elsewhere")
ELSEWHERE = wire("GET /v1/elsewhere", answer=BATCH)
DELIVERY = Delivery(
    "POST",
    "/hook",
    (
        ("x-ai-stats-timestamp", "1783584000"),
        ("x-ai-stats-signature", sign("whsec_1", "1783584000", b"{}")),
    ),
    Body(b"{}"),
    signature_valid=True,
)
SLOW = {"base_url": BASE, "api_key": KEY, "timeout": 1}
NO_KEY = {"base_url": BASE, "api_key": None}
LATE_GET = returned("getBatch", wire("GET /v1/batches/b", answer=BATCH), batch_id="b", took_ms=4000)
WITH_MODEL = {**REQUEST, "model": "x/y"}


def published() -> dict[str, tuple[set[str], list[Any]]]:
    """By defect: the rows that it breaks, and the transcript that shows it."""
    post = wire("POST /v1/batches", REQUEST, status=500, answer={"error": {"message": "no"}})
    start = {"admitted": True, "runtime": "CPython 3.11.9"}
    not_found = wire("GET /v1/batches/b", status=404, answer={"error": "not_found"})
    text = b'{"id": '
    listed = "GET /v1/batches?after=None&x=True"
    return {
        "D1": (
            {"SURFACE-10"},
            [
                *steps(),
                Edge("sdk_start", {**start, "outcome": {"error": {"message": "no module"}}}),
            ],
        ),
        "D2": (
            {"SURFACE-09"},
            steps(returned("createBatch", value={"status": "coming_soon"}, request={})),
        ),
        "D4": (
            {"WIRE-05", "WIRE-08"},
            steps(
                get("a/b", "/v1/batches/a/b"),
                refuses("getBatch", name="UnicodeEncodeError", batch_id="ü"),
                refuses("getBatch", name="http.client.InvalidURL", batch_id="batch 123"),
                refuses("getBatch", name="http.client.InvalidURL", batch_id="a\r\nX: y"),
                get("%2e%2e", "/v1/batches/%2e%2e"),
                get("a%2Fb", "/v1/batches/a%2Fb"),
            ),
        ),
        "D5": (
            {"WIRE-05", "WIRE-07"},
            steps(
                cancel("a?b", "/v1/batches/a?b/cancel"),
                cancel("a?b#c", "/v1/batches/a?b"),
                get("a?b#c", "/v1/batches/a?b"),
            ),
        ),
        "D6": (
            {"ARGS-06", "ARGS-07", "WIRE-06"},
            steps(
                get("", "/v1/batches/", answer=LIST),
                cancel("", "/v1/batches//cancel"),
                get(None, "/v1/batches/None"),
                cancel("..", "/v1/batches/../cancel"),
                get("..", "/v1/batches/.."),
                refuses("getBatch", name="TypeError"),
            ),
        ),
        "D7": ({"ERROR-10"}, steps(LATE_GET, clients=[opened(settings=SLOW)])),
        "D8": (
            {"ERROR-04"},
            steps(
                refused("getBatch", not_found, {"type": "urllib.error.HTTPError"}, batch_id="b"),
                failed(
                    "getBatch",
                    wire("GET /v1/batches/b", status=0),
                    kind="transport",
                    error={"type": "http.client.RemoteDisconnected"},
                    batch_id="b",
                ),
            ),
        ),
        "D9": (
            {"WIRE-24"},
            steps(returned("cancelBatch", REDIRECT, ELSEWHERE, batch_id="batch_123")),
        ),
        "D10": (
            {"WIRE-23"},
            steps(
                returned(
                    "getBatch",
                    wire("GET /v1/batches/b", status=302, to=f"{OTHER}/v1/batches/b"),
                    wire("GET /v1/batches/b", answer=BATCH, origin=OTHER),
                    batch_id="b",
                )
            ),
        ),
        "D11": (
            {"RESULT-10"},
            steps(
                returned(
                    "getBatch",
                    wire("GET /v1/batches/b", answer=text),
                    value=text.decode(),
                    batch_id="b",
                )
            ),
        ),
        "D12": (
            {"URL-03"},
            at("https://a.test/v1", url("a/b", "wss://a.test/v1/async/batch/a/b/ws")),
        ),
        "D13": (
            {"SURFACE-06", "SURFACE-13"},
            steps(
                returned("batches.get", wire("GET /v1/batches/b", answer=BATCH), batch_id="b"),
                says=lacking(**{"batches.get": "batches.retrieve"}),
            ),
        ),
        "D14": (
            {"SURFACE-01", "SURFACE-03", "SURFACE-04"},
            steps(
                *map(unsupported, MISSING),
                says=lacking(*MISSING),
            ),
        ),
        "D15": (
            {"VERIFY-04", "VERIFY-15"},
            [*steps(checked(says=False), checked(says=False, names="x-phaseo-")), DELIVERY],
        ),
        "D16": (
            {"ARGS-11"},
            steps(
                clients=[
                    opened(
                        settings=NO_KEY,
                        env={"AI_STATS_API_KEY": KEY, "PHASEO_API_KEY": None},
                        outcome={"error": {"kind": "argument", "message": "PHASEO_API_KEY"}},
                    )
                ]
            ),
        ),
        "D17": (
            {"VERIFY-09"},
            steps(
                checked(says="TypeError", signature="é" * 64),
                checked(says="ValueError", timestamp="²"),
            ),
        ),
        "D18": (
            {"WIRE-25"},
            steps(
                get("b", "/v1/batches/b", more=(("User-Agent", "phaseo-python/2.0.7"),)),
                says=hello(sdk="phaseo", version="3.0.0"),
            ),
        ),
        "D19": (
            {"WIRE-15", "WIRE-20"},
            steps(
                returned(
                    "listBatches", wire(listed, answer=LIST), params={"after": None, "x": True}
                )
            ),
        ),
        "D20": (
            {"WIRE-21"},
            steps(
                returned(
                    "createBatch",
                    wire("GET /v1/data/models?model_id=x%2Fy&limit=1", status=404, answer={}),
                    wire("POST /v1/batches", WITH_MODEL, answer=BATCH),
                    request=WITH_MODEL,
                )
            ),
        ),
        "D23": (
            {"WIRE-22"},
            steps(
                failed(
                    "createBatch",
                    post,
                    post,
                    post,
                    kind="http",
                    error={"status": 500, "message": "500", "body": {"message": "no"}},
                    request=REQUEST,
                )
            ),
        ),
        "D24": ({"ARGS-06"}, steps(get("", "/v1/batches/", answer=LIST))),
        "S1": (
            {"WIRE-06", "ARGS-06", "ARGS-07", "WIRE-15"},
            steps(
                cancel("..", "/v1/cancel"),
                get("..", "/v1/"),
                get("", "/v1/batches/", answer=LIST),
                get(None, "/v1/batches/null"),
                returned("getBatch", wire("GET /v1/batches/undefined", answer=BATCH)),
                returned(
                    "listBatches",
                    wire("GET /v1/batches?none=null&undef=undefined&t=true", answer=LIST),
                    params={"none": None, "t": True},
                ),
            ),
        ),
        "S2": (
            {"VERIFY-07"},
            steps(
                checked(says=True),
                checked(says=True, body=b"\xfe", signed=b"\xff"),
                checked(says=False, body=b"\xef\xbb\xbf{}"),
                checked(says=False, body=b"\xff"),
            ),
        ),
        "S3": (
            {"WIRE-24", "RESULT-10"},
            steps(
                returned("cancelBatch", REDIRECT, ELSEWHERE, batch_id="batch_123"),
                returned(
                    "getBatch",
                    wire("GET /v1/batches/b", answer=b"all is well"),
                    value="all is well",
                    batch_id="b",
                ),
            ),
        ),
        "S4": (
            {"URL-15"},
            at("wss://a.test/v1", url("b", "ws://a.test/v1/async/batch/b/ws")),
        ),
        "S5": (
            {"URL-03", "URL-06"},
            at(
                "https://a.test/v1",
                url("a/b", "wss://a.test/v1/async/batch/a/b/ws"),
                url("b", "wss://a.test/v1/async/batch/b/ws", interval_ms=0),
            ),
        ),
        "S6": (
            {"WIRE-05", "WIRE-07"},
            steps(get("a/b", "/v1/batches/a/b"), cancel("a?b#c", "/v1/batches/a?b")),
        ),
        "S7": (
            {"ERROR-13", "WIRE-24"},
            steps(returned("cancelBatch", REDIRECT, value=None, batch_id="batch_123")),
        ),
        "S8": (
            {"URL-01"},
            at("HTTPS://A.test/v1", url("b", "ws://A.test/v1/async/batch/b/ws")),
        ),
        "S8 null": (
            {"RESULT-11"},
            steps(
                returned(
                    "getBatch",
                    wire("GET /v1/batches/b", answer=b"null"),
                    value="null",
                    batch_id="b",
                )
            ),
        ),
    }


@pytest.mark.parametrize("defect", published())
def test_a_defect_breaks_the_rows_that_it_is_known_by(defect: str, broken: Any) -> None:
    rows, transcript = published()[defect]
    assert broken(transcript) == rows


def at_the_other_name() -> dict[str, Any]:
    """The steps of defects that the profile of OpenAI does not speak of."""
    return {name: published()[name][1] for name in ("D23", "D24", "D19", "S3")}


@pytest.mark.parametrize("defect", at_the_other_name())
def test_what_openai_does_not_promise_breaks_nothing_there(defect: str, broken: Any) -> None:
    assert broken(at_the_other_name()[defect], "openai") == set()


def test_both_versions_of_a_renamed_key_are_told_apart(broken: Any) -> None:
    _, transcript = published()["D16"]
    assert broken(transcript, "phaseo") == set()
