import json
from pathlib import Path
from typing import Any

import pytest

from conformance.checks.events.hook_progress import bucket, is_usable, percentage
from conformance.testing import batch, delivery, edge, exchange, message_data
from conformance.testing_webhooks import created, webhook_state

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "docs/contract/vectors/lifecycle.json").read_text("utf-8"))
EVENTS = ["job.progress", "job.completed"]
URL = "https://hooks.example.com/hook"
HOOK = created(
    {"url": URL, "events": EVENTS}, batch(webhook=webhook_state(events=EVENTS))
)  # fmt: skip


def counted(total: Any, completed: Any, failed: Any = 0) -> dict[str, Any]:
    return {"total": total, "completed": completed, "failed": failed}


def progress(key: Any, counts: Any, told: Any = None, attempt: int = 1) -> Any:
    data = message_data("in_progress", request_counts=counts, progress=told)
    return delivery(data, "batch.progress", key=key, attempt=attempt)


def test_the_buckets_are_those_of_the_contract() -> None:
    found = {str(percent): bucket(percent) for percent in range(101)}
    assert found == VECTORS["progress_buckets"]


@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        (counted(8, 3), 38),
        (counted(200, 1), 1),
        (counted(1000, 4), 0),
        (counted(3, 9, 9), 100),
        (counted(2, None, 1), 50),
        (counted(2, -5, "1"), 0),
    ],
)
def test_half_a_percent_is_rounded_up(counts: Any, percent: int) -> None:
    assert percentage(counts) == percent


@pytest.mark.parametrize("counts", [None, {}, 7, counted(0, 0), counted("2", 1), {"total": True}])
def test_counts_without_a_total_are_of_no_use(counts: Any) -> None:
    assert not is_usable(counts)


@pytest.mark.parametrize(
    ("key", "broken"),
    [
        ("batch.progress:40", []),
        ("batch.progress", ["/delivery/key"]),
        ("batch.progress:", ["/delivery/key"]),
        ("batch.progress:40.0", ["/delivery/key"]),
        ("job.progress:40", ["/delivery/key"]),
    ],
)
def test_a_progress_key_has_its_bucket(key: str, broken: Any, found: Any) -> None:
    assert found("HOOK-BODY-11", progress(key, counted(8, 3))) == (1, broken)
    assert found("HOOK-BODY-11", delivery(message_data("completed"))) == (0, [])


@pytest.mark.parametrize(
    ("key", "counts", "attempt", "broken"),
    [
        ("batch.progress:40", counted(8, 3), 1, 0),
        ("batch.progress:38", counted(8, 3), 1, 1),
        ("batch.progress:30", counted(4, 1), 1, 0),
        ("batch.progress:20", counted(4, 1), 1, 1),
        ("batch.progress:95", counted(2, 2), 1, 1),
        ("batch.progress:5", counted(2, 0), 1, 1),
        ("batch.progress:40", counted(8, 8), 2, 0),
        ("batch.progress:41", counted(8, 8), 2, 1),
        ("batch.progress:40", None, 1, 0),
    ],
)
def test_the_bucket_is_the_rounded_share(
    key: str, counts: Any, attempt: int, broken: int, found: Any
) -> None:
    judged, seen = found("HOOK-BODY-12", progress(key, counts, attempt=attempt))
    assert (judged, len(seen)) == (1, broken)


@pytest.mark.parametrize(
    ("told", "broken"), [(40, 0), (38, 1), (None, 1), ("40", 1), (True, 1), (40.0, 0)]
)
def test_progress_in_data_is_the_bucket(told: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-BODY-13", progress("batch.progress:40", counted(8, 3), told))
    assert (judged, len(seen)) == (1, broken)


def running(counts: Any) -> Any:
    return exchange("GET", "/batches/batch_1", batch("in_progress", request_counts=counts))


def test_a_batch_without_counts_gets_no_progress(found: Any) -> None:
    place = "/data/request_counts"
    counts = counted(8, 3)
    assert found("HOOK-BODY-14", HOOK, progress("batch.progress:40", counts)) == (1, [])
    assert found("HOOK-BODY-14", HOOK, progress("batch.progress:40", None)) == (1, [place])
    assert found("HOOK-BODY-14", HOOK, progress("batch.progress:5", counted(0, 0))) == (1, [place])


def test_silence_about_a_batch_without_counts_is_right(found: Any) -> None:
    plan = edge("webhook_receiver_plan", path="/hook")
    assert found("HOOK-BODY-14", plan, HOOK, running(None)) == (1, [])
    assert found("HOOK-BODY-14", plan, HOOK, running(counted(8, 3))) == (0, [])
    assert found("HOOK-BODY-14", HOOK, running(None)) == (0, [])
