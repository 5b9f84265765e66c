"""Handshakes: who is let in, and how the others are refused."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import (
    JSON,
    batch,
    closed,
    edge,
    exchange,
    frame,
    message_data,
    refused,
    stream,
    upload,
)
from conformance.transcript import Response, Stream

OWN = exchange("POST", "/batches", batch(), sent={})
ENDED = exchange("GET", "/batches/batch_1", batch("completed"))
STRANGER = exchange("GET", "/batches", {"data": []}, key="b")
VIDEO, ESCAPED = "/async/video/batch_1/ws", "/async/batch/%62atch_1/ws"
LOUD = "/async/BATCH/batch_1/ws"
REASON = "async_job_not_found_or_not_owned"


def plain(status: int, *, path: str = "/async/batch/batch_1/ws", upgrade: str = "") -> Any:
    headers = (*JSON, ("upgrade", "WebSocket, x")) if status == 426 else JSON
    made = exchange("GET", path, {}, status=status, headers=headers)
    asked = (*made.request.headers, *((("upgrade", upgrade),) if upgrade else ()))
    return replace(made, request=replace(made.request, headers=asked))


def opened(path: str = "/async/batch/batch_1/ws", **more: Any) -> Stream:
    return stream(path=path, **more)


@pytest.mark.parametrize(
    ("requirement", "good", "bad"),
    [
        ("WS-HS-01", opened(), opened(status=500)),
        ("WS-HS-01", opened("/async/batch/batch_1/ws?interval_ms=5"), opened(status=404)),
        ("WS-HS-02", plain(426), plain(404)),
        ("WS-HS-05", plain(426, upgrade="h2c"), plain(400, upgrade="h2c")),
        ("WS-HS-13", opened(VIDEO, status=404), opened(VIDEO)),
        ("WS-HS-17", opened(ESCAPED), opened(ESCAPED, status=404)),
        ("WS-HS-19", opened(LOUD), opened(LOUD, status=400)),
    ],
)  # fmt: skip
def test_the_owner_is_answered_as_promised(
    requirement: str, good: Any, bad: Any, found: Any
) -> None:
    assert found(requirement, OWN, good) == (1, [])
    assert found(requirement, OWN, bad) == (1, [""])
    assert found(requirement, good, bad) == (0, [])


@pytest.mark.parametrize(
    "asked",
    [
        opened(status=500, key="b"),
        opened(status=500, key=None),
        opened("/async/batch/batch_1/ws?interval_ms=abc", status=400),
        opened("/async/batch/batch_1/ws?x=1", status=400),
        opened("/async/batch/batch_2/ws", status=404),
        opened(status=429),
        plain(400, upgrade="websocket"),
    ],
)
def test_what_is_no_valid_handshake_of_the_owner_is_not_judged_as_one(
    asked: Any, found: Any
) -> None:
    assert found("WS-HS-01", OWN, asked) == (0, [])


def test_a_batch_that_the_store_lost_need_not_open(found: Any) -> None:
    gone = edge("stored_batch_deleted", batch="batch_1")
    assert found("WS-HS-01", OWN, gone, opened(status=404)) == (0, [])
    armed = edge("database_next_call_fails", operation="get")
    assert found("WS-HS-01", OWN, armed, opened(status=500)) == (0, [])


def test_a_426_names_websocket_in_its_upgrade_header(found: Any) -> None:
    bare = replace(plain(426), response=Response(426, (*JSON, ("date", "today"))))
    assert found("WS-HS-03", plain(426)) == (1, [])
    assert found("WS-HS-03", bare, plain(404)) == (1, [""])


def test_an_answer_recorded_without_headers_of_the_connection_says_nothing(found: Any) -> None:
    assert found("WS-HS-03", replace(plain(426), response=Response(426, JSON))) == (0, [])


@pytest.mark.parametrize(
    ("ours", "theirs", "broken"),
    [
        ({"description": "no batch_1"}, {"description": "no nobody"}, 0),
        ({"id": "batch_1", "trace": 1}, {"id": "nobody", "trace": 2}, 0),
        ({"error": {"code": "x", "request_id": "r"}}, {"error": {"code": "x"}}, 0),
        ({"error": {"code": "x", "id": "batch_1"}}, {"error": {"code": "x", "id": "nobody"}}, 0),
        ({"error": {"code": "x"}}, {"error": {"code": "y"}}, 1),
        ({"owner": "ws_a"}, {}, 1),
    ],
)
def test_what_names_the_call_or_the_id_may_differ_between_refusals(
    ours: Any, theirs: Any, broken: int, found: Any
) -> None:
    foreign = opened(status=404, answer={**refused(reason=REASON), **ours}, key="b")
    assert found("WS-HS-11", OWN, STRANGER, unknown(**theirs), foreign) == (2, [""] * broken)


def unknown(**more: Any) -> Stream:
    body = refused(reason=REASON, request_id="G-2", generation_id="G-2", workspace_id="b", **more)
    return opened("/async/batch/nobody/ws", status=404, answer=body, key="b")


def test_a_foreign_batch_is_refused_in_the_words_for_an_unknown_one(found: Any) -> None:
    foreign = opened(status=404, answer=refused(reason=REASON), key="b")
    told = opened(status=404, answer=refused(reason="not_yours"), key="b")
    assert found("WS-HS-11", OWN, STRANGER, unknown(), foreign) == (2, [])
    assert found("WS-HS-11", OWN, STRANGER, unknown(), told) == (2, [""])
    assert found("WS-HS-11", OWN, STRANGER, told) == (1, [])
    assert found("WS-HS-11", OWN, STRANGER, opened(status=403, key="b")) == (1, [""])
    assert found("WS-HS-11", OWN, STRANGER, opened(key="same")) == (0, [])
    assert found("WS-HS-11", OWN, opened(status=401, key="b")) == (0, [])


LEAKS = [
    {"data": message_data()},
    {"billing": {}},
    [{"progress": 1}],
    {"error": "forbidden", "status": "in_progress"},
    {"error": {"details": {"key_source": "byok"}}},
]


@pytest.mark.parametrize("body", LEAKS, ids=range(len(LEAKS)))
def test_a_refusal_with_data_of_the_job_is_found(body: Any, found: Any) -> None:
    assert found("WS-HS-15", opened(status=404, answer=body)) == (1, [""])


def test_a_refusal_without_data_holds_and_one_that_opens_does_not(found: Any) -> None:
    assert found("WS-HS-15", opened(status=404, answer=refused())) == (1, [])
    assert found("WS-HS-15", opened(status=500, answer=b"\xff")) == (1, [])
    assert found("WS-HS-15", opened(status=404, answer={"status": "failed"})) == (1, [])
    assert found("WS-HS-15", stream(frame("job.snapshot"), status=404)) == (1, [""])
    assert found("WS-HS-15", opened(key=None)) == (1, [""])
    assert found("WS-HS-15", opened()) == (0, [])


def test_an_ended_batch_can_be_streamed(found: Any) -> None:
    told = stream(frame("job.snapshot", message_data("completed")), close=closed())
    assert found("WS-HS-16", OWN, ENDED, told) == (2, [])
    assert found("WS-HS-16", OWN, ENDED, opened(status=410)) == (1, [""])
    assert found("WS-HS-16", OWN, ENDED, opened(close=closed())) == (2, [""])
    left = opened(close=closed(5, by="client"))
    assert found("WS-HS-16", OWN, ENDED, left) == (1, [])
    waited = opened(close=closed(9000, by="client"))
    assert found("WS-HS-16", OWN, ENDED, waited) == (2, [""])
    assert found("WS-HS-16", OWN, opened(status=410)) == (0, [])


def test_the_id_of_the_provider_opens_nothing(found: Any) -> None:
    own = exchange("POST", "/batches", batch(native_batch_id="native_1"), sent={})
    refusal = opened("/async/batch/native_1/ws", status=404)
    assert found("WS-HS-18", own, refusal) == (1, [])
    assert found("WS-HS-18", own, opened("/async/batch/native_1/ws")) == (1, [""])
    told = stream(frame("job.snapshot", message_data(native_id="native_1")))
    assert found("WS-HS-18", OWN, told, opened("/async/batch/native_1/ws")) == (1, [""])
    same = exchange("POST", "/batches", batch(native_batch_id="batch_1"), sent={})
    assert found("WS-HS-18", same, opened()) == (0, [])


def test_the_row_of_a_file_is_not_streamed(found: Any) -> None:
    sent = upload(b"{}", {"id": "file_1"})
    path = "/async/batch/__file__:file_1/ws"
    assert found("WS-HS-21", sent, opened(path, status=404)) == (1, [])
    assert found("WS-HS-21", sent, opened(path)) == (1, [""])
    assert found("WS-HS-21", sent, opened(path, key="b"), opened()) == (0, [])


@pytest.mark.parametrize(
    ("requirement", "asked", "good", "bad"),
    [
        ("WS-HS-06", {"key": None}, 401, 403),
        ("WS-HS-10", {"path": "/async/batch/nobody/ws"}, 404, 400),
        ("WS-HS-12", {"path": "/async/music/batch_1/ws"}, 400, 404),
        ("WS-HS-14", {"path": "/async/music/nobody/ws"}, 400, 404),
    ],
)
def test_cases_of_the_tables_are_found_among_the_upgrades(
    requirement: str, asked: Any, good: int, bad: int, found: Any
) -> None:
    assert found(requirement, OWN, stream(status=good, **asked)) == (1, [])
    assert found(requirement, OWN, stream(status=bad, **asked)) == (1, [""])


def test_a_plain_call_is_not_taken_for_an_upgrade_and_the_reverse(found: Any) -> None:
    call = exchange("GET", "/async/batch/batch_1/ws", status=426, key=None)
    assert found("WS-HS-06", OWN, call) == (0, [])
    assert found("WS-HS-14", OWN, call) == (1, [])
    assert found("WS-HS-10", OWN, opened(status=500)) == (0, [])


def test_a_refused_key_is_told_in_the_usual_error_object(found: Any) -> None:
    answer = refused(401, "unauthorised", "invalid_key_format")
    assert found("WS-HS-07", opened(status=401, answer=answer)) == (1, [])
    assert found("WS-HS-07", opened(status=401, answer=b"no")) == (1, [""])
    assert found("WS-HS-04", plain(426)) == (1, ["/body"])
