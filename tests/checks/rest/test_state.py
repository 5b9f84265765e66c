from decimal import Decimal
from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Exchange, Step

Expected = tuple[int, list[str]]


def found(requirement: str, *steps: Step) -> Expected:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def got(status: Any = "validating", at_ms: int = 0, **members: Any) -> Exchange:
    body = {**batch(str(status)), "status": status, **members}
    return exchange("GET", "/batches/batch_1", body, at_ms=at_ms)


def listed(*items: Any) -> Exchange:
    return exchange("GET", "/batches", {"object": "list", "data": list(items)})


def cancelled(status: str = "cancelling", **members: Any) -> Exchange:
    return exchange("POST", "/batches/batch_1/cancel", {**batch(status), **members})


def counts(total: Any, completed: Any, failed: Any) -> dict[str, Any]:
    return {"request_counts": {"total": total, "completed": completed, "failed": failed}}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got("completed"), got("completed")), (1, [])),
        ((got("cancelled"), got("canceled")), (1, [])),
        ((got("completed"), got("in_progress")), (1, ["/status"])),
        ((got("failed"), got("expired")), (1, ["/status"])),
        ((got("completed"), got(7)), (1, ["/status"])),
        ((got("completed"), listed(batch("finalizing"))), (1, ["/data/0/status"])),
        ((got("completed"), got("in_progress"), got("completed")), (2, ["/status"])),
        ((got("completed"), got(None)), (0, [])),
        ((got("in_progress"), got("completed")), (0, [])),
        ((got("completed"), got("validating", id="batch_2")), (0, [])),
        ((got("completed", at_ms=9), got("in_progress", at_ms=5)), (0, [])),
    ],
)
def test_a_terminal_status_never_changes(steps: Any, expected: Expected) -> None:
    assert found("REST-STATE-02", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got("queued"), got("pending"), got("validating"), got("in_progress")), (3, [])),
        ((got("in_progress"), got("processing"), got("in_progress")), (2, [])),
        ((got("finalizing"), got("cancelling"), got("completed")), (2, [])),
        ((got("validating"), got("queued")), (1, ["/status"])),
        ((got("cancelling"), got("finalizing")), (1, ["/status"])),
        ((got("in_progress"), listed(batch("validating"))), (1, ["/data/0/status"])),
        ((got("in_progress"), got("resting"), got("validating")), (1, ["/status"])),
        ((got("in_progress"), got(["validating"])), (0, [])),
        ((got("in_progress", at_ms=9), got("validating", at_ms=5)), (0, [])),
    ],
)
def test_the_status_never_goes_back(steps: Any, expected: Expected) -> None:
    assert found("REST-STATE-03", *steps) == expected


@pytest.mark.parametrize(
    ("figures", "progress", "expected"),
    [
        ((8, 1, 1), 25, (1, [])),
        ((8, 1, 0), 13, (1, [])),
        ((8, 1, 0), 12, (1, ["/progress"])),
        ((4, 0, 0), 0, (1, [])),
        ((4, 2, 0), "50", (1, ["/progress"])),
        ((100, 1, 0), True, (1, ["/progress"])),
        ((4, 2, 0), None, (0, [])),
        ((0, 0, 0), 50, (0, [])),
        ((4, "2", 0), 10, (0, [])),
        ((True, 1, 0), 10, (0, [])),
    ],
)
def test_progress_is_the_share_of_finished_rows(
    figures: Any, progress: Any, expected: Expected
) -> None:
    read = got("in_progress", progress=progress, **counts(*figures))
    assert found("REST-STATE-07", read) == expected


def test_progress_is_left_to_ended_batches_and_to_providers_with_a_figure_of_their_own() -> None:
    scripted = edge("provider_next_error", match="get", status=200, body={"progress": 77})
    running = got("in_progress", progress=77, **counts(4, 2, 0))
    assert found("REST-STATE-07", running) == (1, ["/progress"])
    assert found("REST-STATE-07", scripted, running) == (0, [])
    assert found("REST-STATE-07", got("expired", progress=40, **counts(4, 1, 3))) == (0, [])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (got("in_progress", progress=30), got("in_progress", progress=30), (1, [])),
        (got("in_progress", progress=30), got("in_progress", progress=29), (1, ["/progress"])),
        (got("in_progress", progress=30), got("finalizing", progress=29), (0, [])),
        (got("in_progress", progress=30), got("in_progress"), (0, [])),
        (got("in_progress", progress=30), got("in_progress", progress="0"), (0, [])),
    ],
)
def test_progress_does_not_fall_in_progress(
    before: Exchange, after: Exchange, expected: Expected
) -> None:
    assert found("REST-STATE-08", before, after) == expected


@pytest.mark.parametrize("status", ["in_progress", "finalizing", "completed"])
def test_a_started_batch_has_its_start_time(status: str) -> None:
    assert found("REST-STATE-09", got(status)) == (1, [])
    assert found("REST-STATE-09", got(status, in_progress_at=None)) == (1, ["/in_progress_at"])
    item = batch(status, in_progress_at="2026-07-09T09:00:40.000Z")
    assert found("REST-STATE-09", listed(item)) == (1, ["/data/0/in_progress_at"])
    absent = without(batch(status), "in_progress_at")
    assert found("REST-STATE-09", listed(absent)) == (0, [])


def test_no_start_time_is_asked_of_other_states() -> None:
    assert found("REST-STATE-09", got("validating", in_progress_at=None)) == (0, [])
    assert found("REST-STATE-09", got("failed", in_progress_at=None)) == (0, [])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, (1, [])),
        ({"completed_at": Decimal("1783588200.0")}, (1, [])),
        ({"completed_at": 1783587600}, (1, [])),
        ({"completed_at": 1783587599}, (1, ["/completed_at"])),
        ({"completed_at": None}, (1, ["/completed_at"])),
        ({"completed_at": "1783588200"}, (1, ["/completed_at"])),
        ({"completed_at": True, "created_at": None}, (1, ["/completed_at"])),
        ({"completed_at": Decimal("1E+999")}, (1, ["/completed_at"])),
        ({"created_at": "2026-07-09T09:00:00.000Z"}, (1, [])),
        ({"status": "failed", "completed_at": None}, (0, [])),
    ],
)
def test_a_completed_batch_names_its_completion_time(members: Any, expected: Expected) -> None:
    assert found("REST-STATE-10", got(**{"status": "completed", **members})) == expected


def test_list_items_need_not_show_times() -> None:
    item = without(batch("completed"), "completed_at")
    assert found("REST-STATE-10", listed(item)) == (0, [])
    assert found("REST-STATE-11", listed(item)) == (0, [])
    assert found("REST-STATE-10", listed({**item, "completed_at": 1})) == (
        1,
        ["/data/0/completed_at"],
    )


@pytest.mark.parametrize("status", ["completed", "failed", "expired", "cancelled"])
def test_only_the_reached_end_has_a_time(status: str) -> None:
    other = "failed_at" if status == "completed" else "completed_at"
    assert found("REST-STATE-11", got(status)) == (4, [])
    assert found("REST-STATE-11", got(status, **{other: 1783588300})) == (4, [f"/{other}"])
    assert found("REST-STATE-11", got(status, **{f"{status}_at": None})) == (4, [f"/{status}_at"])


def test_the_time_of_an_end_is_asked_of_no_running_batch_and_no_abridged_cancel() -> None:
    abridged = without(batch("cancelled"), "cancelled_at", "cancelling_at")
    answer = exchange("POST", "/batches/batch_1/cancel", abridged)
    assert found("REST-STATE-11", got("in_progress", completed_at=5), answer) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got(), cancelled(cancelling_at=5), got("cancelled", cancelling_at=5)), (2, [])),
        ((got(), cancelled(cancelling_at=None)), (1, ["/cancelling_at"])),
        ((got(), cancelled("cancelled", cancelling_at=None)), (1, ["/cancelling_at"])),
        ((got("cancelled", cancelling_at=9, cancelled_at=8),), (1, ["/cancelling_at"])),
        (
            (
                cancelled(cancelling_at=9),
                listed(batch("cancelled", cancelling_at=9, cancelled_at=8)),
            ),
            (2, ["/data/0/cancelling_at"]),
        ),
        ((got(), cancelled()), (0, [])),
        ((got(cancelling_at=None), got("cancelled", cancelling_at=None)), (0, [])),
        (
            (got("cancelled", cancelling_at=None), cancelled("cancelled", cancelling_at=None)),
            (0, []),
        ),
    ],
)
def test_an_accepted_cancel_has_its_time(steps: Any, expected: Expected) -> None:
    assert found("REST-STATE-12", *steps) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"created_at": 1, "in_progress_at": 1, "finalizing_at": 2, "completed_at": 3}, (3, [])),
        ({"created_at": 5, "in_progress_at": None, "completed_at": 4}, (1, ["/completed_at"])),
        ({"created_at": 1, "in_progress_at": 9, "finalizing_at": 8}, (3, ["/finalizing_at"])),
        ({"created_at": "1", "in_progress_at": None, "completed_at": 3}, (0, [])),
    ],
)
def test_times_are_in_order(members: Any, expected: Expected) -> None:
    assert found("REST-STATE-13", got("completed", **members)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((4, 1, 1), (4, 2, 1), (3, [])),
        ((0, 0, 0), (4, 0, 0), (0, [])),
        ((4, 0, 0), (5, 0, 0), (1, ["/request_counts/total"])),
        ((4, 2, 0), (4, 1, 1), (2, ["/request_counts/completed"])),
        ((4, 0, 2), (4, 0, 1), (2, ["/request_counts/failed"])),
        ((4, 0, 0), (None, 0, 0), (0, [])),
    ],
)
def test_counts_do_not_fall(before: Any, after: Any, expected: Expected) -> None:
    steps = [got("in_progress", **counts(*figures)) for figures in (before, after)]
    assert found("REST-STATE-14", *steps) == expected


@pytest.mark.parametrize(
    ("status", "figures", "expected"),
    [
        ("completed", (3, 2, 1), (1, [])),
        ("completed", (3, 2, 0), (1, ["/request_counts"])),
        ("completed", (3, 3, 1), (1, ["/request_counts"])),
        ("completed", (3, None, 3), (0, [])),
        ("in_progress", (3, 1, 0), (0, [])),
        ("expired", (3, 1, 0), (0, [])),
    ],
)
def test_completed_counts_add_up(status: str, figures: Any, expected: Expected) -> None:
    assert found("REST-STATE-15", got(status, **counts(*figures))) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (counts(2, 1, 1), (1, [])),
        ({**counts(2, 1, 1), "output_file_id": None}, (1, ["/output_file_id"])),
        ({**counts(2, 1, 1), "output_file_id": ""}, (1, ["/output_file_id"])),
        ({**counts(2, 0, 2), "output_file_id": None}, (0, [])),
        ({"request_counts": None, "output_file_id": None}, (0, [])),
        ({"status": "expired", "output_file_id": None}, (0, [])),
    ],
)
def test_completed_rows_have_an_output_file(members: Any, expected: Expected) -> None:
    assert found("REST-STATE-16", got(**{"status": "completed", **members})) == expected


def test_a_list_item_may_leave_the_output_file_out_but_not_empty() -> None:
    item = without(batch("completed"), "output_file_id")
    assert found("REST-STATE-16", listed(item)) == (0, [])
    named = {**item, "output_file_id": None}
    assert found("REST-STATE-16", listed(named)) == (1, ["/data/0/output_file_id"])


@pytest.mark.parametrize("number", [n for n in range(2, 17) if n not in (4, 5, 6)])
def test_states_are_not_judged_without_batches(number: int) -> None:
    steps = (listed(), listed("batch_1", 5), exchange("GET", "/batches/x", refused(), status=404))
    assert found(f"REST-STATE-{number:02}", *steps) == (0, [])
