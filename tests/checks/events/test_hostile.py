"""Whatever a server sends, no check of the family breaks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.checks import all_checks, judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.testing import (
    batch,
    closed,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    said,
    stream,
    transcript,
)
from conformance.transcript import Body, Close, Delivery, Frame, Step

ROWS = [
    row
    for row in registry()
    if row.is_master
    and row.family == "events"
    and (row.schema or row.table or row.id in all_checks())
]
WORDS = ["batch_1", "batch", "completed", "pending", "job.snapshot", "", "2026-07-09T09:00:00.000Z"]
LEAVES = st.none() | st.booleans() | st.integers(-5, 200) | st.sampled_from(WORDS)
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2), max_leaves=4)


def crashes(*steps: Step) -> list[str]:
    found = judge([transcript(*steps)], ROWS, "ai-stats")
    return [str(one.crash) for one in found.values() if one.crash is not None]


def bent(value: Any, member: str) -> dict[str, Any]:
    return {**message_data("in_progress"), member: value}


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(value=ANY, member=st.sampled_from([*sorted(message_data()), "webhook"]))
def test_members_of_any_type_break_no_check(value: Any, member: str) -> None:
    data = bent(value, member)
    create = exchange("POST", "/batches", {**batch(), member: value}, sent={"webhook": {}})
    read = exchange("GET", "/batches/batch_1", {**batch("completed"), member: value}, at_ms=20)
    told = stream(
        frame("job.snapshot", data), said("refresh", 5), frame("job.updated", value, 6),
        frame("job.updated", data, 30), close=closed(9000),
    )  # fmt: skip
    assert crashes(create, told, read, delivery(data, at_ms=40)) == []


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(content=st.text(max_size=20) | st.binary(max_size=20) | ANY.map(dump))
def test_frames_and_bodies_of_any_content_break_no_check(content: str | bytes) -> None:
    raw = content.encode() if isinstance(content, str) else content
    steps = (
        exchange("GET", "/async/batch/batch_1/ws", raw, status=426),
        stream(status=401, answer=raw),
        stream(Frame("server", 0, content), said(content, 1), Frame("server", 2, content)),
        Delivery("POST", "/h", (), Body(raw)),
    )
    assert crashes(*steps) == []


@pytest.mark.parametrize("value", [[], {}, [{}], 5, True, None, "", 1.5])
@pytest.mark.parametrize("member", [*sorted(message_data()), "webhook"])
def test_a_member_of_another_type_breaks_no_check(member: str, value: Any) -> None:
    data = bent(value, member)
    create = exchange("POST", "/batches", {**batch(), member: value}, sent={"webhook": {}})
    told = stream(frame("job.snapshot", data), said(dump({"type": value}), 1), close=closed(9000))
    assert crashes(create, told, delivery(data)) == []


@pytest.mark.parametrize("code", [None, 0, 1005, 1006, 1011, 4999])
@pytest.mark.parametrize("by", ["server", "client"])
def test_any_close_without_a_snapshot_breaks_no_check(code: Any, by: str) -> None:
    gone = edge("stored_batch_deleted", batch="batch_1")
    moved = edge("clock_advanced", by_ms=None)
    assert crashes(stream(said("ping"), close=Close(0, code, "", by)), gone, moved) == []


ODD = [
    '{"type":"job.snapshot","data":{"progress":NaN}}',
    '{"type":"pong","type":"job.updated"}',
    '{"type":"job.updated","data":' + '{"a":' * 300 + "1" + "}" * 301,
    '{"type":"job.updated","data":{"progress":1e400,"request_counts":{"total":-1e400}}}',
    '{"type":"job.updated","data":{"progress":' + "9" * 5000 + "}}",
    '{"type":"job.snapshot","data":{"id":"\\ud800","cancel_url":"http://\\ud800/","status":"pending"}}',
    '{"type":"job.snapshot","data":{"websocket_url":"ws://[::1/","polling_url":"http://[x/"}}',
    '{"type":"job.updated","data":{"last_polled_at":"0001-01-01T00:00:00.000+23:59"}}',
    "\ufeff{}",
    b"\xff\xfe",
    b'{"type":"pong"}',
]


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_odd_json_breaks_no_check(content: str | bytes) -> None:
    raw = content.encode() if isinstance(content, str) else content
    told = stream(
        Frame("server", 1, content), said(content, 2), Frame("server", 3, content),
        frame("job.updated", message_data(), 9000),
        path="/async/batch/batch_1/ws?interval_ms=1e99&close_on_terminal=%ff",
    )  # fmt: skip
    read = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=4)
    moved = edge("clock_advanced", by_ms=10**400)
    assert crashes(read, told, stream(status=404, answer=raw, key="b"), moved) == []


def test_a_flood_of_frames_is_judged_in_time() -> None:
    flood = [frame("job.updated", message_data(progress=one % 100), one) for one in range(2000)]
    pongs = [frame("pong", at_ms=3000)] * 2000
    assert crashes(stream(*flood, said("ping", 2500), *pongs, said("x", 4000))) == []
