"""Handshakes, streams and their frames."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.event_views import frames, handshakes, streams, upgrades_at
from conformance.json_text import ABSENT
from conformance.testing import (
    STREAM_ORIGIN,
    closed,
    exchange,
    frame,
    message_data,
    observed,
    said,
    stream,
)
from conformance.transcript import Frame, Response

DATA = message_data()


def test_handshakes_are_upgrades_and_plain_calls_of_stream_addresses_in_order() -> None:
    seen = observed(
        exchange("GET", "/async/batch/b%201/ws", status=426),
        stream(path="/async/BATCH/b%2F2/ws?interval_ms=1&interval_ms=2", status=404),
        exchange("GET", "/async/batch/b", status=404),
        exchange("POST", "/async/batch/b/ws", status=404),
    )
    found = handshakes(seen)
    assert [(one.number, one.kind, one.id, one.status) for one in found] == [
        (1, "batch", "b 1", 426),
        (2, "BATCH", "b/2", 404),
    ]
    assert [one.wants_websocket for one in found] == [False, True]
    assert [one.option("interval_ms") for one in found] == [None, "1"]


def test_a_websocket_client_always_asks_for_an_upgrade() -> None:
    made = stream(status=404)
    bare = replace(made, request=replace(made.request, headers=()))
    assert [one.wants_websocket for one in handshakes(observed(bare, made))] == [True, True]


@pytest.mark.parametrize(
    "response", [None, Response(429), Response(404, truncated=True)], ids=["none", "429", "cut"]
)
def test_what_got_no_whole_answer_is_no_handshake(response: Response | None) -> None:
    assert list(handshakes(observed(replace(stream(), response=response)))) == []


def test_the_answer_of_a_handshake_is_an_envelope_for_schemas() -> None:
    refused = stream(status=401, answer={"error": "unauthorised"})
    text = replace(refused, response=Response(500, (("X-A", "1"), ("x-a", "2"))))
    assert [one.plain for one in handshakes(observed(refused, text))] == [
        {
            "status": 401,
            "headers": {"content-type": "application/json"},
            "body": {"error": "unauthorised"},
        },
        {"status": 500, "headers": {"x-a": "1"}},
    ]


def test_streams_are_opened_and_of_batches() -> None:
    seen = observed(
        stream(), stream(status=404), stream(path="/async/video/v/ws"), stream(path="/other")
    )
    assert [one.number for one in streams(seen)] == [1]


def test_frames_are_those_of_the_server_with_their_place() -> None:
    made = stream(said("ping", 1), frame("pong", at_ms=2), Frame("server", 3, b"\xff"))
    found = frames(observed(made))
    assert [(one.pointer, one.type, one.at_ms, one.is_text) for one in found] == [
        ("/frames/1", "pong", 2, True),
        ("/frames/2", None, 3, False),
    ]
    assert [one.plain for one in found] == [{"type": "pong"}, ABSENT]


@pytest.mark.parametrize("content", ["", "{", "[1]", "5", '{"type":[]}', '{"type":"a","type":"b"}'])
def test_a_hostile_frame_has_no_type_and_no_message(content: str) -> None:
    (one,) = frames(observed(stream(Frame("server", 0, content))))
    assert (one.type, one.data, one.message) == (None, ABSENT, None)


def test_bytes_that_hold_a_frame_are_read_but_are_no_text() -> None:
    content = frame("job.snapshot", DATA).content
    assert isinstance(content, str)
    (one,) = frames(observed(stream(Frame("server", 0, content.encode()))))
    assert (one.type, one.message is not None, one.plain) == ("job.snapshot", True, ABSENT)


@pytest.mark.parametrize(
    ("value", "closes"),
    [(None, True), ("true", True), ("", True), ("false", False), ("%20OFF%20", False)],
)
def test_a_stream_knows_whether_it_is_to_close_at_the_end(value: Any, closes: Any) -> None:
    query = "" if value is None else f"?close_on_terminal={value}"
    (one,) = streams(observed(stream(path=f"/async/batch/b/ws{query}")))
    assert one.closes_at_end is closes


def test_a_stream_is_watched_until_its_close_or_its_last_frame() -> None:
    shut = stream(frame("pong", at_ms=5), close=closed(9), at_ms=1)
    left, silent = stream(frame("pong", at_ms=5), at_ms=1), stream(at_ms=1)
    found = streams(observed(shut, left, silent))
    assert [one.watched_until_ms for one in found] == [9, 5, 1]
    assert [one.sent for one in found] == [(), (), ()]


def test_a_url_is_asked_at_whatever_its_path_and_the_query_of_the_client() -> None:
    url = f"{STREAM_ORIGIN}/v1/watch/batch_1"
    asked = (stream(path="/watch/batch_1"), stream(path="/watch/batch_1?x=1", status=404))
    throttled, other = stream(path="/watch/batch_1", status=429), stream()
    found = list(upgrades_at(observed(*asked, throttled, other), url, "batch_1"))
    assert [(one.kind, one.id, one.status) for one in found] == [
        ("batch", "batch_1", 101),
        ("batch", "batch_1", 404),
    ]
