from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript, upload
from conformance.transcript import Exchange, Step

SENT = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
META = {"id": "file_1", "object": "file", "bytes": 11, "filename": "requests.jsonl"}
GOOD = b'{"custom_id":"a","body":{}}\n{"custom_id":"b","body":{}}\n'
ODD = b'{"custom_id":"a","body":{}}\r\n\r\n{"custom_id":"b","body":{}}'


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def create(answer: Any = None, status: int = 200, **more: Any) -> Exchange:
    return exchange("POST", "/batches", answer or batch(), sent=SENT, status=status, **more)


def refusal(reason: str, status: int = 400, **more: Any) -> Exchange:
    return create(refused(status, "validation_error", reason), status, **more)


def read(path: str, answer: Any, **more: Any) -> Exchange:
    return exchange("GET", f"/files/{path}", answer, **more)


FULL = {**META, "bytes": len(GOOD), "purpose": "batch"}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([upload(GOOD, FULL), read("file_1", FULL)], (3, [])),
        ([upload(GOOD, {**FULL, "bytes": 3})], (2, ["/bytes"])),
        ([upload(GOOD, {**FULL, "object": "upload"})], (3, ["/object"])),
        ([upload(GOOD, {**FULL, "bytes": "57"})], (3, ["/bytes", "/bytes"])),
        ([upload(GOOD, FULL), read("file_1", {**FULL, "filename": 7})], (4, ["/filename"])),
        ([exchange("POST", "/files", FULL, status=201)], (1, [""])),
        ([exchange("POST", "/files", refused(400), status=400)], (0, [])),
    ],
)
def test_uploads_are_answered_with_metadata(steps: list[Step], expected: Any) -> None:
    assert found("REST-FILES-01", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([upload(GOOD, META), create()], (1, [])),
        ([upload(GOOD, META), refusal("file_not_found_or_not_owned", 404)], (1, [""])),
        ([upload(GOOD, META), refusal("batch_reservation_input_unavailable", 500)], (1, [""])),
        ([upload(GOOD, META), create(b"no", 404)], (1, [""])),
        ([upload(GOOD, META), refusal("batch_missing_endpoint")], (0, [])),
        ([upload(b"no rows", META), refusal("batch_reservation_input_unavailable")], (0, [])),
        ([upload(b"\n", META), refusal("batch_reservation_empty_input_file")], (0, [])),
        ([upload(GOOD, META), refusal("file_not_found_or_not_owned", 404, key="b")], (0, [])),
        ([refusal("file_not_found_or_not_owned", 404), upload(GOOD, META)], (0, [])),
        ([upload(GOOD, META), edge("provider_next_error"), refusal("x", 404)], (0, [])),
        ([exchange("POST", "/batches", {}, sent=b"[")], (0, [])),
    ],
)
def test_uploaded_file_can_be_made_a_batch_of(steps: list[Step], expected: Any) -> None:
    assert found("REST-FILES-02", *steps) == expected


@pytest.mark.parametrize(
    ("content", "answer", "expected"),
    [
        (ODD, create(), (1, [])),
        (GOOD.replace(b"\n", b"\n\n", 1), create(), (1, [])),
        (ODD, refusal("batch_reservation_invalid_input_row"), (1, [""])),
        (ODD, refusal("batch_reservation_insufficient_credits", 402), (0, [])),
        (GOOD, create(), (0, [])),
    ],
)
def test_blank_lines_and_crlf_are_read(content: bytes, answer: Step, expected: Any) -> None:
    assert found("REST-FILES-13", upload(content, META), answer) == expected


@pytest.mark.parametrize(
    ("answer", "more", "expected"),
    [
        (META, {}, (3, [])),
        (META, {"key": "same"}, (3, [])),
        (
            {**META, "id": "other", "bytes": 12, "filename": None},
            {},
            (3, ["/id", "/bytes", "/filename"]),
        ),
        ({**META, "bytes": True}, {}, (3, ["/bytes"])),
        (b"oops", {}, (3, ["/id", "/bytes", "/filename"])),
        (refused(), {"status": 404}, (1, [""])),
        (refused(), {"status": 404, "key": "b"}, (0, [])),
    ],
)
def test_metadata_is_that_of_the_upload(answer: Any, more: Any, expected: Any) -> None:
    steps = [upload(b"eleven byte", META), read("file_1", answer, **more)]
    assert found("REST-FILES-03", *steps) == expected


def test_metadata_is_not_judged_without_upload_or_provider() -> None:
    gone = read("file_1", refused(), status=404)
    removed = edge("provider_key_removed", removed=True)
    assert found("REST-FILES-03", gone) == (0, [])
    assert found("REST-FILES-03", upload(GOOD, META), removed, gone) == (0, [])


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        ("a\r\nü".encode(), 200, (1, [])),
        ("a\nü".encode(), 200, (1, [""])),
        (b"a\r\n\xfc", 200, (1, [""])),
        (refused(), 404, (1, [""])),
    ],
)
def test_content_is_the_uploaded_bytes(answer: Any, status: int, expected: Any) -> None:
    steps = [upload("a\r\nü".encode(), META), read("file_1/content", answer, status=status)]
    assert found("REST-FILES-04", *steps) == expected


def got(status: str = "completed", *, key: str = "a", **members: Any) -> Exchange:
    return exchange("GET", "/batches/batch_1", batch(status, **members), key=key)


OUTPUT = read("file_out/content", b"{}\n")
NO_OUTPUT = read("file_out/content", refused(), status=404)
NO_ERRORS = read("file_err", refused(), status=404)


@pytest.mark.parametrize(
    ("steps", "once_shown", "of_completed"),
    [
        ([got(), OUTPUT], (1, []), (1, [])),
        ([got(), NO_OUTPUT], (1, [""]), (1, [""])),
        ([got(error_file_id="file_err"), NO_ERRORS], (1, [""]), (0, [])),
        ([got("expired", output_file_id="file_out"), NO_OUTPUT], (1, [""]), (0, [])),
        ([got(key="same"), OUTPUT], (1, []), (1, [])),
        ([got(key="b"), NO_OUTPUT], (0, []), (0, [])),
        ([NO_OUTPUT, got()], (0, []), (0, [])),
        (
            [exchange("POST", "/batches/batch_1/cancel", batch("completed")), NO_OUTPUT],
            (0, []),
            (0, []),
        ),
        ([got(), edge("provider_key_removed", removed=True), NO_OUTPUT], (0, []), (0, [])),
    ],
)
def test_result_files_can_be_read(steps: list[Step], once_shown: Any, of_completed: Any) -> None:
    assert found("REST-FILES-08", *steps) == once_shown
    assert found("REST-FILES-07", *steps) == of_completed


@pytest.mark.parametrize(
    ("status", "expected"), [(404, (0, [])), (410, (0, [])), (403, (1, [""])), (500, (1, [""]))]
)
def test_results_of_earlier_times_may_have_been_deleted(status: int, expected: Any) -> None:
    told = edge("batch_of_earlier_times", batch="batch_1")
    gone = read("file_out/content", refused(status), status=status)
    assert found("REST-FILES-08", told, got(), gone) == expected
    assert found("REST-FILES-07", told, got(), gone) == expected


def row(custom_id: Any, code: Any = 200, *, body: Any = None, error: Any = None) -> dict[str, Any]:
    response = {"status_code": code, "body": {} if body is None else body}
    return {"custom_id": custom_id, "response": response, "error": error}


def results(
    outputs: list[Any] | None, errors: list[Any] | None = None, **members: Any
) -> list[Step]:
    """An upload of rows a and b, the ended batch, and what was read of its files."""
    steps: list[Step] = [upload(GOOD, META), got(error_file_id="file_err", **members)]
    for name, rows in (("file_out", outputs), ("file_err", errors)):
        if rows is not None:
            steps.append(read(f"{name}/content", "\n".join(map(dump, rows)).encode()))
    return steps


@pytest.mark.parametrize(
    ("steps", "judged", "breaches"),
    [
        (results([row("b"), row("a")]), 2, 0),
        (results([row("a")], [row("b", 400)]), 2, 0),
        (results([row("a"), row("a")]), 2, 2),
        (results([row("a")], [row("a", 400)]), 2, 2),
        (results([row("c")]), 1, 1),
        (results([row(7)]), 1, 1),
        (results(["no row"]), 1, 1),
        (results([row("c")])[1:], 1, 0),
        (results(None), 0, 0),
    ],
)
def test_results_name_each_input_row_once(steps: list[Step], judged: int, breaches: int) -> None:
    assert found("REST-FILES-09", *steps) == (judged, [""] * breaches)


FAILED = {"custom_id": "b", "response": None, "error": {"code": "batch_expired"}}


@pytest.mark.parametrize(
    ("steps", "judged", "breaches"),
    [
        (results([row("a"), row("b", 400)], [FAILED]), 3, 0),
        (results([row("a", body="text")]), 1, 1),
        (results([row("a", code=True)]), 1, 1),
        (results([{"custom_id": "a", "response": None, "error": None}]), 1, 1),
        (results(None, [row("b")]), 1, 1),
        (results(None, [row("b", error={"code": "x"})]), 1, 0),
        (results(["no row"], [7]), 2, 2),
    ],
)
def test_result_rows_have_a_body_or_an_error(steps: list[Step], judged: int, breaches: int) -> None:
    assert found("REST-FILES-10", *steps) == (judged, [""] * breaches)


COUNTS = "/request_counts/completed"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (results([row("a"), row("b", 201)]), (1, [])),
        (results([row("a"), row("b", 400)]), (1, [COUNTS])),
        (results(None, [FAILED]), (0, [])),
        (results(None, [FAILED], output_file_id=None), (1, [COUNTS])),
        (results([row("a")], request_counts=None), (0, [])),
        (results([row("a")], request_counts={"completed": True}), (0, [])),
    ],
)
def test_completed_count_is_the_number_of_good_rows(steps: list[Step], expected: Any) -> None:
    assert found("REST-FILES-12", *steps) == expected


BUSY = {"error": {"message": "busy"}}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (upload(GOOD, BUSY, status=413), (2, [])),
        (upload(GOOD, refused(413), status=413), (2, ["/error"])),
        (upload(GOOD, META), (2, ["", "/error"])),
        (create(BUSY, 413), (0, [])),
    ],
)
def test_provider_errors_on_upload_are_passed_on(step: Step, expected: Any) -> None:
    told = edge("provider_next_error", match="upload", status=413, body=BUSY)
    assert found("REST-FILES-14", told, step) == expected
