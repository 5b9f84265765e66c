"""What a message says of its batch beside what polls say of it."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import (
    ORIGIN,
    STREAM_ORIGIN,
    batch,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    stream,
)
from conformance.transcript import Exchange, Frame, Step, Stream

T0, T1 = "2026-07-09T09:00:00.000Z", "2026-07-09T09:00:00.001Z"
PATH = "/batches/batch_1"
POLLING, SOCKET = f"{ORIGIN}/v1/batches/batch_1", f"{STREAM_ORIGIN}/v1/async/batch/batch_1/ws"


def poll(
    status: str, at: int = 0, until: int | None = None, path: str = PATH, **members: Any
) -> Exchange:
    """A GET of the batch from `at` to `until`; the provider was last asked at T0."""
    body = batch(status, **{"last_polled_at": T0, "polled_status": status, **members})
    read = exchange("GET", path, body, at_ms=at)
    return replace(read, ended_at_ms=at + 1 if until is None else until)


def told(status: str, at: int = 10, kind: str = "job.snapshot", **members: Any) -> Stream:
    return stream(frame(kind, message_data(status, **members), at), at_ms=at)


def sent(status: str, at: int = 10, **members: Any) -> Step:
    return delivery(message_data(status, **members), f"batch.{status}", at_ms=at)


ONE = "/frames/0/data"


@pytest.mark.parametrize("end", ["completed", "failed", "expired", "cancelled"])
def test_the_end_has_one_lifecycle_on_all_channels(end: str, found: Any) -> None:
    read, other = poll(end), "failed" if end != "failed" else "expired"
    assert found("XCH-02", read, told(end), sent(end)) == (2, [])
    assert found("XCH-02", read, sent(other)) == (1, ["/data/lifecycle_status"])
    assert found("XCH-02", read, told(end, lifecycle_status="running")) == (
        1, [f"{ONE}/lifecycle_status"],
    )  # fmt: skip


def test_polls_that_tell_of_two_ends_are_not_both_right(found: Any) -> None:
    reads = (poll("completed", 0), poll("failed", 20, lifecycle_status="completed"))
    assert found("XCH-02", *reads, told("completed")) == (1, [])
    assert found("XCH-04", *reads, told("completed")) == (1, [f"{ONE}/status"])
    reads = (poll("completed", 0), poll("completed", 20, lifecycle_status="failed"))
    assert found("XCH-02", *reads, told("completed")) == (1, [f"{ONE}/lifecycle_status"])


def test_the_british_and_the_american_end_are_one(found: Any) -> None:
    read = poll("canceled", lifecycle_status="cancelled")
    assert found("XCH-02", read, told("cancelled")) == (1, [])
    assert found("XCH-04", read, told("cancelled")) == (1, [])


def test_an_end_seen_on_one_channel_alone_is_not_compared(found: Any) -> None:
    steps = (poll("in_progress"), told("completed"))
    other = told("failed", id="batch_2", kind="job.updated")
    assert found("XCH-02", *steps) == (0, [])
    assert found("XCH-04", *steps, poll("completed", 20, id="batch_3"), other) == (0, [])


def test_the_end_has_one_status_word_on_all_channels(found: Any) -> None:
    read = poll("expired")
    assert found("XCH-04", read, told("expired"), sent("expired")) == (2, [])
    assert found("XCH-04", read, sent("failed")) == (1, ["/data/status"])
    wrong = told("pending", lifecycle_status="expired")
    assert found("XCH-04", read, wrong) == (1, [f"{ONE}/status"])


def test_one_record_has_one_lifecycle_before_the_end(found: Any) -> None:
    read = poll("finalizing", lifecycle_status="pending")
    frames = told("in_progress", polled_status="finalizing")
    assert found("XCH-03", poll("finalizing"), frames) == (1, [])
    assert found("XCH-03", read, frames) == (1, [f"{ONE}/lifecycle_status"])


@pytest.mark.parametrize(
    "read",
    [
        poll("finalizing", lifecycle_status="pending", last_polled_at=T1),
        poll("finalizing", 11, lifecycle_status="pending"),
        poll("finalizing", lifecycle_status="pending", polled_status="validating"),
        poll("finalizing", lifecycle_status=None),
        poll("completed", polled_status="finalizing"),
        poll("finalizing", id="batch_2"),
    ],
)
def test_another_record_may_have_another_lifecycle(read: Exchange, found: Any) -> None:
    assert found("XCH-03", read, told("in_progress", polled_status="finalizing")) == (0, [])


def test_webhooks_and_final_frames_are_no_matter_of_the_running_lifecycle(found: Any) -> None:
    read = poll("in_progress", lifecycle_status="pending")
    assert found("XCH-03", read, sent("in_progress"), told("completed")) == (0, [])


def test_of_records_with_one_mark_a_frame_may_show_any(found: Any) -> None:
    counted = counts(2, 1, 0)
    reads = (
        poll("in_progress", 0, request_counts=counts(2, 0, 0)),
        poll("in_progress", 5, request_counts=counted),
    )
    for shown in (counts(2, 0, 0), counted):
        assert found("XCH-05", *reads, told("in_progress", request_counts=shown)) == (1, [])
    late = told("in_progress", request_counts=counts(2, 2, 0))
    assert found("XCH-05", *reads, late) == (1, [f"{ONE}/request_counts"])


def counts(total: Any, completed: Any, failed: Any) -> dict[str, Any]:
    return {"total": total, "completed": completed, "failed": failed}


def test_no_counts_as_yet_are_zero_counts(found: Any) -> None:
    read = poll("validating", request_counts=None)
    zero = told("pending", request_counts=counts(0, 0, 0))
    assert found("XCH-05", read, zero, told("pending", request_counts=None)) == (2, [])
    assert found("XCH-05", read, told("pending")) == (1, [f"{ONE}/request_counts"])


def test_progress_is_one_number_where_the_poll_has_it(found: Any) -> None:
    read = poll("in_progress", progress=33)
    assert found("XCH-06", read, told("in_progress", progress=33)) == (1, [])
    assert found("XCH-06", read, told("in_progress", progress=34)) == (1, [f"{ONE}/progress"])
    unknown = poll("in_progress")
    assert found("XCH-06", unknown, told("in_progress", progress=0)) == (0, [])
    assert found("XCH-06", read, sent("in_progress", progress=30)) == (0, [])


@pytest.mark.parametrize("name", ["completion_window", "input_file_id", "endpoint"])
def test_terms_are_the_same_on_all_channels(name: str, found: Any) -> None:
    read = poll("in_progress")
    assert found("XCH-07", read, told("in_progress"), sent("in_progress")) == (10, [])
    wrong, gone = message_data("in_progress"), message_data("in_progress")
    wrong[name], gone[name] = "another", None
    assert found("XCH-07", read, delivery(wrong, at_ms=10)) == (5, [f"/data/{name}"])
    shown = stream(frame("job.snapshot", gone, 10))
    assert found("XCH-07", read, shown) == (5, [f"{ONE}/{name}"])


def test_result_files_are_compared_in_one_record(found: Any) -> None:
    read = poll("completed", error_file_id="file_err")
    good = sent("completed", error_file_id="file_err")
    wrong = sent("completed", output_file_id=None)
    assert found("XCH-07", read, good) == (5, [])
    assert found("XCH-07", read, wrong)[1] == ["/data/output_file_id", "/data/error_file_id"]
    assert found("XCH-07", poll("completed", last_polled_at=T1), wrong) == (3, [])


def test_what_a_repeated_cancel_leaves_out_is_not_missed(found: Any) -> None:
    short = {"id": "batch_1", "status": "cancelled", "lifecycle_status": "cancelled"}
    cancel = exchange("POST", f"{PATH}/cancel", short)
    assert found("XCH-07", cancel, told("cancelled")) == (0, [])
    assert found("XCH-08", cancel, told("cancelled", session_id="s")) == (0, [])


@pytest.mark.parametrize("spelling", ["responses", "/v1/responses", " v1/responses/"])
def test_tolerated_spellings_of_an_endpoint_are_one(spelling: str, found: Any) -> None:
    read = poll("in_progress", endpoint=spelling)
    assert found("XCH-07", read, told("in_progress")) == (5, [])


@pytest.mark.parametrize("name", ["request_id", "session_id", "provider"])
def test_origin_is_the_same_on_all_channels(name: str, found: Any) -> None:
    read = poll("in_progress", 50, session_id="s")
    assert found("XCH-08", read, told("pending", session_id="s")) == (3, [])
    wrong: dict[str, Any] = {"session_id": "s", name: "another"}
    assert found("XCH-08", read, told("pending", **wrong)) == (3, [f"{ONE}/{name}"])
    assert found("XCH-08", read, sent("pending", **wrong)) == (3, [f"/data/{name}"])


def test_no_session_is_null_absent_or_empty(found: Any) -> None:
    shown = (told("pending"), told("pending", session_id=""))
    assert found("XCH-08", poll("validating"), *shown) == (6, [])
    assert found("XCH-08", poll("validating"), told("pending", session_id="s"))[1] == [
        f"{ONE}/session_id"
    ]


@pytest.mark.parametrize("host", ["https://public.test/v1", f"{ORIGIN}/v1"])
def test_polling_url_has_one_path_whatever_the_host(host: str, found: Any) -> None:
    read = poll("validating")
    same: dict[str, Any] = {"polling_url": f"{host}/batches/batch_1?x=1"}
    assert found("XCH-10", read, told("pending", **same), sent("pending", **same)) == (2, [])
    wrong: dict[str, Any] = {"polling_url": f"{host}/batch/batch_1"}
    assert found("XCH-10", read, told("pending", **wrong)) == (1, [f"{ONE}/polling_url"])
    assert found("XCH-10", read, sent("pending", polling_url=5)) == (1, ["/data/polling_url"])


def test_links_of_the_alias_are_its_own(found: Any) -> None:
    read = poll("validating", path="/batch/batch_1", polling_url=f"{ORIGIN}/v1/batch/batch_1")
    assert found("XCH-10", read, told("pending")) == (0, [])


def test_websocket_url_has_one_path_where_the_poll_has_it(found: Any) -> None:
    read = poll("validating", websocket_url=SOCKET)
    wrong = told("pending", websocket_url=f"{SOCKET}x")
    assert found("XCH-11", read, told("pending"), sent("pending")) == (2, [])
    assert found("XCH-11", read, wrong) == (1, [f"{ONE}/websocket_url"])
    assert found("XCH-11", poll("validating"), wrong) == (0, [])


def test_cancel_url_is_null_on_both_or_on_neither(found: Any) -> None:
    can, done = poll("in_progress", cancel_url=f"{POLLING}/cancel"), poll("completed")
    assert found("XCH-12", can, told("in_progress")) == (1, [])
    assert found("XCH-12", done, told("completed")) == (1, [])
    broken = (1, [f"{ONE}/cancel_url"])
    assert found("XCH-12", can, told("in_progress", cancel_url=None)) == broken
    assert found("XCH-12", done, told("completed", cancel_url="x")) == broken


def test_cancel_url_while_finalizing_is_open(found: Any) -> None:
    frames = told("in_progress", polled_status="finalizing")
    assert found("XCH-12", poll("finalizing"), frames) == (0, [])


def test_native_id_is_that_of_the_poll_or_the_gateways(found: Any) -> None:
    own, other = poll("validating"), poll("validating", native_batch_id="native_1")
    assert found("XCH-26", own, told("pending")) == (1, [])
    assert found("XCH-26", other, told("pending", native_id="native_1")) == (1, [])
    assert found("XCH-26", other, told("pending")) == (1, [f"{ONE}/native_id"])
    assert found("XCH-26", own, told("pending", native_id=None)) == (1, [f"{ONE}/native_id"])
    assert found("XCH-26", other, sent("pending")) == (0, [])


def test_created_at_is_one_instant_within_a_minute(found: Any) -> None:
    read = poll("validating", created_at=1783587600)
    at_once = told("pending", created_at="2026-07-09T09:00:59+00:00")
    later = sent("pending", created_at="2026-07-09T09:01:01+00:00")
    assert found("XCH-28", read, at_once) == (1, [])
    assert found("XCH-28", read, later) == (1, ["/data/created_at"])
    for odd in (None, "soon", True, [1]):
        assert found("XCH-28", read, told("pending", created_at=odd)) == (0, [])


def test_a_batch_that_an_operator_changed_is_not_compared(found: Any) -> None:
    changed = edge("stored_provider_changed", batch="batch_1", provider="mistral")
    assert found("XCH-08", poll("validating"), changed, told("pending", provider="x")) == (0, [])


def test_batches_of_one_transcript_are_kept_apart(found: Any) -> None:
    other = poll("completed", id="batch_2", request_id="G-other", endpoint="/v1/other")
    for name in ("XCH-02", "XCH-05", "XCH-07", "XCH-08", "XCH-12"):
        assert found(name, other, told("completed"), Stream(other.request, None)) == (0, [])


def test_a_binary_frame_is_compared_all_the_same(found: Any) -> None:
    text = frame("job.snapshot", message_data("failed"), 10).content
    raw = stream(Frame("server", 10, str(text).encode()))
    assert found("XCH-02", poll("completed"), raw) == (1, [f"{ONE}/lifecycle_status"])
