from typing import Any

import pytest

from conformance.testing import batch, delivery, exchange, message_data

READ = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=20)


def final(phase: str = "completed", at_ms: int = 10, attempt: int = 1) -> Any:
    return delivery(message_data(phase), f"batch.{phase}", at_ms=at_ms, attempt=attempt)


def progress(bucket: int, at_ms: int = 0, done: int | None = None, **more: Any) -> Any:
    counts = {"total": 100, "completed": bucket if done is None else done, "failed": 0}
    data = message_data("in_progress", request_counts=counts, progress=bucket)
    return delivery(data, "batch.progress", key=f"batch.progress:{bucket}", at_ms=at_ms, **more)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([final(), final(attempt=2)], (1, [])),
        ([final(), final("failed")], (1, ["/type"])),
        ([progress(40)], (0, [])),
    ],
)
def test_a_batch_has_one_final_event(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-ORDER-01", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([progress(40), final()], (1, [])),
        ([final(), READ, progress(40, 30)], (1, ["/type"])),
        ([final(), progress(40, 2_000)], (1, ["/type"])),
        ([final(), progress(40, 12)], (1, [])),
        ([final(), READ, progress(40, 30, attempt=2)], (0, [])),
        ([progress(40)], (0, [])),
    ],
)
def test_no_progress_is_begun_after_the_end(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-ORDER-03", *steps) == expected


FAILED = {"status": 503}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([progress(40), progress(50)], (2, 0)),
        ([progress(40), progress(40)], (1, 1)),
        ([progress(40, answered=FAILED), progress(40, attempt=2)], (1, 0)),
        ([progress(40), progress(40, attempt=2)], (1, 1)),
        ([final()], (0, 0)),
    ],
)
def test_a_bucket_is_delivered_once(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-ORDER-04", *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([progress(40), READ, progress(50, 30)], (1, 0)),
        ([progress(40), READ, progress(30, 30, done=50)], (1, 1)),
        ([progress(40), READ, progress(30, 30)], (0, 0)),
        ([progress(40), progress(30, 1, done=50)], (0, 0)),
    ],
)
def test_buckets_rise_with_the_counts(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-ORDER-05", *steps)
    assert (judged, len(broken)) == expected
