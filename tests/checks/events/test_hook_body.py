from dataclasses import replace
from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.testing import batch, delivery, edge, exchange, message_data, transcript
from conformance.testing_webhooks import attempt, created, webhook_state
from conformance.transcript import Body, Delivery

HOOK = created({"url": "https://hooks.example.com/hook"})
DONE = message_data("completed")
SENT = delivery(DONE)


def bent(sent: Delivery = SENT, **members: Any) -> Delivery:
    """The delivery with other members of its body; None takes one out."""
    body = {**sent.body.json, **members}
    kept = {name: value for name, value in body.items() if value is not None}
    return replace(sent, body=Body(dump(kept).encode()))


def progress(bucket: int, **more: Any) -> Delivery:
    return delivery(
        message_data("in_progress"), "batch.progress", **more, key=f"batch.progress:{bucket}"
    )


AGAIN = delivery(DONE, attempt=2)
OTHER_BATCH = bent(delivery({**DONE, "id": "batch_2"}))


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([SENT, AGAIN, progress(40)], []),
        ([SENT, bent(AGAIN, id="evt_2")], ["/id"]),
        ([bent(id=None)], ["/id"]),
        ([bent(id="evt_1"), bent(progress(40), id="evt_1")], ["/id", "/id"]),
        ([SENT, OTHER_BATCH], ["/id", "/id"]),
        ([bent(delivery=None), bent(delivery=7)], []),
    ],
)
def test_an_event_has_one_id(steps: Any, broken: Any, found: Any) -> None:
    assert found("HOOK-BODY-02", *steps)[1] == broken


def test_an_id_is_made_of_batch_and_key(found: Any) -> None:
    assert found("HOOK-BODY-03", SENT, progress(50)) == (2, [])
    assert found("HOOK-BODY-03", bent(id="evt_batch_1_completed")) == (1, ["/id"])
    long = delivery({**DONE, "id": "b" * 200})
    made = bent(long, id=("evt_batch_" + "b" * 200)[:160])
    assert found("HOOK-BODY-03", made) == (1, [])


@pytest.mark.parametrize(
    ("kind", "profile", "broken"),
    [
        ("batch.completed", "ai-stats", []),
        ("job.completed", "ai-stats", ["/type"]),
        ("batch.done", "ai-stats", ["/type"]),
        (7, "ai-stats", ["/type"]),
        ("batch.status_changed", "ai-stats", ["/type"]),
        ("batch.status_changed", "phaseo", []),
    ],
)
def test_the_type_is_that_of_a_batch(kind: Any, profile: str, broken: Any, found: Any) -> None:
    assert found("HOOK-BODY-04", bent(type=kind), profile=profile) == (1, broken)
    assert found("HOOK-BODY-04", bent(type="video.completed")) == (0, [])


def test_ids_that_were_cut_need_not_differ(found: Any) -> None:
    for length, broken in ((159, 2), (160, 0)):
        cut = [bent(one, id="evt_batch_" + "x" * (length - 10)) for one in (SENT, progress(40))]
        assert found("HOOK-BODY-02", *cut) == (2, ["/id"] * broken)
        assert found("HOOK-RETRY-10", *cut) == (broken // 2, ["/delivery/key"] * (broken // 2))


MINUTE = edge("clock_advanced", by_ms=60_000)


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([SENT], 0),
        ([bent(created_at="2026-07-09T09:00:00Z")], 1),
        ([bent(created_at=1783587600000)], 1),
        ([SENT, MINUTE, bent(AGAIN, created_at=1783587660)], 0),
        ([SENT, MINUTE, AGAIN], 1),
        ([SENT, AGAIN], 0),
    ],
)
def test_created_at_is_the_time_of_the_attempt(steps: Any, broken: int) -> None:
    told = replace(transcript(*steps), started_at="2026-07-09T09:00:00.000Z")
    judgement = judge([told], [registry()["HOOK-BODY-05"]], "ai-stats")["HOOK-BODY-05"]
    assert judgement.crash is None
    assert (judgement.judged, len(judgement.broken)) == (len(steps) - (MINUTE in steps), broken)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (SENT, (2, [])),
        (delivery({**DONE, "kind": "job"}), (2, ["/data/kind"])),
        (delivery({**DONE, "kind": "video"}), (2, ["/data/kind"])),
        (delivery({**DONE, "id": "batch_of_the_provider"}), (2, ["/data/id"])),
        (delivery({**DONE, "id": 7}), (2, ["/data/id"])),
        (OTHER_BATCH, (2, ["/data/id"])),
        (bent(OTHER_BATCH, id="evt_2", data={"id": "batch_2", "kind": "batch"}), (0, [])),
        (delivery("text"), (2, ["/data/id", "/data/kind"])),
    ],
)
def test_data_names_the_batch(sent: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-BODY-08", HOOK, sent) == expected


def test_a_delivery_of_a_batch_that_nobody_made_here_is_left_alone(found: Any) -> None:
    assert found("HOOK-BODY-08", SENT) == (0, [])


@pytest.mark.parametrize(
    ("sent", "profile", "expected"),
    [
        (SENT, "ai-stats", (1, [])),
        (delivery(message_data("in_progress")), "ai-stats", (1, ["/data/status"])),
        (delivery(message_data("in_progress"), attempt=2), "ai-stats", (0, [])),
        (progress(40), "ai-stats", (0, [])),
        (delivery(message_data("expired"), "batch.failed"), "ai-stats", (1, ["/data/status"])),
        (delivery(message_data("expired"), "batch.failed"), "phaseo", (1, [])),
    ],
)
def test_a_final_event_shows_its_status(sent: Any, profile: str, expected: Any, found: Any) -> None:
    assert found("HOOK-BODY-10", sent, profile=profile) == expected


FIRST = delivery({**DONE, "webhook": webhook_state()})
SECOND = delivery({**DONE, "webhook": webhook_state(attempt(1, "scheduled_retry"))}, attempt=2)


def test_the_state_in_data_counts_the_attempts_before(found: Any) -> None:
    place = "/data/webhook/delivery/total_attempts"
    assert found("HOOK-BODY-21", HOOK, FIRST, SECOND) == (2, [])
    early = delivery({**DONE, "webhook": webhook_state(attempt())})
    assert found("HOOK-BODY-21", HOOK, early) == (1, [place])
    assert found("HOOK-BODY-21", HOOK, progress(40), early) == (0, [])
    assert found("HOOK-BODY-21", early) == (0, [])


def test_links_are_at_the_host_of_the_rest_links(found: Any) -> None:
    read = exchange("GET", "/batches/batch_1", batch())
    assert found("HOOK-BODY-23", read, SENT) == (2, [])
    inner = delivery({**DONE, "polling_url": "http://10.0.0.1/v1/batches/batch_1"})
    assert found("HOOK-BODY-23", read, inner) == (2, ["/data/polling_url"])
    assert found("HOOK-BODY-23", SENT) == (0, [])
    assert found("HOOK-BODY-23", read, delivery({**DONE, "polling_url": "http://["})) == (1, [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"id":"a b","type":"t","created_at":1,"delivery":{},"data":{"x":"\\" "}}', (1, [])),
        (b'{"id": "a"}', (1, [""])),
        (b'{"id":"a"}\n', (1, [""])),
        (b'{"type":"t","id":"a"}', (1, [""])),
        (b'{"more":1,"id":"a","type":"t"}', (1, [])),
        (b"oops", (0, [])),
    ],
)
def test_a_body_is_compact_and_in_order(content: bytes, expected: Any, found: Any) -> None:
    assert found("HOOK-BODY-24", replace(SENT, body=Body(content))) == expected
    assert found("HOOK-BODY-24", replace(SENT, body=Body(content, exact=False))) == (0, [])
