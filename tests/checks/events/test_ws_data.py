"""Data of messages."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.checks.events.ws_data import percent
from conformance.json_text import ABSENT
from conformance.testing import (
    ORIGIN,
    STREAM_ORIGIN,
    batch,
    delivery,
    exchange,
    frame,
    message_data,
    stream,
)
from conformance.transcript import Frame, Stream

CANCEL = f"{ORIGIN}/v1/batches/batch_1/cancel"
READ = exchange("GET", "/batches/batch_1", batch())


def told(status: str = "pending", path: str = "/async/batch/batch_1/ws", **members: Any) -> Stream:
    return stream(frame("job.snapshot", message_data(status, **members)), path=path)


@pytest.mark.parametrize("wrong", ["batch_2", None, 5, ["batch_1"]])
def test_the_id_is_that_of_the_address(wrong: Any, found: Any) -> None:
    assert found("WS-FRAME-08", told()) == (1, [])
    assert found("WS-FRAME-08", told(id=wrong)) == (1, ["/frames/0/data/id"])
    assert found("WS-FRAME-08", stream(frame("pong"))) == (0, [])


def counts(total: Any, completed: Any, failed: Any) -> dict[str, Any]:
    return {"total": total, "completed": completed, "failed": failed}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (counts(8, 3, 1), 50),
        (counts(200, 1, 0), 1),
        (counts(3, 5, 0), 100),
        (counts(0, 0, 0), 0),
        (counts(3, 1, 0), 33),
        (None, 0),
        (counts(None, 3, 1), 0),
        ({}, 0),
        (ABSENT, 0),
        (counts(Decimal("8.0"), Decimal("3.0"), 1), 50),
        (counts(2, None, 0), None),
        (counts(2, [], 0), None),
        ("2/3", None),
    ],
)
def test_percent_rounds_halves_up_and_stays_within_its_bounds(given: Any, expected: Any) -> None:
    assert percent(given) == expected


def test_progress_follows_the_counts_before_completion(found: Any) -> None:
    good = told("in_progress", request_counts=counts(200, 1, 0), progress=1)
    bad = told("in_progress", request_counts=counts(200, 1, 0), progress=0)
    assert found("WS-FRAME-17", good) == (1, [])
    assert found("WS-FRAME-17", bad) == (1, ["/frames/0/data/progress"])


def test_progress_of_a_webhook_of_a_completed_batch_or_none_is_not_judged(found: Any) -> None:
    bucket = delivery(message_data("in_progress", progress=40), "batch.progress")
    done = told("completed", progress=99)
    assert found("WS-FRAME-17", bucket, done, told(progress=None)) == (0, [])


def grown(*given: Any) -> Stream:
    frames = [
        Frame("server", at, frame("job.updated", message_data(request_counts=one)).content)
        for at, one in enumerate(given)
    ]
    return stream(*frames)


def test_counts_add_up_and_do_not_go_down(found: Any) -> None:
    assert found("WS-FRAME-20", grown(counts(2, 0, 0), counts(2, 1, 1))) == (2, [])
    back = grown(counts(2, 1, 0), counts(2, 0, 2))
    assert found("WS-FRAME-20", back) == (2, ["/frames/1/data/request_counts"])
    assert found("WS-FRAME-20", grown(counts(1, 1, 1))) == (1, ["/frames/0/data/request_counts"])
    assert found("WS-FRAME-20", grown(None, counts(1, None, None), "x")) == (0, [])


def test_counts_of_which_some_are_not_known_are_judged_by_the_others(found: Any) -> None:
    many = grown(counts(2, 3, None))
    assert found("WS-FRAME-20", many) == (1, ["/frames/0/data/request_counts"])
    back = grown(counts(9, 3, 0), None, counts(None, 2, 0))
    assert found("WS-FRAME-20", back) == (2, ["/frames/2/data/request_counts"])


STATE = {"url": "http://receiver.test/hook", "events": ["job.completed"]}
MANAGED = {"url": None, "endpoint_id": "we_1", "events": ["job.completed"]}


@pytest.mark.parametrize(
    ("shown", "profile", "broken"),
    [
        (STATE, "ai-stats", 0),
        (MANAGED, "phaseo", 0),
        (MANAGED, "ai-stats", 1),
        ({**STATE, "url": "http://receiver.test"}, "ai-stats", 0),
        ({**STATE, "url": "http://another.test/hook"}, "ai-stats", 1),
        ({**STATE, "url": ""}, "ai-stats", 1),
        ({**MANAGED, "endpoint_id": ""}, "phaseo", 1),
        ({**STATE, "events": []}, "ai-stats", 1),
        ({**STATE, "events": [1]}, "ai-stats", 1),
        (None, "ai-stats", 1),
        ([], "ai-stats", 1),
    ],
)
def test_a_batch_with_a_webhook_shows_it(shown: Any, profile: str, broken: int, found: Any) -> None:
    create = exchange("POST", "/batches", batch(), sent={"webhook": STATE})
    expected = (1, ["/frames/0/data/webhook"] * broken)
    assert found("WS-FRAME-27", create, told(webhook=shown), profile=profile) == expected


def test_a_batch_of_which_no_webhook_is_known_need_not_show_one(found: Any) -> None:
    plain = exchange("POST", "/batches", batch(), sent={})
    assert found("WS-FRAME-27", plain, told()) == (0, [])
    assert found("WS-FRAME-27", told()) == (0, [])


@pytest.mark.parametrize("url", [None, "/v1/batches/batch_1/cancel", f"{CANCEL}?x=1", 5])
def test_an_open_batch_has_its_cancel_url(url: Any, found: Any) -> None:
    assert found("WS-FRAME-31", told("in_progress")) == (1, [])
    assert found("WS-FRAME-31", told(cancel_url=url)) == (1, ["/frames/0/data/cancel_url"])


@pytest.mark.parametrize(
    "members",
    [
        {"status": "completed"},
        {"status": "in_progress", "polled_status": "finalizing"},
        {"status": "in_progress", "polled_status": None},
        {"provider": "mistral"},
        {"provider": ["openai"]},
        {"id": None},
    ],
)
def test_what_cannot_be_cancelled_for_sure_may_have_no_cancel_url(members: Any, found: Any) -> None:
    assert found("WS-FRAME-31", told(**{**members, "cancel_url": None})) == (0, [])


def test_a_cancel_url_may_leave_a_letter_of_the_id_as_it_is(found: Any) -> None:
    for written in ("batch:1", "batch%3A1"):
        url = f"{ORIGIN}/v1/batches/{written}/cancel"
        assert found("WS-FRAME-31", told(id="batch:1", cancel_url=url)) == (1, [])


def test_more_providers_can_cancel_in_the_other_profile(found: Any) -> None:
    bare = told(provider="mistral", cancel_url=None)
    assert found("WS-FRAME-31", bare, profile="phaseo") == (1, ["/frames/0/data/cancel_url"])


def test_the_polling_url_leads_to_the_batch(found: Any) -> None:
    wrong = exchange("GET", "/batches/batch_1", batch(id="batch_2"))
    assert found("WS-FRAME-32", READ, told()) == (1, [])
    assert found("WS-FRAME-32", READ, wrong, told()) == (2, ["/frames/0/data/polling_url"])
    for status in (404, 405, 410):
        lost = exchange("GET", "/batches/batch_1", {}, status=status)
        assert found("WS-FRAME-32", READ, lost, told()) == (2, ["/frames/0/data/polling_url"])


@pytest.mark.parametrize("url", ["/v1/batches/batch_1", "batch_1", 5, "ftp://h/x"])
def test_a_polling_url_that_is_not_absolute_is_found(url: Any, found: Any) -> None:
    assert found("WS-FRAME-32", told(polling_url=url)) == (1, ["/frames/0/data/polling_url"])


def test_a_polling_url_that_nobody_followed_is_not_judged(found: Any) -> None:
    away = told(polling_url="https://elsewhere.test/v1/batches/batch_1")
    failed = exchange("GET", "/batches/batch_1", {}, status=503)
    stranger = exchange("GET", "/batches/batch_1", {}, status=404, key="b")
    assert found("WS-FRAME-32", READ, away, told(polling_url=None)) == (0, [])
    assert found("WS-FRAME-32", READ, failed, stranger, told()) == (1, [])


def test_the_websocket_url_is_the_address_of_the_stream(found: Any) -> None:
    query = "/async/batch/batch_1/ws?interval_ms=1000"
    loud = "/async/BATCH/%62atch_1/ws"
    own = f"{STREAM_ORIGIN}/v1{loud}"
    away = "WSS://public.test/v1/async/batch/batch%5F1/ws"
    assert found("WS-FRAME-33", told(path=query), told(path=loud)) == (2, [])
    assert found("WS-FRAME-33", told(path=loud, websocket_url=own)) == (1, [])
    assert found("WS-FRAME-33", told(websocket_url=away)) == (1, [])
    assert found("WS-FRAME-33", told(websocket_url=None)) == (0, [])


@pytest.mark.parametrize(
    "url",
    [
        f"{STREAM_ORIGIN}/v1/async/batch/batch_2/ws",
        f"{STREAM_ORIGIN}/v1/async/batch/batch_1/ws?interval_ms=2500",
        f"{STREAM_ORIGIN}/v1/async/batch/batch_1/ws?",
        f"{STREAM_ORIGIN}/async/batch/batch_1/ws",
        f"{ORIGIN}/v1/async/batch/batch_1/ws",
        "/v1/async/batch/batch_1/ws",
        "ws://[::1/",
        5,
    ],
)
def test_another_websocket_url_is_found(url: Any, found: Any) -> None:
    assert found("WS-FRAME-33", told(websocket_url=url)) == (1, ["/frames/0/data/websocket_url"])
