"""Whatever stands in a transcript of an SDK, no check breaks."""

from itertools import product
from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import ABSENT
from conformance.requirements import registry
from conformance.sdk_calls import OPERATIONS
from conformance.testing import transcript
from conformance.testing_sdk import OWN, Said, hello, opened, sdk, wire
from conformance.transcript import Body, Call, Delivery, Edge, Step, Stream

ODD: list[Any] = [None, True, 7, "", "x", b"{}".hex(), [], [None], {}, {"a": [{}]}, "\x00"]
NAMES = ("request", "batch_id", "job_id", "kind", "options", "params", "headers", "secret")
MORE = ("body_base64", "now", "tolerance_seconds", "timestamp")
HEAD = (("x-ai-stats-signature", ""),)
ROWS = [row for row in registry() if row.family == "sdk" and row.is_master]


def outcomes(value: Any) -> list[dict[str, Any]]:
    error = dict.fromkeys(("type", "message", "repr", "status", "body", "headers"), value)
    return [
        {"value": value, "raw": value, "argument_after": value},
        {"error": {**error, "kind": "http"}},
        {"error": {"kind": value}},
        {"error": value},
        {},
    ]


def crashes(*steps: Step) -> list[str]:
    found = []
    for profile in ("ai-stats", "openai"):
        judgements = judge([transcript(*steps)], ROWS, profile)
        found += [one.crash for one in judgements.values() if one.crash]
    return found


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_odd_arguments_and_outcomes(value: Any) -> None:
    said = []
    for method, outcome in product(OPERATIONS, outcomes(value)):
        sent = wire("GET /v1/batches/b", answer=value, status=200 if value else 404)
        args = dict.fromkeys((*NAMES, *MORE), value)
        said.append(Said(Call(method, args, outcome, "c"), (sent,), 10))
    assert crashes(*sdk(*said)) == []


def test_odd_requests_and_answers() -> None:
    lines = ["GET /", "G /%", "GET //", "POST /v1/batches/%FF", "GET /v1/batches/\x00\ud800 #?"]
    bodies = [ABSENT, b"", b"\xff", b"[[", b"\xef\xbb\xbf", {"id": {}}]
    said = []
    for line, body, status in product(lines, bodies, (0, 200, 302, 404)):
        sent = wire(line, body, answer=body, status=status, to=":// /", headers=(("", ""),))
        for method in ("createBatch", "getBatch", "listBatches"):
            args = {"batch_id": "b", "request": {"a": None}, "params": {"a": [True, None]}}
            said.append(Said(Call(method, args, {"value": {}}, "c"), (sent,), 10))
    assert crashes(*sdk(*said)) == []


@pytest.mark.parametrize("value", ODD, ids=ascii)
def test_odd_clients_and_hellos(value: Any) -> None:
    says = Edge("sdk_hello", dict.fromkeys(hello().detail, value))
    odd = Edge("sdk_open", {**dict.fromkeys(opened().detail, value), "client": "c"})
    inner = opened(settings={"api_key": value, "timeout": value}, env={"A": value}, outcome={})
    started = Edge("sdk_start", dict.fromkeys(("admitted", "runtime", "outcome"), value))
    call = Said(Call("getBatch", {"batch_id": "b"}, {"value": {}}, "c"), (), 10)
    for client in (odd, inner):
        assert crashes(*sdk(call, says=says, clients=[client]), started) == []


def test_calls_of_nobody_beside_streams_and_deliveries() -> None:
    call = Call("batches.websocketUrl", {"batch_id": "b"}, {"value": f"{OWN}/x"}, "who")
    dialled = Stream(wire("GET /x").request, None)
    assert crashes(call, dialled, Delivery("", "", HEAD, Body())) == []


def test_steps_without_an_sdk_say_nothing() -> None:
    judgements = judge(
        [transcript(wire("GET /v1/batches/b", answer={"id": "b"}))], ROWS, "ai-stats"
    )
    assert {one.judged for one in judgements.values()} == {0}
