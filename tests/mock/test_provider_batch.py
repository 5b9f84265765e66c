import json

import pytest

from conformance.mock.ids import Ids
from conformance.mock.lives import named_life, scripted_life
from conformance.mock.provider_batch import WINDOW_S, ProviderBatch

REQUEST = {"endpoint": "/v1/responses", "input_file_id": "file-1", "metadata": {"a": "b"}}
NOW_S = 1_783_587_600


def batch(*bodies, life="complete", request=REQUEST):
    rows = [{"custom_id": str(place), "body": body} for place, body in enumerate(bodies)]
    data = "\n".join(map(json.dumps, rows)).encode()
    made = ProviderBatch("batch_1", request, data, NOW_S)
    made.live(scripted_life(life, *made.prospects()))
    return made


def lines(data):
    return [json.loads(line) for line in data.splitlines()]


def test_a_new_batch_is_validating_with_empty_counts():
    assert batch({}, {}).as_json() == {
        "id": "batch_1",
        "object": "batch",
        "endpoint": "/v1/responses",
        "errors": None,
        "input_file_id": "file-1",
        "completion_window": "24h",
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": NOW_S,
        "in_progress_at": None,
        "expires_at": NOW_S + WINDOW_S,
        "finalizing_at": None,
        "completed_at": None,
        "failed_at": None,
        "expired_at": None,
        "cancelling_at": None,
        "cancelled_at": None,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": {"a": "b"},
    }


def test_a_life_sets_each_time_once_in_order():
    made = batch({}, {})
    for second in (1, 2, 3):
        made.step(NOW_S + second)
    names = ("in_progress_at", "finalizing_at", "completed_at")
    assert [made.as_json()[name] - NOW_S for name in names] == [1, 2, 3]


def test_rows_out_of_range_fail_and_the_others_go_on():
    made = batch({}, {"temperature": 9}, {})
    for second in (1, 2, 3):
        made.step(NOW_S + second)
    output, errors = map(lines, made.results(Ids("x")))
    assert made.as_json()["request_counts"] == {"total": 3, "completed": 2, "failed": 1}
    assert [line["custom_id"] for line in output] == ["0", "2"]
    assert [line["response"]["status_code"] for line in errors] == [400]


def test_a_duplicate_custom_id_fails_the_batch_in_validation():
    row = json.dumps({"custom_id": "b", "body": {}})
    made = ProviderBatch("batch_1", REQUEST, f"{row}\n{row}".encode(), NOW_S)
    made.live(named_life("complete", 2, 0))
    made.step(NOW_S + 1)
    shown = made.as_json()
    assert (shown["status"], shown["failed_at"]) == ("failed", NOW_S + 1)
    assert shown["errors"]["data"] == [
        {
            "code": "duplicate_custom_id",
            "message": "custom_id b occurs twice.",
            "param": "custom_id",
            "line": 2,
        }
    ]
    assert made.results(Ids("x")) == (b"", b"")


def test_the_window_ends_a_batch_that_did_not_end_itself():
    made = batch({}, {}, life="slow")
    made.step(NOW_S + 1)
    made.step(NOW_S + WINDOW_S)
    output, errors = map(lines, made.results(Ids("x")))
    assert (made.status, made.completed, made.failed) == ("expired", 1, 1)
    assert (len(output), errors[0]["error"]["code"]) == (1, "batch_expired")


@pytest.mark.parametrize(
    ("on_cancel", "statuses"),
    [("usual", ["cancelling", "cancelled"]), ("immediate", ["cancelled", "cancelled"])],
)
def test_a_cancel_ends_at_the_next_step_or_at_once(on_cancel, statuses):
    made = batch({}, {}, life={"frames": "slow", "on_cancel": on_cancel})
    made.cancel(NOW_S + 1)
    seen = [made.status]
    made.step(NOW_S + 2)
    assert [*seen, made.status] == statuses
    assert made.times["cancelling_at"] == NOW_S + 1


def test_a_cancelled_batch_keeps_what_was_done():
    made = batch({}, {}, {}, {})
    made.step(NOW_S + 1)
    made.cancel(NOW_S + 2)
    made.step(NOW_S + 3)
    output, errors = map(lines, made.results(Ids("x")))
    assert made.as_json()["request_counts"] == {"total": 4, "completed": 2, "failed": 0}
    assert [line["custom_id"] for line in output] == ["0", "1"]
    assert [line["error"]["code"] for line in errors] == ["batch_cancelled"] * 2


@pytest.mark.parametrize(
    ("frame", "times"),
    [
        ({"status": "completed"}, ["in_progress_at", "finalizing_at", "completed_at"]),
        ({"status": "expired", "failed": 1}, ["in_progress_at", "expired_at"]),
        ({"status": "cancelled"}, ["cancelled_at"]),
        ({"status": "failed"}, ["failed_at"]),
    ],
)
def test_a_life_without_middle_has_the_times_that_it_must_have_had(frame, times):
    one = batch({}, life=[frame])
    one.step(NOW_S + 7)
    shown = one.as_json()
    assert [name for name, value in shown.items() if value == NOW_S + 7] == sorted(
        times, key=list(shown).index
    )
