"""The builders: a valid value of each kind, of which a test changes the one thing it is about."""

from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import ABSENT
from conformance.requirements import registry
from conformance.testing import (
    JSON,
    batch,
    closed,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    observed,
    refused,
    said,
    stream,
    transcript,
    upload,
)
from conformance.transcript import Body, Close, Edge, Part

STATES = ["validating", "in_progress", "finalizing", "completed", "failed", "expired",
          "cancelling", "cancelled"]  # fmt: skip
PROFILE = "ai-stats"
STATE = {
    "url": "http://receiver.test/hook", "events": ["job.completed"], "has_secret": False,
    "delivery": {}, "attempts": [],
}  # fmt: skip
HEADERS = (*JSON, ("access-control-allow-origin", "*"), ("cache-control", "no-store"))


def broken(*steps: Any) -> set[str]:
    rows = [row for row in registry().masters(PROFILE) if not registry().is_pending(row)]
    found = judge([transcript(*steps)], rows, PROFILE)
    return {one for one, judgement in found.items() if judgement.broken or judgement.crash}


@pytest.mark.parametrize("status", STATES)
def test_a_built_batch_breaks_nothing(status: str) -> None:
    assert broken(exchange("GET", "/batches/batch_1", batch(status), headers=HEADERS)) == set()


def test_a_built_refusal_breaks_nothing() -> None:
    answer = exchange("GET", "/batches/nobody", refused(), status=404, headers=HEADERS)
    assert broken(answer) == set()


def test_a_changed_batch_breaks_what_speaks_of_it() -> None:
    assert "REST-SHAPE-03" in broken(exchange("GET", "/batches/b", batch(created_at="now")))


def test_members_are_laid_over_the_built_ones() -> None:
    assert batch(id="x", extra=1)["id"] == "x"
    assert refused(error="e", status_code=1, extra=2) == {
        **refused(error="e"), "status_code": 1, "extra": 2,
    }  # fmt: skip
    assert "in_progress_at" not in batch()
    assert batch("completed")["completed_at"] == 1783588200


@pytest.mark.parametrize("status", [None, 1, [], {}])
def test_a_status_of_a_wrong_type_can_be_built(status: Any) -> None:
    assert batch(status)["status"] == batch(status)["lifecycle_status"] == status


def test_an_exchange_stands_below_v1_and_carries_the_key_by_name() -> None:
    made = exchange("POST", "/x?a=1", {"b": 2}, sent=[1], key="b", status=201, at_ms=5, label="l")
    assert (made.request.path, made.request.query) == ("/v1/x", (("a", "1"),))
    assert (made.request.credential, made.request.json) == ("b", [1])
    assert made.response is not None
    assert (made.response.status, made.response.json) == (201, {"b": 2})
    assert (made.at_ms, made.ended_at_ms, made.label) == (5, 5, "l")


def test_bytes_are_taken_as_they_are_and_absence_is_no_body() -> None:
    made = exchange("GET", "/x", b"\xff", key=None)
    assert (made.request.headers, made.request.body, made.request.json) == ((), None, ABSENT)
    assert made.response is not None
    assert made.response.body == Body(b"\xff")


def test_an_upload_is_a_form_with_purpose_and_file() -> None:
    made = upload(b"{}", {"id": "f"}, status=201, at_ms=2)
    body = made.request.body
    assert body is not None
    assert body.parts == (Part("purpose", b"batch"), Part("file", b"{}", "requests.jsonl"))
    assert observed(made).files["f"].uploaded == b"{}"


EVENTS = [row for row in registry().masters(PROFILE) if row.family == "events" and row.schema]


@pytest.mark.parametrize("status", ["pending", "in_progress", "completed", "failed", "cancelled"])
def test_built_messages_frames_and_deliveries_break_no_schema(status: str) -> None:
    data = message_data(status, webhook=STATE)
    assert (len(data), len(data["billing"])) == (43, 17)
    steps = (stream(frame("job.snapshot", data), frame("pong")), delivery(data))
    found = judge([transcript(*steps)], EVENTS, PROFILE)
    assert [one for one, judgement in found.items() if judgement.broken] == []


def test_a_built_stream_has_its_frames_of_both_sides_and_its_end() -> None:
    made = stream(frame("pong", at_ms=2), said("ping", 1), close=closed(3, 1001), at_ms=1)
    assert made.request.url == "ws://gateway.test/v1/async/batch/batch_1/ws"
    assert [(one.sender, one.at_ms) for one in made.frames] == [("server", 2), ("client", 1)]
    assert (made.close, made.at_ms) == (Close(3, 1001, "closed", "server"), 1)
    refusal = stream(status=401, answer=refused(), key=None)
    assert refusal.response is not None
    assert (refusal.response.json, refusal.request.credential) == (refused(), None)


def test_a_built_delivery_says_the_same_in_body_and_headers() -> None:
    made = delivery({}, "batch.progress", key="batch.progress:40", attempt=2, at_ms=5)
    told = dict(made.headers)
    assert (told["x-ai-stats-event-id"], told["x-ai-stats-attempt"]) == (made.body.json["id"], "2")
    assert made.body.json["delivery"] == {
        "key": "batch.progress:40", "attempt": 2, "max_attempts": 4,
    }  # fmt: skip
    assert (made.at_ms, made.answered, made.signature_valid) == (5, {"status": 200}, None)


def test_steps_become_a_transcript() -> None:
    made = transcript(edge("waited", s=1), scenario="name")
    assert (made.scenario, made.steps) == ("name", (Edge("waited", {"s": 1}),))
