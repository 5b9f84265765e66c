"""Which recorded call answers a call."""

import pytest

from conformance.cassettes import load
from conformance.replay.matching import Turns, Wanted
from conformance.testing import exchange, stream, transcript
from conformance.transcript import Exchange, Request, Response, Stream


def numbers(turns, *wanted):
    return [found.number if (found := turns.take(one)) else None for one in wanted]


def get(path, *query, upgrade=False):
    return Wanted("GET", path, query, upgrade)


def test_each_route_has_its_own_turn():
    turns = Turns(
        transcript(
            exchange("GET", "/batches/b", {}),
            exchange("POST", "/batches", {}),
            exchange("GET", "/batches/b", {}),
        )
    )
    read = get("/v1/batches/b")
    assert numbers(turns, read, Wanted("POST", "/v1/batches"), read, read) == [1, 2, 3, None]
    last = turns.last(read)
    assert last is not None
    assert last.number == 3


@pytest.mark.parametrize("path", ["/v1/batches/a%20b", "/_sets/other/v1/batches/a b"])
def test_a_path_counts_decoded_and_from_v1_on(path):
    recorded = Exchange(Request("GET", "http://h/_sets/x/v1/batches/a%20b"), Response(200))
    assert numbers(Turns(transcript(recorded)), get(path)) == [1]


@pytest.mark.parametrize(
    "query",
    [(), (("limit", "1"),), (("limit", "1"), ("after", "y")), (("limit", "1"), ("before", "x"))],
)
def test_another_query_is_another_call(query):
    turns = Turns(transcript(exchange("GET", "/batches?after=x&limit=1", {})))
    assert numbers(turns, get("/v1/batches", *query)) == [None]
    assert numbers(turns, get("/v1/batches", ("limit", "1"), ("after", "x"))) == [1]


def test_a_marker_stands_for_whatever_the_caller_has():
    turns = Turns(transcript(exchange("GET", "/batches/{{key:a}}?token=t-{{key:a}}", {})))
    assert numbers(turns, get("/v1/batches/", ("token", "t-x"))) == [None]
    assert numbers(turns, get("/v1/batches/mine", ("token", "x"))) == [None]
    assert numbers(turns, get("/v1/batches/mine", ("token", "t-x"))) == [1]


def test_a_stream_and_a_plain_call_of_its_address_are_told_apart():
    path = "/async/batch/b/ws"
    turns = Turns(transcript(stream(path=path), exchange("GET", path, {}, status=426)))
    found = numbers(turns, get(f"/v1{path}"), get(f"/v1{path}", upgrade=True))
    assert found == [2, 1]


def test_strict_turns_have_one_order_for_all_routes():
    turns = Turns(
        transcript(exchange("POST", "/batches", {}), exchange("GET", "/batches/b", {})),
        strict=True,
    )
    create, read = Wanted("POST", "/v1/batches"), get("/v1/batches/b")
    assert numbers(turns, read, create, create, read, read) == [None, 1, None, 2, None]


def test_calls_that_were_made_at_once_may_come_in_any_order():
    def call(path, at_ms, ended_at_ms):
        request = Request("GET", f"http://h/v1/{path}")
        return Exchange(request, Response(200), None, at_ms, ended_at_ms)

    turns = Turns(transcript(call("a", 0, 9), call("b", 5, 7), call("c", 9, 9)), strict=True)
    assert numbers(turns, get("/v1/c"), get("/v1/b"), get("/v1/a"), get("/v1/c")) == [
        None, 2, 1, 3,
    ]  # fmt: skip


def test_what_is_left_is_told_as_data():
    turns = Turns(
        transcript(exchange("GET", "/batches?limit=1", {}), stream(path="/async/batch/b/ws"))
    )
    assert [one.as_json() for one in turns.left] == [
        {"step": 1, "method": "GET", "path": "/v1/batches", "query": {"limit": "1"}},
        {"step": 2, "method": "GET", "path": "/v1/async/batch/b/ws", "upgrade": "websocket"},
    ]
    turns.take(get("/v1/batches", ("limit", "1")))
    assert [one.number for one in turns.left] == [2]


def test_a_call_reads_as_one_line():
    assert str(get("/v1/a%20b", ("x", "1"), ("y", ""))) == "GET /v1/a b?x=1&y="


def test_every_shipped_recording_can_be_called_again_in_its_strict_order(cassettes_folder):
    for path in sorted(cassettes_folder.rglob("*.json")):
        recorded = load(path).transcript
        calls = [step for step in recorded.steps if isinstance(step, Exchange | Stream)]
        turns = Turns(recorded, strict=True)
        found = [turns.take(Wanted.of(c.request, upgrade=isinstance(c, Stream))) for c in calls]
        assert [one and one.step for one in found] == calls
